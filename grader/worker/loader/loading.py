"""Files and entry points -> functions: which file gives which entry point, and why one is missing.

Where several files define an entry point, a definition that is filled in goes before an untouched stub, then the file
that defines more of what is asked, then the notebook before the .py beside it (a .py is often an older export of the
notebook), then the order of the files.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import zip_longest
from types import MappingProxyType
from typing import Any

from grader.wire.outcome import Evidence, Loaded, LoadNote
from grader.wire.protocol import Forbidden
from grader.worker.loader.absent import Absent
from grader.worker.loader.explaining import choice_notes, imported, run_notes, why_missing
from grader.worker.loader.forbidden import forbidden
from grader.worker.loader.neighbours import make_runs
from grader.worker.loader.program import Statement, parse
from grader.worker.loader.refused import refused
from grader.worker.loader.running import Run
from grader.worker.loader.sources import Reading, read_all
from grader.worker.loader.suspicions import suspicions
from grader.worker.loader.text import printable
from grader.worker.uncompiled import without_compiler

MAX_NOTES = 20
MAX_SENTENCE = 400


def load(
    files: Sequence[tuple[str, bytes]],
    entry_points: Sequence[str],
    tell: Callable[[tuple[Evidence, ...]], object] = lambda _: None,
    *,
    everything: bool = False,
    cells: Mapping[str, Collection[str]] = MappingProxyType({}),
    forbids: Callable[[str], Sequence[Forbidden]] = lambda _: (),
) -> tuple[dict[str, Any], Loaded]:
    """The objects that the entry points name, and what is to be said about files and missing ones.

    files: (name, content), the names relative with "/" between folders. Runs student code: only what the entry
    points reach by name, or, with `everything`, all of the files that define them. tell: hears what reading the source
    gave, before any of it runs. cells: variables that will be computed from given ones; only their source is read here.
    forbids: what is looked for in the source of a name.
    Raises for nothing that a file contains. An object that cannot be called (an instance, a variable) is returned too;
    as a function it is missing, and `Loaded` says so.
    """
    with without_compiler():
        return _load(read_all(files), entry_points, tell, everything, cells, forbids)


def _load(
    reading: Reading,
    entry_points: Sequence[str],
    tell: Callable[[tuple[Evidence, ...]], object],
    everything: bool,
    cells: Mapping[str, Collection[str]],
    forbids: Callable[[str], Sequence[Forbidden]],
) -> tuple[dict[str, Any], Loaded]:
    runs = make_runs([parse(source) for source in reading.sources], reading.contents)
    if not runs:
        tell(())
        problem = printable(" ".join(reading.unreadable), MAX_SENTENCE)
        return {}, Loaded({}, dict.fromkeys((*entry_points, *cells), ""), problem=problem)
    candidates = {name: _candidates(runs, name, entry_points) for name in entry_points}
    computed = {name: _candidates(runs, name, list(cells)) for name in cells}
    seen = {name: _seem_needed(runs, ranked, name, ()) for name, ranked in candidates.items()}
    in_cells = {name: _seem_needed(runs, ranked, name, {*cells[name]} - {name}) for name, ranked in computed.items()}
    read = [suspicions(name, statements) for name, statements in seen.items()]
    read += [suspicions(name, statements, in_cells=True) for name, statements in in_cells.items()]
    read += [forbidden(name, statements, forbids(name)) for name, statements in seen.items()]
    read += [forbidden(name, statements, forbids(name), in_cells=True) for name, statements in in_cells.items()]
    # The first of each entry point before the second of any: there is room for so many only.
    evidence = [each for rank in zip_longest(*read) for each in rank if each]
    tell(tuple(evidence))
    for run in runs:  # all names of a file at once, so that they run in program order
        if names := [name for name, ranked in candidates.items() if ranked[:1] == [run]]:
            if everything:
                run.everything()
            run.define(names)
    objects: dict[str, Any] = {}
    places: dict[str, str] = {}
    missing = {name: _why_missing(name, runs) for name, ranked in computed.items() if not ranked}
    notes = [*reading.notes, *(LoadNote("unreadable_file", sentence) for sentence in reading.unreadable)]
    for name, ranked in candidates.items():
        chosen = next((run for run in ranked if _complete(run, name)), None)
        if chosen is None:
            missing[name] = _why_missing(name, runs)
            objects.update((name, run.module.__dict__[name]) for run in reversed(ranked) if _is_bound(run, name))
        else:
            objects[name] = chosen.module.__dict__[name]
            places[name] = _place(chosen, name)
            notes += choice_notes(name, chosen, ranked)
            reached = _reached(chosen, name, runs)
            if not {*reached} <= {*seen[name]}:  # running it has shown more than its names
                evidence += (*suspicions(name, reached), *forbidden(name, reached, forbids(name)))
            notes += refused(reached, chosen.index.neighbours, reading.contents)
    notes += [note for run in runs for note in run_notes(run, runs)]
    return objects, Loaded(places, missing, _limited(notes), tuple(evidence))


def _why_missing(name: str, runs: Sequence[Run]) -> str:
    return printable(why_missing(name, runs), MAX_SENTENCE)


def _candidates(runs: Sequence[Run], name: str, asked: Sequence[str]) -> list[Run]:
    """The files that may define an entry point, the one to take first."""
    return by_preference([run for run in runs if run.index.may_define(name)], [name], asked)


def by_preference(runs: Sequence[Run], names: Sequence[str], asked: Sequence[str]) -> list[Run]:
    """The files in the order in which they are tried for some names; asked: all names that are looked for."""

    def preference(run: Run) -> tuple[bool, bool, int, bool]:
        return (
            not all(name in run.index.binders for name in names),
            not all(run.index.is_filled_in(name) for name in names),
            -sum(run.index.is_filled_in(name) for name in asked),
            not run.program.source.is_notebook,
        )

    return sorted(runs, key=preference)


def _complete(run: Run, name: str) -> bool:
    """Whether the file gives the entry point, if need be by running all of it."""
    if _is_function(run, name):
        return True
    run.define([name])
    if not _is_function(run, name) and _may_need_everything(run, name):
        run.everything()
    return _is_function(run, name)


def _may_need_everything(run: Run, name: str) -> bool:
    """Running all cells cannot help where a missing import is the reason, and costs time where nothing failed."""
    failed = [f for s in run.index.binders.get(name, []) if (f := run.failures.get(s.position))]
    return any(
        f.kind == "error" and not f.raised.type_name.endswith(("ModuleNotFoundError", "ImportError")) for f in failed
    )


def _is_bound(run: Run, name: str) -> bool:
    """Whether the module has anything under the name."""
    return name in run.module.__dict__ and type(run.module.__dict__[name]) is not Absent


def _is_function(run: Run, name: str) -> bool:
    """Whether the module has something that can be called under the name."""
    return _is_bound(run, name) and callable(run.module.__dict__[name])


def _seem_needed(runs: Sequence[Run], ranked: Sequence[Run], name: str, given: Collection[str]) -> list[Statement]:
    """What an entry point seems to need, by its names alone, in the first of its files and in those that it imports.

    given: names whose values it is given.
    """
    own = ranked[0].index.needed([name], given) if ranked else []
    words = {word for statement in own for word in _words(statement.node)}
    others = _imported(own, runs, ranked[:1])
    return [*own, *(each for other in others for each in other.index.needed(words & {*other.index.binders}))]


def _imported(statements: Sequence[Statement], runs: Sequence[Run], but: Sequence[Run]) -> list[Run]:
    """The files that the statements import."""
    modules = {module for statement in statements for module in imported(statement)}
    return [run for run in runs if run not in but and modules & {run.module.__name__, run.program.source.module}]


def _words(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.alias):
            yield node.name


def _reached(run: Run, name: str, runs: Sequence[Run]) -> list[Statement]:
    """What an entry point needs in its own file, and what has run of those that it imports."""
    own = run.index.needed([name])
    others = _imported(own, runs, [run])
    return [*own, *(each for other in others for each in other.program.statements if each.position in other.needed)]


def _place(run: Run, name: str) -> str:
    definition = run.definition(name)
    return definition.cell.place if definition else run.program.source.name


def _limited(notes: Sequence[LoadNote]) -> tuple[LoadNote, ...]:
    """Each sentence once, of bounded length and number."""
    unique = dict.fromkeys(LoadNote(note.kind, printable(note.message, MAX_SENTENCE)) for note in notes)
    return tuple(unique)[:MAX_NOTES]
