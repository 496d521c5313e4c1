"""Wrong solutions as students write them get the verdict and the name that their first line promises."""

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.course import catalog
from grader.course.catalog import Catalog
from grader.models import Report
from grader.validate.promises import expectation, kept, names

COURSE = catalog.bundled()
SLUGS = COURSE.slugs("")
assert COURSE.solutions is not None
WRONG = sorted(COURSE.solutions.glob("*/wrong/*.py"))
SECRET = b"the secret of the wrong solutions"
PLAIN = {"zeros", "sign-flipped", "transposed", "both-transposed"}
"""What every exercise is tried with besides its own five."""

Grade = Callable[[dict[str, str], bytes, tuple[str, ...]], Report]


@pytest.mark.parametrize("slug", SLUGS)
def test_wrong_solutions_get_what_they_promise(courses: Catalog, graded: Grade, slug: str) -> None:
    """Each check has the promised verdict, and where a misconception is promised, that name and its hint."""
    hints = names(courses.load(slug), courses.chain(slug))
    for path in (path for path in WRONG if path.parts[-3] == slug):
        (exercise,) = graded({"hw.py": path.read_text()}, SECRET, (slug,)).exercises
        assert list(kept(path, exercise, hints)) == []


@pytest.mark.parametrize("slug", SLUGS)
def test_every_exercise_has_five_and_the_plain_three(courses: Catalog, slug: str) -> None:
    """At least five plausible mistakes of different names, besides zeros, the sign and the transpose."""
    names = {name for path in WRONG if path.parts[-3] == slug for _, name in expectation(path).values() if name}
    assert len(names - PLAIN) >= 5
    assert (courses.exercises.parent / "solutions" / slug / "wrong" / "zeros.py").is_file()


@pytest.mark.parametrize("path", WRONG, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_expectations_can_be_read(courses: Catalog, path: Path) -> None:
    """A first line names every check of its exercise, and only misconceptions that the chain knows."""
    slug = path.parts[-3]
    chain = courses.chain(slug)
    assert chain is not None
    expected = expectation(path)
    assert set(expected) == {check.name for check in courses.load(slug).checks}
    assert {name for _, name in expected.values() if name} <= {m.slug for m in chain.misconceptions}
    assert any(verdict != "passed" for verdict, _ in expected.values())
