"""The part of a program that some names need: everything that they reach by name, in program order.

A statement belongs to the slice when it may define a needed name, or change the object behind one. What it reads is
then needed too. Every definition of a name belongs to it, so the last one counts, as it does in Python.
"""

from __future__ import annotations

import ast
import builtins
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from grader.worker.loader.changes import changed_names
from grader.worker.loader.effects import Effects
from grader.worker.loader.inside import Inside
from grader.worker.loader.names import DYNAMIC, WORD, called_names, is_stub
from grader.worker.loader.program import Program, Statement

BUILTINS = frozenset(dir(builtins))


@dataclass(frozen=True)
class Index:
    """The statements of one program by the names that they define and change.

    neighbours: names of modules that were handed in with it; inside: what calling functions of any of them may change.
    """

    program: Program
    neighbours: frozenset[str]
    inside: Inside

    @cached_property
    def effects(self) -> Effects:
        """What the statements change besides the names that they define."""
        return Effects(self.program, self.neighbours, self.inside)

    @cached_property
    def binders(self) -> dict[str, list[Statement]]:
        """Name -> the statements that may define it, in program order."""
        found: dict[str, list[Statement]] = defaultdict(list)
        for statement in self.program.statements:
            for name in statement.binds:
                found[name].append(statement)
        return dict(found)

    def needed(self, names: Iterable[str], given: Iterable[str] = (), everywhere: bool = True) -> list[Statement]:
        """The slice for the names, in program order; what computes a given name does not belong to it.

        everywhere: with the statements that any function may feel, which no name leads to.
        """
        always = self.effects.always if everywhere else []
        chosen = {statement.position: statement for statement in always}
        seen: set[str] = set(given)
        waiting = list(names)
        for statement in always:
            waiting += (*statement.reads, *self._executed(statement))
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            for statement in self._touching(name):
                if statement.position not in chosen:
                    chosen[statement.position] = statement
                    waiting += (*statement.reads, *self._executed(statement))
        return [chosen[position] for position in sorted(chosen)]

    def made_by(self, statement: Statement) -> frozenset[str]:
        """Names that have no whole value before the statement is over; modules are not among them."""
        changed = {name for name, how in changed_names(statement.parts_at_once) if how == "target"}
        own = {name for name in changed if not any(s.kind == "import" for s in self.binders.get(name, []))}
        return statement.binds | own

    def unknown(self, positions: Container[int]) -> bool:
        """Whether some of the statements look up a name that nothing in the program defines."""
        needed = (statement for statement in self.program.statements if statement.position in positions)
        return any(self._is_unknown(name) for statement in needed for name in statement.reads)

    def _is_unknown(self, name: str) -> bool:
        return name not in self.binders and name not in BUILTINS and not name.startswith("__")

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
        if self._is_unknown(name):
            outside += self._dynamic
        kinds = {"other" if self._is_handed_in(name) else statement.kind for statement in binders}
        hows = {"target"} if kinds <= {"import"} else {"target", "method"}
        if kinds and kinds <= {"other"}:
            hows.add("argument")
        if "class" in kinds:
            hows.add("subclass")
        changers = [s for s, how in self.effects.changers.get(name, []) if how in hows]
        calls = [] if kinds == {"import"} else self.effects.by_calling.get(name, [])
        return [*binders, *outside, *changers, *calls]

    def _executed(self, statement: Statement) -> Iterator[str]:
        """The words of the texts that a statement may hand to `exec`, where they stand in variables."""
        if "exec" in statement.reads:
            for binder in (binder for name in statement.reads for binder in self.binders.get(name, [])):
                for part in binder.parts:
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield from WORD.findall(part.value)

    def _is_handed_in(self, name: str) -> bool:
        return self.effects.imports.get(name) in self.neighbours

    @cached_property
    def _stars(self) -> list[Statement]:
        return [s for s in self.program.statements if s.kind == "star"]

    @cached_property
    def _dynamic(self) -> list[Statement]:
        others = (statement for statement in self.program.statements if statement.kind == "other")
        return [statement for statement in others if DYNAMIC.intersection(called_names(statement.parts_at_once))]
