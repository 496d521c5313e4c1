"""How often the name is right, measured through the real worker on code that was not made from the misconceptions.

`pytest -s tests/audit/test_naming.py` prints the numbers. A check that fails without a name counts as a miss,
and so does a submission with one name too many.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.cases import suite as cases
from grader.course import catalog
from grader.exercise import Limits
from grader.grading import grade as grading
from grader.grading.diagnose import DiagnosisCache
from grader.grading.report import Attempt
from grader.sandbox import Sandbox

HERE = Path(__file__).parent
SECRETS = (b"the first secret of the naming audit", b"another secret of the naming audit")

RULES = {
    "sigmoid-of-the-probability": "sigmoid-of-the-sigmoid",
    "probability-and-score-mixed": "sigmoid-and-input-mixed",
    "score-for-probability": "input-for-sigmoid",
    "sigmoid-of-one-minus-score": "sigmoid-of-one-minus-input",
    "only-the-probability": "only-the-sigmoid",
    "only-one-minus-probability": "only-one-minus-sigmoid",
    "loss-as-its-own-derivative": "power-as-its-own-derivative",
    "no-output-weights": "no-weights",
    "wout-as-its-own-derivative": "own-value-as-derivative",
    "outer-product-of-sums": "product-of-sums",
    "wout-as-column": "extra-axis-at-the-end",
    "wout-as-row": "extra-axis-in-front",
    "last-row-only": "last-observation-only",
    "first-row-only": "first-observation-only",
    "one-matrix-per-observation": "not-summed-over-the-batch",
    "divided-by-outputs": "divided-by-width",
    "only-last-column-filled": "only-last-column",
    "squared-inputs": "input-squared",
}
"""What a mistake of an author's list is called where the list did not travel; other names are the same."""


@dataclass(frozen=True)
class Student:
    """One function, and the misconceptions that a person sees in it."""

    slug: str
    source: str
    function: str
    expected: frozenset[str]


def students(folder: str) -> Iterator[Student]:
    """Every implementation in every file; a wrong one's docstring says `expected: a + b`."""
    for path in sorted((HERE / folder).glob("*.py")):
        source = path.read_text(encoding="utf-8")
        inputs = list(inspect.signature(catalog.bundled().load(path.stem).forward).parameters)
        for node in ast.parse(source).body:
            if isinstance(node, ast.FunctionDef) and [argument.arg for argument in node.args.args] == inputs:
                text = ast.get_docstring(node) or ""
                expected = text.removeprefix("expected: ").split(" + ") if folder == "students" else []
                yield Student(path.stem, source, node.name, frozenset(expected))


def results(sandbox: Sandbox, folder: str, secret: bytes, listed: bool = True) -> Iterator[tuple[Student, Attempt]]:
    """Each student's exercise, graded behind the wall; listed: with the authors' lists of mistakes."""
    bundled = catalog.bundled()
    books: dict[str, DiagnosisCache] = {}
    for student in students(folder):
        exercise = bundled.load(student.slug)
        if student.slug not in books:
            books[student.slug] = DiagnosisCache(
                cases.prepare(exercise, secret), bundled.chain(student.slug) if listed else None
            )
        source = f"{student.source}\n{exercise.entry_point} = {student.function}\n".encode()
        with sandbox.session([("hw.py", source)], [exercise.target], Limits()) as session:
            yield student, grading.grade_exercise(session, books[student.slug], Limits())


def is_named(student: Student, result: Attempt, listed: bool = True) -> bool:
    """Every failed check has a name, and together they are what a person sees."""
    expected = student.expected if listed else frozenset(RULES.get(name, name) for name in student.expected)
    failed = [check.misconception for check in result.checks if check.verdict != "passed"]
    names = {part for name in failed if name for part in name.split("+")}
    return bool(failed) and None not in failed and names == expected


@pytest.mark.parametrize("secret", [SECRETS[0], pytest.param(SECRETS[1], marks=pytest.mark.slow)])  # `make audit`
def test_names_are_right(sandbox: Sandbox, secret: bytes) -> None:
    """At least 95 % of single and 85 % of double mistakes get exactly the right name."""
    found: dict[int, list[bool]] = {1: [], 2: []}
    for student, result in results(sandbox, "students", secret):
        right = is_named(student, result)
        found[len(student.expected)].append(right)
        if not right:
            names = {check.name: check.misconception for check in result.checks}
            print(f"missed: {student.slug}.{student.function}, {sorted(student.expected)}: {names}")
    for mistakes, right in found.items():
        print(f"{mistakes} at once: {sum(right)} of {len(right)} named")
    assert len(found[1]) >= 40
    assert len(found[2]) >= 30
    assert sum(found[1]) >= 0.95 * len(found[1])
    assert sum(found[2]) >= 0.85 * len(found[2])


def test_every_wrong_submission_gets_a_small_example(sandbox: Sandbox) -> None:
    """A failed check comes with a public case to check by hand."""
    for student, result in results(sandbox, "students", SECRETS[0]):
        for check in result.checks:
            assert check.verdict == "passed" or check.counterexample is not None, (student.slug, student.function)


def test_right_code_gets_no_name(sandbox: Sandbox) -> None:
    """Correct implementations pass, with no name but that of a convention at the kink."""
    count = 0
    for student, result in results(sandbox, "correct", SECRETS[0]):
        for check in result.checks:
            count += 1
            assert check.verdict == "passed", (student.slug, student.function, check.message)
            assert check.misconception in (None, "mask-at-zero"), (student.slug, student.function)
    print(f"{count} checks of correct code: no wrong name")
