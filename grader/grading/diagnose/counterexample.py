"""Looks for the smallest public case on which a submission differs; no hidden case is ever shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from grader.exercise import Check
from grader.grading.compare import Kind, judge
from grader.grading.diagnose import literals
from grader.grading.diagnose.casebook import Casebook
from grader.grading.diagnose.observation import Call, Observation
from grader.models import Counterexample
from grader.wire.outcome import Outcome, Stopped

MAX_CALLS = 40
MAX_MORE = 8
"""How many examples are run beyond the first that differs, to find one that shows the same as the sentence."""
BAD = ("failed", "errored")


@dataclass(frozen=True)
class Found:
    """A public case, printed, with what the submission did there."""

    printed: Counterexample
    observation: Observation

    @property
    def outcome(self) -> Outcome:
        """What the submission did."""
        return self.observation.outcome


def observe(casebook: Casebook, check: Check, call: Call) -> tuple[Observation, ...]:
    """What the submission does on small public cases, until some differ; at most MAX_CALLS, none after a stop."""
    exercise = casebook.suite.exercise
    seen: list[Observation] = []
    left = MAX_CALLS
    for case in islice(casebook.examples(check.variant), MAX_CALLS):
        outcome = call(case)
        if isinstance(outcome, Stopped) or left == 0:
            break
        seen.append(Observation(case, outcome, judge(exercise, case, outcome)))
        differs = seen[-1].judgements[check.output].verdict in BAD
        left = min(left, MAX_MORE) if differs or left <= MAX_MORE else left
        left -= 1
    return tuple(seen)


def choose(casebook: Casebook, check: Check, seen: Sequence[Observation], kind: Kind) -> Found | None:
    """The smallest example that differs, if there is one in the way that is talked about; then the printed example.

    Where that is the shape, one without sizes of 1 is better: with them two shapes look more alike than they are.
    """
    bad = [o for o in seen if o.judgements[check.output].verdict in BAD]
    alike = [o for o in bad if o.judgements[check.output].kind == kind] or bad
    if kind in ("shape", "values_in_wrong_shape"):
        alike = [o for o in alike if 1 not in o.case.sizes.values()] or alike
    return _printed(casebook, check, alike[0]) if alike else None


def _printed(casebook: Casebook, check: Check, observation: Observation) -> Found:
    exercise, case = casebook.suite.exercise, observation.case
    value = case.expected[check.output].value
    expected, actual = literals.pair_source(exercise, check.output, value, observation.outcome)
    inputs = literals.call_source(exercise, case)
    return Found(Counterexample(inputs=inputs, expected=expected, actual=actual), observation)
