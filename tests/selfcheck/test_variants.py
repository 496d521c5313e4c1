"""Wrong and odd answers to the exercises on gradients by hand and to some of the other courses, in each call style.

Each with what must be said about it and what must not. One file per exercise in `variants/`: a right answer, and edits
to it. All run in this process, on public cases and without the solutions, as on a student's machine.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from grader.cases.secret import PUBLIC
from grader.course import catalog
from grader.course.assignment import Assignment, Entry
from grader.course.catalog import Catalog
from grader.grading import grade as grading
from grader.grading import report
from grader.grading.report import Plan
from grader.selfcheck import desk
from grader.submissions import Submission
from grader.views import terminal
from tests.conftest import InThisProcess

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

COURSES = Catalog(catalog.bundled().exercises, None).kept()
FILES = sorted((Path(__file__).parent / "variants").glob("*.toml"))
TABLES = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in FILES}
NEVER = ("Traceback", "grader/", "Desk", "1 axes", "axis 0, 1 differs", "the first intermediate result")
"""What is said about no answer at all."""


@cache
def plan(slug: str) -> Plan:
    """The public cases of one exercise, without the author's mistakes."""
    return report.plan(COURSES, Assignment(exercises=(Entry(slug=slug),)), PUBLIC)


def said(slug: str, source: str) -> str:
    """What `grader check` prints about a source."""
    sandbox = InThisProcess()
    result = grading.grade(Submission("hw", (("hw.py", source.encode()),)), plan(slug), sandbox)
    result = desk.with_causes(result, plan(slug), sandbox.opened)
    return terminal.text(desk.with_places(result, desk.places(result, plan(slug), sandbox.opened)))


def edited(table: dict[str, Any], variant: dict[str, Any]) -> str:
    source: str = table["right"]
    for old, new in variant["edits"]:
        assert old in source, (variant["name"], old)
        source = source.replace(old, new)
    return source


@pytest.mark.parametrize("slug", TABLES)
def test_the_right_answer_passes(slug: str) -> None:
    """What the edits start from."""
    assert "Everything passes on the public cases" in said(slug, TABLES[slug]["right"])


@pytest.mark.parametrize(
    ("slug", "variant"),
    [
        pytest.param(slug, variant, id=f"{slug}-{variant['name']}")
        for slug, table in TABLES.items()
        for variant in table["variant"]
    ],
)
def test_variant(slug: str, variant: dict[str, Any]) -> None:
    """Every sentence that belongs to it, and none that would be false."""
    text = said(slug, edited(TABLES[slug], variant))
    assert [sentence for sentence in variant["says"] if sentence not in text] == [], text
    assert [sentence for sentence in (*NEVER, *variant.get("never", ())) if sentence in text] == [], text


def test_there_are_enough() -> None:
    """At least ten for each exercise that has a file, which is an exercise of the course."""
    assert set(TABLES) <= set(catalog.bundled().slugs())
    assert set(COURSES.slugs("")) <= set(TABLES)
    assert min(len(table["variant"]) for table in TABLES.values()) >= 10
    assert sum(len(table["variant"]) for table in TABLES.values()) >= 300
