"""Marks into nbgrader's gradebook: whose they are, what stays, and what is refused before anything is written.

The gradebook is a stand-in with the names of nbgrader's own; `make rehearse-courses` does the same with the real one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from grader.batch.marks import Mark
from grader.cli import main
from grader.errors import OutputError
from grader.grading import report as reporting
from grader.lms import nbgrader_marks
from grader.models import Environment, ExerciseResult, Note, Report, Student, SubmissionInfo

EXERCISES = {"affine": 20.0, "batched_backward": 10.0}


@dataclass
class Cell:
    """A cell's grade and comment, as nbgrader has them before and after."""

    name: str = "points"
    auto_score: float | None = None
    manual_score: float | None = None
    needs_manual_grade: bool = True
    auto_comment: str | None = None


@dataclass
class Notebook:
    name: str
    cell: Cell = field(default_factory=Cell)

    @property
    def grades(self) -> list[Cell]:
        return [Cell("check", 0.0), self.cell]

    @property
    def comments(self) -> list[Cell]:
        return [Cell("solution"), self.cell]


@dataclass
class Submission:
    student: SimpleNamespace
    notebooks: list[Notebook]
    total_seconds_late: float = 0.0


@dataclass
class Book:
    """A gradebook with one assignment; `committed` is what has been written for good."""

    submissions: dict[str, Submission]
    points: dict[str, float]
    names: tuple[str, ...] = ("ps1",)
    committed: bool = False

    @property
    def assignments(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(name=name) for name in self.names]

    @property
    def db(self) -> SimpleNamespace:
        return SimpleNamespace(commit=lambda: setattr(self, "committed", True))

    def find_assignment(self, name: str) -> SimpleNamespace:
        cells = [(slug, SimpleNamespace(name="points", max_score=most)) for slug, most in self.points.items()]
        return SimpleNamespace(
            name=name, notebooks=[SimpleNamespace(name=slug, task_cells=[cell]) for slug, cell in cells]
        )

    def assignment_submissions(self, name: str) -> list[Submission]:
        return list(self.submissions.values())

    def cells(self) -> Iterator[tuple[str, str, float | None, bool]]:
        for who, submission in self.submissions.items():
            for notebook in submission.notebooks:
                yield who, notebook.name, notebook.cell.auto_score, notebook.cell.needs_manual_grade


@pytest.fixture
def book() -> Book:
    students = ("ana", "bo", "cy")
    submissions = {
        who: Submission(SimpleNamespace(id=who), [Notebook("batched_backward"), Notebook("affine")]) for who in students
    }
    return Book(submissions, dict(EXERCISES))


def mark(who: str, *scores: float | None, total: float | None = None) -> Mark:
    """A report of both exercises; total: another score than the sum."""
    exercises = tuple(
        ExerciseResult(exercise=slug, entry_point=slug, score=score, max_score=most, checks=())
        for (slug, most), score in zip(EXERCISES.items(), scores, strict=True)
    )
    added = None if None in scores else sum(score for score in scores if score is not None)
    report = Report(
        submission=SubmissionInfo(id=who, files=(), sha256="0" * 64, students=(Student(id=who),)),
        status="internal_error" if added is None else "graded",
        score=added if total is None else total,
        max_score=30.0,
        exercises=exercises,
        secret_id=None,
        grading_key="f" * 64,
        environment=Environment(grader="0.1.0", python="3.11", torch="2.13", platform="linux", isolation=()),
        wall_seconds=0.1,
    )
    return Mark(Student(id=who), report.score, 30.0, report)


def test_scores_and_comments_are_written(book: Book) -> None:
    """Each exercise's score goes to its own notebook; who has no report keeps what was there and is named."""
    filled, late = nbgrader_marks.fill(book, "ps1", [mark("ana", 20.0, 7.5), mark("bo", 0.0, 0.0)])
    assert list(book.cells()) == [
        ("ana", "batched_backward", 7.5, False),
        ("ana", "affine", 20.0, False),
        ("bo", "batched_backward", 0.0, False),
        ("bo", "affine", 0.0, False),
        ("cy", "batched_backward", None, True),
        ("cy", "affine", None, True),
    ]
    assert [each.cell.auto_comment for each in book.submissions["ana"].notebooks] == [
        "batched_backward: 7.5 of 10 points.",
        "affine: 20 of 20 points.",
    ]
    assert (filled.filled, filled.without_report, filled.left, filled.refused, late) == (2, ("cy",), (), (), ())
    assert book.committed


