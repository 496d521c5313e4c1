"""The bundled course is proved: what `grader validate` says of every exercise, under two secrets."""

import pytest

from grader.cases.drawing import FAMILIES
from grader.course import catalog
from grader.validate import prove

QUICK = {"vector_matrix_derivative", "forward_pass", "probability_gradient", "score_gradient", "batched_backward"}
SLUGS = [
    slug if slug in QUICK else pytest.param(slug, marks=pytest.mark.slow)  # `make prove` proves all courses
    for slug in catalog.bundled().slugs("")
]


@pytest.mark.parametrize("slug", SLUGS)
def test_every_exercise_is_proved(slug: str) -> None:
    """No survivor, no misconception that passes or looks like another, every case drawn."""
    proof = prove(catalog.bundled(), slug, 2)
    assert proof.problems == ()
    assert proof.rows


@pytest.mark.parametrize("family", [family for family in FAMILIES if family != "draw"])
def test_a_left_out_family_is_missed(family: str) -> None:
    """Without any one family something survives, most of it in the batched backward pass, reported with its source.

    Nothing is drawn there; tests/grading/test_draws.py says what only the cases with draws catch.
    """
    slug = "full_jacobian" if family == "lattice" else "batched_backward"
    proof = prove(catalog.bundled(), slug, 1, frozenset({family}))
    survivors = proof.of("survived")
    assert survivors
    assert all(row.source for row in survivors)
    assert any(f"{survivors[0].name!r} survives: " in problem for problem in proof.problems)
