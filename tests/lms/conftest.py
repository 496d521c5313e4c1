"""One assignment of two exercises, its plan under a fixed secret, and reports of it from real submissions."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.course import assignment, catalog
from grader.exercise import Exercise
from grader.grading import feedback, report, scoring
from grader.grading import grade as grading
from grader.grading.report import Plan
from grader.lms import settings
from grader.lms.settings import Settings
from grader.models import ExerciseResult, Report
from grader.sandbox import Sandbox
from grader.submissions import Submission

ROOT = Path(__file__).parents[2]
SLUGS = ("vector_matrix_derivative", "batched_backward")
SECRET = b"the secret of the tests of the learning platforms"

Grade = Callable[..., Report]


def solution(slug: str) -> bytes:
    """The reference of an exercise."""
    return (ROOT / "solutions" / slug / "solution.py").read_bytes()


def wrong(slug: str, name: str) -> bytes:
    """A catalogued wrong solution."""
    return (ROOT / "solutions" / slug / "wrong" / f"{name}.py").read_bytes()


def settings_for(platform: str = "gradescope", **more: object) -> Settings:
    """Settings as the export writes them."""
    fields: dict[str, Any] = {
        "platform": platform,
        "exercises": SLUGS,
        "platform_seconds": 600,
        "cores": 0.5,
        "insist": True,
        **more,
    }
    default = assignment.default(catalog.bundled())
    fitting = settings.fitting(default, fields["platform_seconds"], fields["cores"], len(fields["exercises"]))
    return Settings.model_validate({"assignment": fitting, **fields})


def unrun(exercise: Exercise) -> ExerciseResult:
    """What a report says about an exercise that the platform's deadline left out."""
    return scoring.exercise_result(exercise, scoring.not_run(exercise, "internal_error", feedback.not_run()), 1.0)


@pytest.fixture(scope="session")
def plan() -> Plan:
    """The two exercises under the fixed secret."""
    known = catalog.bundled()
    return report.plan(known, settings_for().assignment, SECRET, only=SLUGS, isolation=("all",))


@pytest.fixture(scope="session")
def grade(plan: Plan, sandbox: Sandbox) -> Grade:
    """grade(name=content, ...): the report of a submission of these files."""

    def graded(**files: bytes) -> Report:
        named = tuple(sorted((f"{name}.py", content) for name, content in files.items()))
        problem = "" if named else "ana: contains no .py or .ipynb file; hand in the file that defines your functions"
        return grading.grade(Submission("ana", named, problem), plan, sandbox)

    return graded


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """golden(name, text): the text is what the file of that name holds; UPDATE_GOLDEN=1 writes it anew."""

    def compare(name: str, text: str) -> None:
        path = Path(__file__).parent / "golden" / name
        fixed = _without_what_varies(json.loads(text))
        if os.environ.get("UPDATE_GOLDEN"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps(fixed, indent=2, ensure_ascii=False) + "\n")
        assert fixed == json.loads(path.read_text())

    return compare


def _without_what_varies(results: dict[str, object]) -> dict[str, object]:
    """Without measured seconds, versions and digests."""
    fixed = {**results}
    for name in ("execution_time", "extra_data"):
        if name in fixed:
            fixed[name] = "varies"
    return fixed
