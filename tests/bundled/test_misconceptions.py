"""The known mistakes: all of the catalogue is there, each is wrong somewhere, and each hint reads like a teacher."""

import re

import pytest
import torch
from torch import Tensor

from grader.cases.case import Case
from grader.cases.suite import prepare
from grader.course import catalog
from grader.course.catalog import Catalog
from grader.grading.compare import agrees
from grader.misconception import Chain, Misconception

COURSE = catalog.bundled()
SLUGS = COURSE.slugs("")
SECRET = b"the secret of the misconceptions"
ADVICE = {28, 71}
BELONGS = {
    "vector_matrix_derivative": range(1, 25),
    "single_observation_backprop": set(range(25, 51)) - {46},
    "batched_backward": range(25, 73),
    "score_gradient": (54, 55, 56, 57, 58, 59, 60, 72),
}
"""Where rows of the catalogue of wrong solutions must be found at least."""


def numbered(courses: Catalog, slug: str) -> dict[str, set[int]]:
    """Misconception -> the rows of the catalogue of wrong solutions that its comment names."""
    assert courses.solutions is not None
    source = (courses.solutions / slug / "misconceptions.py").read_text()
    lines = re.findall(r'^            "([^"]+)",  # (.+)$', source, re.MULTILINE)
    return {name: {int(number) for number in re.findall(r"\d+", comment)} for name, comment in lines}


def differs(chain: Chain, mistake: Misconception, case: Case) -> bool:
    """Whether the mistake shows on this case, be it by a crash."""
    outputs = tuple(case.expected)
    for output in outputs:
        try:
            (value,) = chain.evaluate((output,), case.inputs, mistake)
        except (RuntimeError, IndexError):
            return True
        expected = case.expected[output]
        kinds = {value.dtype == torch.bool, expected.value.dtype == torch.bool}
        right = isinstance(value, Tensor) and value.shape == expected.value.shape and len(kinds) == 1
        if not right or not (value.is_floating_point() or value.dtype == torch.bool) or not agrees(value, expected):
            return True
    return False


def test_the_whole_catalogue_is_in_the_course(courses: Catalog) -> None:
    """Rows 1 to 72 are all there."""
    everywhere = {number for slug in SLUGS for numbers in numbered(courses, slug).values() for number in numbers}
    assert everywhere == set(range(1, 73))


@pytest.mark.parametrize("slug", BELONGS)
def test_rows_are_where_they_belong(courses: Catalog, slug: str) -> None:
    """An exercise knows the mistakes that the catalogue lists for it."""
    assert set(BELONGS[slug]) <= set().union(*numbered(courses, slug).values())


@pytest.mark.parametrize("slug", SLUGS)
def test_conventions_are_advice(courses: Catalog, slug: str) -> None:
    """Rows 28 and 71 cost nothing; everything else that has a row does."""
    chain = courses.chain(slug)
    assert chain is not None
    rows = numbered(courses, slug)
    for misconception in chain.misconceptions:
        numbers = rows.get(misconception.slug, set())
        assert misconception.advice == bool(numbers & ADVICE) or (misconception.advice and not numbers)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_misconception_dies_and_advice_lives(courses: Catalog, slug: str) -> None:
    """Some counting case shows each mistake, and no counting case shows a matter of convention."""
    chain = courses.chain(slug)
    assert chain is not None
    cases = [case for case in prepare(courses.load(slug), SECRET).cases if case.counts]
    for misconception in chain.misconceptions:
        seen = any(differs(chain, misconception, case) for case in cases)
        assert seen != misconception.advice, misconception.slug


@pytest.mark.parametrize("slug", SLUGS)
def test_hints_are_short_sentences(courses: Catalog, slug: str) -> None:
    """Each hint is one or two sentences, and each slug occurs once."""
    chain = courses.chain(slug)
    assert chain is not None
    slugs = [misconception.slug for misconception in chain.misconceptions]
    assert len(slugs) == len(set(slugs))
    for misconception in chain.misconceptions:
        assert misconception.hint[-1] in ".?"
        assert 10 < len(misconception.hint) <= 130, misconception.slug
