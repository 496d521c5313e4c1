"""Examples that a student sees: small, and each axis is longer than 1 in some of them."""

from __future__ import annotations

import pytest

from grader.cases.examples import MOST_NUMBERS, enumerate_cases, smallest_and_larger
from grader.cases.source import call_source
from grader.course import catalog


@pytest.mark.parametrize("slug", ["lstm_step", "vector_times_matrix"])
def test_each_axis_is_longer_than_one_somewhere(slug: str) -> None:
    """What goes wrong along an axis can be shown, also where that takes more numbers than usual."""
    exercise = catalog.bundled().load(slug)
    cases = list(enumerate_cases(exercise, ""))
    assert {axis for case in cases for axis, size in case.sizes.items() if size > 1} == set(exercise.axis_names(""))
    assert max(sum(getattr(each, "numel", lambda: 1)() for each in case.inputs.values()) for case in cases) <= (
        MOST_NUMBERS
    )


def test_the_page_of_an_exercise_shows_the_smallest_numbers() -> None:
    """The larger ones are for what goes wrong, not for a statement."""
    exercise = catalog.bundled().load("lstm_step")
    assert all(case.sizes["H"] == 1 for case in smallest_and_larger(exercise, ""))


def test_an_example_for_a_cell_shows_what_its_answer_is_made_of() -> None:
    """Three of the many variables that are given, and all of them where nothing is known of the answer."""
    exercise = catalog.bundled().load("backward_pass_cells")
    case = next(enumerate_cases(exercise, ""))

    def shown(output: str) -> list[str]:
        return [line.partition(" = ")[0] for line in call_source(exercise, case, output).splitlines()]

    assert shown("dlogit_maxes") == ["logits", "logit_maxes", "dnorm_logits"]
    assert shown("") == list(exercise.received)
