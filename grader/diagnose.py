"""Explains a failed check: facts, the misconception that explains every output, the smallest public counterexample."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from grader import feedback
from grader.cases import Prepared
from grader.compare import Judgement
from grader.exercise import Check, Exercise
from grader.misconception import Chain
from grader.models import Counterexample
from grader.worker.outcome import Outcome

Call = Callable[[Prepared], Outcome]
"""Runs the submission once more, on a public case."""


@dataclass(frozen=True)
class Observation:
    """One case, what the submission did on it, and what that says about each output."""

    prepared: Prepared
    outcome: Outcome
    judgements: Mapping[str, Judgement]


@dataclass(frozen=True)
class Explanation:
    """What the student reads about one check."""

    message: str
    hint: str | None = None
    misconception: str | None = None
    counterexample: Counterexample | None = None


def explain(
    exercise: Exercise, check: Check, observations: Sequence[Observation], chain: Chain | None, call: Call
) -> Explanation:
    """Facts first; advice and a counterexample where there is something to advise."""
    counting = [observation for observation in observations if observation.prepared.case.counts]
    failing = [judgement for o in counting if (judgement := o.judgements[check.output]).verdict != "passed"]
    if not failing:
        return Explanation(feedback.passed(len(counting)), hint=_kink_advice(check, observations))
    first = failing[0]
    same = sum(judgement.kind == first.kind for judgement in failing)
    return Explanation(feedback.failed_in(first.message, same, len(counting)))


def _kink_advice(check: Check, observations: Sequence[Observation]) -> str | None:
    advisory = [o for o in observations if not o.prepared.case.counts]
    wrong = any(o.judgements[check.output].verdict != "passed" for o in advisory)
    return feedback.kink_advice() if wrong else None
