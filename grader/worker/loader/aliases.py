"""Names that may stand for the same object, or for a part of it: a change made through one is a change of the other."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from grader.worker.loader.changes import MUTATING
from grader.worker.loader.names import FUNCTIONS

VIEWS = frozenset(
    "view reshape ravel flatten squeeze unsqueeze expand permute transpose swapaxes t numpy detach diagonal narrow "
    "select chunk split unbind items values keys get setdefault pop view_as contiguous".split()
)
"""Methods whose result shares memory or members with their object."""
PASSES_ON = frozenset(
    "partial asarray from_numpy as_tensor iter next enumerate zip reversed list tuple dict set sorted map filter vars "
    "nullcontext ravel reshape atleast_1d atleast_2d super getattr SimpleNamespace".split()
)
"""Functions whose result holds what they are given."""
INSTANCE = "()"
"""`A()` stands for the instances of a class: what changes one of them leaves the class as it is."""
PATH = re.compile(r"[.\[]")
"""What ends the name at the start of a path."""
TYPE = "type "
"""`type a` stands for the class of which `a` may be an instance."""


@dataclass(frozen=True)
class Aliases:
    """name -> the names whose objects it may be, or be a part of; results: function or class -> what a call may give.

    A result of "*" stands for the arguments of the call. members: container -> what was put into it, by path and name.
    """

    held: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    results: Mapping[str, frozenset[str]] = field(default_factory=dict)
    members: dict[str, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))

    def add(self, parts: Iterable[ast.AST]) -> None:
        """Learn from the parts of statements."""
        for part in parts:
            for targets, value in _bindings(part):
                sources = set(self.sources(value))
                for target in targets:
                    self.held[target] |= sources - {target}
            for path, value in _fillings(part):
                container = PATH.split(path, 1)[0]
                self.members[container] |= {(path, name) for name in self.sources(value)}

    def of(self, name: str) -> set[str]:
        """The name itself and all whose objects it may hold, but not what was put into its own object."""
        found: set[str] = set()
        waiting = [name]
        while waiting:
            each = waiting.pop()
            if each in found:
                continue
            found.add(each)
            waiting += self.held.get(each, ())
            if each != name:
                waiting += (member for _, member in self.members.get(each, ()))
            if each.startswith(TYPE):
                held = self.of(each.removeprefix(TYPE))
                waiting += [other.removesuffix(INSTANCE) for other in held if other.endswith(INSTANCE)]
        return found

    def changed_through(self, value: ast.expr, whole: bool = False) -> set[str]:
        """All whose objects change where that of an expression does; whole: where all that is inside it may change."""
        sources, path = set(self.sources(value)), path_of(value)
        for name in list(sources):
            for filled, member in self.members.get(name, ()):
                if not path or path.startswith(filled) or (whole and filled.startswith(path)):
                    sources.add(member)
        return {other for name in sources for other in self.of(name)}

    def of_result(self, name: str) -> set[str]:
        """All whose objects a call of the name may give back."""
        return {other for result in self.results.get(name, ()) for other in self.of(result)}

    def sources(self, value: ast.AST) -> Iterator[str]:
        """The names whose objects the value of an expression may be, or hold, or be a part of."""
        if isinstance(value, ast.Name):
            yield value.id
        elif isinstance(value, ast.Attribute) and value.attr in ("__class__", "__mro__"):
            yield from (TYPE + name for name in self.sources(value.value))
        elif isinstance(value, (ast.Attribute, ast.Subscript, ast.Starred, ast.Await)):
            yield from self.sources(value.value)
        elif isinstance(value, ast.Call):
            yield from self._sources_of_call(value)
        elif isinstance(value, (ast.NamedExpr, ast.keyword)):
            yield from self.sources(value.value)
        elif isinstance(value, ast.Lambda):
            yield from self.sources(value.body)
        elif isinstance(value, (ast.Tuple, ast.List, ast.Set, ast.Dict, ast.BoolOp)):
            yield from (name for part in ast.iter_child_nodes(value) for name in self.sources(part))
        elif isinstance(value, ast.IfExp):
            yield from (name for part in (value.body, value.orelse) for name in self.sources(part))
        elif isinstance(value, (ast.ListComp, ast.SetComp, ast.GeneratorExp)):
            yield from (name for part in (value.elt, value.generators[0].iter) for name in self.sources(part))

    def _sources_of_call(self, call: ast.Call) -> Iterator[str]:
        arguments = [*call.args, *call.keywords]
        called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if isinstance(call.func, ast.Attribute) and (called in VIEWS or called.endswith("_")):
            yield from self.sources(call.func.value)
        results = self.results.get(called, frozenset()) if isinstance(call.func, ast.Name) else frozenset()
        yield from results - {"*"}
        if called == "type" and len(arguments) == 1:
            yield from (TYPE + name for name in self.sources(arguments[0]))
        if "*" in results or called in PASSES_ON:
            yield from (name for argument in arguments for name in self.sources(argument))


def _bindings(part: ast.AST) -> Iterator[tuple[list[str], ast.AST]]:
    """The names that a part binds, and the expression that their objects come from."""
    if isinstance(part, ast.Assign):
        yield [name for target in part.targets for name in _bound(target)], part.value
    elif isinstance(part, (ast.AnnAssign, ast.NamedExpr)) and part.value:
        yield _bound(part.target), part.value
    elif isinstance(part, (ast.For, ast.AsyncFor, ast.comprehension)):
        yield _bound(part.target), part.iter
    elif isinstance(part, ast.withitem) and part.optional_vars:
        yield _bound(part.optional_vars), part.context_expr
    elif isinstance(part, FUNCTIONS):
        yield from ([([argument.arg], default) for argument, default in defaults(part)])


def _fillings(part: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """The path of a place in a container, and what is put there."""
    if isinstance(part, ast.Assign):
        for target in part.targets:
            if isinstance(target, (ast.Attribute, ast.Subscript)) and (path := path_of(target)):
                yield path, part.value
    elif isinstance(part, ast.ClassDef):
        for step in part.body:
            if isinstance(step, ast.Assign):
                yield from ((f"{part.name}.{name}", step.value) for target in step.targets for name in _bound(target))
    elif isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr in MUTATING:
        path = path_of(part.func.value)
        yield from ((f"{path}[]", argument) for argument in (*part.args, *part.keywords) if path)


def path_of(value: ast.AST) -> str:
    """`a.b[]` for `a.b[0]` and for `a.b.values()`; "" for what begins with no name."""
    if isinstance(value, ast.Name):
        return value.id
    if isinstance(value, (ast.Attribute, ast.Subscript)) and (path := path_of(value.value)):
        return f"{path}.{value.attr}" if isinstance(value, ast.Attribute) else f"{path}[]"
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in VIEWS:
        path = path_of(value.func.value)
        return f"{path}[]" if path else ""
    return ""


def defaults(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[ast.arg, ast.expr]]:
    """The parameters that have a default, with it."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    yield from zip(positional[len(positional) - len(arguments.defaults) :], arguments.defaults, strict=True)
    yield from ((each, value) for each, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if value)


def _bound(target: ast.expr) -> list[str]:
    return [part.id for part in ast.walk(target) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)]
