"""Limits of real workers: set by the exercise's file, replaced by the assignment's, replaced by the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader import submissions
from grader.course import assignment, catalog
from grader.exercise import Limits
from grader.grading import grade as grading
from grader.grading import report
from grader.sandbox import Sandbox

ROOT = Path(__file__).parents[2]
EXERCISE = """
import torch
from jaxtyping import Float
from torch import Tensor
from grader.exercise import Exercise, Gradient, Limits

def loss(x: Float[Tensor, "N"]) -> Float[Tensor, ""]:
    return (x**2).sum()

exercise = Exercise(
    loss, {"dloss_dx": Gradient("x", points=2)}, {"N": (1, 4)}, "slope",
    limits=Limits(cpu_seconds=0.4, memory_bytes=128 * 2**20, max_timeouts=1),
)
"""
OVERRIDE = "[limits]\ncpu_seconds = 0.3\nwall_seconds = 0.5\nmemory_bytes = 100663296\n"
LOOP = "def slope(x):\n    while True: pass\n"
NAP = "import time\ndef slope(x):\n    time.sleep(60)\n"
HOARD = "import torch\ndef slope(x):\n    return torch.ones(2**26)\n"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A folder with a course of one exercise that has limits of its own, an assignment, and three submissions."""
    (tmp_path / "exercises" / "slope").mkdir(parents=True)
    (tmp_path / "exercises" / "slope" / "exercise.py").write_text(EXERCISE)
    (tmp_path / "assignment.toml").write_text(OVERRIDE)
    (tmp_path / "class").mkdir()
    for name, source in (("loop", LOOP), ("nap", NAP), ("hoard", HOARD)):
        (tmp_path / "class" / f"{name}.py").write_text(source)
    return tmp_path


def sentence(course: Path, sandbox: Sandbox, name: str, chosen: assignment.Assignment) -> str:
    """What a submission reads about its one check."""
    plan = report.plan(catalog.at(course / "exercises"), chosen, b"s" * 32)
    made = grading.grade(submissions.at(course / "class" / f"{name}.py").read(), plan, sandbox)
    return made.exercises[0].checks[0].message


def test_the_exercise_sets_limits(course: Path, sandbox: Sandbox) -> None:
    """What the exercise's file says holds where nothing else is said."""
    chosen = assignment.Assignment()
    assert "longer than 0.4 s of processor time" in sentence(course, sandbox, "loop", chosen)
    assert "more than 128 MB of memory" in sentence(course, sandbox, "hoard", chosen)


def test_the_assignment_replaces_them(course: Path, sandbox: Sandbox) -> None:
    """What the assignment's file says holds for all of its exercises."""
    chosen = assignment.load(course / "assignment.toml")
    assert "longer than 0.3 s of processor time" in sentence(course, sandbox, "loop", chosen)
    assert "longer than 0.5 s: does it wait" in sentence(course, sandbox, "nap", chosen)
    assert "more than 96 MB of memory" in sentence(course, sandbox, "hoard", chosen)


def test_the_command_line_has_the_last_word(course: Path) -> None:
    """`grader grade` with options for processor, clock and memory, against an assignment that says otherwise."""
    out, secret = course / "reports", course / "secret"
    words = [sys.executable, "-m", "grader", "grade", str(course / "class"), "--out", str(out), "--jobs", "1"]
    words += ["--exercises", str(course / "exercises"), "--assignment", str(course / "assignment.toml")]
    words += ["--secret-file", str(secret), "--insist-on-fewer-layers"]
    words += ["--cpu-seconds", "0.2", "--wall-seconds", "0.7", "--memory-mb", "80"]
    environment = {**os.environ, "COLUMNS": "200"}
    done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, env=environment, check=True)
    assert "longer than 0.2 s of processor time" in done.stdout
    assert "longer than 0.7 s: does it wait" in done.stdout
    assert "more than 80 MB of memory" in done.stdout


def test_defaults_stand_in_one_place() -> None:
    """Who says nothing gets what docs and `grader grade --help` name."""
    assert Limits() == Limits(
        cpu_seconds=10.0, wall_seconds=60.0, memory_bytes=512 * 2**20, max_timeouts=2, max_restarts=3
    )
    words = [sys.executable, "-m", "grader", "grade", "--help"]
    shown = " ".join(subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=True).stdout.split())
    for part in ("mostly 10]", "mostly 60]", "mostly 512]"):
        assert part in shown
