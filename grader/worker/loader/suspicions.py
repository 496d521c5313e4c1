"""Reading the source that an entry point consists of, for what looks like a gradient that was not made by hand.

Only suspicions, listed for the instructor: a name can be hidden from any reader, and an innocent line can look guilty.
Comments, the names of the student's own functions, and cells that the graded function does not need are never read.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from grader.wire import evidence
from grader.wire.evidence import Sighting
from grader.wire.outcome import Evidence
from grader.worker.loader.names import FUNCTIONS
from grader.worker.loader.program import Statement
from grader.worker.loader.quotients import Quotients
from grader.worker.loader.text import quotable

MOST = 8
FRAMEWORKS = frozenset("jax tensorflow keras autograd sympy theano aesara pytensor mxnet tinygrad casadi".split())
TRANSFORMS = frozenset("grad vjp jvp jacrev jacfwd hessian hvp vhp jacobian grad_and_value linearize".split())
INSIDE = frozenset("_getframe get_objects get_referrers ctypes _C settrace setprofile modules".split())
OWNERS = frozenset({"sys", "gc", "torch"})
ANYWHERE = frozenset("__globals__ __closure__ __subclasses__ f_back f_locals f_globals".split())
DIFFERENCES = frozenset("approx_fprime approx_derivative numdifftools findiff".split())
ARRAYS = frozenset("np numpy torch".split())
REACHES = re.compile(
    rb"\b(aten|_C|_VF|\w+_backward_data|conv[123]d_(input|weight)|getattr|exec|eval|__import__|import_module|"
    rb"attrgetter|methodcaller|__dict__|vars)\b"
)
KINDS = {
    evidence.READS_FRAMEWORK: evidence.OTHER_FRAMEWORK,
    evidence.READS_QUOTIENT: evidence.NUMERIC,
    evidence.READS_DIFFERENCES: evidence.NUMERIC,
    evidence.READS_INTERNALS: evidence.INTERNALS,
}


def reaches_for_operators(files: Iterable[tuple[str, bytes]]) -> bool:
    """Whether some file could call torch's operators by another way than their public names."""
    return any(REACHES.search(content) for _, content in files)


def suspicions(entry_point: str, statements: Iterable[Statement], *, in_cells: bool = False) -> tuple[Evidence, ...]:
    """What is suspicious in the statements that an entry point needs; at most 8 things.

    in_cells: the entry point is a variable, which statements outside of functions compute.
    """
    found: dict[Sighting, None] = {}
    reached = list(statements)
    read = [statement for statement in reached if in_cells or statement.kind != "other"]
    own = frozenset(part.name for each in read for part in ast.walk(each.node) if isinstance(part, FUNCTIONS))
    quotients = Quotients(reached, own)
    for statement in read:
        lines = statement.cell.text.split("\n")
        for word, node in _suspicious(statement.parts, own, quotients):
            line: int = getattr(node, "lineno", statement.line)
            code = quotable(lines[line - 1]) if line <= len(lines) else ""
            found[Sighting(word, statement.cell.place, line, code.replace("`", "'") or "?")] = None
    return tuple(
        Evidence(KINDS.get(seen.word, evidence.AUTOGRAD), False, seen.text, entry_point) for seen in list(found)[:MOST]
    )


def _suspicious(parts: Iterable[ast.AST], own: frozenset[str], quotients: Quotients) -> Iterator[tuple[str, ast.AST]]:
    for node in parts:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from ((word, node) for word in _imported(node))
        elif isinstance(node, ast.Call):
            if not (isinstance(node.func, ast.Attribute) and node.func.attr in own):  # layers with their own backward
                yield from ((word, node) for word in _called(dotted(node.func), bool(node.args)))
        elif isinstance(node, ast.Attribute):
            yield from ((word, node) for word in _named(node))
        if quotients.has(node):
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
        if DIFFERENCES & {top, *names}:
            yield evidence.READS_DIFFERENCES
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
    if last in DIFFERENCES or (last == "gradient" and ARRAYS & {*owners}):
        yield evidence.READS_DIFFERENCES
    if last == "Parameter" and "nn" in owners:
        yield evidence.READS_PARAMETER


def _named(node: ast.Attribute) -> Iterator[str]:
    parts = dotted(node)
    if "aten" in parts[:-1] and "_backward" in parts[-1]:
        yield evidence.READS_OPERATOR
    if node.attr in ANYWHERE or (node.attr in INSIDE and parts[0] in OWNERS):
        yield evidence.READS_INTERNALS


def dotted(node: ast.expr) -> tuple[str, ...]:
    """The names of `a.b.c`; what is before the first attribute of anything else is "?"."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    names.append(node.id if isinstance(node, ast.Name) else "?")
    return tuple(reversed(names))
