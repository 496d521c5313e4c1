"""Marks for an LMS: its own sheet filled in, nothing that a spreadsheet would run, and unknown is never zero."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from grader.batch import cells
from grader.batch.folder import RECORD, Record
from grader.cli import main
from grader.grading import report as reporting
from grader.models import CheckResult, Environment, ExerciseResult, Note, Report, Student, SubmissionInfo


def a_report(identity: str, score: float | None, *students: Student, **changes: Any) -> Report:
    exercise = ExerciseResult(exercise="batched_backward", entry_point="f", score=score, max_score=20.0, checks=())
    values: dict[str, Any] = {
        "submission": SubmissionInfo(id=identity, files=("hw.py",), sha256="0" * 64, students=students),
        "status": "graded" if score is not None else "internal_error",
        "score": score,
        "max_score": 20.0,
        "exercises": (exercise,),
        "secret_id": None,
        "grading_key": "f" * 64,
        "environment": Environment(grader="1", python="3", torch="2", platform="linux", isolation=()),
        "wall_seconds": 0.1,
    }
    return Report.model_validate({**values, **changes})


CLASS = (
    a_report("diazana_100", 12.5, Student(id="100", name="diazana")),
    a_report("libo_101", None, Student(id="101", name="libo")),
    a_report("roe_999", 20.0, Student(id="999", name="roecy")),
    a_report("stranger_5", 7.0, Student(id="5", name="stranger")),
)
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Homework 3 (4711),Final Score\r\n"
    '    Points Possible,,,,,20,"(read only)"\r\n'
    '"Diaz, Ana",100,s100,ana@x.edu,A,,55.1\r\n'
    '"Li, Bo",101,s101,bo@x.edu,A,3,\r\n'
    '"Roe, Cy",,s102,,A,,\r\n'
    '"Doe, Di",103,s103,,A,EX,\r\n'
    '"=cmd()",104,s104,,A,,-1.5\r\n'
)
MOODLE = (
    "\ufeffIdentifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,Feedback comments\n"
    'Participant 100,Ana Diaz,ana@x.edu,Submitted for grading - ,,"20,00",Yes,\n'
    'Participant 101,Bo Li,bo@x.edu,Submitted for grading - ,"3,00","20,00",Yes,\n'
    'Participant 102,Cy Roe,cy@x.edu,No submission - ,-,"20,00",Yes,\n'
)


def gradebook(tmp_path: Path, reports: tuple[Report, ...], *options: str, sheet: str = "") -> Any:
    for each in reports:
        reporting.write(each, tmp_path / "reports")
    if sheet:
        (tmp_path / "sheet.csv").write_text(sheet, encoding="utf-8", newline="")
        options = (*options, "--sheet", str(tmp_path / "sheet.csv"))
    return CliRunner().invoke(main, ["gradebook", str(tmp_path / "reports"), *options])


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_canvas(tmp_path: Path) -> None:
    """Matched by ID, then name; excused stays, as does the grade that an internal error gives no better one for."""
    result = gradebook(tmp_path, CLASS, "--format", "canvas", sheet=CANVAS)
    assert result.exit_code == 0, result.output
    written = rows(result.stdout)
    assert [row[5] for row in written] == ["Homework 3 (4711)", "20", "12.5", "3", "20", "EX", ""]
    assert [row[:5] + row[6:] for row in written] == [row[:5] + row[6:] for row in rows(CANVAS)]
    assert result.stderr == (
        "Filled: 2.\n"
        "Of these by the name alone, please look: Roe, Cy.\n"
        "Left as it was: Li, Bo: grading ended in internal_error; grade again to fill it.\n"
        "Left as they were, no report: 2 (Doe, Di; =cmd()).\n"
        "Not in the sheet: stranger (5).\n"
    )


def test_canvas_with_two_assignments(tmp_path: Path) -> None:
    """Which column is meant has to be said, and an unknown one is refused with those that there are."""
    sheet = CANVAS.replace("Final Score", "Homework 4 (4712)")
    result = gradebook(tmp_path, CLASS, "--format", "canvas", sheet=sheet)
    assert result.exit_code == 2
    assert "Name one with --column; assignments in the sheet: Homework 3 (4711), Homework 4 (4712)" in result.stderr
    result = gradebook(tmp_path, CLASS, "--format", "canvas", "--column", "Homework 9", sheet=sheet)
    assert result.exit_code == 2
    assert "the sheet has no such column; it has Student, ID" in result.stderr


def test_another_maximum_is_never_guessed(tmp_path: Path) -> None:
    """Where the sheet's maximum differs, nothing is written until --out-of says how; then scores are scaled."""
    sheet = CANVAS.replace(",20,", ",100,")
    result = gradebook(tmp_path, CLASS, "--format", "canvas", sheet=sheet)
    assert result.exit_code == 2
    assert "the sheet's maximum is 100 and the reports' is 20; add --out-of 100 to scale" in result.stderr
    result = gradebook(tmp_path, CLASS, "--format", "canvas", "--out-of", "100", sheet=sheet)
    assert [row[5] for row in rows(result.stdout)][2:5] == ["62.5", "3", "100"]


