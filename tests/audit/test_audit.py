"""A quick part of the audit (`make audit` is all of it): two exercises, two secrets, through the real worker."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from grader.sandbox import Sandbox

NAMED = (
    *("single", "double", "none in correct code"),
    *("single, rules alone", "double, rules alone", "new forward passes"),
)
"""What the audit counts names of."""


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    """The program beside this file."""
    spec = importlib.util.spec_from_file_location("audit", Path(__file__).with_name("audit.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("slug", ["vector_matrix_derivative", "batched_backward"])
def test_right_passes_and_wrong_fails(audit: ModuleType, sandbox: Sandbox, slug: str) -> None:
    """No right implementation is rejected; every catalogued, generic and syntax mutant is killed by two cases."""
    subject = audit.subject(slug)
    assert len(subject.right_names) >= 12
    found = audit.measure(sandbox, [subject], secrets=2, gradings=0)
    assert found.rejects.texts == []
    assert found.rejects.tried >= 12 * 10
    assert found.catalogued.texts + found.generic.texts == []
    assert found.weakest >= 2


def test_every_mistake_has_a_small_counterexample(audit: ModuleType, sandbox: Sandbox) -> None:
    """At most twelve numbers for every mistake that the first exercise lists."""
    count, _ = audit.counterexamples(sandbox, [audit.subject("vector_matrix_derivative")])
    assert count.tried > 20
    assert count.texts == []


def test_the_page_says_what_fell_short(audit: ModuleType) -> None:
    """The written numbers include the misses, by name."""
    bad, good = audit.Count(), audit.Count()
    bad.add(False, "somebody is rejected")
    good.add(True, "")
    page = audit.markdown(audit.Audit(rejects=bad), dict.fromkeys(NAMED, good), good, 0.5, 60.0)
    assert "| right answers rejected | 0 | 1 of 1 gradings |" in page
    assert "- somebody is rejected" in page
