"""Kink cases: what some choice of subgradient reaches costs nothing, and everything else does."""

from dataclasses import replace

import pytest
import torch
from jaxtyping import Float
from torch import Tensor

from grader.cases.oracle import Expected
from grader.cases.subgradients import _reach
from grader.cases.suite import Case, prepare
from grader.course import catalog
from grader.exercise import Exercise, Gradient
from grader.grading.compare import judge
from grader.validate.mutants import Call, encoded, run

SECRET = b"a secret of kinks"


def backward(slope_at_zero: float) -> Call:
    """A right batched backward pass with this slope of ReLU at 0."""

    def call(inputs: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        X, t, W, wout = inputs.values()
        h = X @ W
        prob = torch.sigmoid(h.relu() @ wout)
        g = 2 * (prob - t) * prob * (1 - prob)
        mask = torch.where(h == 0, slope_at_zero, (h > 0).float())
        return X.T @ (g[:, None] * wout * mask), g @ h.relu()

    return call  # type: ignore[return-value]


@pytest.fixture(scope="module")
def kink() -> Case:
    """The kink case of the batched backward pass."""
    exercise = catalog.bundled().load("batched_backward")
    return next(case for case in prepare(exercise, SECRET).cases if case.family == "kink")


def verdict(case: Case, call: Call) -> tuple[str, str]:
    """What the kink case says about dloss_dW."""
    exercise = catalog.bundled().load("batched_backward")
    judgement = judge(exercise, case, run(call, encoded(case.inputs)))["dloss_dW"]
    return judgement.verdict, judgement.kind


@pytest.mark.parametrize(
    ("slope", "result"),
    [
        (0.0, ("passed", "right")),
        (1.0, ("passed", "subgradient")),
        (0.5, ("passed", "subgradient")),
        (-3.0, ("failed", "values")),
        (1.5, ("failed", "values")),
        (float("nan"), ("failed", "not_finite")),
    ],
)
def test_slopes_at_zero(kink: Case, slope: float, result: tuple[str, str]) -> None:
    """Any slope from 0 to 1 passes; other slopes and NaN, as from `hact / h`, cost the check."""
    assert verdict(kink, backward(slope)) == result


def test_an_exception_at_a_kink_costs_the_check(kink: Case) -> None:
    """`assert (h != 0).all()` is no subgradient."""

    def call(inputs: dict[str, Tensor]) -> object:
        assert bool(((inputs["X"] @ inputs["W"]) != 0).all())
        return backward(0.0)(inputs)

    assert verdict(kink, call) == ("errored", "raised")  # type: ignore[arg-type]


def test_each_kink_may_have_its_own_slope(kink: Case) -> None:
    """Different slopes at different kinks are reached too."""
    X, _, W, _ = kink.inputs.values()
    slopes = torch.linspace(0, 1, (X @ W).numel()).reshape((X @ W).shape)  # type: ignore[operator]
    assert verdict(kink, backward(slopes))[0] == "passed"  # type: ignore[arg-type]


def test_what_stands_for_a_positive_zero_is_no_change() -> None:
    """Two steps of training: the last weights change by the choice in one entry, and by 1e-300 in another."""
    value = torch.zeros(2, dtype=torch.float64)
    reach = _reach(torch.tensor([[1e-300, 1.0], [1e-300, 1.0]], dtype=torch.float64), value)
    expected = Expected(value, torch.tensor([0.0, 1e-6], dtype=torch.float64))
    assert reach.contains(torch.tensor([0.0, 1.0]), expected)
    assert not reach.contains(torch.tensor([1e-30, 1.0]), expected)


def test_where_the_choice_is_graded_only_the_right_one_passes(kink: Case) -> None:
    """A case that counts has one right answer."""
    assert verdict(replace(kink, counts=True), backward(1.0)) == ("failed", "values")


@pytest.mark.parametrize(
    ("slope", "passes"), [(0.0, True), (1.0, True), (-1.0, True), (0.3, True), (2.0, False), (float("nan"), False)]
)
def test_an_absolute_value_has_slopes_from_minus_one_to_one(slope: float, passes: bool) -> None:
    """The subgradients of |x| at 0."""

    def distance(x: Float[Tensor, "D"]) -> Tensor:
        return x.abs().sum()

    exercise = Exercise(distance, {"dx": Gradient("x")}, {"D": (2, 8)}, "dx").named("distance")
    case = next(case for case in prepare(exercise, SECRET).cases if case.family == "kink")
    outcome = run(lambda inputs: torch.where(inputs["x"] == 0, slope, inputs["x"].sign()), encoded(case.inputs))
    assert (judge(exercise, case, outcome)["dx"].verdict == "passed") == passes
