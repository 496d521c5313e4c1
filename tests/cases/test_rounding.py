"""The error model: nothing right is rejected, and nothing is accepted that cannot be followed."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from grader.cases.oracle import evaluate, expect, observe
from grader.cases.rounding import UNIT, Choice, Disturbed, Trace, noises
from grader.cases.suite import prepare
from grader.course import catalog
from grader.errors import ExerciseError
from grader.exercise import Exercise, Gradient, Value
from grader.grading.compare import agrees


def exercise(forward: Callable[..., Any], **asks: Any) -> Exercise:
    """An exercise about one vector x."""
    wanted = asks or {"dx": Gradient("x")}
    return Exercise(forward, wanted, {"D": (1, 8)}, "answer").named("answer")


def refused(forward: Callable[..., Any]) -> str:
    """The sentence with which a forward pass is refused."""
    with pytest.raises(ExerciseError) as error:
        expect(exercise(forward), {"x": torch.tensor([1.0, 2.0])})
    return str(error.value)


def test_the_error_of_an_unknown_operation_is_measured() -> None:
    """What is not known to round like anything is measured on the case, and named."""

    def forward(x: Float[Tensor, "D"]) -> Tensor:
        return torch.special.bessel_j0(x.detach()).sum() * x

    x = torch.tensor([1.0, 2.0])
    found = expect(exercise(forward), {"x": x})
    assert found is not None
    assert found["dx"].measured == ("special_bessel_j0",)
    right = torch.special.bessel_j0(x).sum().expand(2)
    assert agrees(right, found["dx"])
    assert not agrees(right * (1 + 1e-4), found["dx"])


LAYERS: dict[str, tuple[Callable[..., Tensor], tuple[tuple[int, ...], ...]]] = {
    "conv2d": (lambda x, y: F.conv2d(x, y, padding=1) ** 2, ((2, 3, 5, 6), (4, 3, 3, 3))),
    "max_pool2d": (lambda x: F.max_pool2d(x, 2) ** 2, ((2, 3, 4, 6),)),
    "avg_pool2d": (lambda x: F.avg_pool2d(x, 2) ** 2, ((2, 3, 4, 6),)),
    "unfold": (lambda x: F.unfold(x, 2) ** 2, ((2, 2, 4, 4),)),
    "layer_norm": (lambda x, y: F.layer_norm(x, (6,)) * y, ((4, 6), (4, 6))),
    "batch_norm": (lambda x, y: F.batch_norm(x, None, None, training=True) * y, ((8, 6), (8, 6))),
    "group_norm": (lambda x, y: F.group_norm(x, 2) * y, ((3, 4, 3, 3), (3, 4, 3, 3))),
    "var": (lambda x: x.var(0), ((5, 4),)),
    "std": (lambda x: x.std(0, unbiased=False), ((5, 4),)),
    "attention": (lambda x, y: F.scaled_dot_product_attention(x, y, x) ** 2, ((2, 4, 3), (2, 4, 3))),
    "cross_entropy": (lambda x: F.cross_entropy(x, torch.tensor([0, 1, 2, 3, 1])), ((5, 4),)),
    "embedding": (lambda x: F.embedding(torch.tensor([[1, 2], [1, 1]]), x) ** 2, ((5, 4),)),
    "gather": (lambda x: x.gather(1, torch.tensor([[0, 0], [1, 2], [3, 3]])) ** 2, ((3, 4),)),
    "scatter": (lambda x: x.scatter_add(1, torch.tensor([[0, 0], [1, 2], [3, 3]]), x[:, :2]) ** 2, ((3, 4),)),
    "einsum": (lambda x, y: torch.einsum("bij,bjk->bik", x, y) ** 2, ((2, 3, 4), (2, 4, 5))),
    "cumsum": (lambda x: torch.cumsum(x, 1) ** 2, ((3, 6),)),
    "gelu": (F.gelu, ((5, 4),)),
    "silu": (F.silu, ((5, 4),)),
    "softplus": (F.softplus, ((5, 4),)),
    "erf": (torch.erf, ((5, 4),)),
    "rsqrt": (lambda x: torch.rsqrt(x**2 + 1), ((5, 4),)),
    "logsumexp": (lambda x: torch.logsumexp(x, 1), ((3, 6),)),
    "binary_cross_entropy": (lambda x, y: F.binary_cross_entropy_with_logits(x, y.sigmoid()), ((6,), (6,))),
    "mse_loss": (F.mse_loss, ((6,), (6,))),
    "causal": (lambda x: x.masked_fill(torch.ones(4, 4).triu(1).bool(), -1e9).softmax(-1) ** 2, ((4, 4),)),
}
"""Layers and losses that forward passes of real courses consist of, with the shapes of their inputs."""


@pytest.mark.parametrize("name", LAYERS)
def test_layers_and_losses_have_a_tolerance(name: str) -> None:
    """torch's own float32 gradient is well inside of the tolerance, and one that is off by a thousandth is outside."""
    layer, shapes = LAYERS[name]
    stream = torch.Generator().manual_seed(0)
    inputs = {key: torch.randn(shape, generator=stream) for key, shape in zip("xy", shapes, strict=False)}
    variables = {2: lambda x, y: layer(x, y), 1: lambda x: layer(x)}[len(shapes)]
    found = expect(Exercise(variables, {"dx": Gradient("x"), "value": Value()}, {}, "f"), inputs)
    assert found is not None
    leaf = inputs["x"].clone().requires_grad_()
    value = variables(**{**inputs, "x": leaf})
    (gradient,) = torch.autograd.grad(value.sum(), leaf)
    for actual, expected in ((gradient, found["dx"]), (value.detach(), found["value"])):
        off = (actual.double() - expected.value).abs()
        assert bool((off <= 0.25 * expected.tolerance).all())
        assert not agrees(actual * 1.001, expected)


