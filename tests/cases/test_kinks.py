"""Kinks of what takes the largest element, and masks: a tie decides something only where one of the equals is taken."""

from collections.abc import Callable

import pytest
import torch
from jaxtyping import Float
from torch import Tensor

from grader.cases.oracle import expect, observe
from grader.exercise import Exercise, Gradient

INF = float("inf")


def asked(function: Callable[[Tensor], Tensor]) -> Exercise:
    def f(x: Float[Tensor, "A B C D"]) -> Tensor:
        return (function(x) ** 2).sum()

    return Exercise(f, {"dx": Gradient("x")}, dict.fromkeys("ABCD", (1, 4)), "g").named("small")


TAKES_THE_LARGEST: dict[str, Callable[[Tensor], Tensor]] = {
    "amax": lambda x: x.amax((2, 3)),
    "max": lambda x: x.flatten(2).max(-1).values,
    "sort": lambda x: x.flatten(2).sort(-1).values[..., -1],
    "sort, largest first": lambda x: x.flatten(2).sort(-1, descending=True).values[..., 0],
    "argsort": lambda x: x.flatten(2).gather(-1, x.flatten(2).argsort(-1))[..., -1],
    "topk": lambda x: x.flatten(2).topk(1).values,
    "max_pool2d": lambda x: torch.nn.functional.max_pool2d(x, 2),
    "max_pool2d with a border": lambda x: torch.nn.functional.max_pool2d(x, 3, 2, 1, ceil_mode=True),
    "max_pool1d": lambda x: torch.nn.functional.max_pool1d(x.flatten(2), 4),
    "the smallest of the others": lambda x: -(-x).amin((2, 3)),
}


@pytest.mark.parametrize("name", TAKES_THE_LARGEST)
def test_only_a_tie_for_the_first_place_is_a_kink(name: str) -> None:
    """Equal losers decide nothing; two equal winners do, whatever operation takes them."""
    exercise = asked(TAKES_THE_LARGEST[name])
    losers = torch.tensor([[1.0, 1.0], [3.0, 2.0]]).reshape(1, 1, 2, 2)
    winners = torch.tensor([[1.0, 3.0], [3.0, 2.0]]).reshape(1, 1, 2, 2)
    assert not observe(exercise, {"x": losers})[1].kinks
    assert observe(exercise, {"x": winners})[1].kinks


def test_the_order_of_equals_matters_where_their_positions_are_used() -> None:
    """Whoever reads another tensor at the places of a sort, or takes the second of two equals, is at a kink."""
    x = torch.tensor([1.0, 1.0, 3.0, 2.0]).reshape(1, 1, 1, 4)
    places = asked(lambda x: x * x.argsort(-1).double())
    second = asked(lambda x: x.sort(-1).values * torch.arange(4.0, dtype=x.dtype))
    assert observe(places, {"x": x})[1].kinks
    assert observe(second, {"x": x})[1].kinks


@pytest.mark.parametrize("mask", [-INF, -1e9])
@pytest.mark.parametrize("softmax", ["softmax", "log_softmax", "exp", "logsumexp"])
def test_a_mask_is_not_saturation(mask: float, softmax: str) -> None:
    """What a causal mask shuts out is no large input, and leaves a tolerance that says something."""

    def attention(x: Tensor) -> Tensor:
        scores = x.masked_fill(torch.ones(4, 4).triu(1).bool(), mask)
        if softmax == "exp":
            shifted = (scores - scores.amax(-1, keepdim=True)).exp()
            return shifted / shifted.sum(-1, keepdim=True)
        if softmax == "logsumexp":
            return scores.logsumexp(-1)
        return getattr(scores, softmax)(-1).tril()

    exercise = asked(attention)
    inputs = {"x": torch.randn(1, 1, 4, 4, generator=torch.Generator().manual_seed(0))}
    observed = observe(exercise, inputs)[1]
    assert observed.saturation < 8
    assert observed.margin > 1e-4
    expected = expect(exercise, inputs)
    assert expected is not None
    value, tolerance = expected["dx"].value, expected["dx"].tolerance
    assert bool(torch.isfinite(value).all())
    assert float(tolerance.max()) < 1e-3 * float(value.abs().max())
