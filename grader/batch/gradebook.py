"""Marks for an LMS: the sheet exported from there is filled in, because its headers are its own; nothing is invented.

A score that is unknown (a fault of ours) leaves the cell blank, never zero. A cell that a spreadsheet would run is
written as text. Every member of a group gets the group's score.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from grader.batch import cells
from grader.batch.cells import Sheet, number
from grader.errors import OutputError
from grader.models import Report, Student

CANVAS_STUDENT = ("ID", "SIS User ID", "SIS Login ID", "Student")
"""The columns by which Canvas tells students apart, the surest first."""

CANVAS_FIXED = frozenset({*CANVAS_STUDENT, "Integration ID", "Root Account", "Section"})
EXCUSED = "EX"
FEEDBACK = "Feedback comments"
"""Moodle's column for what a student reads, in English."""
_CANVAS_TITLE = re.compile(r".*\(\d+\)\s*$")
_LAST_NUMBER = re.compile(r"(\d+)\D*$")


@dataclass(frozen=True)
class Mark:
    """One person's score; `max_score` of what was graded."""

    student: Student
    score: float | None
    max_score: float
    report: Report


@dataclass(frozen=True)
class Filled:
    """A sheet to upload. without_row: people who have a report and no row. without_report: rows left as they were."""

    sheet: Sheet
    without_row: tuple[str, ...] = ()
    without_report: int = 0


def marks(reports: Iterable[Report]) -> Iterator[Mark]:
    """One mark per person; where a layout names nobody, the submission's id stands for the person."""
    for report in reports:
        info = report.submission
        for student in info.students or (Student(id=info.id),):
            yield Mark(student, report.score, report.max_score, report)


def canvas(sheet: Sheet, found: Sequence[Mark], column: str | None = None, out_of: float | None = None) -> Filled:
    """Canvas's exported gradebook with one assignment's column filled in; excused students stay excused."""
    identifying = [name for name in CANVAS_STUDENT if name in sheet.header]
    if "Section" not in sheet.header or not identifying:
        raise OutputError("the sheet has no columns ID and Section; export it in Canvas under Grades, Export")
    if column is None:
        titles = [title for title in sheet.header if _CANVAS_TITLE.match(title) and title not in CANVAS_FIXED]
        column = _only(titles, "assignments")
    target = _index(sheet, column)
    possible = next((row for row in sheet.rows if row[0].strip() == "Points Possible"), None)
    scale = _scale(found, possible[target] if possible else "", out_of)
    keys = _by_key(found, lambda mark: _canvas_keys(mark.student))
    rows, used = [], set()
    for row in sheet.rows:
        candidates = [row[sheet.header.index(name)] for name in identifying]
        mark = next((keys[key] for name in candidates if (key := _plain(name)) in keys), None)
        if mark is None or row is possible or row[target].strip().upper() == EXCUSED:
            rows.append(row)
            used |= {id(mark)} if mark else set()
            continue
        used.add(id(mark))
        rows.append([*row[:target], number(_scaled(mark, scale)), *row[target + 1 :]])
    people = len(sheet.rows) - (possible is not None)
    return _filled(replace(sheet, rows=rows), found, used, people)


def moodle(
    sheet: Sheet,
    found: Sequence[Mark],
    column: str | None = None,
    out_of: float | None = None,
    feedback: str | None = None,
) -> Filled:
    """Moodle's exported grading worksheet with the grades filled in; its headers may be in any language.

    feedback: the column that takes what each student may read; "Feedback comments" where there is one. What is written
    there already stays.

    Rows are matched by the number of the first column ("Participant 123"), then by the e-mail address or full name.
    """
    if column is None and "Grade" not in sheet.header:
        names = ", ".join(sheet.header)
        raise OutputError(f"which column takes the grade? Name it with --column; the sheet has: {names}")
    target = _index(sheet, column or "Grade")
    named = feedback or (FEEDBACK if FEEDBACK in sheet.header else "")
    comments = _index(sheet, named, "--feedback-column") if named else None
    maximum = next((row[target + 1] for row in sheet.rows if target + 1 < len(row) and row[target + 1]), "")
    comma = "," in maximum
    scale = _scale(found, maximum.replace(",", "."), out_of)
    keys = _by_key(found, lambda mark: _moodle_keys(mark.student))
    rows, used = [], set()
    for row in sheet.rows:
        numbered = _LAST_NUMBER.search(row[0])
        candidates = [f"#{numbered[1]}" if numbered else "", *(_plain(cell) for cell in row[1:target])]
        mark = next((keys[key] for key in candidates if key in keys), None)
        if mark is None:
            rows.append(row)
            continue
        used.add(id(mark))
        filled = [*row[:target], number(_scaled(mark, scale), comma), *row[target + 1 :]]
        if comments is not None and not filled[comments].strip():
            filled[comments] = feedback_text(mark.report)
        rows.append(filled)
    return _filled(replace(sheet, rows=rows), found, used, len(sheet.rows))


