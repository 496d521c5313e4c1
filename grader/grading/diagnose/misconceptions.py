"""Names the author's mistake that explains every output of a submission: one wrong link of the chain, or two at once.

A name is given only if the chain with that mistake returns, on every counting case, what the submission
returned (values, shape and kind of number, and a crash where it crashed). Two explanations that nothing
tells apart give silence, unless the author declared them the same. Where a mistake holds a number that the student
chose, that number is found out from one case and has to explain all of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from grader.exercise import Check
from grader.grading.diagnose.cache import ENDS, DiagnosisCache, Hypothesis, Mistake
from grader.grading.diagnose.observation import Observation, counting
from grader.grading.diagnose.seen import explains
from grader.misconception import Misconception
from grader.wire.outcome import Raised

SHAPE_ERRORS = frozenset({"RuntimeError", "IndexError", "ValueError"})
"""What a shape that does not fit raises, in torch and in a loop; no other crash is explained by one."""


Single = TypeVar("Single", bound=Mistake)
Several = TypeVar("Several", bound=Hypothesis)
Known = Sequence[Misconception]


def find_one(diagnosis: DiagnosisCache, check: Check, observations: Sequence[Observation]) -> Hypothesis | None:
    """The one mistake of the author's list behind a failed check; empty where several explain it, None where none."""
    own = counting(observations, check.variant)
    if not (outputs := speaking(diagnosis, check, own)):
        return None
    explained = explaining(diagnosis, diagnosis.singles, own, outputs) or explaining(
        diagnosis, fitted(diagnosis, diagnosis.singles, own, outputs), own, outputs
    )
    return _choose(diagnosis, explained, check, observations) if explained else None


def find_two(diagnosis: DiagnosisCache, check: Check, observations: Sequence[Observation]) -> Hypothesis | None:
    """The two mistakes of the author's list behind a failed check; empty where several explain it, None where none."""
    own = counting(observations, check.variant)
    if not (outputs := speaking(diagnosis, check, own)):
        return None
    explained = explaining(diagnosis, diagnosis.pairs, own, outputs)
    return _choose(diagnosis, explained, check, observations) if explained else None


def find_advice(diagnosis: DiagnosisCache, check: Check, observations: Sequence[Observation]) -> Hypothesis:
    """The matter of convention that explains what a right submission does at a kink; empty for silence."""
    advice = [hypothesis for hypothesis in diagnosis.singles if hypothesis[0].advice]
    own = [o for o in observations if o.case.variant == check.variant]
    explained = explaining(diagnosis, advice, own, (check.output,))
    return explained[0] if len(explained) == 1 else ()


def speaking(diagnosis: DiagnosisCache, check: Check, observations: Sequence[Observation]) -> tuple[str, ...]:
    """The outputs that a name has to explain: a check's own, with others where it only crashed; empty without any."""
    if _has_wrong_value(observations, check.output):
        return (check.output,)
    others = tuple(output for output in diagnosis.suite.exercise.asks if _has_wrong_value(observations, output))
    return (check.output, *others) if others else ()


def _has_wrong_value(observations: Sequence[Observation], output: str) -> bool:
    judgements = [o.judgements[output] for o in observations]
    return any(judgement.verdict == "failed" and judgement.actual is not None for judgement in judgements)


def fitted(
    diagnosis: DiagnosisCache,
    hypotheses: Iterable[tuple[Single]],
    observations: Sequence[Observation],
    outputs: Sequence[str],
) -> Iterator[tuple[Single]]:
    """Mistakes that hold a constant, with the one that fits the case on which it matters most.

    Fitted on a straight line, which is right where the output is linear in the constant; elsewhere it explains nothing.
    Rounded to three digits, because people choose such numbers.
    """
    for (mistake,) in hypotheses:
        if mistake.constant is None or mistake.advice:
            continue
        ends = [(replace(mistake, constant=constant),) for constant in ENDS]
        points = [
            point
            for observation in observations
            for output in outputs
            if (point := _fit(diagnosis, ends, observation, output)) is not None
        ]
        if points:
            _, constant = max(points)
            yield (replace(mistake, constant=float(f"{constant:.3g}")),)