def test_a_comment_shows_what_it_says(book: Book) -> None:
    """nbgrader shows comments as Markdown: outside of code nothing becomes a tag, a formula or emphasis."""
    said = "returned <class 'int'>, not 2*x*y or $5; in `a<b*c` it is code"
    given = mark("ana", 20.0, 10.0)
    report = given.report.model_copy(update={"notes": (Note(kind="note", message=said),)})
    nbgrader_marks.fill(book, "ps1", [replace(given, report=report)])
    assert book.submissions["ana"].notebooks[1].cell.auto_comment == (
        "returned \\<class 'int'>, not 2\\*x\\*y or \\$5; in `a<b*c` it is code\n\naffine: 20 of 20 points."
    )


def test_a_score_that_was_given_by_hand_counts(book: Book) -> None:
    """nbgrader adds up what a person gave; whether somebody has to look at it stays as it was."""
    given = book.submissions["ana"].notebooks[1].cell
    given.manual_score = 19.0
    filled, _ = nbgrader_marks.fill(book, None, [mark("ana", 20.0, 10.0)])
    assert (given.manual_score, given.needs_manual_grade) == (19.0, True)
    assert (filled.filled, filled.left) == (0, (("ana, affine", "the score that was given by hand counts"),))


def test_what_is_not_certain_is_refused_and_an_internal_error_changes_nothing(book: Book) -> None:
    """Nobody's score is guessed: an unknown id, an id twice, a total without parts; internal_error leaves all."""
    before = list(book.cells())
    marks = [
        mark("dora", 20.0, 10.0),
        mark("bo", 20.0, 10.0),
        mark("bo", 0.0, 0.0),
        mark("cy", 20.0, 10.0, total=25.0),
        mark("ana", 20.0, None),
    ]
    filled, _ = nbgrader_marks.fill(book, "ps1", marks)
    assert list(book.cells()) == before
    assert filled.refused == (
        ("dora", "nbgrader has no submission of theirs; run `nbgrader autograde ps1` first"),
        ("bo", "several reports have this id"),
        ("bo", "several reports have this id"),
        ("cy", "the score was set for the whole, and nbgrader has one for each exercise; adjust those"),
    )
    assert filled.left == (("ana", "grading ended in internal_error; grade again to fill it"),)


def test_who_was_late_is_named_where_the_score_is_new(book: Book) -> None:
    """A penalty that nbgrader worked out before is one of other scores; once it has these, there is nothing to say."""
    book.submissions["bo"].total_seconds_late = 60.0
    marks = [mark("ana", 20.0, 10.0), mark("bo", 20.0, 10.0)]
    assert nbgrader_marks.fill(book, "ps1", marks)[1] == ("bo",)
    assert nbgrader_marks.fill(book, "ps1", marks)[1] == ()


@pytest.mark.parametrize(
    ("names", "points", "assignment", "sentence"),
    [
        (("ps1", "ps2"), EXERCISES, None, "Name it with --column; in the gradebook: ps1, ps2"),
        (("ps1",), EXERCISES, "ps3", "Name it with --column; in the gradebook: ps1"),
        (("ps1",), {"affine": 20.0}, "ps1", "ps1 has no notebook batched_backward with a cell for its points"),
        (("ps1",), {**EXERCISES, "affine": 10.0}, "ps1", "affine has 10 points in the gradebook and 20 in the reports"),
    ],
)
def test_another_assignment_is_refused_as_a_whole(
    book: Book, names: tuple[str, ...], points: dict[str, float], assignment: str | None, sentence: str
) -> None:
    """Before anything is written: an assignment that is not clear, without the exercise, or with other points."""
    book.names, book.points = names, points
    with pytest.raises(OutputError, match=sentence):
        nbgrader_marks.fill(book, assignment, [mark("ana", 20.0, 10.0)])
    assert not book.committed


def test_the_command_without_nbgrader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """nbgrader need not be there for anything else: a sentence says what to do; options that do not fit are refused."""
    reports = tmp_path / "reports"
    reporting.write(mark("ana", 20.0, 10.0).report, reports)
    sheet = tmp_path / "gradebook.db"
    sheet.touch()
    monkeypatch.setitem(sys.modules, "nbgrader", None)
    words = ["gradebook", str(reports), "--format", "nbgrader"]
    done = CliRunner().invoke(main, [*words, "--sheet", str(sheet)])
    assert (done.exit_code, done.stdout) == (2, "")
    assert nbgrader_marks.MISSING in done.stderr
    assert "its gradebook.db" in CliRunner().invoke(main, words).stderr
    refused = CliRunner().invoke(main, [*words, "--sheet", str(sheet), "--out-of", "10"])
    assert "its gradebook is filled in as it is" in refused.stderr
