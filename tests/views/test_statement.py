"""Statements as HTML and as text: formulas, drawings, key idea, and nothing that reaches out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.course import catalog
from grader.errors import ExerciseError
from grader.views import statement

COURSE = catalog.bundled()
SLUGS = COURSE.slugs()


@pytest.mark.parametrize("slug", SLUGS)
def test_every_statement_has_a_key_idea(slug: str) -> None:
    """`--explain` has something to show for each exercise, without a formula's source."""
    idea = statement.key_idea(statement.read(COURSE, slug))
    assert len(idea) > 80
    assert not re.search(r"[\\$]", idea)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_statement_becomes_html(slug: str) -> None:
    """Formulas are MathML, the drawing is inside with its description, and no LaTeX is left."""
    text = statement.html(statement.read(COURSE, slug), COURSE.folder(slug))
    assert "<math" in text
    assert re.search(r'<img src="data:image/svg\+xml;base64,[^"]+" alt="Computation graph: [^"]+"', text)
    prose = re.sub(r"<pre>.*?</pre>", "", text, flags=re.DOTALL)
    assert not re.search(r"\\[a-z]|\$", prose)


def test_the_key_idea_is_folded() -> None:
    """A reader of the page unfolds it; what stands after it stays open."""
    text = statement.html(statement.read(COURSE, "batched_backward"), COURSE.folder("batched_backward"))
    folded = text[text.index("<details><summary>Key idea</summary>") : text.index("</details>")]
    assert "Walk back one value at a time" in folded
    assert "<h2>" not in folded
    assert "<h2>Read on</h2>" in text


def test_formulas_are_readable_in_a_terminal() -> None:
    """A derivative, a Greek letter and a shape as text."""
    markdown = r"$\partial y_h / \partial W_{dh} = x_d$, $\sigma(s)$ of shape $(N, H)$"
    assert statement.readable(markdown) == "`∂y_h / ∂W_dh = x_d`, `σ(s)` of shape `(N, H)`"


def test_an_underscore_in_a_formula_has_no_backslash(tmp_path: Path) -> None:
    """A variable's name is shown as it is written in code."""
    shown = statement.html("# Title\n\n$$\\text{prev\\_h}\\,W_h$$\n", tmp_path)
    assert "prev_h" in shown
    assert "\\" not in shown


def test_raw_html_is_shown_not_obeyed(tmp_path: Path) -> None:
    """An author's HTML is text on the page, and so is a script link."""
    text = statement.html("a <b onclick=x>b</b> [c](javascript:alert(1))", tmp_path)
    assert "<b" not in text
    assert "href" not in text


@pytest.mark.parametrize("formula", [r"\text{<script>alert(1)</script>}", r"\text{<img>}"])
def test_a_formula_cannot_smuggle_html(formula: str, tmp_path: Path) -> None:
    """The converter to MathML does not escape, so anything but MathML is refused with the formula named."""
    with pytest.raises(ExerciseError, match=r"the formula .* cannot be shown; leave out what is no mathematics"):
        statement.html(f"${formula}$", tmp_path)


def test_a_picture_from_elsewhere_is_refused(tmp_path: Path) -> None:
    """A page that asks a server for a picture would tell it who reads."""
    with pytest.raises(ExerciseError, match=r"the picture https://example.org/a.png lies elsewhere; put an .svg"):
        statement.html("![a](https://example.org/a.png)", tmp_path)


def test_a_missing_drawing_is_named(tmp_path: Path) -> None:
    """The sentence names the file and the command that makes it."""
    with pytest.raises(ExerciseError, match=r"shows graph.svg, which is missing; run `grader release`"):
        statement.html("![a](graph.svg)", tmp_path)


def test_no_statement() -> None:
    """An unknown name gets the known ones."""
    with pytest.raises(ExerciseError, match="there is no statement for 'nope'; there: adam, "):
        statement.read(COURSE, "nope")
