"""nbgrader's tree: `submitted/<student id>/<assignment>/<notebook>.ipynb`, beside it a `timestamp.txt`.

nbgrader keeps the latest attempt only. One assignment is graded at a time: where the tree holds several, the layout
is named with the assignment, as in `--layout nbgrader:ps1`.
"""

from __future__ import annotations

from collections.abc import Iterator

from grader.errors import SubmissionError
from grader.models import Student
from grader.submissions.submission import ARCHIVE, SUFFIXES, Part, Source
from grader.submissions.tree import Entry, Tree

SUBMITTED = "submitted"
TIMESTAMP = "timestamp.txt"


def recognises(download: Tree) -> bool:
    """It is called `submitted`, holds such a folder, or nbgrader's time stamps; files lie two levels down."""
    students = _students(download)
    deep = [entry for entry in students.entries if len(entry.parts) > 2]
    named = SUBMITTED in (download.name, *download.folders)
    stamped = any(len(entry.parts) == 3 and entry.parts[2] == TIMESTAMP for entry in deep)
    shallow = any(len(e.parts) < 3 and e.parts[-1].lower().endswith(SUFFIXES) for e in students.entries)
    return bool(deep) and (named or stamped) and not shallow


def sources(download: Tree, choice: str) -> Iterator[Source]:
    """One source per student who has a folder for the assignment; raises SubmissionError when it is not clear which."""
    students = _students(download)
    grouped: dict[tuple[str, str], list[Entry]] = {}
    for entry in students.entries:
        if len(entry.parts) > 2:
            grouped.setdefault((entry.parts[0], entry.parts[1]), []).append(entry)
    assignments = sorted({assignment for _, assignment in grouped})
    if choice and choice not in assignments:
        raise SubmissionError(f"{download.name}: holds no assignment {choice!r}; it holds {', '.join(assignments)}")
    if not choice and len(assignments) > 1:
        names = ", ".join(assignments)
        raise SubmissionError(
            f"{download.name}: holds the assignments {names}; choose one: --layout nbgrader:{assignments[0]}"
        )
    for (student, assignment), entries in grouped.items():
        if assignment == (choice or assignment):
            yield Source(student, tuple(_parts(entries)), (Student(id=student),))


def _parts(entries: list[Entry]) -> Iterator[Part]:
    for entry in entries:
        if entry.parts[-1].lower().endswith((*SUFFIXES, ARCHIVE)):
            yield Part("/".join(entry.parts[2:]), entry.location)


def _students(download: Tree) -> Tree:
    return download.below(SUBMITTED) if SUBMITTED in download.folders else download
