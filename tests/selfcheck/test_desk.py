"""What a check at the desk knows beyond the report: order of parameters, files beside, hints, what comes next."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from grader.course import catalog
from grader.selfcheck import hints as hints_module
from grader.selfcheck import repair
from grader.selfcheck.child import Checker
from tests.selfcheck.conftest import RIGHT, WRONG

COURSES = catalog.bundled().kept()
SLUG = "single_observation_backprop"


def said(path: Path, *more: Path, hints: int = 0, overview: bool = False) -> str:
    """What `grader check` prints, in this process."""
    checker = Checker((path, *more), (), COURSES, hints=hints, overview=overview)
    return checker.check(io.StringIO(), {})["text"]


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """One wrong link, and a function of its own in another file."""
    path = tmp_path / "hw.py"
    source = WRONG.replace("import torch\n", "import torch\nfrom helpers import sigma\n", 1)
    path.write_text(source.replace("torch.sigmoid(", "sigma("))
    (tmp_path / "helpers.py").write_text("import torch\n\ndef sigma(x):\n    return torch.sigmoid(x)\n")
    return path


def test_a_helper_that_lies_beside(wrong: Path) -> None:
    """A file that was not named is pointed at, and named with the others it is used."""
    helper = wrong.parent / "helpers.py"
    assert f"note: {helper} lies beside {wrong} and was not read: `grader check {wrong} {helper}` takes" in said(wrong)
    assert "ModuleNotFoundError" not in said(wrong, helper)


def test_hints_come_one_by_one(wrong: Path) -> None:
    """None at first; then the idea, for a mistake of the author's list; then each step beside the student's own."""
    files = (wrong, wrong.parent / "helpers.py")
    assert "hint:" not in said(*files)
    assert "Stuck? Add --hint." in said(*files)
    idea = "    hint: Both factors of sigmoid's derivative are made of the same quantity.\n"
    assert idea in said(*files, hints=1)
    steps = said(*files, hints=2)
    assert idea in steps
    assert "      prob         = 0.1192  the same in yours\n" in steps
    assert "      dprob_dscore = 0.105  yours: 0.3576 ✗\n" in steps
    assert "Add" not in steps.splitlines()[-1]


def test_an_unknown_mistake_gets_the_key_idea(tmp_path: Path) -> None:
    """Where nothing names it, the idea of the exercise is the second hint."""
    path = tmp_path / "hw.py"
    path.write_text(RIGHT.replace("    ###", "    x = x + 0.25 * x**3\n    ###"))
    assert "hint: A weight is multiplied by exactly one input" in said(path, hints=2)


@pytest.mark.parametrize("slug", ["affine", "relu_module"])
def test_a_gradient_that_arrives_is_no_step(slug: str) -> None:
    """The forward pass is worked out without it, in every call style."""
    folder = COURSES.solution(slug)
    assert folder is not None
    text = said(sorted((folder / "wrong").glob("*.py"))[0], hints=3)
    assert "hint: On the example above, step by step:\n" in text


def test_who_raised_is_who_was_called() -> None:
    """Not a module of the use that the student's own code called."""
    folder = COURSES.solution("sequential")
    assert folder is not None
    assert "`model.backward` raised RuntimeError at forward_order.py" in said(folder / "wrong" / "forward_order.py")


def test_what_breaks_in_a_hint_costs_no_check(wrong: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An internal error there leaves the check and the hints before it as they are."""

    def broken(*_: object) -> None:
        raise KeyError("ours")

    monkeypatch.setattr(hints_module, "worked", broken)
    monkeypatch.setattr(repair, "first_wrong", broken)
    text = said(wrong, wrong.parent / "helpers.py", hints=3)
    assert "✗ dloss_dwout" in text
    assert text.count("hint:") == 1


@pytest.mark.parametrize(
    ("parameters", "order"), [("x, W", "takes (x, W)."), ("x, weights", ""), ("W, x", "")], ids=["other", "own", "same"]
)
def test_parameters_in_another_order(tmp_path: Path, parameters: str, order: str) -> None:
    """The exercise's own names in another order are said to be that; names of one's own are free."""
    path = tmp_path / "hw.py"
    path.write_text(f"def vector_matrix_derivative({parameters}):\n    return x.T @ x.nothing\n")
    text = said(path)
    assert ("The exercise calls `vector_matrix_derivative(W, x)`, and yours " in text) is bool(order)
    assert order in text


def test_the_next_exercise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a pass the next one of the course: to be started, or where it is begun already; none after the last."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "hw.py"
    path.write_text(RIGHT)
    assert said(path).endswith("`grader start full_jacobian` puts it here.\n")
    (tmp_path / "full_jacobian.py").write_text("")
    assert said(path, overview=True).splitlines() == [
        "✓ vector_matrix_derivative  10 of 10",
        "Backpropagation by hand: 1 of 14 exercises done.",
        "Next exercise: The full Jacobian and its compact form, begun in full_jacobian.py.",
    ]
