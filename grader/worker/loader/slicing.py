"""The part of a program that some names need: everything that they reach by name, in program order.

A statement belongs to the slice when it may define a needed name, or change the object behind one. What it reads is
then needed too. Every definition of a name belongs to it, so the last one counts, as it does in Python.
"""

from __future__ import annotations

import ast
import builtins
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from grader.worker.loader.names import DYNAMIC, called_names, changed_inside, changed_names, is_stub
from grader.worker.loader.program import Program, Statement

BUILTINS = frozenset(dir(builtins))
HARMLESS_OWNERS = frozenset({"torch", "numpy", "random", "functools", "operator"})
"""Modules whose functions may prepare a value that is passed to them; others are for showing or saving it."""


@dataclass(frozen=True)
class Index:
    """The statements of one program by the names that they define and change."""

    program: Program

    @cached_property
    def binders(self) -> dict[str, list[Statement]]:
        """Name -> the statements that may define it, in program order."""
        found: dict[str, list[Statement]] = defaultdict(list)
        for statement in self.program.statements:
            for name in statement.binds:
                found[name].append(statement)
        return dict(found)

    def needed(self, names: Iterable[str], given: Iterable[str] = ()) -> list[Statement]:
        """The slice for the names, in program order; what computes a given name does not belong to it."""
        chosen: dict[int, Statement] = {}
        seen: set[str] = set(given)
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            for statement in self._touching(name):
                if statement.position not in chosen:
                    chosen[statement.position] = statement
                    waiting += statement.reads
        return [chosen[position] for position in sorted(chosen)]

    def made_by(self, statement: Statement) -> frozenset[str]:
        """Names that have no whole value before the statement is over; modules are not among them."""
        changed = {name for name, how in changed_names(statement.node) if how == "target"}
        own = {name for name in changed if not any(s.kind == "import" for s in self.binders.get(name, []))}
        return statement.binds | own

    def may_define(self, name: str) -> bool:
        """Whether some statement defines the name, or could do so without saying it."""
        return name in self.binders or bool(self._stars or self._dynamic)

    def is_filled_in(self, name: str) -> bool:
        """Whether the last definition of the name is more than an untouched stub."""
        binders = self.binders.get(name)
        return binders is not None and not is_stub(binders[-1].node)

    def _touching(self, name: str) -> list[Statement]:
        binders = self.binders.get(name, [])
        outside = [s for s in self._stars if not binders]
        unknown = not binders and name not in BUILTINS and not name.startswith("__")
        if unknown:
            outside += self._dynamic
        kinds = {statement.kind for statement in binders}
        hows = {"target"} if kinds <= {"import"} else {"target", "method"}
        if kinds and kinds <= {"other"}:
            hows.add("argument")
        changers = [s for s, how in self._changers.get(name, []) if how in hows]
        effects = self._effects.get(name, []) if unknown or "other" in kinds else []
        return [*binders, *outside, *changers, *effects]

    @cached_property
    def _stars(self) -> list[Statement]:
        return [s for s in self.program.statements if s.kind == "star"]

    @cached_property
    def _dynamic(self) -> list[Statement]:
        return [s for s in self.program.statements if s.kind == "other" and DYNAMIC.intersection(called_names(s.node))]

    @cached_property
    def _changers(self) -> dict[str, list[tuple[Statement, str]]]:
        """Name -> the statements that may change its object, and how."""
        found: dict[str, list[tuple[Statement, str]]] = defaultdict(list)
        for statement in self.program.statements:
            for name, how in changed_names(statement.node):
                if how != "argument" or not self._only_shows(statement):
                    found[name].append((statement, how))
        return found

    def _only_shows(self, statement: Statement) -> bool:
        """Whether a call goes to an imported module that plots, saves or displays."""
        owners = {
            name for name in called_names(statement.node) for s in self.binders.get(name, []) if s.kind == "import"
        }
        return any(
            _origin(s) not in HARMLESS_OWNERS for name in owners for s in self.binders[name] if s.kind == "import"
        )

    @cached_property
    def _effects(self) -> dict[str, list[Statement]]:
        """Name -> the statements that use a function of the program which defines or changes the name when called."""
        users: dict[str, list[Statement]] = defaultdict(list)
        for statement in self.program.statements:
            for name in called_names(statement.node):
                users[name].append(statement)
        found: dict[str, list[Statement]] = defaultdict(list)
        for statement in self.program.statements:
            if statement.kind in ("function", "class"):
                changed = set(changed_inside(statement.node)) & (statement.reads | _declared(statement))
                for name in changed - statement.binds:
                    for function in statement.binds:
                        found[name] += [*users.get(function, []), statement]
        return found


def _declared(statement: Statement) -> frozenset[str]:
    return frozenset(n for part in ast.walk(statement.node) if isinstance(part, ast.Global) for n in part.names)


def _origin(statement: Statement) -> str:
    node = statement.node
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").partition(".")[0]
    return node.names[0].name.partition(".")[0] if isinstance(node, ast.Import) else ""