def feedback_text(report: Report) -> str:
    """What a student reads in a cell: the notes, and for each exercise its points and the first thing to mend."""
    lines = [note.message for note in report.notes]
    for exercise in report.exercises:
        points = "no points yet" if exercise.score is None else f"{exercise.score:g} of {exercise.max_score:g} points"
        certain = [finding.message for finding in exercise.findings if finding.certain]
        wrong = [check for check in exercise.checks if check.verdict != "passed"]
        first = f"{wrong[0].name}: {wrong[0].message} {wrong[0].hint or ''}".strip() if wrong else ""
        lines.append(" ".join(filter(None, (f"{exercise.entry_point}: {points}.", *certain, first))))
    return "\n".join(dict.fromkeys(lines))


def gradescope(found: Sequence[Mark]) -> Filled:
    """The columns of Gradescope's own "Download Grades", one row per person."""
    header = ("Name", "SID", "Email", "Total Score", "Max Points", "Status", "Submission ID")
    rows = []
    for mark in found:
        who, info = mark.student, mark.report.submission
        status = "Graded" if mark.score is not None else "Ungraded"
        number_of = info.id.removeprefix("submission_")
        score, most = number(mark.score), number(mark.max_score)
        rows.append((who.name or who.id, who.id, who.email, score, most, status, number_of))
    return Filled(cells.table(header, rows))


def plain_csv(found: Sequence[Mark]) -> Filled:
    """One row per person, one column per exercise."""
    slugs = list(dict.fromkeys(each.exercise for mark in found for each in mark.report.exercises))
    header = ("id", "name", "email", "submission", "status", "score", "max_score", *slugs)
    rows = []
    for mark in found:
        scores = {each.exercise: number(each.score) for each in mark.report.exercises}
        who, report = mark.student, mark.report
        about = (who.id, who.name, who.email, report.submission.id, report.status)
        total = (number(mark.score), number(mark.max_score))
        rows.append((*about, *total, *(scores.get(slug, "") for slug in slugs)))
    return Filled(cells.table(header, rows))


def _filled(sheet: Sheet, found: Sequence[Mark], used: set[int], people: int) -> Filled:
    without_row = tuple(mark.student.name or mark.student.id for mark in found if id(mark) not in used)
    return Filled(sheet, without_row, people - len(used))


def _scale(found: Sequence[Mark], maximum: str, out_of: float | None) -> float:
    """Points in the sheet per point of ours; raises OutputError when the two maxima differ and nobody said how."""
    ours = max((mark.max_score for mark in found), default=0.0)
    if out_of is not None:
        return out_of / ours if ours else 1.0
    try:
        theirs = float(maximum)
    except ValueError:
        return 1.0
    if ours and theirs and abs(ours - theirs) > 1e-6:
        raise OutputError(
            f"the sheet's maximum is {theirs:g} and the reports' is {ours:g}; add --out-of {theirs:g} to scale the "
            f"scores, or --out-of {ours:g} to write them as they are"
        )
    return 1.0


def _scaled(mark: Mark, scale: float) -> float | None:
    return None if mark.score is None else mark.score * scale


def _by_key(found: Sequence[Mark], keys: Callable[[Mark], Iterable[str]]) -> dict[str, Mark]:
    """Marks by every key that belongs to one person only."""
    owners: dict[str, Mark | None] = {}
    for mark in found:
        for key in keys(mark):
            if key:
                owners[key] = mark if owners.get(key, mark) is mark else None
    return {key: mark for key, mark in owners.items() if mark is not None}


def _canvas_keys(student: Student) -> Iterator[str]:
    yield from (_plain(student.id), _plain(student.email), _plain(student.name))


def _moodle_keys(student: Student) -> Iterator[str]:
    yield from (f"#{student.id}" if student.id.isdigit() else _plain(student.id),)
    yield from (_plain(student.email), _plain(student.name))


def _plain(name: str) -> str:
    """A name as Canvas writes it into file names: "Doe, Jane" and "doejane" are one."""
    return "".join(c for c in name.casefold() if c.isalnum() or c == "@")


def _index(sheet: Sheet, column: str, option: str = "--column") -> int:
    if column not in sheet.header:
        raise OutputError(f"{option} {column}: the sheet has no such column; it has {', '.join(sheet.header)}")
    return sheet.header.index(column)


def _only(titles: list[str], what: str) -> str:
    if len(titles) != 1:
        names = ", ".join(titles) or "none"
        raise OutputError(f"which column takes the scores? Name one with --column; {what} in the sheet: {names}")
    return titles[0]
