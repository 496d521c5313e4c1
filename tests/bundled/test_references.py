"""Reference solutions earn everything, stubs earn nothing and are told so kindly, under whatever secret."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
import torch
from torch import Tensor

from grader.authoring import release
from grader.cases.suite import prepare
from grader.course import catalog
from grader.course.catalog import Catalog
from grader.grading.compare import agrees
from grader.models import Report

SLUGS = catalog.bundled().slugs("")
Grade = Callable[[dict[str, str], bytes, tuple[str, ...]], Report]


def secret(number: int) -> bytes:
    return hashlib.sha256(f"secret {number}".encode()).digest()


def references(courses: Catalog) -> list[dict[str, str]]:
    """Whole courses, solved: the solutions as .py, as .ipynb, and in every other style that there is."""
    assert courses.solutions is not None
    folders = {slug: courses.solutions / slug for slug in SLUGS}
    scripts = {f"{slug}.py": (folder / "solution.py").read_text() for slug, folder in folders.items()}
    notebooks = {f"{slug}.ipynb": nbformat.writes(release.filled(courses, slug)) for slug in SLUGS}
    others: list[dict[str, str]] = []
    for slug, folder in folders.items():
        for number, path in enumerate(sorted(folder.glob("reference_*.py"))):
            if number == len(others):
                others.append({})
            others[number][f"{slug}.py"] = path.read_text()
    return [scripts, notebooks, *others]


def solved(files: dict[str, str]) -> tuple[str, ...]:
    return tuple(slug for slug in SLUGS if any(Path(name).stem == slug for name in files))


def not_passed(result: Report) -> list[str]:
    return [
        f"{exercise.exercise}, {check.name}: {check.message}"
        for exercise in result.exercises
        for check in exercise.checks
        if check.verdict != "passed"
    ]


@pytest.mark.parametrize("number", range(2))
def test_every_reference_earns_full_marks(courses: Catalog, graded: Grade, number: int) -> None:
    """All solutions pass all checks, as scripts, as notebooks and in other styles."""
    for files in references(courses):
        result = graded(files, secret(number), solved(files))
        assert not_passed(result) == []
        assert result.score == result.max_score


@pytest.mark.slow
@pytest.mark.parametrize("number", range(50))
def test_every_reference_earns_full_marks_under_fifty_secrets(courses: Catalog, graded: Grade, number: int) -> None:
    """The same under 50 different secrets."""
    for files in references(courses):
        assert not_passed(graded(files, secret(number), solved(files))) == []


@pytest.mark.parametrize("stub", ["stub.py", "stub.ipynb"])
def test_an_untouched_stub_is_not_implemented_yet(courses: Catalog, graded: Grade, stub: str) -> None:
    """Every stub loads, and every check of it is missing, with 0 points and these words."""
    files = {f"{slug}{Path(stub).suffix}": (courses.exercises / slug / stub).read_text() for slug in SLUGS}
    result = graded(files, secret(0), SLUGS)
    checks = [check for exercise in result.exercises for check in exercise.checks]
    assert {check.verdict for check in checks} == {"missing"}
    assert all("not implemented yet" in check.message for check in checks)
    assert result.score == 0.0


@pytest.mark.parametrize("slug", SLUGS)
def test_the_chain_agrees_with_autograd(courses: Catalog, slug: str) -> None:
    """The right answer, link by link, is the forward pass's gradient on every case."""
    chain = courses.chain(slug)
    assert chain is not None
    exercise = courses.load(slug)
    outputs = tuple(exercise.asks)
    for case in prepare(exercise, secret(0)).cases:
        values = chain.evaluate(outputs, case.inputs)
        for output, value in zip(outputs, values, strict=True):
            assert value.shape == case.expected[output].value.shape
            assert agrees(value, case.expected[output]), f"{case.name}: {output}"


@pytest.mark.parametrize("slug", SLUGS)
def test_a_reference_leaves_its_inputs_alone(
    courses: Catalog, reference: Callable[[str], Callable[..., object]], slug: str
) -> None:
    """No reference solution changes what it was handed."""
    for case in prepare(courses.load(slug), secret(0)).cases[:4]:
        inputs = [value.clone() if isinstance(value, Tensor) else value for value in case.inputs.values()]
        reference(slug)(*inputs)
        for before, after in zip(case.inputs.values(), inputs, strict=True):
            assert torch.equal(torch.as_tensor(before), torch.as_tensor(after))
