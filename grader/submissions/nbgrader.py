"""nbgrader's trees: what `nbgrader collect` has copied, and the exchange that it copies from.

`submitted/<student id>/<assignment>/<notebook>.ipynb` holds one attempt of everybody, beside it a `timestamp.txt`. In
the exchange `<course>/inbound/<student id>+<assignment>+<time>+<random>/` is one attempt; the latest counts, by the
clock that all names of a course are written with. One assignment is graded at a time: where the tree holds several,
the layout is named with the assignment, as in `--layout nbgrader:ps1`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from grader.errors import SubmissionError
from grader.models import Student
from grader.submissions import plain
from grader.submissions.submission import ARCHIVE, SUFFIXES, Part, Source, is_data
from grader.submissions.tree import Entry, Tree

SUBMITTED, INBOUND = "submitted", "inbound"
TIMESTAMP = "timestamp.txt"
PLATFORM = "nbgrader"
_TIME = r"(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?)(?: [+-]?\w+)?"
_ATTEMPT = re.compile(rf"(?P<student>.+)\+(?P<assignment>[^+]+)\+{_TIME}(?:\+[\w-]+)?")
"""An attempt's folder; a student's id may hold a plus. The random end can be switched off."""


def inside(download: Tree) -> Tree:
    """What lies in `submitted` of a course's folder, or in `inbound` of its exchange."""
    for folder in (SUBMITTED, INBOUND):
        if folder in download.folders:
            return download.below(folder)
    return download


def recognises(download: Tree) -> bool:
    """Most folders are named as attempts; or files lie two levels deep, below `submitted` or with nbgrader's stamps."""
    students = inside(download)
    attempts = _attempts(students)
    if len(attempts) > len(plain.misnamed(students, attempts, PLATFORM)):
        return True
    deep = [entry for entry in students.entries if len(entry.parts) > 2]
    named = SUBMITTED in (download.name, *download.folders)
    stamped = any(len(entry.parts) == 3 and entry.parts[2] == TIMESTAMP for entry in deep)
    shallow = any(len(e.parts) < 3 and e.parts[-1].lower().endswith(SUFFIXES) for e in students.entries)
    return bool(deep) and (named or stamped) and not shallow


def sources(download: Tree, choice: str) -> Iterator[Source]:
    """One source per student who has a folder for the assignment; raises SubmissionError when it is not clear which."""
    students = inside(download)
    attempts = _attempts(students)
    if not attempts:
        yield from _collected(download.name, students, choice)
        return
    chosen = _assignment(download.name, {match["assignment"] for match in attempts.values()}, choice)
    grouped: dict[str, list[str]] = {}
    for name in sorted(attempts, key=lambda name: (attempts[name]["time"], name)):
        if attempts[name]["assignment"] == chosen:
            grouped.setdefault(attempts[name]["student"], []).append(name)
    entries: dict[str, list[Entry]] = {name: [] for name in students.tops}
    for entry in students.entries:
        entries[entry.parts[0]].append(entry)
    for student, (*earlier, latest) in grouped.items():
        times = [attempts[name]["time"].partition(".")[0] for name in earlier]
        sentence = f"Several attempts: the latest counts; left out: {', '.join(times)}."
        parts = tuple(_parts(entries[latest], depth=1))
        notes = (("earlier_attempt", sentence),) if earlier else ()
        yield Source(student, parts, (Student(id=student),), notes, (*times, *earlier, latest))
    yield from plain.misnamed(students, attempts, PLATFORM)


def _attempts(students: Tree) -> dict[str, re.Match[str]]:
    matches = {name: _ATTEMPT.fullmatch(name) for name in students.folders}
    return {name: match for name, match in matches.items() if match}


def _collected(name: str, students: Tree, choice: str) -> Iterator[Source]:
    grouped: dict[tuple[str, str], list[Entry]] = {}
    for entry in students.entries:
        if len(entry.parts) > 2:
            grouped.setdefault((entry.parts[0], entry.parts[1]), []).append(entry)
    chosen = _assignment(name, {assignment for _, assignment in grouped}, choice)
    for (student, assignment), entries in grouped.items():
        if assignment == chosen:
            yield Source(student, tuple(_parts(entries, depth=2)), (Student(id=student),))


def _assignment(name: str, known: Collection[str], choice: str) -> str:
    """The assignment that is graded, of those that the tree holds."""
    names = ", ".join(sorted(known))
    if choice and choice not in known:
        raise SubmissionError(f"{name}: holds no assignment {choice!r}; it holds {names}")
    if not choice and len(known) > 1:
        raise SubmissionError(f"{name}: holds the assignments {names}; choose one: --layout nbgrader:{min(known)}")
    return choice or next(iter(known), "")


def _parts(entries: Collection[Entry], depth: int) -> Iterator[Part]:
    """What holds code, or data for it; depth: how many folders belong to nbgrader and not to the names inside."""
    for entry in entries:
        name = entry.parts[-1]
        if name.lower().endswith((*SUFFIXES, ARCHIVE)) or (is_data(name) and name != TIMESTAMP):
            yield Part("/".join(entry.parts[depth:]), entry.location)
