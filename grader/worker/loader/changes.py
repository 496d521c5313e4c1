"""Which objects a statement may change when it runs, and which ones a function may change when it is called."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from grader.worker.loader.aliases import Aliases
from grader.worker.loader.names import FUNCTIONS, bound_names

How = Literal["target", "method", "argument", "part", "result", "subclass"]
"""target: `a[0] = 1`, `a.b += 1`, `del a[0]`, `setattr(a, ...)`; method: `a.append(1)`, `@a.register`; argument:
`fill(a)`; part: `a += 1`, which may change what `a` was taken from; result: `a().b = 1`; subclass: `class B(a)`."""

SHOWING = frozenset({"print", "display", "len", "type", "repr", "str", "help", "dir", "id"})
"""Functions that only look at their arguments."""
SETTING = frozenset({"setattr", "delattr"})
MUTATING = frozenset(
    "append add update pop popitem setdefault extend insert remove discard clear sort reverse appendleft popleft "
    "extendleft rotate fill put itemset resize setflags move_to_end register register_buffer register_parameter "
    "register_module add_module load_state_dict copy_ __setitem__ __setattr__ __delitem__ __iadd__ __next__".split()
)
"""Methods that change their object, whatever becomes of the result."""


def changed_names(parts: Sequence[ast.AST], mutating: frozenset[str] = MUTATING) -> Iterator[tuple[str, How]]:
    """Names whose objects running the parts of a statement may change, and how.

    mutating: methods that change their object.
    """
    yield from mutations(parts, mutating)
    for part in parts:
        if isinstance(part, ast.Expr):
            yield from _changed_by_statement(part.value)
        elif isinstance(part, (*FUNCTIONS, ast.ClassDef)):
            for decorator in part.decorator_list:
                yield from _changed_by_statement(decorator)


def changed_inside(parts: Sequence[ast.AST], mutating: frozenset[str]) -> frozenset[str]:
    """Names, parameters included, that running the parts of a function or class may define or change."""
    aliases = Aliases()
    aliases.add(parts)
    found = {name for part in parts if isinstance(part, ast.Global) for name in part.names}
    for name, how in mutations(parts, mutating):
        found |= aliases.of(name) - ({name} if how in ("part", "result") else set())
    for part in parts:
        if isinstance(part, ast.Expr):
            found |= {name for name, how in _changed_by_statement(part.value) if how == "method"}
    return frozenset(found)


def changes_itself(node: ast.ClassDef, parts: Iterable[ast.AST], mutating: frozenset[str]) -> bool:
    """Whether methods of the class may change the class: its name, `cls`, or an attribute that it gives itself."""
    own = {name for step in node.body if isinstance(step, (ast.Assign, ast.AnnAssign)) for name in bound_names(step)}
    for changed in _changed_objects(parts, mutating):
        for part in ast.walk(changed):
            if isinstance(part, ast.Name) and part.id in ("cls", "type", node.name):
                return True
            if isinstance(part, ast.Attribute) and (part.attr in own or part.attr == "__class__"):
                return True
    return False


def changes_module(parts: Sequence[ast.AST], modules: frozenset[str]) -> bool:
    """Whether names of the module are defined other than by being written: exec, globals(), sys.modules[__name__].

    modules: names that stand for the module.
    """
    if any(isinstance(part, ast.Call) and getattr(part.func, "id", "") == "exec" for part in parts):
        return True
    return any(is_module(changed, modules) for changed in _changed_objects(parts, MUTATING))


def is_module(value: ast.AST, modules: frozenset[str]) -> bool:
    """Whether an expression may be the module itself, or its namespace."""
    for part in ast.walk(value):
        if isinstance(part, ast.Call) and getattr(part.func, "id", "") in ("globals", "vars", "locals"):
            return True
        if isinstance(part, ast.Attribute) and part.attr == "modules":
            return True
        if isinstance(part, ast.Name) and part.id in modules:
            return True
    return False


def _changed_objects(parts: Iterable[ast.AST], mutating: frozenset[str]) -> Iterator[ast.expr]:
    """The expressions whose objects are changed for sure."""
    for part in parts:
        if isinstance(part, (ast.Subscript, ast.Attribute)) and not isinstance(part.ctx, ast.Load):
            yield part.value
        elif isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):
            if part.func.attr in mutating or _is_in_place(part.func.attr):
                yield part.func.value
        elif isinstance(part, ast.Call) and getattr(part.func, "id", "") in SETTING and part.args:
            yield part.args[0]


def mutations(parts: Iterable[ast.AST], mutating: frozenset[str]) -> Iterator[tuple[str, How]]:
    """Names whose objects are changed for sure where these parts run."""
    for part in parts:
        if isinstance(part, (ast.Subscript, ast.Attribute)) and not isinstance(part.ctx, ast.Load):
            yield from _root(part.value, "target")
        elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Del) and part.id in dir(builtins):
            yield part.id, "argument"  # a name that hid a builtin and gives it back
        elif isinstance(part, ast.AugAssign) and isinstance(part.target, ast.Name):
            yield part.target.id, "part"
        elif isinstance(part, ast.ClassDef):
            for base in (*part.bases, *(keyword.value for keyword in part.keywords)):
                yield from ((name, "subclass") for name, _ in _root(base, "target"))
        elif isinstance(part, ast.Call):
            yield from _changed_by_call(part, mutating)


def _changed_by_statement(value: ast.expr) -> Iterator[tuple[str, How]]:
    """A call whose result nobody keeps, or a decorator, is there for what it changes."""
    if isinstance(value, ast.Await):
        value = value.value
    if isinstance(value, ast.Attribute):
        yield from _root(value.value, "method")
    if not isinstance(value, ast.Call):
        return
    if isinstance(value.func, ast.Attribute):
        yield from _root(value.func.value, "method")
    called = value.func.id if isinstance(value.func, ast.Name) else ""
    if called not in SHOWING:
        for argument in (*value.args, *(keyword.value for keyword in value.keywords)):
            if isinstance(argument, ast.Name):
                yield argument.id, "argument"


def _changed_by_call(call: ast.Call, mutating: frozenset[str]) -> Iterator[tuple[str, How]]:
    if isinstance(call.func, ast.Attribute) and (call.func.attr in mutating or _is_in_place(call.func.attr)):
        yield from _root(call.func.value, "method")
    elif isinstance(call.func, ast.Name) and call.func.id in SETTING and call.args:
        yield from _root(call.args[0], "target")
    elif isinstance(call.func, ast.Name):
        yield call.func.id, "part"  # a bound method of another object


def _is_in_place(method: str) -> bool:
    return method.endswith("_") and not method.startswith("_")


def _root(node: ast.expr, how: How) -> Iterator[tuple[str, How]]:
    """The name at the start of `a.b[0].c` and of `a.f(x).y`; in `a(x).y` it is the result that changes."""
    while True:
        if isinstance(node, (ast.Attribute, ast.Subscript)):
            node = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            node = node.func
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            node, how = node.func, "result"
        else:
            break
    if isinstance(node, ast.Name):
        yield node.id, how
