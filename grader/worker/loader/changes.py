"""Which objects a statement may change when it runs, by what is written in it."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from grader.worker.loader.names import FUNCTIONS, bound_names

How = Literal["target", "method", "argument", "inside", "part", "call", "result", "subclass"]
"""target: `a[0] = 1`, `a.b += 1`, `del a[0]`, `setattr(a, ...)`; method: `a.append(1)`, `@a.register`; argument:
`fill(a)`; inside: `fill(a.b)`; part: `a += 1`, which may change what `a` was taken from; call: `a()`, which may change
what `a` was made of; result: `a().b = 1`; subclass: `class B(a)`."""

SHOWING = frozenset({"print", "display", "len", "type", "repr", "str", "help", "dir", "id"})
"""Functions that only look at their arguments."""
SETTING = frozenset({"setattr", "delattr"})
MUTATING = frozenset(
    "append add update pop popitem setdefault extend insert remove discard clear sort reverse appendleft popleft "
    "extendleft rotate fill put itemset resize setflags move_to_end register register_buffer register_parameter "
    "register_module add_module load_state_dict copy_ __setitem__ __setattr__ __delitem__ __iadd__ __next__".split()
)
"""Methods that change their object, whatever becomes of the result."""
TYPES = frozenset({"object", "type", "list", "dict", "set", "bytearray"})
"""Builtin types whose methods may be called on an object that is passed: `list.append(a, 1)`."""


def changed_names(
    parts: Sequence[ast.AST], mutating: frozenset[str] = MUTATING, own: frozenset[str] = frozenset()
) -> Iterator[tuple[str, How]]:
    """Names whose objects running the parts of a statement may change, and how.

    mutating: methods that change their object. own: functions and methods of the program, of which more is known.
    """
    yield from mutations(parts, mutating)
    for part in parts:
        if isinstance(part, ast.Expr):
            yield from changed_by_statement(part.value, own)
        elif isinstance(part, (*FUNCTIONS, ast.ClassDef)):
            for decorator in part.decorator_list:
                yield from changed_by_statement(decorator)


def changes_itself(node: ast.ClassDef, parts: Iterable[ast.AST], mutating: frozenset[str]) -> bool:
    """Whether methods of the class may change the class: its name, `cls`, or an attribute that it gives itself."""
    own = {name for step in node.body if isinstance(step, (ast.Assign, ast.AnnAssign)) for name in bound_names(step)}
    for changed, _ in changed_objects(parts, mutating):
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
    called = {id(part): getattr(part.func, "id", "") for part in parts if isinstance(part, ast.Call)}
    shown = [called.get(id(part.value)) for part in parts if isinstance(part, ast.Expr)]
    if "exec" in called.values() or "eval" in shown:
        return True
    return any(is_module(changed, modules) for changed, _ in changed_objects(parts, MUTATING))


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


def changed_objects(parts: Iterable[ast.AST], mutating: frozenset[str]) -> Iterator[tuple[ast.expr, How]]:
    """The expressions whose objects are changed for sure where these parts run, and how."""
    for part in parts:
        if isinstance(part, (ast.Subscript, ast.Attribute)) and not isinstance(part.ctx, ast.Load):
            yield part.value, "target"
        elif isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):
            if part.func.attr in mutating or is_in_place(part.func.attr):
                yield part.func.value, "method"
                if getattr(part.func.value, "id", "") in TYPES:
                    yield from ((argument, "method") for argument in part.args[:1])
        elif isinstance(part, ast.Call) and getattr(part.func, "id", "") in SETTING and part.args:
            yield part.args[0], "target"


def mutations(parts: Sequence[ast.AST], mutating: frozenset[str]) -> Iterator[tuple[str, How]]:
    """Names whose objects are changed for sure where these parts run."""
    for changed, how in changed_objects(parts, mutating):
        yield from root(changed, how)
    for part in parts:
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Del) and part.id in dir(builtins):
            yield part.id, "argument"  # a name that hid a builtin and gives it back
        elif isinstance(part, ast.AugAssign) and isinstance(part.target, ast.Name):
            yield part.target.id, "part"
        elif isinstance(part, ast.ClassDef):
            for base in (*part.bases, *(keyword.value for keyword in part.keywords)):
                yield from ((name, "subclass") for name, _ in root(base, "target"))
        elif isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id not in SETTING:
            yield part.func.id, "call"


def changed_by_statement(value: ast.expr, own: frozenset[str] = frozenset()) -> Iterator[tuple[str, How]]:
    """A call whose result is not kept, or a decorator, is there for what it changes."""
    if isinstance(value, ast.Await):
        value = value.value
    if isinstance(value, ast.Attribute):
        yield from root(value.value, "method")
    if not isinstance(value, ast.Call):
        return
    if isinstance(value.func, ast.Attribute):
        yield from root(value.func.value, "method")
    called = value.func.id if isinstance(value.func, ast.Name) else ""
    if called not in SHOWING:
        for argument in (*value.args, *(keyword.value for keyword in value.keywords)):
            if isinstance(argument, ast.Name):
                yield argument.id, "argument"
            elif not own & {called, getattr(argument, "attr", "")}:  # no method, and passed to a library's function
                yield from _owner(argument)


def _owner(argument: ast.expr) -> Iterator[tuple[str, How]]:
    """The name at the start of `a.b[0]`; a call makes something new."""
    while isinstance(argument, (ast.Attribute, ast.Subscript, ast.Starred)):
        argument = argument.value
    if isinstance(argument, ast.Name):
        yield argument.id, "inside"


def is_in_place(method: str) -> bool:
    return method.endswith("_") and not method.startswith("_")


def root(node: ast.expr, how: How) -> Iterator[tuple[str, How]]:
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