def test_python_numbers_are_refused() -> None:
    """A tensor turned into a Python number leaves neither derivative nor rounding error behind."""

    def forward(x: Float[Tensor, "D"]) -> Tensor:
        return x.sum() * float(x.detach()[0])

    assert refused(forward).startswith("forward: takes a Python number out of a tensor (item or float)")


def test_a_loss_of_digits_is_refused() -> None:
    """The right answer may not pass through float32."""

    def forward(x: Float[Tensor, "D"]) -> Tensor:
        return x.float().sum()

    assert refused(forward).startswith("forward: torch operation '_to_copy' turns float64 into float32")


@pytest.mark.parametrize("jump", [torch.floor, torch.round, torch.trunc])
def test_jumps_are_refused(jump: Callable[[Tensor], Tensor]) -> None:
    """Rounding to whole numbers has no useful derivative."""

    def forward(x: Float[Tensor, "D"]) -> Tensor:
        return (jump(x) * x).sum()

    assert "rounds to whole numbers" in refused(forward)


def test_randomness_is_refused() -> None:
    """A forward pass that draws random numbers has no right answer."""

    def forward(x: Float[Tensor, "D"]) -> Tensor:
        return (torch.rand_like(x) * x).sum()

    assert "'rand_like'" in refused(forward)


def test_in_place_operations_are_followed() -> None:
    """An in-place forward pass has the same tolerance as a plain one, up to the draws, and its inputs stay."""

    def plain(x: Float[Tensor, "D"]) -> Tensor:
        return (3 * x + 1).sum()

    def in_place(x: Float[Tensor, "D"]) -> Tensor:
        y = x.clone()
        y.mul_(3).add_(1)
        return y.sum()

    x = torch.tensor([0.3, -0.7, 2.0])
    answers = []
    for forward in (plain, in_place):
        found = expect(exercise(forward, y=Value()), {"x": x})
        assert found is not None
        answers.append(found["y"])
    assert torch.equal(x, torch.tensor([0.3, -0.7, 2.0]))
    assert torch.equal(answers[0].value, answers[1].value)
    assert 0.3 < float(answers[0].tolerance / answers[1].tolerance) < 3


def test_views_are_never_disturbed() -> None:
    """With noise of size 0 a disturbed run repeats the answer bit by bit, in-place changes of views included."""

    def forward(x: Float[Tensor, "D"]) -> Tensor:
        y = 2 * x
        head = y[:1]
        head += 1
        return (y.view(1, -1).T * y.unsqueeze(1)).sum()

    case = {"x": torch.tensor([0.5, -1.5, 0.25])}
    with Trace() as trace:
        right = evaluate(exercise(forward), case)
    drawn = noises(trace, 1, torch.Generator())[0]
    still = [tuple(None if noise is None else torch.zeros_like(noise) for noise in step) for step in drawn]
    with Disturbed(trace, still):
        again = evaluate(exercise(forward), case)
    assert torch.equal(again["dx"], right["dx"])


@pytest.mark.parametrize("size", [(0,), ()])
def test_empty_and_single_numbers(size: tuple[int, ...]) -> None:
    """Zero-size and 0-d tensors inside a forward pass are no trouble."""

    def forward(x: Float[Tensor, "D"]) -> Tensor:
        return torch.relu(x[1:]).sum() + x[0] ** 2

    found = expect(exercise(forward), {"x": torch.tensor([3.0])})
    assert found is not None
    assert torch.equal(found["dx"].value, torch.tensor([6.0], dtype=torch.float64))


