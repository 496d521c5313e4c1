"""Reports, exercises and notebook answers as HTML: by template with autoescape, self-contained, without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from grader.course import card as cards
from grader.course.catalog import Catalog
from grader.models import CheckResult, ExerciseResult, Report
from grader.views import grids, statement, wording
from grader.views.grids import Grid
from grader.wire.printable import plain

CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Example:
    """A small public case on an exercise's page: source to paste, and the right answers."""

    title: str
    inputs: str
    grids: tuple[Grid, ...]


def report_page(report: Report) -> str:
    """A student's own report as a page; what was handed in comes first."""
    exercises = sorted(report.exercises, key=lambda each: all(check.verdict == "missing" for check in each.checks))
    return _environment().get_template("report.html").render(report=report, exercises=exercises)


def exercise_page(catalog: Catalog, slug: str) -> str:
    """An exercise for reading: statement, drawing, public examples; raises ExerciseError."""
    card = catalog.card(slug)
    text = statement.html(statement.read(catalog, slug), catalog.folder(slug))
    examples = list(_examples(card.examples or cards.examples(catalog.load(slug))))
    return _environment().get_template("exercise.html").render(exercise=card, statement=Markup(text), examples=examples)


def answer(
    *,
    result: ExerciseResult | None = None,
    advice: Sequence[str] = (),
    sentence: str = "",
    drawn: Sequence[Grid] = (),
    notes: Iterable[str] = (),
    printed: str = "",
    printed_title: str = "",
    next_step: str = "",
    kernel: str = "",
) -> str:
    """What `check` says in a notebook, as a fragment that follows the notebook's own colours, light or dark.

    advice: on wrong values, in levels that are unfolded one by one.
    """
    first = -1
    if result:
        first = next((n for n, check in enumerate(result.checks) if check.counterexample), -1)
    return (
        _environment()
        .get_template("notebook.html")
        .render(
            result=result,
            advice=[step.partition("\n")[::2] for step in advice],
            first_example=first,
            sentence_alone=sentence,
            grids=drawn,
            notes=list(notes),
            printed=printed,
            printed_title=printed_title,
            next=next_step,
            kernel=kernel,
        )
    )


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("grader.views"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(wording=wording, comparison=grids.comparison)
    environment.filters.update(plain=_plain, sentence=_sentence, shape=_shape, tone=_tone, anchor=_anchor)
    return environment


def _examples(found: Sequence[cards.Example]) -> Iterator[Example]:
    """With their right answers drawn; those of one variant stand together, the smallest first."""
    for number, each in enumerate(found):
        larger = number > 0 and found[number - 1].variant == each.variant
        drawn = (grids.grid(output, source) for output, source in each.answers.items())
        title = wording.example(each.variant.replace("_", " "), larger)
        yield Example(title, each.inputs, tuple(grid for grid in drawn if grid))


def _plain(text: object) -> str:
    return plain(str(text), keep="\n")


def _sentence(text: str) -> Markup:
    """A sentence whose `code` is set as code."""
    return Markup(CODE.sub(r"<code>\1</code>", str(escape(_plain(text)))))  # escaped just now


def _shape(shape: tuple[int, ...]) -> str:
    return " by ".join(map(str, shape)) or "a single number"


def _tone(check: CheckResult) -> str:
    if wording.is_unpaid(check):
        return "open"
    tones = {"passed": "passed", "missing": "open", "skipped": "open", "internal_error": "open"}
    return tones.get(check.verdict, "failed")


def _anchor(slug: str) -> str:
    return "exercise-" + re.sub(r"[^A-Za-z0-9_-]", "-", slug)
