"""Scores for an LMS: the sheet exported from there is filled in, because its headers are its own; nothing is invented.

One column changes, and every other byte stays. Whose row it is, grader/batch/marks.py decides; a row that is not
certain is refused with a reason. A score that is unknown (an internal error) leaves its cell as it was, never zero.
Every member of a group gets the group's score.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from grader.batch import cells, worksheet
from grader.batch.cells import number
from grader.batch.comments import feedback_text
from grader.batch.exported import Exported
from grader.batch.marks import Mark, Matched, Person, folded, marks, match, orders
from grader.batch.points import Scale, scale
from grader.errors import OutputError
from grader.models import Student

__all__ = ["Filled", "Group", "canvas", "gradescope", "groups", "marks", "moodle", "plain_csv"]

EXCUSED, NOT_ASSIGNED = "EX", "N/A"
FEEDBACK = "Feedback comments"
"""Moodle's column for what a student reads, in English."""
_CANVAS_TITLE = re.compile(r".*\(\d+\)\s*$")
_CANVAS_TOTAL = re.compile(r"(Current|Final) (Score|Points|Grade)|Override (Score|Grade|Status)")
"""Canvas takes no column whose title contains one of these for an assignment."""

Reasons = tuple[tuple[str, str], ...]
"""(who, why) each."""


@dataclass(frozen=True)
class Filled:
    """A sheet to upload, and what became of every row and mark.

    filled: how many rows; by_name: whose, where nothing but the name said so. left: rows with a mark that stay as they
    were. without_report: rows without a mark. without_row: people who have a report and no row.
    """

    text: str
    filled: int = 0
    by_name: tuple[str, ...] = ()
    left: Reasons = ()
    without_report: tuple[str, ...] = ()
    without_row: tuple[str, ...] = ()
    refused: Reasons = ()


@dataclass(frozen=True)
class Group:
    """One group of a platform's list of groups."""

    name: str
    members: tuple[Student, ...]


def canvas(
    sheet: Exported,
    found: Sequence[Mark],
    column: str | None = None,
    out_of: float | None = None,
    groups: Sequence[Group] = (),
) -> Filled:
    """Canvas's exported gradebook with one assignment's column filled in; excused students stay excused."""
    header = sheet.header
    if "ID" not in header or "Section" not in header:
        raise OutputError("the sheet has no columns ID and Section; export it in Canvas under Grades, Export")
    own = header.index("Section") + 1
    if column is None:
        titles = [title for title in header[own:] if _CANVAS_TITLE.match(title) and not _CANVAS_TOTAL.search(title)]
        column = _only(titles, "assignments")
    target = _index(sheet, column, own)
    possible, people = "", []
    for row in range(len(sheet.rows)):
        values = sheet.values(row)
        if values[0].strip() == "Points Possible":
            possible = values[target]
        elif any(map(str.strip, values[:own])):  # the row that marks hidden assignments, in any language, is nobody's
            people.append(_canvas_person(row, dict(zip(header[:own], values, strict=False))))
    spread, refused = _members(found, groups, {person.number for person in people})
    matched = match(people, spread)
    matched = replace(matched, refused=(*refused, *matched.refused))
    return _fill(sheet, target, people, matched, scale(found, possible, out_of))


def moodle(
    sheet: Exported,
    found: Sequence[Mark],
    column: str | None = None,
    out_of: float | None = None,
    feedback: str | None = None,
) -> Filled:
    """Moodle's exported grading worksheet with the grades filled in; its headers may be in any language.

    feedback: the column that takes what each student may read; "Feedback comments" where there is one. What is written
    there already stays.
    """
    target = grades_column(sheet, column)
    named = feedback or (FEEDBACK if FEEDBACK in sheet.header else "")
    comments = _index(sheet, named, target + 1, "--feedback-column") if named else None
    rows = [sheet.values(row) for row in range(len(sheet.rows))]
    maxima = {row[target + 1] for row in rows if target + 1 < len(row)} - {""}
    if len(maxima) > 1:
        raise OutputError(
            f"the sheet has several maxima: {', '.join(sorted(maxima)[:5])}; export one assignment's sheet"
        )
    people, matched = worksheet.owners(sheet.header, rows, target, found)
    return _fill(sheet, target, people, matched, scale(found, next(iter(maxima), ""), out_of), comments)


def grades_column(worksheet: Exported, column: str | None) -> int:
    """The place of the grades in Moodle's worksheet, whose headers may be in any language; raises OutputError."""
    if column is None and "Grade" not in worksheet.header:
        names = ", ".join(worksheet.header)
        raise OutputError(f"which column takes the grade? Name it with --column; the sheet has: {names}")
    return _index(worksheet, column or "Grade", 1)


def groups(roster: Exported) -> tuple[Group, ...]:
    """The groups of the list that Canvas exports under People; raises OutputError when it is another table."""
    if not {"canvas_user_id", "group_name"} <= set(roster.header):
        raise OutputError("the list of groups has no columns canvas_user_id and group_name; export it under People")
    members: dict[tuple[str, str], list[Student]] = defaultdict(list)
    for row in range(len(roster.rows)):
        about = dict(zip(roster.header, roster.values(row), strict=True))
        if name := about["group_name"].strip():
            who = Student(id=about["canvas_user_id"].strip(), name=about.get("name", ""))
            members[name, about.get("canvas_group_id", "")].append(who)
    return tuple(Group(name, tuple(students)) for (name, _), students in members.items())


