"""Wrong rules for pooling windows."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from grader.rules.rule import DoesNotFit, Operation, Rule, Table


def _sizes(o: Operation) -> tuple[list[int], list[int], int]:
    """Window and step along each axis that is pooled, and how many axes that are."""
    axes = int(o.function.__name__[-2]) if o.function.__name__.endswith("d") else o.x.ndim - 2
    window = o.argument("kernel_size", 1)
    step = o.argument("stride", 2) or window
    return _each(window, axes), _each(step, axes), axes


def _each(value: int | tuple[int, ...], axes: int) -> list[int]:
    return [value] * axes if isinstance(value, int) else list(value)


def _windows(o: Operation, share: float = 1.0) -> Tensor:
    """Every entry of a window gets the window's gradient, or a share of it; no padding."""
    window, step, axes = _sizes(o)
    with torch.enable_grad():
        leaf = o.x.detach().requires_grad_()
        view = leaf
        for position in range(axes):
            view = view.unfold(o.x.ndim - axes + position, window[position], step[position])
        total = view.sum(tuple(range(-axes, 0))) * share
        return torch.autograd.grad(total, leaf, o.g)[0]


def _ties(o: Operation) -> Tensor:
    """Every entry as large as the maximum of its window gets the whole gradient."""
    window, step, axes = _sizes(o)
    with torch.enable_grad():
        leaf = o.x.detach().requires_grad_()
        view = leaf
        for position in range(axes):
            view = view.unfold(o.x.ndim - axes + position, window[position], step[position])
        chosen = view.detach() == o.y.reshape(*o.y.shape, *[1] * axes)
        return torch.autograd.grad((view * chosen).sum(tuple(range(-axes, 0))), leaf, o.g)[0]


def _top_left(o: Operation) -> Tensor:
    """The first entry of each window gets the gradient."""
    _, step, axes = _sizes(o)
    found = torch.zeros_like(o.x)
    places = tuple(slice(0, n * s, s) for n, s in zip(o.g.shape[-axes:], step, strict=True))
    where: Any = (..., *places)
    found[where] = o.g
    return found


def _enlarged(o: Operation) -> Tensor:
    """The gradient as if the windows lay side by side, whatever the step is."""
    window, step, axes = _sizes(o)
    if window == step:
        raise DoesNotFit("the windows lie side by side")
    found = torch.zeros_like(o.x)
    large = o.g
    for position in range(axes):
        large = large.repeat_interleave(window[position], large.ndim - axes + position)
    both = zip(large.shape[-axes:], found.shape[-axes:], strict=True)
    cut: Any = (..., *(slice(0, min(sizes)) for sizes in both))
    found[cut] = large[cut]
    return found


MAX_POOL = (
    Rule("gradient-to-the-whole-window", "Only the largest entry of a window gets its gradient.", _windows),
    Rule("every-tie-gets-the-gradient", "Where a window has its largest value twice, one of the two is chosen.", _ties),
    Rule(
        "first-entry-of-the-window", "The gradient goes to the largest entry of a window, wherever it lies.", _top_left
    ),
    Rule(
        "gradient-shared-in-the-window",
        "The gradient goes to the largest entry of a window; it is not shared.",
        lambda o: _windows(o, 1 / _area(o)),
    ),
    Rule(
        "average-instead-of-maximum",
        "The window's largest value is wanted, not its average.",
        instead=lambda o: _average(o),
    ),
    Rule("pooling-stride-ignored", "How far apart do the windows lie?", _enlarged),
)
AVG_POOL = (
    Rule("window-not-divided", "An average is divided by the size of its window.", _windows),
    Rule("window-divided-twice", "The average is divided once, not twice.", lambda o: _windows(o, 1 / _area(o) ** 2)),
    Rule("first-entry-of-the-window", "Every entry of a window contributes to its average.", _top_left),
    Rule("pooling-stride-ignored", "How far apart do the windows lie?", lambda o: _enlarged(o) / _area(o)),
)


def _area(o: Operation) -> int:
    window, _, _ = _sizes(o)
    return int(torch.tensor(window).prod())


def _average(o: Operation) -> Tensor:
    window, step, axes = _sizes(o)
    pool = (functional.avg_pool1d, functional.avg_pool2d, functional.avg_pool3d)[axes - 1]
    found: Tensor = pool(o.x, window, step)
    return found


TABLE: Table = {"max_pool": MAX_POOL, "avg_pool": AVG_POOL}
