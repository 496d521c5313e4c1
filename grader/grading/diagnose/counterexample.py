"""Looks for the smallest public case on which a submission differs; no hidden case is ever shown."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from grader.exercise import Check
from grader.grading.compare import Judgement, judge
from grader.grading.diagnose import literals
from grader.grading.diagnose.casebook import Casebook
from grader.grading.diagnose.observation import Call
from grader.models import Counterexample
from grader.wire.outcome import Outcome, Stopped

MOST_CALLS = 40


@dataclass(frozen=True)
class Found:
    """A public case, printed, with what the submission did there."""

    printed: Counterexample
    outcome: Outcome
    judgement: Judgement


def search(casebook: Casebook, check: Check, call: Call) -> Found | None:
    """Runs the submission on small cases until one differs; at most MOST_CALLS of them, none after a stop."""
    exercise = casebook.suite.exercise
    for case in islice(casebook.examples(check.variant), MOST_CALLS):
        outcome = call(case)
        if isinstance(outcome, Stopped):
            return None
        judgement = judge(exercise, case, outcome)[check.output]
        if judgement.verdict in ("failed", "errored"):
            value = case.expected[check.output].value
            expected, actual = literals.pair_source(exercise, check.output, value, outcome)
            inputs = literals.call_source(exercise, case)
            return Found(Counterexample(inputs=inputs, expected=expected, actual=actual), outcome, judgement)
    return None
