"""An instructor's own scores and comments: bound to the files, kept over gradings, shown as such, outdated when due."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from grader.batch import adjustments
from grader.batch.adjustments import Adjustment
from grader.cli import main
from grader.errors import OutputError
from grader.grading import report as reporting
from grader.models import ExerciseResult, Report, SubmissionInfo
from tests.batch.test_gradebook import a_report


def two_exercises(identity: str, first: float | None, second: float | None) -> Report:
    exercises = tuple(
        ExerciseResult(exercise=name, entry_point=name, score=score, max_score=10.0, checks=())
        for name, score in (("first", first), ("second", second))
    )
    total = None if first is None or second is None else first + second
    return a_report(identity, total, exercises=exercises)


def run(folder: Path, *words: str) -> Any:
    return CliRunner().invoke(main, ["adjust", str(folder), *words], catch_exceptions=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two students' reports."""
    for report in (two_exercises("ana", 6.0, 4.0), two_exercises("bo", None, None)):
        reporting.write(report, tmp_path / "reports")
    return tmp_path / "reports"


def scores(folder: Path) -> dict[str, str]:
    sheet = CliRunner().invoke(main, ["gradebook", str(folder)], catch_exceptions=False).stdout
    return {line.split(",")[0]: line.split(",")[5] for line in sheet.splitlines()[1:]}


def test_an_exercise_of_a_submission_is_adjusted(folder: Path) -> None:
    """The score counts in the total, in the gradebook and on the student's page, which says who set it."""
    result = run(folder, "ana", "--exercise", "second", "--score", "9", "--comment", "Right apart from the order.")
    assert result.stdout == "ana: 10 -> 15 of 20 points\n"
    assert scores(folder) == {"ana": "15", "bo": ""}
    CliRunner().invoke(main, ["view", str(folder / "ana.json")], catch_exceptions=False)
    page = (folder / "ana.html").read_text()
    assert "Set by your instructor: 9 points for second (the grader gave 4). Right apart from the order." in page
    assert "15 of 20 points" in page
    listed = run(folder).stdout
    assert listed == 'ana: second, 9 points, "Right apart from the order.", counts\n'


def test_the_score_of_a_whole_submission_has_the_last_word(folder: Path) -> None:
    """Also where the grader has none, because of a technical failure."""
    run(folder, "bo", "--score", "12")
    run(folder, "bo", "--exercise", "first", "--score", "3")
    assert scores(folder)["bo"] == "12"
    assert run(folder, "bo", "--remove").stdout == "bo: the grader's own result counts again\n"
    assert scores(folder)["bo"] == ""  # the second exercise is unknown still


def test_a_comment_alone_changes_no_score(folder: Path) -> None:
    """A comment is a note in the report."""
    assert run(folder, "ana", "--comment", "See me.").stdout == "ana: 10 -> 10 of 20 points\n"
    report = two_exercises("ana", 6.0, 4.0)
    found = adjustments.applied([report], adjustments.read(folder)).reports[0]
    assert found.score == report.score
    assert [(note.kind, note.message) for note in found.notes] == [("comment", "Your instructor's comment: See me.")]


def test_other_files_make_it_outdated(folder: Path) -> None:
    """After another submission the adjustment is named, in the report too, and counts no longer; others stay."""
    run(folder, "ana", "--score", "20")
    changed = two_exercises("ana", 1.0, 1.0)
    info = SubmissionInfo(id="ana", files=("hw.py",), sha256="1" * 64)
    reporting.write(changed.model_copy(update={"submission": info}), folder)
    result = CliRunner().invoke(main, ["gradebook", str(folder)])
    assert scores(folder)["ana"] == "2"
    assert result.stderr.startswith(
        "Adjustments that no longer count, because other files were handed in or full marks were changed since: ana. "
        "Look again, and set them again with `grader adjust`.\n"
    )
    assert run(folder).stdout == "ana: 20 points, outdated\n"
    found = adjustments.applied([changed.model_copy(update={"submission": info})], adjustments.read(folder))
    assert found.outdated == ("ana",)
    assert [note.message for note in found.reports[0].notes] == [
        "Not applied, because other files were handed in since: 20 points in all"
    ]


@pytest.mark.parametrize("slug", ["", "second"])
def test_other_full_marks_make_it_outdated(folder: Path, slug: str) -> None:
    """9 of 10 points are not 9 of 30: after other points or weights the score is named and counts no longer."""
    run(folder, "ana", "--exercise", slug, "--score", "9")
    run(folder, "ana", "--exercise", "first", "--comment", "See me.")
    first, second = two_exercises("ana", 6.0, 12.0).exercises
    heavier = (first, second.model_copy(update={"max_score": 30.0}))
    report = a_report("ana", 18.0, exercises=heavier).model_copy(update={"max_score": 40.0})
    found = adjustments.applied([report], adjustments.read(folder))
    assert (found.reports[0].score, found.outdated) == (18.0, ("ana",))
    what, then, now = ("for second", 10, 30) if slug else ("in all", 20, 40)
    assert {note.message for note in found.reports[0].notes} == {
        f"Not applied, because full marks were {then} then and are {now} now: 9 points {what}",
        "Your instructor's comment: for first. See me.",
    }
    gone = report.model_copy(update={"exercises": ()})
    assert (
        "the exercise is no longer graded"
        in adjustments.applied([gone], adjustments.read(folder)).reports[0].notes[0].message
    )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("an", "--score", "1"), "there is no report of an; there are ana"),
        (("zoe", "--score", "1"), "there is no report of zoe; check the id"),
        (("ana", "--score", "21"), "--score 21: full marks are 20; give 20 or less"),
        (
            ("ana", "--exercise", "third", "--score", "1"),
            "ana was not graded on third; its exercises are first, second",
        ),
        (("ana", "--remove"), "ana: nothing was adjusted there"),
        (("ana",), "give --score, --comment or both, or --remove"),
    ],
)
def test_what_cannot_be_adjusted_is_said(folder: Path, words: tuple[str, ...], sentence: str) -> None:
    """A mistyped id, too many points or nothing to set: a sentence, and nothing is written."""
    result = run(folder, *words)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert not (folder / adjustments.FILE).exists()


def test_a_damaged_file_is_named_with_its_line(folder: Path) -> None:
    """A line that is no adjustment stops the command, because a score could be lost."""
    adjustments.write(folder, [Adjustment(submission="ana", sha256="0" * 64, score=1.0)])
    with (folder / adjustments.FILE).open("a") as file:
        file.write('{"submission": "bo"}\n')
    with pytest.raises(OutputError, match=r"adjustments\.jsonl, line 2: Field required; correct or remove the line"):
        adjustments.read(folder)


def test_a_file_that_cannot_be_read_is_named(folder: Path) -> None:
    """Adjustments that cannot be read stop the command, because scores could be lost."""
    (folder / adjustments.FILE).write_bytes(b"\xff")
    result = CliRunner().invoke(main, ["gradebook", str(folder)])
    assert result.exit_code == 2
    assert "adjustments.jsonl: cannot be read; correct the file or move it away" in result.stderr
    (folder / adjustments.FILE).unlink()
    (folder / adjustments.FILE).mkdir()
    with pytest.raises(OutputError, match=r"adjustments\.jsonl: cannot be read"):
        adjustments.read(folder)


def test_nothing_adjusted(folder: Path) -> None:
    """Without adjustments the list says so."""
    assert run(folder).stdout == "Nothing was adjusted.\n"
