"""A course of one small exercise in a folder of its own."""

from pathlib import Path

import pytest

from grader.authoring import skeleton
from grader.course import catalog
from grader.course.catalog import Catalog


@pytest.fixture
def course(tmp_path: Path) -> Catalog:
    """One exercise, `small`, as `grader new` leaves it."""
    skeleton.new("small", tmp_path / "exercises")
    return catalog.at(tmp_path / "exercises")
