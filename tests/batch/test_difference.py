"""Two gradings compared: whose score changed, by how much, which check, and why."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from grader.cli import main
from grader.grading import report as reporting
from grader.models import CheckResult, Environment, ExerciseResult, Report, SubmissionInfo


def a_report(identity: str, points: float | None, message: str = "Right in all 14 cases.", **changes: Any) -> Report:
    verdict = "internal_error" if points is None else "passed" if points == 6 else "failed"
    check = CheckResult.model_validate(
        {
            "name": "dloss_dW",
            "points": points,
            "max_points": 6.0,
            "verdict": verdict,
            "cases_passed": 0,
            "cases_total": 14,
            "message": message,
        }
    )
    exercise = ExerciseResult(exercise="batched", entry_point="f", score=points, max_score=6.0, checks=(check,))
    values: dict[str, Any] = {
        "submission": SubmissionInfo(id=identity, files=("hw.py",), sha256="0" * 64),
        "status": "graded" if points is not None else "internal_error",
        "score": points,
        "max_score": 6.0,
        "exercises": (exercise,),
        "secret_id": "a",
        "grading_key": "f" * 64,
        "environment": Environment(grader="1", python="3", torch="2", platform="linux", isolation=()),
        "wall_seconds": 0.1,
    }
    return Report.model_validate({**values, **changes})


def compared(tmp_path: Path, old: list[Report], new: list[Report], *options: str) -> str:
    for name, reports in (("old", old), ("new", new)):
        for each in reports:
            reporting.write(each, tmp_path / name)
    result = CliRunner().invoke(main, ["diff", str(tmp_path / "old"), str(tmp_path / "new"), *options])
    assert result.exit_code == 0, result.output
    return " ".join(result.stdout.split())


def test_a_changed_exercise(tmp_path: Path) -> None:
    """The submission is the same and the key is not: the exercise changed, and the new message says what fails."""
    old = [a_report("ana", 6.0), a_report("bo", 0.0, "Wrong."), a_report("cy", 6.0)]
    new = [a_report("ana", 0.0, "Wrong in 3 cases.", grading_key="e" * 64), a_report("bo", 6.0), a_report("cy", 6.0)]
    shown = compared(tmp_path, old, new)
    assert "ana 6 -> 0 (-6) batched · dloss_dW: passed 6/6 -> failed 0/6" in shown
    assert "The exercise, its limits or weights changed. Wrong in 3 cases." in shown
    assert "bo 0 -> 6 (+6)" in shown
    assert "cy" not in shown
    assert "2 submissions changed: 1 gained, 1 lost." in shown


def test_every_reason_has_its_sentence(tmp_path: Path) -> None:
    """Another submission, secret or version, an internal error, and who came or went."""
    other = SubmissionInfo(id="a", files=("hw.py",), sha256="1" * 64)
    newer = Environment(grader="2", python="3", torch="2", platform="linux", isolation=())
    old = [a_report(name, 6.0) for name in "abcdeg"]
    new = [
        a_report("a", 0.0, submission=other),
        a_report("b", 0.0, secret_id="b"),
        a_report("c", 0.0, environment=newer),
        a_report("d", None),
        a_report("e", 0.0),
        a_report("f", 1.0),
    ]
    shown = compared(tmp_path, old, new)
    for sentence in (
        "Another submission was graded.",
        "Graded with another secret.",
        "Graded with another version.",
        "One of the two ended in a fault of the grader.",
        "Graded alike, with another result",
        "f – -> 1 none -> graded Only the new grading has it.",
        "g 6 -> – graded -> none Only the old grading has it.",
    ):
        assert sentence in shown
    assert "d 6 -> – batched" in shown


def test_nothing_changed(tmp_path: Path) -> None:
    """The same twice is one sentence."""
    assert compared(tmp_path, [a_report("ana", 6.0)], [a_report("ana", 6.0)]) == "No score changed."


def test_as_a_table(tmp_path: Path) -> None:
    """The same as CSV, a row per check, in which no cell is a formula."""
    old, new = [a_report("=ana", 6.0)], [a_report("=ana", 0.0, "=wrong")]
    shown = compared(tmp_path, old, new, "--csv", str(tmp_path / "diff.csv"))
    assert "=ana" in shown
    header, row = csv.reader((tmp_path / "diff.csv").open(newline=""))
    assert header == ["id", "old_score", "new_score", "change", "exercise", "check", "old", "new", "why"]
    assert row[:8] == ["'=ana", "6", "0", "-6", "batched", "dloss_dW", "passed 6/6", "failed 0/6"]
