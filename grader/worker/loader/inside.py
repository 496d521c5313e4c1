"""What calling functions and methods of a submission may change: what they are given, and names of the module."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from grader.worker.loader.aliases import INSTANCE, Aliases
from grader.worker.loader.changes import MUTATING, changed_by_statement, changed_objects, mutations
from grader.worker.loader.names import FUNCTIONS
from grader.worker.loader.program import Program

MAX_ROUNDS = 8
"""How deep functions that change their arguments by calling each other are followed."""


@dataclass(frozen=True)
class Signature:
    """The parameters of a function in order, and those whose objects a call may change.

    others: names of `*args` and `**kwargs`. makes: whether the call gives a function that does the changing.
    """

    parameters: tuple[str, ...]
    changed: frozenset[str]
    others: tuple[str, str] = ("", "")
    makes: bool = False

    def given(self, call: ast.Call) -> Iterator[ast.expr]:
        """The arguments of a call whose objects it may change."""
        unsure = bool(self.changed) and any(isinstance(argument, ast.Starred) for argument in call.args)
        for position, argument in enumerate(call.args):
            name = self.parameters[position] if position < len(self.parameters) else self.others[0]
            if unsure or name in self.changed:
                yield argument
        for keyword in call.keywords:
            unnamed = keyword.arg not in self.parameters and self.others[1] in self.changed
            if keyword.arg in self.changed or unnamed or (keyword.arg is None and self.changed):
                yield keyword.value


Signatures = Mapping[str, frozenset[Signature]]
"""Name -> what functions and methods of that name may change."""

FILLING = {
    "obj": "setattr delattr",
    "a": "fill_diagonal put putmask setitem delitem insort insort_left insort_right",
    "arr": "place put_along_axis",
    "dst": "copyto",
    "x": "shuffle",
    "heap": "heappush heappop heapify heapreplace heappushpop",
}
KNOWN: Signatures = {
    name: frozenset({Signature((parameter,), frozenset({parameter}))})
    for parameter, names in FILLING.items()
    for name in names.split()
}
"""Functions of Python and its libraries that change their first argument."""
MAPPING = frozenset({"map", "starmap", "filter", "reduce", "apply_along_axis"})
"""Functions that call their first argument with the others."""


@dataclass(frozen=True)
class Inside:
    """What the functions and methods of some programs may change; one that is imported goes by its name as well."""

    programs: tuple[Program, ...]

    @property
    def mutating(self) -> frozenset[str]:
        """Methods that change their object, the student's own included."""
        return self._settled[0]

    @property
    def signatures(self) -> Signatures:
        """The functions and methods that change what they are given, Python's and libraries' included."""
        return self._settled[1]

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of all functions and methods."""
        return frozenset(name for function in self._functions for name in function.names)

    @cached_property
    def _settled(self) -> tuple[frozenset[str], Signatures]:
        mutating, signatures = MUTATING, KNOWN
        for _ in range(MAX_ROUNDS):
            before = mutating, signatures
            changed = [
                (each, changed_inside(each.parts, mutating, signatures, each.aliases)) for each in self._functions
            ]
            mutating = MUTATING.union(*(each.names for each, names in changed if each.receiver in names))
            found: dict[str, set[Signature]] = defaultdict(set)
            for function, names in changed:
                within = changed_inside(function.within, mutating, signatures, function.aliases)
                signature = function.signature(names, within)
                for name in function.names if signature.changed or signature.makes else ():
                    found[name].add(signature)
            signatures = {**KNOWN, **{name: frozenset(each) for name, each in found.items()}}
            if (mutating, signatures) == before:
                break
        return mutating, signatures

    @cached_property
    def _functions(self) -> list[_Function]:
        statements = [statement for program in self.programs for statement in program.statements]
        parts = [part for statement in statements for part in statement.parts]
        methods = [each for part in parts if isinstance(part, ast.ClassDef) for each in _methods(part)]
        nodes = {each.node for each in methods}
        return [*methods, *(each for part in parts if part not in nodes for each in _function(part))]


@dataclass(frozen=True)
class _Function:
    """A function that stands somewhere in a program.

    names: under which it is called; receiver: `self` of a method, else "".
    """

    names: frozenset[str]
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    receiver: str = ""

    @cached_property
    def parts(self) -> tuple[ast.AST, ...]:
        return tuple(ast.walk(self.node))

    @cached_property
    def within(self) -> tuple[ast.AST, ...]:
        """The parts of the functions that it makes."""
        made = (part for part in self.parts[1:] if isinstance(part, (*FUNCTIONS, ast.Lambda)))
        return tuple({part: None for function in made for part in ast.walk(function)})

    @cached_property
    def aliases(self) -> Aliases:
        aliases = Aliases()
        aliases.add(self.parts)
        return aliases

    def signature(self, changed: frozenset[str], within: frozenset[str]) -> Signature:
        """With what calling it changes, and what calling the functions does that it makes."""
        named = self.node.args
        parameters = tuple(each.arg for each in (*named.posonlyargs, *named.args))[bool(self.receiver) :]
        others = (named.vararg.arg if named.vararg else "", named.kwarg.arg if named.kwarg else "")
        own = {*parameters, *others, *(each.arg for each in named.kwonlyargs)} - {""}
        makes = bool(within & (parameters_of(self.parts) - {self.receiver}))
        return Signature(parameters, changed & own, others, makes)


def _methods(node: ast.ClassDef) -> Iterator[_Function]:
    """Of a class; what makes an instance goes by the name of the class as well."""
    for step in node.body:
        if isinstance(step, FUNCTIONS) and step.args.args:
            names = {step.name, node.name} if step.name in ("__init__", "__new__") else {step.name}
            static = any(getattr(decorator, "id", "") == "staticmethod" for decorator in step.decorator_list)
            yield _Function(frozenset(names), step, "" if static else step.args.args[0].arg)


def _function(part: ast.AST) -> Iterator[_Function]:
    if isinstance(part, FUNCTIONS):
        yield _Function(frozenset({part.name}), part)
    elif isinstance(part, ast.Assign) and isinstance(part.value, ast.Lambda):
        yield _Function(frozenset(name.id for name in part.targets if isinstance(name, ast.Name)), part.value)


def changed_inside(
    parts: Sequence[ast.AST], mutating: frozenset[str], signatures: Signatures, aliases: Aliases | None = None
) -> frozenset[str]:
    """Names, parameters included, that running the parts of a function or class may define or change."""
    if aliases is None:
        aliases = Aliases()
        aliases.add(parts)
    found = {name for part in parts if isinstance(part, ast.Global) for name in part.names}
    for name, how in mutations(parts, mutating):
        found |= aliases.of(name) - ({name} if how in ("part", "call", "result") else set())
    for changed, _ in changed_objects(parts, mutating):
        found |= aliases.changed_through(changed)
    found |= given(parts, mutating, signatures, aliases)
    for part in parts:
        if isinstance(part, ast.Expr):
            found |= {name for name, how in changed_by_statement(part.value) if how == "method"}
    return frozenset(found)


def given(parts: Iterable[ast.AST], mutating: frozenset[str], signatures: Signatures, aliases: Aliases) -> set[str]:
    """Names of objects that are passed to what changes them."""
    found = passed(parts, mutating, signatures, aliases)
    return {name for argument in found for name in aliases.changed_through(argument, whole=True)}


def passed(
    parts: Iterable[ast.AST], mutating: frozenset[str], signatures: Signatures, aliases: Aliases
) -> Iterator[ast.expr]:
    """The expressions whose objects are passed to what changes them."""
    for part in parts:
        if isinstance(part, ast.Call):
            yield from _given(part, mutating, signatures, aliases)
        elif isinstance(part, ast.withitem) and mutating & {"__enter__", "__exit__"}:
            yield part.context_expr
        elif isinstance(part, (*FUNCTIONS, ast.ClassDef)):
            for decorator in part.decorator_list:
                is_object = any(name.endswith(INSTANCE) for name in aliases.changed_through(decorator))
                called = ast.Call(decorator, [], [])
                if is_object and "__call__" in mutating:
                    yield decorator
                else:
                    yield from _given(called, mutating, signatures, aliases)


def _given(call: ast.Call, mutating: frozenset[str], signatures: Signatures, aliases: Aliases) -> Iterator[ast.expr]:
    """What a call is given and may change."""
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    yield from (keyword.value for keyword in call.keywords if keyword.arg == "out")
    held = set() if isinstance(call.func, ast.Attribute) else aliases.changed_through(call.func) - {_called(call)}
    known = held if held <= signatures.keys() else set()  # the same function under another name
    for name in {_called(call), *known}:
        for signature in signatures.get(name, ()):
            yield from signature.given(call)
    if isinstance(call.func, ast.Call) and any(made.makes for made in signatures.get(_called(call.func), ())):
        yield from arguments
    if not known and held & signatures.keys():  # such a function in a partial, in a dict
        yield from (call.func, *arguments)
    mapped = arguments[:1] if _called(call) in MAPPING else []
    if any(getattr(argument, "id", "") in signatures for argument in mapped):
        yield from arguments[1:]
    for function in (call.func, *mapped):
        if isinstance(function, ast.Lambda):
            parts = tuple(ast.walk(function))
            if changed_inside(parts, mutating, signatures) & parameters_of(parts):
                yield from arguments


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def parameters_of(parts: Iterable[ast.AST]) -> frozenset[str]:
    """The names of all parameters, those of inner functions included."""
    return frozenset(part.arg for part in parts if isinstance(part, ast.arg))
