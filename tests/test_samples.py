"""The sample class, graded by the real command: every submission earns what expected.json says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SAMPLES = Path(__file__).parent / "samples"
EXPECTED: dict[str, dict[str, Any]] = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))
EXERCISES = ("vector_matrix_derivative", "batched_backward")


def grade(out: Path, secret: str) -> subprocess.CompletedProcess[str]:
    secret_file = out.with_suffix(".secret")
    secret_file.touch(mode=0o600)
    secret_file.write_text(secret)
    arguments = ["--out", str(out), "--secret-file", str(secret_file), "--assignment", str(SAMPLES / "assignment.toml")]
    command = [sys.executable, "-m", "grader", "grade", str(SAMPLES / "class"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path]:
    out = tmp_path_factory.mktemp("samples") / "reports"
    return grade(out, "a secret of the tests, at least 32 bytes long"), out


def read(out: Path, name: str) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((out / f"{name}.json").read_text(encoding="utf-8"))
    return report


def test_status_is_0_whatever_the_scores(graded: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    """Crashing, looping and cheating submissions are graded like any other: the command ends with status 0."""
    finished, _ = graded
    assert finished.returncode == 0, finished.stderr


def test_one_report_per_submission(graded: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    """Each file or folder of the class gives one report under its own name, and nothing else is written."""
    _, out = graded
    assert {path.stem for path in out.glob("*.json")} >= set(EXPECTED)
    assert {path.stem for path in (SAMPLES / "class").iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_verdicts(name: str, graded: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    """Every check of a submission has the verdict that a person gave it, and the scores add up to theirs."""
    report = read(graded[1], name)
    expected = EXPECTED[name]
    verdicts = {
        result["exercise"]: {check["name"]: check["verdict"] for check in result["checks"]}
        for result in report["exercises"]
    }
    assert report["status"] == "graded"
    assert verdicts == {slug: expected[slug] for slug in EXERCISES}
    assert (report["score"], report["max_score"]) == (expected["score"], 20)


@pytest.mark.parametrize("name", EXPECTED)
def test_findings(name: str, graded: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    """Only the submission that lets autograd do the work is accused of it, and no other of anything for certain."""
    report = read(graded[1], name)
    certain = {
        finding["kind"] for result in report["exercises"] for finding in result["findings"] if finding["certain"]
    }
    assert certain == set(EXPECTED[name].get("findings", ()))


@pytest.mark.parametrize("name", EXPECTED)
def test_every_lost_point_has_a_sentence(name: str, graded: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    """A check that did not pass says what happened in a sentence, without a traceback or a control character."""
    for result in read(graded[1], name)["exercises"]:
        for check in result["checks"]:
            if check["verdict"] != "passed":
                assert check["message"].strip(), check["name"]
                assert "Traceback" not in check["message"]
                assert "\x1b" not in check["message"]


def test_syntax_error_names_the_cell(graded: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    """A function lost to a syntax error is told the notebook, the cell and what Python says."""
    result = next(r for r in read(graded[1], "kofi")["exercises"] if r["exercise"] == "vector_matrix_derivative")
    message = result["checks"][0]["message"]
    assert "kofi.ipynb" in message
    assert "cell" in message
    assert "was never closed" in message


def test_unfinished_is_called_unfinished(graded: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    """An untouched stub, NotImplementedError and None are "not implemented yet", not "wrong"."""
    for name in ("ines", "jonas"):
        messages = [
            c["message"] for r in read(graded[1], name)["exercises"] for c in r["checks"] if c["verdict"] == "missing"
        ]
        assert messages
        assert all("not implemented yet" in message for message in messages), messages