def test_moodle(tmp_path: Path) -> None:
    """Matched by the participant's number and name; the sheet's decimal comma and byte order mark are kept."""
    result = gradebook(tmp_path, CLASS[:2], "--format", "moodle", sheet=MOODLE)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("\ufeffIdentifier")
    written = rows(result.stdout)
    assert [row[4] for row in written] == ["Grade", "12,5", "3,00", "-"]
    assert [row[:4] for row in written] == [row[:4] for row in rows(MOODLE)]


def test_moodles_feedback_column(tmp_path: Path) -> None:
    """It takes what the student may read, as text that no spreadsheet runs; what the instructor wrote there stays."""
    check = CheckResult(
        name="dloss_dW",
        points=0.0,
        max_points=10.0,
        verdict="failed",
        cases_passed=0,
        cases_total=14,
        message="dloss_dW has the right shape, but wrong values in all 14 cases.",
        hint="What is the derivative of a square?",
    )
    exercise = ExerciseResult(exercise="a", entry_point="backward", score=10.0, max_score=20.0, checks=(check,))
    late = Note(kind="late", message="=Canvas marks this submission as late.")
    ana = a_report("x", 10.0, Student(id="100", name="Ana Diaz"), exercises=(exercise,), notes=(late,))
    result = gradebook(tmp_path, (ana, *CLASS[1:]), "--format", "moodle", sheet=MOODLE)
    assert rows(result.stdout)[1][7] == (
        "'=Canvas marks this submission as late.\n"
        "backward: 10 of 20 points. dloss_dW: dloss_dW has the right shape, but wrong values in all 14 cases. What is "
        "the derivative of a square?"
    )
    assert rows(result.stdout)[2][7] == "f: no points yet."
    written = MOODLE.replace('"20,00",Yes,\nParticipant 101', '"20,00",Yes,See me.\nParticipant 101')
    result = gradebook(tmp_path, (ana,), "--format", "moodle", sheet=written)
    assert rows(result.stdout)[1][7] == "See me."
    sheet = MOODLE.replace("Feedback comments", "Rückmeldung")
    assert rows(gradebook(tmp_path, (ana,), "--format", "moodle", sheet=sheet).stdout)[1][7] == ""
    result = gradebook(tmp_path, (ana,), "--format", "moodle", "--feedback-column", "Rückmeldung", sheet=sheet)
    assert "backward: 10 of 20 points." in rows(result.stdout)[1][7]
    result = gradebook(tmp_path, (ana,), "--format", "moodle", "--feedback-column", "No", sheet=sheet)
    assert "--feedback-column No: the sheet has no such column" in result.stderr


def test_moodle_in_another_language(tmp_path: Path) -> None:
    """Headers are localised: the column is asked for, and then found."""
    sheet = MOODLE.replace("Grade,Maximum Grade", "Bewertung,Bestwertung").replace("Participant", "Teilnehmer/in")
    result = gradebook(tmp_path, CLASS, "--format", "moodle", sheet=sheet)
    assert result.exit_code == 2
    assert "Name it with --column; the sheet has: Identifier, Full name" in result.stderr
    result = gradebook(tmp_path, CLASS, "--format", "moodle", "--column", "Bewertung", sheet=sheet)
    assert [row[4] for row in rows(result.stdout)] == ["Bewertung", "12,5", "3,00", "-"]


