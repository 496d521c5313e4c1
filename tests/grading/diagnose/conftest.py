"""Grades one function of an exercise in this process: the real loader, the real call, the real cases."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from grader.cases import suite as cases
from grader.course import catalog
from grader.exercise import Limits
from grader.grading import grade as grading
from grader.grading.diagnose import DiagnosisCache
from grader.grading.report import Attempt
from grader.selfcheck.session import LocalSession

SECRET = b"a secret of the tests, at least 32 bytes long"
Grade = Callable[..., Attempt]


@cache
def diagnosis_of(slug: str, with_chain: bool = True) -> DiagnosisCache:
    """One exercise's diagnosis, with or without the known mistakes."""
    bundled = catalog.bundled()
    suite = cases.prepare(bundled.load(slug), SECRET)
    return DiagnosisCache(suite, bundled.chain(slug) if with_chain else None)


@pytest.fixture(scope="session")
def diagnosis() -> Callable[..., DiagnosisCache]:
    """What diagnoses keep, by slug."""
    return diagnosis_of


@pytest.fixture(scope="session")
def grade() -> Grade:
    """Grades the source of a file that defines an exercise's entry point."""

    def graded(slug: str, source: str, with_chain: bool = True) -> Attempt:
        book = diagnosis_of(slug, with_chain)
        files = [("hw.py", f"import torch\n\n\n{source}".encode())]
        with LocalSession(files, [book.suite.exercise.target]) as session:
            return grading.grade_exercise(session, book, Limits())

    return graded
