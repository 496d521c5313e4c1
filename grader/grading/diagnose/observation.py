"""What the submission did, case by case: the material that every explanation is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor

from grader.cases.case import Case
from grader.grading.compare import Judgement
from grader.wire.outcome import Outcome

Rerun = Callable[[Case], Outcome]
"""Runs the submission once more, on a public case."""


@dataclass(frozen=True)
class Observation:
    """One case, what the submission did on it, and what that says about each output."""

    case: Case
    outcome: Outcome
    judgements: Mapping[str, Judgement]
    contiguous: bool = False
    """Whether it is what came of contiguous copies, after an exception on inputs in another memory layout."""


def counting(observations: Sequence[Observation], variant: str) -> tuple[Observation, ...]:
    """The cases of one variant that cost points, the most informative first: small ones, and sizes of 1 at the end."""
    own = [o for o in observations if o.case.counts and o.case.variant == variant]
    return tuple(sorted(own, key=lambda o: (o.case.family == "degenerate", numbers(o.case))))


def numbers(case: Case) -> int:
    """How many numbers the inputs of a case consist of."""
    return sum(value.numel() if isinstance(value, Tensor) else 1 for value in case.inputs.values())
