"""The bundled course is proved: what `grader validate` says of every exercise, under two secrets."""

import pytest

from grader import catalog
from grader.validate import prove

SLUGS = catalog.bundled().slugs()


@pytest.mark.parametrize("slug", SLUGS)
def test_every_exercise_is_proved(slug: str) -> None:
    """No survivor, no misconception that passes or looks like another, every case drawn."""
    proof = prove(catalog.bundled(), slug, 2)
    assert proof.problems == ()
    assert proof.rows


def test_left_out_families_are_missed() -> None:
    """The batched backward pass needs all of them."""
    for family in ("lattice", "scaled", "degenerate", "square", "strided", "large", "kink"):
        assert prove(catalog.bundled(), "batched_backward", 1, frozenset({family})).problems