def gradescope(found: Sequence[Mark]) -> str:
    """The columns of Gradescope's own "Download Grades", one row per person."""
    header = ("Name", "SID", "Email", "Total Score", "Max Points", "Status", "Submission ID")
    rows = []
    for mark in found:
        who, info = mark.student, mark.report.submission
        status = "Graded" if mark.score is not None else "Ungraded"
        number_of = info.id.removeprefix("submission_")
        score, most = number(mark.score), number(mark.max_score)
        rows.append((who.name or who.id, who.id, who.email, score, most, status, number_of))
    return cells.table(header, rows).text()


def plain_csv(found: Sequence[Mark]) -> str:
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
    return cells.table(header, rows).text()


def _fill(
    sheet: Exported,
    target: int,
    people: Sequence[Person],
    matched: Matched,
    points: Scale,
    comments: int | None = None,
) -> Filled:
    """Write what is certain into the column, and say what became of the rest."""
    values: dict[tuple[int, int], str] = {}
    rows: set[int] = set()
    left: list[tuple[str, str]] = []
    refused = list(matched.refused)
    labels = {person.row: person.label for person in people}
    doubted = {who for who, _ in refused}
    damaged = {row for row in labels if not sheet.fits(row)}
    for row in sorted(damaged if matched.absent else damaged & matched.marks.keys()):  # the absent may be there
        cells_there = f"has {len(sheet.rows[row])} cells where the header has {len(sheet.header)}"
        refused.append((labels[row], f"the row {cells_there}; export the sheet again"))
    for row, mark in matched.marks.items():
        current = sheet.values(row)[target].strip()
        if row in damaged:
            continue
        if current.upper() == EXCUSED:
            left.append((labels[row], "excused"))
        elif current == NOT_ASSIGNED:
            refused.append((labels[row], "the sheet says N/A: not assigned to them, or anonymous and not posted yet"))
        elif _is_locked(sheet, row):
            refused.append((labels[row], "the sheet says that this grade cannot be changed"))
        else:
            if comments is not None and not sheet.values(row)[comments].strip():
                values[row, comments] = cells.safe(feedback_text(mark.report))
            if mark.score is None:
                left.append((labels[row], "grading ended in internal_error; grade again to fill it"))
            else:
                values[row, target] = points.written(mark.score)
                rows.add(row)
    return Filled(
        sheet.with_cells(values),
        filled=len(rows),
        by_name=tuple(labels[row] for row in matched.by_name if row in rows),
        left=tuple(left),
        without_report=tuple(
            person.label for person in people if person.row not in matched.marks and person.label not in doubted
        ),
        without_row=tuple(mark.label for mark in matched.absent),
        refused=tuple(refused),
    )


def _is_locked(sheet: Exported, row: int) -> bool:
    """Whether Moodle's sheet, where its headers are English, says that it takes no grade there."""
    return dict(zip(sheet.header, sheet.values(row), strict=True)).get("Grade can be changed") == "No"


def _canvas_person(row: int, about: Mapping[str, str]) -> Person:
    name = about.get("Student") or ", ".join(filter(None, (about.get("LastName"), about.get("FirstName"))))
    others = {title: about.get(title, "") for title in ("SIS User ID", "SIS Login ID", "Integration ID")}
    return Person(row, name, about["ID"].strip(), others, orders(name))


def _members(
    found: Sequence[Mark], groups: Sequence[Group], numbers: Collection[str]
) -> tuple[list[Mark], list[tuple[str, str]]]:
    """Every member's mark, where Canvas names one member and the group; and the groups that are not certain.

    numbers: of everybody in the sheet. A number that is nobody's may be the end of a group's name, such as Team_3.
    """
    known: dict[str, list[Group]] = defaultdict(list)
    for group in groups:
        known[folded(group.name)].append(group)
    spread: list[Mark] = []
    refused: list[tuple[str, str]] = []
    for mark in found:
        who = mark.student
        named = known.get(folded(who.name), [])
        theirs = [group for group in named if any(member.id == who.id for member in group.members)]
        if not named and who.name and who.id.isdecimal() and who.id not in numbers:
            theirs = known.get(folded(who.name + who.id), [])
        if len(theirs) == 1:
            spread += [replace(mark, student=member) for member in theirs[0].members]
        elif named:
            refused.append((mark.label, "the list of groups has a group of this name without this member, or several"))
        else:
            spread.append(mark)
    return spread, refused


def _index(sheet: Exported, column: str, first: int, option: str = "--column") -> int:
    """The place of a column that may take scores: there is one of that name, behind those that say who somebody is."""
    places = [index for index, title in enumerate(sheet.header) if title == column]
    if not places:
        raise OutputError(f"{option} {column}: the sheet has no such column; it has {', '.join(sheet.header)}")
    if len(places) > 1:
        raise OutputError(f"{option} {column}: the sheet has {len(places)} columns of that name; rename all but one")
    if places[0] < first:
        raise OutputError(f"{option} {column}: stands before the columns that can be filled in; name another")
    return places[0]


def _only(titles: list[str], what: str) -> str:
    if len(titles) != 1:
        names = ", ".join(titles) or "none"
        raise OutputError(f"which column takes the scores? Name one with --column; {what} in the sheet: {names}")
    return titles[0]
