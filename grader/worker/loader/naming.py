"""Which names the code of some files defines, without running it: what a submission is about."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence

from grader.worker.loader.explaining import defines
from grader.worker.loader.names import DYNAMIC, FUNCTIONS, called_names
from grader.worker.loader.program import Program, parse
from grader.worker.loader.sources import read_all


def defined(files: Sequence[tuple[str, bytes]], names: Iterable[str]) -> tuple[str, ...]:
    """Those of the names that code in the files defines, in the order of the names.

    files: (name, content). A name counts where it is assigned, or where a function of that name stands, be it inside
    another one or in a part that cannot be parsed. Comments, strings, text cells and stored output do not count.
    Imports no torch, runs nothing, and raises for nothing that a file contains.
    """
    programs = [parse(source) for source in read_all(files).sources]
    found = {name for program in programs for name in _bound(program)}
    broken = [part.text for program in programs for part in program.broken]
    return tuple(name for name in names if name in found or any(defines(text, name) for text in broken))


def _bound(program: Program) -> Iterator[str]:
    yield from (name for part in program.broken for name in part.names)
    for statement in program.statements:
        yield from statement.binds
        for part in statement.parts:
            if isinstance(part, FUNCTIONS):
                yield part.name
        if DYNAMIC.intersection(called_names(statement.parts_at_once)):  # exec("def f(): ..."), globals()["f"] = g
            for part in statement.parts:
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield from re.findall(r"[A-Za-z_]\w*", part.value)
