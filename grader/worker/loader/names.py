"""Which names of the module a statement defines, changes and looks up: what slicing needs to know."""

from __future__ import annotations

import ast
import dis
import re
import types
from collections.abc import Iterable, Iterator
from typing import Literal

Kind = Literal["function", "class", "import", "star", "other"]

LOOKUPS = frozenset(
    {"LOAD_NAME", "LOAD_GLOBAL", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_GLOBALS", "LOAD_FROM_DICT_OR_DEREF"}
)
DYNAMIC = frozenset({"globals", "locals", "vars", "exec", "eval", "setattr", "get_ipython"})
"""Functions with which a statement can define names that are not written in it."""
WORD = re.compile(r"[A-Za-z_]\w*")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def kind_of(node: ast.stmt) -> Kind:
    """How a statement defines what it defines; a name for a lambda counts as a function."""
    if isinstance(node, FUNCTIONS):
        return "function"
    if isinstance(node, ast.ClassDef):
        return "class"
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return "star" if node.names[0].name == "*" else "import"
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
        return "function"
    return "other"


def bound_names(node: ast.stmt) -> frozenset[str]:
    """Names that running the statement may define in the module; `global` inside of functions is left out."""
    names: set[str] = set()
    for part in at_once(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            names.add(part.id)
        elif isinstance(part, (*FUNCTIONS, ast.ClassDef)):
            names.add(part.name)
        elif isinstance(part, ast.alias):
            names.add(part.asname or part.name.partition(".")[0])
        elif isinstance(part, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and part.name:
            names.add(part.name)
        elif isinstance(part, ast.MatchMapping) and part.rest:
            names.add(part.rest)
    return frozenset(names - {"*"})


def called_names(parts: Iterable[ast.AST]) -> Iterator[str]:
    """Names that running the parts of a statement looks up."""
    for part in parts:
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
            yield part.id


def read_names(code: types.CodeType) -> frozenset[str]:
    """Names of the module that the code, or any function defined in it, may look up."""
    names: set[str] = set()
    waiting = [code]
    while waiting:
        part = waiting.pop()
        names.update(step.argval for step in dis.get_instructions(part) if step.opname in LOOKUPS)
        waiting += (constant for constant in part.co_consts if isinstance(constant, types.CodeType))
    if names & {"globals", "eval", "exec", "vars"}:  # what they look up is often written out as a string
        names.update(word for text in _strings(code) for word in WORD.findall(text))
    return frozenset(names)


def evaluated_annotations(parts: Iterable[ast.AST]) -> frozenset[str]:
    """Names in annotations that a decorator looks at when the function is defined."""
    names: set[str] = set()
    for part in parts:
        if isinstance(part, FUNCTIONS) and any(
            isinstance(each, ast.Attribute) and each.attr in ("register", "script") for each in part.decorator_list
        ):
            arguments = part.args
            for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
                names |= names_in(argument)
    return frozenset(names)


def names_in(node: ast.AST) -> frozenset[str]:
    """All names that are written in a part."""
    return frozenset(part.id for part in ast.walk(node) if isinstance(part, ast.Name))


def _strings(code: types.CodeType) -> Iterator[str]:
    for constant in code.co_consts:
        if isinstance(constant, str):
            yield constant
        elif isinstance(constant, types.CodeType):
            yield from _strings(constant)


def is_stub(node: ast.stmt) -> bool:
    """Whether a function, or a variable, only says that it is not done yet: pass, ..., None, NotImplementedError."""
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        return _is_none(node.value)
    if not isinstance(node, FUNCTIONS):
        return False
    empty = {name for step in node.body if _is_none(getattr(step, "value", step)) for name in bound_names(step)}
    return all(_does_nothing(step, empty) for step in node.body)


def _does_nothing(step: ast.stmt, empty: set[str]) -> bool:
    if isinstance(step, ast.Raise):
        error = step.exc.func if isinstance(step.exc, ast.Call) else step.exc
        return isinstance(error, ast.Name) and error.id in ("NotImplementedError", "NotImplemented")
    if isinstance(step, ast.Return):
        members = step.value.elts if isinstance(step.value, ast.Tuple) else [step.value]
        return all(_is_none(value) or (isinstance(value, ast.Name) and value.id in empty) for value in members)
    if isinstance(step, (ast.Assign, ast.AnnAssign)):
        return _is_none(step.value)
    return isinstance(step, ast.Pass) or (isinstance(step, ast.Expr) and isinstance(step.value, ast.Constant))


def _is_none(value: ast.AST | None) -> bool:
    """A bare return, None, or `...`."""
    return value is None or (isinstance(value, ast.Constant) and value.value in (None, ...))


def at_once(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a statement that run when it runs, in the module's own scope."""
    waiting: list[ast.AST] = [node]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, FUNCTIONS):
            waiting += (*node.decorator_list, *node.args.defaults, *(d for d in node.args.kw_defaults if d))
        elif isinstance(node, ast.ClassDef):
            waiting += (*node.decorator_list, *node.bases, *node.keywords)
        elif isinstance(node, ast.comprehension):
            waiting += (node.iter, *node.ifs)
        elif not isinstance(node, ast.Lambda):
            waiting += ast.iter_child_nodes(node)
