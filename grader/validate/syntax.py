"""Mutants of the reference's own syntax tree: one operator, constant, axis, call or statement changed at a time."""

from __future__ import annotations

import ast
import contextlib
import copy
import io
import re
import tokenize
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from grader.errors import ExerciseError
from grader.exercise import Exercise
from grader.validate.mutants import CALL_SECONDS, Call, Mutant, by_student, ended_after

OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add, ast.Div),
    ast.Div: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.Pow: (ast.Mult,),
}
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
}
SWAPPED_METHODS = {"sum": ("mean",), "mean": ("sum",), "any": ("all",), "all": ("any",), "cumsum": ("cumprod",)}


def syntax(exercise: Exercise, path: Path) -> Iterator[Mutant]:
    """One mutant per changed place of the reference and its helpers; raises ExerciseError."""
    text = path.read_text(encoding="utf-8")
    tree = _without_annotations(ast.parse(text, str(path)))
    idle = without_effect(text)
    seen = {ast.unparse(tree)}
    for position, node in enumerate(ast.walk(tree)):
        for index in range(len(list(_changes(copy.deepcopy(node))))):
            changed, before, after = _changed(tree, position, index)
            source = ast.unparse(changed)
            if source in seen:
                continue
            seen.add(source)
            line = getattr(node, "lineno", 0)
            where = f"{path.name}, line {line}: `{before}` -> `{after}`"
            name = f"line {line}: {before} -> {after}"
            reason = idle.get(line, "") if _is_about_a_number(node) else ""
            yield Mutant(name, "syntax", _call(exercise, changed, path), where, idle=reason)


def without_effect(text: str) -> dict[int, str]:
    """Line -> the reason, for the lines of a reference with a number that is declared to show in no result."""
    found = {}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and (match := re.match(r"#\s*no effect:\s*(\S.*)", token.string)):
            found[token.start[0]] = match[1]
    return found


def _is_about_a_number(node: ast.AST) -> bool:
    """Whether a change of this node changes a number, or whether and how it is added."""
    is_number = isinstance(node, ast.Constant) and isinstance(node.value, (int, float))
    return is_number or isinstance(node, (ast.BinOp, ast.UnaryOp))


def load(path: Path) -> dict[str, Any]:
    """What a file of the author's defines, by name, with its `statements`."""
    return _run(ast.parse(path.read_text(encoding="utf-8"), str(path)), path)


def _call(exercise: Exercise, changed: ast.Module, path: Path) -> Call:
    """A changed reference; where the change breaks the file, a call that raises."""
    try:
        return by_student(exercise, _run(changed, path))
    except ExerciseError:
        raise
    except Exception as error:
        return _raising(error)


def _without_annotations(tree: ast.Module) -> ast.Module:
    """Annotations decide nothing, so changing them proves nothing."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        elif isinstance(node, ast.arg):
            node.annotation = None
    return tree


def _changed(tree: ast.Module, position: int, index: int) -> tuple[ast.Module, str, str]:
    """A copy of the tree with the index-th change of one node made, and that place before and after."""
    changed = copy.deepcopy(tree)
    nodes = list(ast.walk(changed))
    node = nodes[position]
    before = _short(node)
    change = list(_changes(node))[index]
    replacement = change()
    if replacement is not node:
        _replace(changed, node, replacement)
    ast.fix_missing_locations(changed)
    return changed, before, _short(replacement)


def _changes(node: ast.AST) -> Iterator[Callable[[], ast.AST]]:
    """Ways to change one node: each returns the node, changed in place, or another in its place."""
    if isinstance(node, ast.BinOp):
        yield from (_set(node, "op", operator()) for operator in OPERATORS.get(type(node.op), ()))
        yield from (lambda side=side: side for side in (node.left, node.right))
    elif isinstance(node, ast.UnaryOp):
        yield lambda: node.operand
    elif isinstance(node, ast.Compare):
        yield from (_set(node, "ops", [operator()]) for operator in COMPARISONS.get(type(node.ops[0]), ()))
    elif isinstance(node, ast.Constant):
        yield from (_set(node, "value", value) for value in _constants(node.value))
    elif isinstance(node, ast.Subscript) or (isinstance(node, ast.Attribute) and node.attr in {"T", "mT"}):
        yield lambda: node.value
    elif isinstance(node, ast.Call):
        yield from _call_changes(node)
    elif isinstance(node, ast.AugAssign):
        other = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
        yield _set(node, "op", other)
        yield lambda: ast.Assign(targets=[node.target], value=node.value)
        yield ast.Pass
    elif isinstance(node, ast.Assign) or (isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)):
        yield ast.Pass


def _call_changes(node: ast.Call) -> Iterator[Callable[[], ast.AST]]:
    """A method call dropped or replaced by its neighbour; a function of one argument dropped; two arguments swapped."""
    if isinstance(node.func, ast.Attribute):
        for other in SWAPPED_METHODS.get(node.func.attr, ()):
            yield _set(node.func, "attr", other, returns=node)
        if not (isinstance(node.func.value, ast.Name) and node.func.value.id in {"torch", "np", "F"}):
            yield lambda: node.func.value  # type: ignore[attr-defined]
    if len(node.args) == 1 and not node.keywords:
        yield lambda: node.args[0]
    if len(node.args) == 2:
        yield _set(node, "args", node.args[::-1])


def _constants(value: object) -> Iterator[object]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, value - 1)
    elif isinstance(value, float):
        yield from (2 * value, -value)


def _set(node: ast.AST, field: str, value: object, returns: ast.AST | None = None) -> Callable[[], ast.AST]:
    def change() -> ast.AST:
        setattr(node, field, value)
        return returns or node

    return change


def _replace(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, field, new)
            elif isinstance(value, list):
                value[:] = [new if member is old else member for member in value]


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(ast.fix_missing_locations(node)).split())
    return text if len(text) <= 80 else text[:77] + "..."


def _run(tree: ast.Module, path: Path) -> dict[str, Any]:
    module: dict[str, Any] = {"__name__": path.stem}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        steps = [compile(ast.Module([step], []), str(path), "exec") for step in tree.body]
    with ended_after(CALL_SECONDS):
        for step in steps:
            with contextlib.suppress(NameError):  # cells of an exercise about variables need what is given
                exec(step, module)  # noqa: S102  the author's own file, or one change of it
    return {**module, "statements": steps}


def _raising(error: Exception) -> Call:
    def call(inputs: Mapping[str, Any]) -> Any:
        raise error

    return call
