"""Marks in nbgrader's gradebook, through nbgrader's own Python interface: it has no file to import them from.

Each exercise's score becomes the automatic score of its notebook's task cell. A score that a person gave in the
formgrader counts before it, as nbgrader has it; nothing is created, and all is written at once or not at all.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from grader.batch.comments import feedback_text
from grader.batch.gradebook import Filled
from grader.batch.marks import Mark
from grader.errors import GraderError, OutputError
from grader.grading.scoring import total
from grader.models import ExerciseResult, Report

POINTS = "points"
"""The id of the cell that holds an exercise's points; it stands here because marks are filled in without torch."""
MISSING = (
    "nbgrader is not installed beside the grader, and its gradebook is written through nbgrader itself: "
    "python -m pip install nbgrader, or run this command in nbgrader's environment"
)


@contextmanager
def opened(file: Path) -> Iterator[Any]:
    """nbgrader's own `Gradebook` of a course's gradebook.db; raises OutputError for what nbgrader cannot do with it."""
    try:
        from nbgrader.api import Gradebook
    except ImportError as error:
        raise OutputError(MISSING) from error
    try:
        with Gradebook(f"sqlite:///{file.resolve()}", "") as book:  # without a name it adds no course of its own
            yield book
    except GraderError:
        raise
    except Exception as error:
        reason = str(error).partition("\n")[0]
        raise OutputError(
            f"{file}: nbgrader cannot use it ({type(error).__name__}: {reason}); name the course's gradebook.db, and "
            "run `nbgrader db upgrade` where nbgrader is newer"
        ) from error


def fill(book: Any, assignment: str | None, found: Sequence[Mark]) -> tuple[Filled, tuple[str, ...]]:
    """Write every mark that is certain and commit; raises OutputError where the assignment is not the reports'.

    book: nbgrader's `Gradebook`. assignment: its name, needed where there are several. Returns what was written, and
    whose score is another than before and was handed in late by nbgrader's clock.
    """
    name = _assignment(book, assignment)
    _refuse_another(book.find_assignment(name), [mark.report.exercises for mark in found])
    submissions: dict[str, Any] = {each.student.id: each for each in book.assignment_submissions(name)}
    counts = Counter(mark.student.id for mark in found)
    written, late = Filled("", without_report=tuple(sorted(submissions.keys() - counts.keys()))), []
    for mark in found:
        cells = _cells(submissions.get(mark.student.id))
        if why := _refusal(mark, counts[mark.student.id], cells, name):
            written = replace(written, refused=(*written.refused, (mark.label, why)))
        elif mark.score is None:
            why = "grading ended in internal_error; grade again to fill it"
            written = replace(written, left=(*written.left, (mark.label, why)))
        else:
            scores = [(each.score, cells[each.exercise][0]) for each in mark.report.exercises]
            is_new = any(score != grade.auto_score for score, grade in scores)
            if is_new and submissions[mark.student.id].total_seconds_late > 0:
                late.append(mark.label)
            by_hand = [f"{mark.label}, {slug}" for slug in _put(mark.report, cells)]
            left = [(which, "the score that was given by hand counts") for which in by_hand]
            written = replace(written, left=(*written.left, *left), filled=written.filled + (not by_hand))
    book.db.commit()
    return written, tuple(late)


def _assignment(book: Any, assignment: str | None) -> str:
    names = [each.name for each in book.assignments]
    chosen = names[0] if assignment is None and len(names) == 1 else assignment
    if chosen not in names:
        known = ", ".join(names) or "none"
        raise OutputError(f"which assignment takes the scores? Name it with --column; in the gradebook: {known}")
    return str(chosen)


def _refuse_another(assignment: Any, reports: Sequence[Sequence[ExerciseResult]]) -> None:
    """Raise where an exercise of the reports has no cell there, or one with other points."""
    cells = [(notebook.name, cell) for notebook in assignment.notebooks for cell in notebook.task_cells]
    worth = {name: cell.max_score for name, cell in cells if cell.name == POINTS}
    for exercise in {each.exercise: each for exercises in reports for each in exercises}.values():
        slug = exercise.exercise
        if slug not in worth:
            raise OutputError(
                f"the assignment {assignment.name} has no notebook {slug} with a cell for its points; "
                "was it made by `grader export nbgrader`?"
            )
        if abs(worth[slug] - exercise.max_score) > 1e-6:
            raise OutputError(
                f"{slug} has {worth[slug]:g} points in the gradebook and {exercise.max_score:g} in the reports; "
                "grade with the assignment file that was exported"
            )


def _cells(submission: Any) -> dict[str, tuple[Any, Any]]:
    """Exercise -> nbgrader's grade and comment for its points; nothing where there is no submission."""
    notebooks = submission.notebooks if submission else ()
    grades = {notebook.name: each for notebook in notebooks for each in notebook.grades if each.name == POINTS}
    comments = {notebook.name: each for notebook in notebooks for each in notebook.comments if each.name == POINTS}
    return {name: (grades[name], comments[name]) for name in grades.keys() & comments.keys()}


def _refusal(mark: Mark, reports: int, cells: Mapping[str, object], assignment: str) -> str:
    """Why a mark is not certain or has no place, or "". reports: how many there are of this student."""
    if reports > 1:
        return "several reports have this id"
    if any(each.exercise not in cells for each in mark.report.exercises):
        return f"nbgrader has no submission of theirs; run `nbgrader autograde {assignment}` first"
    if mark.score not in (None, total(each.score for each in mark.report.exercises)):
        return "the score was set for the whole, and nbgrader has one for each exercise; adjust those"
    return ""


def _put(report: Report, cells: Mapping[str, tuple[Any, Any]]) -> list[str]:
    """Write scores, and comments of what the student may read; the exercises in which a person's score counts."""
    by_hand = []
    for exercise in report.exercises:
        grade, comment = cells[exercise.exercise]
        grade.auto_score = exercise.score
        comment.auto_comment = _as_markdown(feedback_text(report.model_copy(update={"exercises": (exercise,)})))
        if grade.manual_score is None:
            grade.needs_manual_grade = False
        else:
            by_hand.append(exercise.exercise)
    return by_hand


def _as_markdown(text: str) -> str:
    """Text as Markdown that shows it: nbgrader's feedback would take `2*x*y` for emphasis and `<class>` for a tag."""
    parts = re.split(r"(`[^`\n]*`)", text.replace("\n", "\n\n"))
    return "".join(part if number % 2 else re.sub(r"[*<$]", r"\\\g<0>", part) for number, part in enumerate(parts))
