"""Reading the source that an entry point consists of, for what looks like a gradient that was not made by hand.

Only suspicions, listed for the instructor: a name can be hidden from any reader, and an innocent line can look guilty.
Comments, the names of the student's own functions, and cells that the graded function does not need are never read.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from grader.wire import evidence
from grader.wire.evidence import Seen
from grader.wire.outcome import Evidence
from grader.worker.loader.names import FUNCTIONS
from grader.worker.loader.program import Statement
from grader.worker.loader.text import quotable

MOST = 8
FRAMEWORKS = frozenset("jax tensorflow keras autograd sympy theano aesara pytensor mxnet tinygrad casadi".split())
TRANSFORMS = frozenset("grad vjp jvp jacrev jacfwd hessian hvp vhp jacobian grad_and_value linearize".split())
INSIDE = frozenset("_getframe get_objects get_referrers ctypes _C settrace setprofile modules".split())
OWNERS = frozenset({"sys", "gc", "torch"})
ANYWHERE = frozenset("__globals__ __closure__ __subclasses__ f_back f_locals f_globals".split())
SMALL = 0.05
STEP_NAMES = re.compile(r"(eps(ilon)?|delta|step|dx|dh|h|hh|tiny|small)\d*", re.IGNORECASE)
REACHES = re.compile(
    rb"\b(aten|_C|_VF|\w+_backward_data|conv[123]d_(input|weight)|getattr|exec|eval|__import__|import_module|"
    rb"attrgetter|methodcaller|__dict__|vars)\b"
)
KINDS = {
    evidence.READS_FRAMEWORK: evidence.OTHER_FRAMEWORK,
    evidence.READS_QUOTIENT: evidence.NUMERIC,
    evidence.READS_INTERNALS: evidence.INTERNALS,
}


def reaches_for_operators(files: Iterable[tuple[str, bytes]]) -> bool:
    """Whether some file could call torch's operators by another way than their public names."""
    return any(REACHES.search(content) for _, content in files)


def suspicions(entry_point: str, statements: Iterable[Statement]) -> tuple[Evidence, ...]:
    """What is suspicious in the statements that an entry point needs; at most 8 things."""
    found: dict[Seen, None] = {}
    read = [statement for statement in statements if statement.kind != "other"]
    own = frozenset(part.name for each in read for part in ast.walk(each.node) if isinstance(part, FUNCTIONS))
    for statement in read:
        lines = statement.cell.text.split("\n")
        for word, node in _suspicious(statement.node, own):
            line: int = getattr(node, "lineno", statement.line)
            code = quotable(lines[line - 1]) if line <= len(lines) else ""
            found[Seen(word, statement.cell.place, line, code.replace("`", "'") or "?")] = None
    return tuple(
        Evidence(KINDS.get(seen.word, evidence.AUTOGRAD), False, seen.text, entry_point) for seen in list(found)[:MOST]
    )


def _suspicious(tree: ast.AST, own: frozenset[str]) -> Iterator[tuple[str, ast.AST]]:
    calls = _calls_by_name(tree)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from ((word, node) for word in _imported(node))
        elif isinstance(node, ast.Call):
            if not (isinstance(node.func, ast.Attribute) and node.func.attr in own):  # layers with their own backward
                yield from ((word, node) for word in _called(_dotted(node.func), bool(node.args)))
        elif isinstance(node, ast.Attribute):
            yield from ((word, node) for word in _named(node))
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and _is_quotient(node, calls):
            yield evidence.READS_QUOTIENT, node


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    module = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
    names = [alias.name for alias in node.names]
    for name in [module] if module else names:
        top = name.partition(".")[0]
        if top in FRAMEWORKS:
            yield evidence.READS_FRAMEWORK
        if top == "ctypes":
            yield evidence.READS_INTERNALS
    if module in ("torch.func", "functorch", "torch.autograd", "torch.autograd.functional") and TRANSFORMS & {*names}:
        yield evidence.READS_AUTOGRAD


def _called(parts: tuple[str, ...], has_arguments: bool) -> Iterator[str]:
    *owners, last = parts
    if last == "backward" and owners and not has_arguments:
        yield evidence.READS_AUTOGRAD
    if last in TRANSFORMS and {"autograd", "func", "functorch"} & {*owners}:
        yield evidence.READS_AUTOGRAD
    if last in ("make_dual", "dual_level"):
        yield evidence.READS_AUTOGRAD
    if last == "Parameter" and "nn" in owners:
        yield evidence.READS_PARAMETER


def _named(node: ast.Attribute) -> Iterator[str]:
    parts = _dotted(node)
    if "aten" in parts[:-1] and "_backward" in parts[-1]:
        yield evidence.READS_OPERATOR
    if node.attr in ANYWHERE or (node.attr in INSIDE and parts[0] in OWNERS):
        yield evidence.READS_INTERNALS


def _dotted(node: ast.expr) -> tuple[str, ...]:
    """The names of `a.b.c`; what is before the first attribute of anything else is "?"."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    names.append(node.id if isinstance(node, ast.Name) else "?")
    return tuple(reversed(names))


def _calls_by_name(tree: ast.AST) -> dict[str, str]:
    """Name -> the function whose result it holds, for plain assignments."""
    return {
        target.id: node.value.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Name)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _is_quotient(node: ast.BinOp, calls: dict[str, str]) -> bool:
    """(f(a) - f(b)) / step, the values perhaps in variables: one function of the student's at two places."""
    difference = node.left
    if not (isinstance(difference, ast.BinOp) and isinstance(difference.op, ast.Sub) and _is_step(node.right)):
        return False
    functions = [_function(side, calls) for side in (difference.left, difference.right)]
    return bool(functions[0]) and functions[0] == functions[1]


def _function(node: ast.expr, calls: dict[str, str]) -> str:
    if isinstance(node, ast.Call):  # float(f(x)) and f(x).item() are f's as well
        if isinstance(node.func, ast.Attribute) and not node.args:
            return _function(node.func.value, calls)
        if isinstance(node.func, ast.Name):
            inner = _function(node.args[0], calls) if node.func.id == "float" and node.args else ""
            return inner or node.func.id
        return ""
    return calls.get(node.id, "") if isinstance(node, ast.Name) else ""


def _is_step(node: ast.expr) -> bool:
    """A step, or a multiple of one: a small number or a name for it, nothing added."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return _is_step(node.left) or _is_step(node.right)
    if isinstance(node, ast.Constant):
        return isinstance(node.value, float) and 0 < node.value <= SMALL
    return isinstance(node, ast.Name) and STEP_NAMES.fullmatch(node.id) is not None
