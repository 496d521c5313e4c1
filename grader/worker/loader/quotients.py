"""Difference quotients in source code: one function at two places, the difference divided by a small step."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from grader.worker.loader.program import Statement

SMALL = 0.05
STEP_NAMES = re.compile(r"(eps(ilon)?|delta|step|dx|dh|h|hh|tiny|small)\d*", re.IGNORECASE)
DIVIDING = frozenset("div divide true_divide".split())
DEPTH = 6
"""How far an expression is followed, through names and into its parts: a difference in a variable, of variables."""
MAX_VALUES = 8
"""How many of the values that a name is given are looked at."""


class Quotients:
    """Recognises them in the statements of a submission; own: names of the student's functions and methods."""

    def __init__(self, statements: Iterable[Statement], own: frozenset[str]) -> None:
        self._own = own
        self._values: dict[str, list[ast.expr]] = defaultdict(list)
        for statement in statements:
            for part in statement.parts:
                for target, value in _assigned(part):
                    if len(self._values[target]) < MAX_VALUES:
                        self._values[target].append(value)

    def has(self, node: ast.AST) -> bool:
        """Whether a part of an expression or statement divides such a difference, or an imaginary part, by a step."""
        return any(self._is_step(step) and self._is_difference(whole) for whole, step in _divisions(node))

    def _meant(self, node: ast.expr, depth: int = DEPTH) -> Iterator[ast.expr]:
        """The expression, and those that a name, or what only converts a number, stands for."""
        yield node
        if isinstance(node, ast.Name) and depth:
            for value in self._values.get(node.id, ()):
                yield from self._meant(value, depth - 1)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.args and depth:
            yield from self._meant(node.func.value, depth - 1)  # f(x).item()
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "float" and node.args and depth:
            yield from self._meant(node.args[0], depth - 1)

    def _is_difference(self, node: ast.expr, depth: int = DEPTH) -> bool:
        for meant in self._meant(node, depth):
            if isinstance(meant, ast.BinOp) and isinstance(meant.op, ast.Sub):
                if {*self._functions(meant.left)} & {*self._functions(meant.right)}:
                    return True
            elif isinstance(meant, ast.BinOp) and isinstance(meant.op, ast.Mult):  # 0.5 * (f(a) - f(b))
                if depth and any(self._is_difference(side, depth // 2) for side in (meant.left, meant.right)):
                    return True
            elif self._is_imaginary(meant):
                return True
        return False

    def _is_imaginary(self, node: ast.expr) -> bool:
        """The imaginary part of a function's value: the complex step."""
        if isinstance(node, ast.Attribute) and node.attr == "imag":
            return any(self._functions(node.value))
        called = getattr(node.func, "attr", getattr(node.func, "id", "")) if isinstance(node, ast.Call) else ""
        return isinstance(node, ast.Call) and called == "imag" and any(self._functions(*node.args[:1]))

    def _functions(self, *nodes: ast.expr) -> Iterator[str]:
        """The functions, or own methods, whose value an expression is."""
        for node in nodes:
            for meant in self._meant(node):
                if isinstance(meant, ast.Call) and isinstance(meant.func, ast.Name) and meant.func.id != "float":
                    yield meant.func.id
                elif isinstance(meant, ast.Call) and (method := getattr(meant.func, "attr", "")) in self._own:
                    yield method

    def _is_step(self, node: ast.expr, depth: int = DEPTH) -> bool:
        """A step, or a multiple of one: a small number or a name for it, nothing else added."""
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.Div)):
            return depth > 0 and any(self._is_step(side, depth - 1) for side in (node.left, node.right))
        if isinstance(node, ast.Name) and STEP_NAMES.fullmatch(node.id):
            return True
        return any(
            isinstance(meant, ast.Constant) and isinstance(meant.value, float) and 0 < meant.value <= SMALL
            for meant in self._meant(node)
        )


def _assigned(part: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(part, ast.Assign):
        yield from ((target.id, part.value) for target in part.targets if isinstance(target, ast.Name))
        for target in part.targets:
            if isinstance(target, ast.Tuple) and isinstance(part.value, ast.Tuple):
                pairs = zip(target.elts, part.value.elts, strict=False)
                yield from ((name.id, value) for name, value in pairs if isinstance(name, ast.Name))
    elif isinstance(part, ast.AnnAssign) and part.value and isinstance(part.target, ast.Name):
        yield part.target.id, part.value
    elif isinstance(part, ast.AugAssign) and isinstance(part.target, ast.Name):
        before = ast.Name(part.target.id, ast.Load())
        yield part.target.id, ast.BinOp(before, part.op, part.value)


def _divisions(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """What is divided, and by what."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        yield node.left, node.right
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):  # (f(a) - f(b)) * (1 / eps)
        for whole, inverse in ((node.left, node.right), (node.right, node.left)):
            if isinstance(inverse, ast.BinOp) and isinstance(inverse.op, ast.Div):
                yield whole, inverse.right
    elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Div) and isinstance(node.target, ast.Name):
        yield ast.Name(node.target.id, ast.Load()), node.value
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
        if node.func.attr.rstrip("_") not in DIVIDING:
            return
        yield (node.args[0], node.args[1]) if len(node.args) > 1 else (node.func.value, node.args[0])
