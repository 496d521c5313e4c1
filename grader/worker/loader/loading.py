"""Files and entry points -> functions: which file gives which entry point, and why one is missing.

Where several files define an entry point, a definition that is filled in goes before an untouched stub, then the file
that defines more of what is asked, then the notebook before the .py beside it (a .py is often an older export of the
notebook), then the order of the files.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from grader.wire.outcome import Evidence, Loaded, LoadNote
from grader.worker.loader.absent import Absent
from grader.worker.loader.explaining import choice_notes, imported, run_notes, why_missing
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
) -> tuple[dict[str, Any], Loaded]:
    """The objects that the entry points name, and what is to be said about files and missing ones.

    files: (name, content), the names relative with "/" between folders. Runs student code: only what the entry
    points reach by name, or, with `everything`, all of the files that define them. tell: hears what reading the source
    gave, before any of it runs. Raises for nothing that a file contains. An object that cannot be called (an instance,
    a variable) is returned too; as a function it is missing, and `Loaded` says so.
    """
    with without_compiler():
        return _load(read_all(files), entry_points, tell, everything)


def _load(
    reading: Reading, entry_points: Sequence[str], tell: Callable[[tuple[Evidence, ...]], object], everything: bool
) -> tuple[dict[str, Any], Loaded]:
    runs = make_runs([parse(source) for source in reading.sources], reading.contents)
    if not runs:
        tell(())
        problem = printable(" ".join(reading.unreadable), MAX_SENTENCE)
        return {}, Loaded({}, dict.fromkeys(entry_points, ""), problem=problem)
    candidates = {name: _candidates(runs, name, entry_points) for name in entry_points}
    tell(tuple(each for name, ranked in candidates.items() for each in _read(name, ranked, runs)))
    for run in runs:  # all names of a file at once, so that they run in program order
        if names := [name for name, ranked in candidates.items() if ranked[:1] == [run]]:
            if everything:
                run.everything()
            run.define(names)
    objects: dict[str, Any] = {}
    evidence: list[Evidence] = []
    places: dict[str, str] = {}
    missing: dict[str, str] = {}
    notes = [*reading.notes, *(LoadNote("unreadable_file", sentence) for sentence in reading.unreadable)]
    for name, ranked in candidates.items():
        chosen = next((run for run in ranked if _complete(run, name)), None)
        if chosen is None:
            missing[name] = printable(why_missing(name, runs), MAX_SENTENCE)
            objects.update((name, run.module.__dict__[name]) for run in reversed(ranked) if _is_bound(run, name))
        else:
            objects[name] = chosen.module.__dict__[name]
            places[name] = _place(chosen, name)
            notes += choice_notes(name, chosen, ranked)
            reached = _reached(chosen, name, runs)
            evidence += suspicions(name, reached)
            notes += refused(reached, chosen.index.neighbours)
    notes += [note for run in runs for note in run_notes(run, runs)]
    return objects, Loaded(places, missing, _limited(notes), tuple(evidence))


def _candidates(runs: Sequence[Run], name: str, entry_points: Sequence[str]) -> list[Run]:
    """The files that may define an entry point, the one to take first."""

    def preference(run: Run) -> tuple[bool, bool, int, bool]:
        filled = sum(run.index.is_filled_in(asked) for asked in entry_points)
        return (
            name not in run.index.binders,
            not run.index.is_filled_in(name),
            -filled,
            not run.program.source.is_notebook,
        )

    return sorted((run for run in runs if run.index.may_define(name)), key=preference)


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


def _read(name: str, ranked: Sequence[Run], runs: Sequence[Run]) -> tuple[Evidence, ...]:
    """Suspicions in what an entry point seems to need, by its names alone, in its file and in those that it imports."""
    own = ranked[0].index.needed([name]) if ranked else []
    modules = {module for statement in own for module in imported(statement)}
    words = {word for statement in own for word in _words(statement.node)}
    others = [
        other
        for other in runs
        if other not in ranked[:1] and modules & {other.module.__name__, other.program.source.module}
    ]
    return suspicions(
        name, [*own, *(each for other in others for each in other.index.needed(words & {*other.index.binders}))]
    )


def _words(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.alias):
            yield node.name


def _reached(run: Run, name: str, runs: Sequence[Run]) -> list[Statement]:
    """The statements that an entry point needs, in its own file and in those that it imports."""
    own = run.index.needed([name])
    modules = {module for statement in own for module in imported(statement)}
    others = [
        other for other in runs if other is not run and modules & {other.module.__name__, other.program.source.module}
    ]
    return [*own, *(each for other in others for each in other.program.statements if each.position in other.needed)]


def _place(run: Run, name: str) -> str:
    definition = run.definition(name)
    return definition.cell.place if definition else run.program.source.name


def _limited(notes: Sequence[LoadNote]) -> tuple[LoadNote, ...]:
    """Each sentence once, of bounded length and number."""
    unique = dict.fromkeys(LoadNote(note.kind, printable(note.message, MAX_SENTENCE)) for note in notes)
    return tuple(unique)[:MAX_NOTES]
