"""All wrong rules by operation, and mistakes that are made of two of them."""

from __future__ import annotations

from dataclasses import dataclass

from grader.rules import (
    activations,
    broadcasting,
    elementwise,
    indexing,
    linear,
    losses,
    normalisation,
    pooling,
    recurrence,
    reductions,
    softmax,
)
from grader.rules.rule import Rule, Table

TABLE: Table = {
    **activations.TABLE,
    **elementwise.TABLE,
    **linear.TABLE,
    **broadcasting.TABLE,
    **reductions.TABLE,
    **softmax.TABLE,
    **normalisation.TABLE,
    **indexing.TABLE,
    **pooling.TABLE,
    **losses.TABLE,
}


@dataclass(frozen=True)
class Compound:
    """One mistake that shows at two operations; each part is an operation and the slug of its rule."""

    slug: str
    hint: str
    parts: tuple[tuple[str, str], tuple[str, str]]


COMPOUNDS = (
    Compound(
        "cross-entropy-derivative",
        "That is what the cross-entropy gives; the squared error keeps two more factors.",
        (("pow", "no-factor-two"), ("sigmoid", "no-sigmoid-derivative")),
    ),
    Compound(
        "mask-of-the-input",
        "ReLU is applied to its own input, not to the input of the layer: where does the mask belong?",
        (("matmul", "relu-on-the-input"), ("relu", "no-relu-mask")),
    ),
    Compound(
        "epsilon-inside-of-the-root",
        "Where does the small number stand in the forward pass: inside of the root, or outside?",
        (("sqrt", "epsilon-inside-of-the-root"), ("add", "epsilon-forgotten")),
    ),
    Compound(
        "mask-of-the-weights",
        "The mask is made from the wrong tensor: what does ReLU look at?",
        (("matmul", "relu-on-the-weights"), ("relu", "no-relu-mask")),
    ),
)


TOGETHER = {"mul": broadcasting.COMPLEMENT}
"""Rules that only make sense at all places of an operation whose numbers add up to 1."""


IGNORED = (
    frozenset({"input-ignored", "first-path-ignored"}),
    frozenset({"weights-ignored", "second-path-ignored"}),
)
"""Rules that drop the gradient of the first operand, and of the second."""


DROPPED = frozenset(
    rule.slug
    for rules in (*TABLE.values(), recurrence.ANY)
    for rule in rules
    if rule.slug.endswith(("-ignored", "-held-fixed"))
)
"""Rules that drop a gradient. Along one path it makes no difference where."""


def rules_of(operation: str, visits: int = 1, carried: tuple[int, ...] = ()) -> tuple[Rule, ...]:
    """The wrong rules of one operation.

    visits: how often a loop comes by; carried: the operands that come from the round before, where dropping a gradient
    is a mistake of its own.
    """
    own = TABLE.get(operation, ())
    if not own:
        return ()
    renamed = frozenset[str]().union(*(IGNORED[operand] for operand in carried if operand < len(IGNORED)))
    kept = tuple(rule for rule in own if rule.slug not in renamed)
    return (*kept, *recurrence.ANY, *(recurrence.LOOP if visits > 1 else ()), *recurrence.through_time(carried))
