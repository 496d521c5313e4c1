"""Wrong rules for choosing, moving and masking entries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from grader.rules.rule import DoesNotFit, Gradients, Operation, Rule, Table


def _counts(o: Operation) -> Tensor:
    """How often each entry is read."""
    (found,) = o.right(g=torch.ones_like(o.g))
    assert found is not None
    return found


def _read_once(o: Operation, last: bool) -> Tensor:
    """The gradient of one of the reads only: an entry that is read again is overwritten, or kept."""
    if not _repeats(o):
        raise DoesNotFit("nothing is chosen by an index tensor")
    order = torch.arange(1, o.g.numel() + 1, dtype=o.x.dtype).reshape(o.g.shape)
    source = torch.arange(o.x.numel(), dtype=o.x.dtype).reshape(o.x.shape)
    origin = o.value(source, *o.operands[1:]).long().reshape(-1)
    found = torch.zeros(o.x.numel(), dtype=o.x.dtype)
    reads = list(zip(origin.tolist(), order.reshape(-1).long().tolist(), strict=True))
    for entry, read in reads if last else reversed(reads):
        found[entry] = o.g.reshape(-1)[read - 1]
    return found.reshape(o.x.shape)


def _repeats(o: Operation) -> bool:
    return any(
        isinstance(each, Tensor) and not each.is_floating_point() for each in _flat((*o.args, *o.kwargs.values()))
    )


def _flat(values: Sequence[Any]) -> list[Any]:
    return [each for value in values for each in (_flat(value) if isinstance(value, (list, tuple)) else [value])]


def _averaged(o: Operation) -> Tensor:
    if not _repeats(o):
        raise DoesNotFit("nothing is chosen by an index tensor")
    (found,) = o.right()
    assert found is not None
    return found / _counts(o).clamp(min=1)


def _all_labels(o: Operation) -> Tensor:
    """One entry is read of each row, and every row passes its gradient on to the entries of all rows."""
    labels = [each for each in _flat(o.args[1:]) if isinstance(each, Tensor) and each.ndim == 1]
    if o.x.ndim != 2 or len(labels) != 2 or o.g.shape != o.x.shape[:1]:
        raise DoesNotFit("not one entry of each row")
    found = torch.zeros_like(o.x)
    found[:, labels[1]] = o.g[:, None].expand(-1, len(labels[1]))
    return found


def _source(slug: str, hint: str, wrong: Any) -> Rule:
    """The gradient of what is read from; an embedding's table is its second argument and the first operand."""
    return Rule(slug, hint, lambda o: [wrong(o), *o.right()[1:]])


INDEX = (
    _source(
        "repeated-index-overwrites",
        "An entry that is read twice gets two gradients: are they added?",
        lambda o: _read_once(o, True),
    ),
    _source(
        "repeated-index-first-only",
        "An entry that is read twice gets two gradients: are they added?",
        lambda o: _read_once(o, False),
    ),
    _source(
        "repeated-index-averaged",
        "An entry that is read twice gets two gradients: they are added, not averaged.",
        _averaged,
    ),
    _source(
        "every-label-in-every-row",
        "Each row has a label of its own: here every row gets the labels of all.",
        lambda o: _all_labels(o),
    ),
    _source("upstream-dropped", "The gradient that arrives at {y} does not go on to {x}.", _counts),
    _source(
        "entry-held-fixed",
        "What is read here depends on the input too: its gradient is missing.",
        lambda o: torch.zeros_like(o.x),
    ),
)


def _where(o: Operation, chosen: bool) -> Gradients:
    condition = o.args[0] if chosen else ~o.args[0]
    sides = (o.g * condition, o.g * ~condition)
    return [
        side
        for side, each in zip(sides, o.args[1:], strict=False)
        if isinstance(each, Tensor) and each.is_floating_point()
    ]


WHERE = (
    Rule(
        "mask-inverted",
        "The gradient goes to the side that is chosen, not to the other one.",
        lambda o: _where(o, False),
    ),
    Rule("no-mask", "A side gets a gradient only where it is chosen.", lambda o: [o.g for _ in o.operands]),
)
MASKED_FILL = (
    Rule("no-mask", "What is filled in does not depend on {x}: no gradient passes there.", lambda o: o.g),
    Rule("mask-inverted", "The gradient passes where nothing is filled in.", lambda o: o.g * o.argument("mask", 1)),
    Rule("not-masked", "The forward pass fills in something behind the mask: is it left out?", forward=lambda o: o.x),
)
TRIANGLE = (Rule("no-mask", "What is cut off gets no gradient.", lambda o: o.g),)


def _part(o: Operation, position: int) -> list[Tensor | None]:
    found = o.right()
    found[position] = None
    return found


JOIN = (
    Rule("first-part-ignored", "Each part has a gradient of its own: is one left out?", lambda o: _part(o, 0)),
    Rule("last-part-ignored", "Each part has a gradient of its own: is one left out?", lambda o: _part(o, -1)),
    Rule("parts-swapped", "Each part gets the gradient of its own place.", lambda o: list(reversed(o.right()))),
)


def _reshaped(o: Operation) -> Tensor:
    return o.g.reshape(o.x.shape)


TRANSPOSE = (
    Rule(
        "reshaped-instead-of-transposed",
        "reshape keeps the order of the numbers and only moves the line breaks; it does not transpose.",
        _reshaped,
    ),
)

TABLE: Table = {
    "index": INDEX,
    "embedding": INDEX,
    "where": WHERE,
    "masked_fill": MASKED_FILL,
    "tril": TRIANGLE,
    "triu": TRIANGLE,
    "cat": JOIN,
    "stack": JOIN,
    "transpose": TRANSPOSE,
    "permute": TRANSPOSE,
}
