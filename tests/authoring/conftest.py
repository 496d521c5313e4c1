"""A course of one small exercise in a folder of its own."""

from pathlib import Path

import pytest

from grader import catalog
from grader.authoring import skeleton
from grader.catalog import Catalog


@pytest.fixture
def course(tmp_path: Path) -> Catalog:
    """One exercise, `small`, as `grader new` leaves it."""
    skeleton.new("small", tmp_path / "exercises")
    return catalog.at(tmp_path / "exercises")
