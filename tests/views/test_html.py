"""HTML: escaped, self-contained, without scripts, with headings and words beside every colour."""

from __future__ import annotations

import itertools
import re
from html.parser import HTMLParser

import pytest

from grader.course import catalog
from grader.models import Finding, Report
from grader.views import html
from tests.views.conftest import HOSTILE, check_result, report_of

COURSE = catalog.bundled()


class Page(HTMLParser):
    """Tags with their attributes, and the text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def fragment(report: Report) -> str:
    return html.answer(
        result=report.exercises[0], notes=[HOSTILE], printed=HOSTILE, printed_title=HOSTILE, next_step=HOSTILE
    )


@pytest.mark.parametrize("make", [html.report_page, fragment], ids=["page", "notebook"])
def test_everything_from_outside_is_escaped(make: object, hostile_report: Report) -> None:
    """Names, messages, hints, examples, notes and findings: text, never tags, templates or attributes."""
    source = make(hostile_report)  # type: ignore[operator]
    page = Page(source)
    assert not {"script", "b", "bold"} & {tag for tag, _ in page.tags}
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert "{{ 7 * 7 }}" in page.text
    assert "\x1b" not in source


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(lambda report: html.report_page(report), id="report"),
        pytest.param(lambda report: fragment(report), id="notebook"),
        pytest.param(lambda report: html.exercise_page(COURSE, "batched_backward"), id="exercise"),
    ],
)
def test_nothing_is_asked_of_a_server(source: object, rich_report: Report) -> None:
    """No script, no style sheet, no font and no picture from elsewhere; links may lead out."""
    page = Page(source(rich_report))  # type: ignore[operator]
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in page.tags}
    for tag, attributes in page.tags:
        assert (attributes.get("src") or "data:").startswith("data:"), tag
    assert "url(" not in page.text
    assert "@import" not in page.text


def test_report_says_in_words_what_colour_says(rich_report: Report) -> None:
    """Each check's heading carries its verdict in words and its points, each wrong number a mark."""
    page = Page(html.report_page(rich_report))
    words = " ".join(page.text.split())
    assert "✓ done: passed (6 of 6)" in words
    assert "✗ dloss_dW: not right yet (0 of 6)" in words
    assert "✗ raised: stopped with an error (0 of 6)" in words
    assert "– open: not done yet (0 of 6)" in words
    assert "? ours: could not be checked (– of 6)" in words
    assert "2.5✗ differs" in words
    assert "RuntimeError: mat1 and mat2" in words


def test_headings_are_in_order(rich_report: Report) -> None:
    """One first-level heading, and no level is skipped."""
    for source in (html.report_page(rich_report), html.exercise_page(COURSE, "full_jacobian")):
        levels = [int(tag[1]) for tag, _ in Page(source).tags if re.fullmatch("h[1-6]", tag)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_what_was_handed_in_comes_first() -> None:
    """Exercises of which nothing is there stand at the end of the page."""
    missing = report_of(check_result(verdict="missing", counterexample=None)).exercises[0]
    missing = missing.model_copy(update={"exercise": "full_jacobian", "entry_point": "full_jacobian"})
    report = report_of(check_result())
    page = html.report_page(report.model_copy(update={"exercises": (missing, *report.exercises)}))
    assert page.index('<h2 id="exercise-batched_backward">') < page.index('<h2 id="exercise-full_jacobian">')


def test_a_suspicion_is_not_for_the_student() -> None:
    """Exact evidence is shown; what reading the source only suspects is the instructor's."""
    report = report_of(check_result())
    findings = (
        Finding(kind="autograd", certain=True, evidence="hw.py, line 3", message="autograd computed `dloss_dW`."),
        Finding(kind="numeric", certain=False, evidence="hw.py, line 9", message="This looks numeric."),
    )
    exercise = report.exercises[0].model_copy(update={"findings": findings})
    page = html.report_page(report.model_copy(update={"exercises": (exercise,)}))
    assert "autograd computed <code>dloss_dW</code>." in page
    assert "This looks numeric." not in page


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("unreadable", "Nothing in what was handed in could be read, so nothing could be graded."),
        ("internal_error", "The grader could not finish. That is not your fault, and it costs you nothing."),
    ],
)
def test_not_graded(status: str, sentence: str) -> None:
    """A report without a grade says so, and an internal error shows no zero."""
    page = html.report_page(report_of(check_result(points=None), status=status, score=None))
    assert sentence in page
    assert "no score yet" in page


@pytest.mark.parametrize("slug", COURSE.slugs())
def test_every_exercise_has_a_page(slug: str) -> None:
    """Title, points of each check, and examples with their right answers."""
    source = html.exercise_page(COURSE, slug)
    exercise = COURSE.load(slug)
    assert all(check.name in source for check in exercise.checks)
    assert "The smallest one" in source
    assert 'class="grid"' in source


def test_missing_isolation_is_said(rich_report: Report) -> None:
    """A report that somebody insisted on names the layers that were missing; others say nothing of layers."""
    assert "isolation" not in html.report_page(rich_report)
    lacking = rich_report.environment.model_copy(update={"isolation_missing": ("landlock", "seccomp")})
    page = Page(html.report_page(rich_report.model_copy(update={"environment": lacking})))
    assert "Graded without the isolation layers landlock, seccomp." in page.text