def test_every_member_of_a_group_gets_the_score(tmp_path: Path) -> None:
    """One report, two people, two rows."""
    group = a_report("submission_12", 9.0, Student(id="1", name="Ana", email="a@x"), Student(id="2", name="Bo"))
    result = gradebook(tmp_path, (group,), "--format", "gradescope")
    assert rows(result.stdout)[1:] == [
        ["Ana", "1", "a@x", "9", "20", "Graded", "12"],
        ["Bo", "2", "", "9", "20", "Graded", "12"],
    ]


def test_plain_csv_runs_nothing(tmp_path: Path) -> None:
    """Ids and names that begin like a formula are text in every spreadsheet; the id stands in where nobody is named."""
    hostile = ["=1+1", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "＝1+1", " =1"]
    reports = tuple(a_report(name, 1.0) for name in hostile)
    result = gradebook(tmp_path, reports, "--format", "csv")
    written = rows(result.stdout)
    assert written[0] == ["id", "name", "email", "submission", "status", "score", "max_score", "batched_backward"]
    assert {row[0] for row in written[1:]} == {"'" + name for name in hostile}
    assert all(row[0] == row[3] for row in written[1:])


@pytest.mark.parametrize("value", ["-", "-5", "+3.5", "-1,5", "12", "", "Ana", "1e5", "-12.5 %", "s-1"])
def test_numbers_and_ordinary_words_stay(value: str) -> None:
    """What a spreadsheet takes for a number or a word is not touched."""
    assert cells.safe(value) == value


def test_bad_use(tmp_path: Path) -> None:
    """A sheet is wanted exactly where it is needed; an empty folder and a file that is no report are named."""
    result = gradebook(tmp_path, CLASS, "--format", "canvas")
    assert result.exit_code == 2
    assert "--sheet goes with --format canvas and moodle" in result.stderr
    result = gradebook(tmp_path, CLASS, "--format", "moodle", "--groups", __file__, sheet=MOODLE)
    assert result.exit_code == 2
    assert "--groups goes with --format canvas; the others say themselves who is in a group" in result.stderr
    result = gradebook(tmp_path, CLASS, "--format", "moodle", sheet="Student\n")
    assert "is no table; export the sheet as CSV again" in result.stderr
    (tmp_path / "reports" / "x.json").write_text("{}")
    result = gradebook(tmp_path, ())
    assert result.exit_code == 2
    assert "x.json: is no report of this version of the grader" in result.stderr
    (tmp_path / "empty").mkdir()
    result = CliRunner().invoke(main, ["gradebook", str(tmp_path / "empty")])
    assert "holds no reports; name the folder that `grader grade --out` wrote" in result.stderr


def test_folders_that_say_too_little(tmp_path: Path) -> None:
    """Names come back only with the submissions, and a folder without a report of its last grading has no scores."""
    (tmp_path / "secret").write_text("0123456789abcdef" * 4)
    (tmp_path / "secret").chmod(0o600)
    result = gradebook(tmp_path, CLASS, "--secret-file", str(tmp_path / "secret"))
    assert result.exit_code == 2
    assert "the folder does not say which submissions it was made from; name them" in result.stderr
    record = Record(reports=("diazana_100",), exercises=("another",)).model_dump_json()
    (tmp_path / "reports" / RECORD).write_text(record)
    result = gradebook(tmp_path, ())
    assert result.exit_code == 2
    assert "reports: holds no report of its last grading; grade again" in result.stderr


def test_reading_reports_needs_no_torch() -> None:
    """The gradebook and the comparison of two gradings are there at once: what takes seconds to import is not."""
    wanted = "from grader.batch import difference, folder, gradebook; from grader.views import changes; import sys"
    code = f"import grader.cli.gradebook, grader.cli.diff; {wanted}; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
