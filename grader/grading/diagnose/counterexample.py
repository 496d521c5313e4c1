"""Looks for the smallest public case on which a submission differs; no hidden case is ever shown."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import torch
from torch import Tensor

from grader.cases.case import Case
from grader.cases.examples import with_input
from grader.cases.source import call_source
from grader.errors import ExerciseError
from grader.exercise import Check
from grader.grading.compare import Kind, judge, observed
from grader.grading.diagnose import literals
from grader.grading.diagnose.cache import DiagnosisCache
from grader.grading.diagnose.observation import Observation, Rerun
from grader.models import Counterexample
from grader.wire.outcome import Outcome, Stopped, Used

MAX_CALLS = 40
MAX_MORE = 8
"""How many examples are run beyond the first that differs, to find one that shows the same as the sentence."""
MAX_ZEROED = 2
"""Of how many examples an input is replaced by zeros."""
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

    def result_of(self, output: str) -> object:
        """What came of one output: where code is used by lines, what ended them may be another's."""
        outcome = self.observation.outcome
        return outcome.results.get(output, outcome.end) if isinstance(outcome, Used) else outcome


def observe(diagnosis: DiagnosisCache, check: Check, call: Rerun) -> tuple[Observation, ...]:
    """What the submission does on small public cases, until some differ; at most MAX_CALLS, none after a stop."""
    exercise = diagnosis.suite.exercise
    seen: list[Observation] = []
    left = MAX_CALLS
    for case in islice(diagnosis.examples(check.variant), MAX_CALLS):
        outcome = call(case)
        if isinstance(outcome, Stopped) or left == 0:
            break
        own = observed(exercise, case, outcome)
        seen.append(Observation(own, outcome, judge(exercise, own, outcome)))
        differs = seen[-1].judgements[check.output].verdict in BAD
        left = min(left, MAX_MORE) if differs or left <= MAX_MORE else left
        left -= 1
    return tuple(seen)


def choose(
    diagnosis: DiagnosisCache, check: Check, seen: Sequence[Observation], kind: Kind, call: Rerun
) -> Found | None:
    """The smallest example that differs, if there is one in the way that is talked about; then the printed example.

    Where that is the shape, one without sizes of 1 is better: with them two shapes look more alike than they are.
    Where it is NaN or infinity, an input of zeros is tried too.
    """
    bad = [o for o in seen if o.judgements[check.output].verdict in BAD]
    alike = [o for o in bad if o.judgements[check.output].kind == kind]
    if kind == "not_finite" and not alike:
        alike = list(islice(_not_finite(diagnosis, check, [o.case for o in seen[:MAX_ZEROED]], call), 1))
    alike = alike or bad
    if kind in ("shape", "values_in_wrong_shape"):
        alike = (
            [o for o in alike if 1 not in o.case.sizes.values()] or list(_larger(diagnosis, check, kind, call)) or alike
        )
    return _printed(diagnosis, check, alike[0]) if alike else None


def _larger(diagnosis: DiagnosisCache, check: Check, kind: Kind, call: Rerun) -> Iterator[Observation]:
    """The first example without sizes of 1, if it shows the same."""
    for case in islice(diagnosis.examples(check.variant), MAX_CALLS):
        if 1 not in case.sizes.values():
            outcome = call(case)
            seen = Observation(case, outcome, judge(diagnosis.suite.exercise, case, outcome))
            if seen.judgements[check.output].kind == kind:
                yield seen
            return


def _not_finite(diagnosis: DiagnosisCache, check: Check, cases: Sequence[Case], call: Rerun) -> Iterator[Observation]:
    """Examples with one input of zeros on which NaN or infinity comes."""
    exercise = diagnosis.suite.exercise
    for case in cases:
        for parameter in exercise.parameters(case.variant):
            value = case.inputs[parameter.name]
            if not isinstance(value, Tensor) or not value.is_floating_point():
                continue
            with contextlib.suppress(ExerciseError):  # where the forward pass does not take zeros
                zeroed = with_input(exercise, case, parameter.name, torch.zeros_like(value), "zeroed")
                outcome = call(zeroed)
                seen = Observation(zeroed, outcome, judge(exercise, zeroed, outcome))
                right = zeroed.expected[check.output].value
                if seen.judgements[check.output].kind == "not_finite" and bool(right.isfinite().all()):
                    yield seen


def _printed(diagnosis: DiagnosisCache, check: Check, observation: Observation) -> Found:
    exercise, case = diagnosis.suite.exercise, observation.case
    value = case.expected[check.output].value
    expected, actual = literals.pair_source(exercise, check.output, value, observation.outcome)
    inputs = call_source(exercise, case, check.output)
    return Found(Counterexample(inputs=inputs, expected=expected, actual=actual), observation)