def _fit(
    diagnosis: DiagnosisCache, ends: Sequence[Hypothesis], observation: Observation, output: str
) -> tuple[float, float] | None:
    """How much a constant matters to an output of one case, relative to its size, and which one fits there."""
    predicted = [diagnosis.predict(end, observation.case) for end in ends]
    actual = observation.judgements[output].actual
    if actual is None or predicted[0] is None or predicted[1] is None:
        return None
    position = tuple(diagnosis.suite.exercise.asks).index(output)
    at_zero, at_one = predicted[0][position], predicted[1][position]
    if (
        not (actual.is_floating_point() and at_zero.is_floating_point())
        or not actual.shape == at_zero.shape == at_one.shape
        or not actual.numel()
    ):
        return None
    slope = (at_one - at_zero).flatten()
    entry = int(slope.abs().argmax())
    constant = float((actual.double() - at_zero).flatten()[entry] / slope[entry])
    weight = float(slope[entry].abs() / at_zero.abs().max())
    return (weight, constant) if math.isfinite(weight) and math.isfinite(constant) else None


def explaining(
    diagnosis: DiagnosisCache,
    hypotheses: Iterable[Several],
    observations: Sequence[Observation],
    outputs: Sequence[str],
) -> list[Several]:
    """Those that predict what the submission did, for all of these outputs on all of these cases."""
    return [
        hypothesis
        for hypothesis in hypotheses
        if all(_consistent(diagnosis, hypothesis, observation, outputs) for observation in observations)
    ]


def _consistent(
    diagnosis: DiagnosisCache, hypothesis: Hypothesis, observation: Observation, outputs: Sequence[str]
) -> bool:
    """Whether the submission did on one case what these mistakes do."""
    predicted = diagnosis.predict(hypothesis, observation.case)
    if predicted is None:
        outcome = observation.outcome
        return isinstance(outcome, Raised) and outcome.type_name in SHAPE_ERRORS
    by_name = dict(zip(diagnosis.suite.exercise.asks, predicted, strict=True))
    case = observation.case
    return all(
        (actual := observation.judgements[output].actual) is not None
        and explains(actual, by_name[output], case.expected[output], diagnosis.slack(case, output))
        for output in outputs
    )


def _choose(
    diagnosis: DiagnosisCache, explained: Sequence[Known], check: Check, observations: Sequence[Observation]
) -> Hypothesis:
    """The one explanation that is left when the other outputs and variants are looked at too."""
    left = narrowed(diagnosis, explained, check, observations)
    if len(left) > 1:
        own = counting(observations, check.variant)
        left = [each for each in left if _explains_all_outputs_with_a_second_mistake(diagnosis, each, own)] or left
    first = left[:1]
    return first[0] if first and all(_declared_same(first[0], other) for other in left[1:]) else ()


def narrowed(
    diagnosis: DiagnosisCache, explained: Sequence[Several], check: Check, observations: Sequence[Observation]
) -> list[Several]:
    """Of several explanations those that explain most of the other outputs, and of the other variants."""
    exercise = diagnosis.suite.exercise
    own = counting(observations, check.variant)
    others = [(output, own) for output in exercise.asks if output != check.output]
    others += [(check.output, counting(observations, v)) for v in exercise.variant_names if v != check.variant]
    left = list(explained)
    for output, seen in others:
        if len(left) > 1:
            left = explaining(diagnosis, left, seen, (output,)) or left
    return left


def _explains_all_outputs_with_a_second_mistake(
    diagnosis: DiagnosisCache, hypothesis: Known, observations: Sequence[Observation]
) -> bool:
    """Whether, together with some second mistake, it explains what the submission returned for every output."""
    pairs = (pair for pair in diagnosis.pairs if all(each in pair for each in hypothesis))
    return bool(explaining(diagnosis, pairs, observations, tuple(diagnosis.suite.exercise.asks)))


def _declared_same(one: Known, other: Known) -> bool:
    return len(one) == len(other) and all(
        a.slug == b.slug or b.slug in a.same_as or a.slug in b.same_as for a, b in zip(one, other, strict=True)
    )
