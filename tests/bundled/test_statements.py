"""Statements: their examples are true, their formulas and figure are there, and they lead to no other site's images."""

import re
from pathlib import Path

import pytest

from grader.course import catalog
from grader.course.catalog import Catalog
from grader.validate import promises
from grader.validate.syntax import load

SLUGS = catalog.bundled().slugs("")
NOTES = ("vecDerivs.pdf", "gradient-notes.pdf")


def statement(courses: Catalog, slug: str) -> str:
    return (courses.exercises / slug / "statement.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("slug", SLUGS)
def test_the_example_by_hand_is_true(courses: Catalog, slug: str) -> None:
    """Every pycon block prints what the reference solution returns."""
    text, folder = statement(courses, slug), courses.solution(slug)
    assert "\n>>> " in text
    assert folder is not None
    assert list(promises.untrue_examples(Path(slug), text, load(folder / "solution.py"))) == []


@pytest.mark.parametrize("slug", SLUGS)
def test_a_statement_is_complete(courses: Catalog, slug: str) -> None:
    """Title, givens, task, example, key idea and notes; every output is named with its shape, and may stay None."""
    text = statement(courses, slug)
    exercise = courses.load(slug)
    assert text.startswith(f"# {exercise.title}\n")
    for heading in ("## What is given", "## What to write", "## By hand", "## Key idea", "## Read on"):
        assert f"\n{heading}\n" in text
    assert exercise.entry_point in text
    task = text.split("## What to write")[1].split("## By hand")[0]
    for output in exercise.asks:
        written = (output, output.replace("hact", "h_{act}"))
        assert any(re.search(rf"(?<![a-z_]){re.escape(name)}(?![a-z_])", task) for name in written), output
    assert task.count("shape") + task.count("$(") >= len(exercise.asks)
    assert "may stay `None`" in task
    assert any(notes in text for notes in NOTES)


@pytest.mark.parametrize("slug", SLUGS)
def test_the_figure_is_linked_with_words_for_it(courses: Catalog, slug: str) -> None:
    """The one picture is the folder's own, with an alternative text; no image comes from elsewhere."""
    text = statement(courses, slug)
    assert re.findall(r"!\[([^\]]{20,})\]\(([^)]*)\)", text) == re.findall(r"!\[([^\]]*)\]\(([^)]*)\)", text)
    assert [link for _, link in re.findall(r"!\[([^\]]*)\]\(([^)]*)\)", text)] == ["graph.svg"]
    assert "<img" not in text


@pytest.mark.parametrize("slug", SLUGS)
def test_formulas_are_closed(courses: Catalog, slug: str) -> None:
    """Dollars and braces come in pairs outside code, so that formulas are shown and not their source."""
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", statement(courses, slug), flags=re.DOTALL)
    assert prose.count("$") % 2 == 0
    for formula in re.findall(r"\$\$(.+?)\$\$|\$([^$]+?)\$", prose, re.DOTALL):
        text = formula[0] or formula[1]
        assert text.count("{") == text.count("}"), text
        assert text.count(r"\begin") == text.count(r"\end"), text
        assert not text.startswith(" "), text