def test_a_sum_that_cancels_keeps_a_tolerance() -> None:
    """Where terms cancel to exactly 0 a mean times N may be a little off, and is still right."""

    def total(x: Float[Tensor, "D"]) -> Tensor:
        return x.sum()

    x = torch.tensor([0.25, 0.5, -0.75])
    found = expect(exercise(total, y=Value()), {"x": x})
    assert found is not None
    answer = found["y"]
    by_thirds = (x / 3).sum() * 3
    assert float(answer.value) == 0.0
    assert float((by_thirds - answer.value).abs()) <= float(answer.tolerance)
    assert 0 < float(answer.tolerance) < 1e-4


def test_a_masked_zero_is_exact() -> None:
    """Behind a closed ReLU there is nothing to round: the tolerance there is 0."""

    def forward(x: Float[Tensor, "D"]) -> Tensor:
        return (torch.relu(x) * x).sum()

    found = expect(exercise(forward), {"x": torch.tensor([1.3, -0.7])})
    assert found is not None
    assert found["dx"].tolerance[1] == 0
    assert found["dx"].tolerance[0] > UNIT


def test_an_expanded_square_is_right() -> None:
    """Who computes p*p - 2*p*t + t*t rounds larger numbers than (p - t)**2 and is not to blame."""

    def forward(x: Float[Tensor, "D"]) -> Tensor:
        return ((x[0] - x[1]) ** 2).reshape(())

    x = torch.tensor([0.71234567, 0.7023456])
    found = expect(exercise(forward, y=Value()), {"x": x})
    assert found is not None
    p, t = x
    assert abs(float(p * p - 2 * p * t + t * t) - float(found["y"].value)) <= float(found["y"].tolerance)


def test_kinks_are_seen() -> None:
    """Exactly at 0, near it, and on both sides of it."""

    def forward(x: Float[Tensor, "D"]) -> Tensor:
        return torch.relu(x).sum()

    _, exactly = observe(exercise(forward), {"x": torch.tensor([0.0, 1.0, -1.0])})
    _, near = observe(exercise(forward), {"x": torch.tensor([1e-6, 1.0, -1.0])})
    _, one_sided = observe(exercise(forward), {"x": torch.tensor([2.0, 1.0])})
    assert (exactly.decides, exactly.kinks, exactly.one_sided) == (True, True, False)
    assert not near.kinks
    assert near.margin == pytest.approx(1e-6)
    assert one_sided.one_sided


@pytest.mark.parametrize("forward", [lambda x: x.max(), lambda x: x.amax(0), lambda x: x.sort().values[0]])
def test_ties_are_kinks(forward: Callable[[Tensor], Tensor]) -> None:
    """Two equal largest entries have no one derivative."""

    def annotated(x: Float[Tensor, "D"]) -> Tensor:
        return forward(x)

    assert observe(exercise(annotated), {"x": torch.tensor([2.0, 2.0])})[1].kinks
    assert not observe(exercise(annotated), {"x": torch.tensor([2.0, 1.0])})[1].kinks


@pytest.mark.parametrize("slope", [lambda x: torch.relu(x), lambda x: x * (x > 0), lambda x: x.clamp(min=0)])
def test_the_other_side_of_a_kink(slope: Callable[[Tensor], Tensor]) -> None:
    """The other choice is taken exactly at the kink and nowhere else."""

    def forward(x: Float[Tensor, "D"]) -> Tensor:
        return slope(x).sum()

    case = {"x": torch.tensor([0.0, 1.0, -1.0])}
    here = evaluate(exercise(forward), case)["dx"]
    with Choice(usual=1):
        there = evaluate(exercise(forward), case)["dx"]
    assert there[0] == 1 - here[0]
    assert torch.equal(there[1:], here[1:])


def test_right_and_nearly_right_are_far_apart() -> None:
    """float32 uses less than a third of the tolerance in every case; float16 and a factor of 1.001 exceed it."""
    batched = catalog.bundled().load("batched_backward")

    def backward(X: Tensor, t: Tensor, W: Tensor, wout: Tensor, half: bool = False) -> tuple[Tensor, Tensor]:
        if half:
            X, W = X.half().float(), W.half().float()
        h = X @ W
        p = torch.sigmoid(h.relu() @ wout)
        g = 2 * (p - t) * p * (1 - p)
        return X.T @ (g[:, None] * wout * (h > 0)), g @ h.relu()

    worst = {"right": 0.0, "half": 0.0, "factor": 0.0}
    for case in prepare(batched, b"far apart").cases:
        inputs = [value for value in case.inputs.values() if isinstance(value, Tensor)]
        right, half = backward(*inputs), backward(*inputs, half=True)
        answers = {"right": right, "half": half, "factor": tuple(1.001 * each for each in right)}
        for name, outputs in answers.items():
            for output, answer in zip(outputs, case.expected.values(), strict=True):
                error = (output.double() - answer.value).abs()
                ratio = torch.where(error == 0, 0.0, error / answer.tolerance)
                worst[name] = max(worst[name], float(ratio.max()))
    assert worst["right"] < 1 / 3
    assert worst["half"] > 10
    assert worst["factor"] > 10
