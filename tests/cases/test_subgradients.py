"""Kink cases: what some choice of subgradient reaches costs nothing, and everything else does."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product

import pytest
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from grader.cases.case import Case
from grader.cases.oracle import expect
from grader.cases.subgradients import reaches
from grader.cases.suite import prepare
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


PLACES = torch.tensor([2.0, -3.0, 5.0])
"""The gradients that arrive at the three results of a function."""


def accepts(function: Callable[[Tensor], Tensor], x: list[list[float]], gradient: object) -> bool:
    """Whether a gradient is one that some choice reaches, where PLACES arrive."""

    def forward(x: Float[Tensor, "A B"]) -> Tensor:
        return (function(x).flatten() * PLACES[: function(x).numel()]).sum()

    exercise = Exercise(forward, {"dx": Gradient("x")}, {"A": (1, 9), "B": (1, 9)}, "dx").named("one_kink")
    inputs = {"x": torch.tensor(x)}
    expected = expect(exercise, inputs)
    assert expected is not None
    found = reaches(exercise, inputs, expected)
    assert found is not None
    actual = torch.tensor(gradient, dtype=torch.float32).reshape(inputs["x"].shape)
    return found["dx"].contains(actual, expected["dx"])


TAKES_THE_LARGEST: dict[str, Callable[[Tensor], Tensor]] = {
    "max": lambda x: x.max(1).values,
    "max, kept": lambda x: x.max(dim=1, keepdim=True)[0],
    "amax": lambda x: x.amax(1),
    "amin": lambda x: -(-x).amin(-1),
    "min": lambda x: -(-x).min(-1).values,
    "max_pool1d": lambda x: F.max_pool1d(x[None], 3),
    "max_pool2d": lambda x: F.max_pool2d(x[None, None], (1, 3)),
    "maximum": lambda x: torch.maximum(torch.maximum(x[:, 0], x[:, 2]), x[:, 1]),
}
TIES = [[1.0, 4.0, 4.0], [3.0, 3.0, 2.0], [1.0, 2.0, 0.0]]
"""Two ties and a row without one."""


@pytest.mark.parametrize("name", TAKES_THE_LARGEST)
def test_a_tie_is_shared_by_weights_of_sum_one(name: str) -> None:
    """The first, the last, any mixture of both, each tie its own; and both in full at every tie."""
    function = TAKES_THE_LARGEST[name]

    def gradient(first: tuple[float, float], second: tuple[float, float]) -> list[list[float]]:
        return [[0, 2 * first[0], 2 * first[1]], [-3 * second[0], -3 * second[1], 0], [0, 5, 0]]

    shares = [(1.0, 0.0), (0.0, 1.0), (0.5, 0.5), (0.25, 0.75)]
    assert all(accepts(function, TIES, gradient(*each)) for each in product(shares, repeat=2))
    assert accepts(function, TIES, gradient((1, 1), (1, 1)))
    wrong = [(0.0, 0.0), (1.5, -0.5), (0.4, 0.4), (2.0, 0.0), (float("nan"), 1.0)]
    assert not any(accepts(function, TIES, gradient((0.5, 0.5), each)) for each in wrong)
    assert not accepts(function, TIES, [[0, 2, 0], [-3, 0, 0], [0, 0, 5]])


def test_overlapping_windows_choose_each_for_itself() -> None:
    """One element is the largest of two windows, beside an equal one in each."""

    def pool(x: Tensor) -> Tensor:
        return F.max_pool2d(x[None, None], (1, 2), 1)

    row = [[1.0, 1.0, 1.0]]
    assert all(
        accepts(pool, row, each) for each in ([2, -3, 0], [0, 2 - 3, 0], [2, 0, -3], [0, 2, -3], [2, -1, -3 + 1])
    )
    assert accepts(pool, row, [2, 2 - 3, -3])
    assert not any(accepts(pool, row, each) for each in ([2, 0, 0], [1, 1, -4], [3, -4, 0]))


SLOPES: dict[str, tuple[Callable[[Tensor], Tensor], float, float, float]] = {
    "clamp from below": (lambda x: x.clamp(min=1), 1.0, 0.0, 1.0),
    "clamp": (lambda x: x.clamp(-1, 2), 2.0, 0.0, 1.0),
    "clamp by a tensor": (lambda x: x.clamp(max=torch.ones_like(x)), 1.0, 0.0, 1.0),
    "hardtanh": (lambda x: F.hardtanh(x), -1.0, 0.0, 1.0),
    "relu6": (lambda x: F.relu6(x), 6.0, 0.0, 1.0),
    "leaky_relu": (lambda x: F.leaky_relu(x, 0.1), 0.0, 0.1, 1.0),
    "elu": (lambda x: F.elu(x, 0.5), 0.0, 0.5, 1.0),
    "hardsigmoid": (lambda x: F.hardsigmoid(x), 3.0, 0.0, 1 / 6),
    "softshrink": (lambda x: F.softshrink(x, 1.0), 1.0, 0.0, 1.0),
    "abs": (lambda x: x.abs(), 0.0, -1.0, 1.0),
    "relu": (lambda x: x.relu(), 0.0, 0.0, 1.0),
    "maximum": (lambda x: torch.maximum(x, torch.zeros_like(x)), 0.0, 0.0, 1.0),
    "mask": (lambda x: x * (x > 0), 0.0, 0.0, 1.0),
}


@pytest.mark.parametrize("name", SLOPES)
def test_a_slope_is_between_those_of_the_two_sides(name: str) -> None:
    """Where an input sits on the border of a clamp, or on another kink; what lies beyond costs the check."""
    function, kink, low, high = SLOPES[name]
    span = high - low
    right = [low, high, low + span / 2, low + span / 8]
    assert all(accepts(function, [[kink, kink]], [2 * slope, -3 * high]) for slope in right)
    wrong = [low - span / 8, high + span / 8, -3 * span, float("inf")]
    assert not any(accepts(function, [[kink, kink]], [2 * slope, -3 * low]) for slope in wrong)


def test_a_kink_before_a_tie_may_take_any_slope() -> None:
    """A pool of a ReLU: whoever takes the last of several zeros, with slope 1, has made two choices at once."""

    def pool(x: Tensor) -> Tensor:
        return x.relu().max(1).values

    zeros = [[-1.0, 0.0, 0.0]]
    assert all(accepts(pool, zeros, each) for each in ([0, 0, 0], [0, 2, 0], [0, 0, 2], [0, 1, 1], [0, 0.5, 0]))
    assert not any(accepts(pool, zeros, each) for each in ([0, 3, 0], [0, -1, 0], [0, 0, 2.5]))


def loops() -> Iterator[tuple[Exercise, Case]]:
    """Kink cases of a training loop in which a choice changes what comes after it."""
    exercise = catalog.bundled().load("training_loop")
    others = frozenset({"scaled", "zeros", "degenerate", "square", "strided", "large"})
    for secret in (b"half 1", b"half 3", b"half 5"):
        yield from ((exercise, case) for case in prepare(exercise, secret, without=others).cases if not case.counts)


def test_a_slope_between_bends_what_later_steps_say() -> None:
    """One slope at every zero, in every step: 0, 1 and what `(1 + h.sign()) / 2` gives; no other."""

    def trained(slope: float) -> Call:
        def call(inputs: dict[str, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
            X, t, W, wout, lr, steps = inputs.values()
            by_W, by_wout = [], []
            for _ in range(int(steps)):
                h = X @ W
                prob = torch.sigmoid(h.relu() @ wout)
                g = 2 * (prob - t) * prob * (1 - prob)
                by_W.append(X.T @ (g[:, None] * wout * torch.where(h == 0, slope, (h > 0).float())))
                by_wout.append(g @ h.relu())
                W, wout = W - lr * by_W[-1], wout - lr * by_wout[-1]
            return torch.stack(by_W), torch.stack(by_wout), ((torch.sigmoid((X @ W).relu() @ wout) - t) ** 2).sum()

        return call  # type: ignore[return-value]

    for exercise, case in loops():
        for slope in (0.0, 0.5, 1.0, 1.5):
            judged = judge(exercise, case, run(trained(slope), encoded(case.inputs)))
            assert all(each.verdict == "passed" for each in judged.values()) == (slope <= 1)
