"""Names the known mistake that explains every output of a submission: one wrong link of the chain, or two at once.

A name is given only if the chain with that mistake returns, on every counting case, what the submission
returned (values, shape and kind of number, and a crash where it crashed). Two explanations that nothing
tells apart give silence, unless the author declared them the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from grader.compare import resembles, slack
from grader.diagnose.casebook import Casebook, Hypothesis
from grader.diagnose.observation import Observation, counting
from grader.exercise import Check
from grader.worker.outcome import Raised

SHAPE_ERRORS = frozenset({"RuntimeError", "IndexError", "ValueError"})
"""What a shape that does not fit raises, in torch and in a loop; no other crash is explained by one."""


def find(casebook: Casebook, check: Check, observations: Sequence[Observation]) -> Hypothesis:
    """The mistake (or two) behind a failed check; empty for silence."""
    own = counting(observations, check.variant)
    if not _speaks(own, check.output):
        return ()
    explained = _explaining(casebook, casebook.singles, own, check.output)
    if not explained:
        explained = _explaining(casebook, casebook.pairs, own, check.output)
    return _choose(casebook, explained, check, observations)


def find_advice(casebook: Casebook, check: Check, observations: Sequence[Observation]) -> Hypothesis:
    """The matter of convention that explains what a right submission does at a kink; empty for silence."""
    advice = [hypothesis for hypothesis in casebook.singles if hypothesis[0].advice]
    own = [o for o in observations if o.prepared.case.variant == check.variant]
    explained = _explaining(casebook, advice, own, check.output)
    return explained[0] if len(explained) == 1 else ()


def _speaks(observations: Sequence[Observation], output: str) -> bool:
    """Some case shows a wrong value: crashes alone say too little."""
    judgements = [o.judgements[output] for o in observations]
    return any(judgement.verdict == "failed" and judgement.actual is not None for judgement in judgements)


def _explaining(
    casebook: Casebook, hypotheses: Iterable[Hypothesis], observations: Sequence[Observation], output: str
) -> list[Hypothesis]:
    return [
        hypothesis
        for hypothesis in hypotheses
        if all(_consistent(casebook, hypothesis, observation, output) for observation in observations)
    ]


def _consistent(casebook: Casebook, hypothesis: Hypothesis, observation: Observation, output: str) -> bool:
    """Whether the submission did on one case what these mistakes do."""
    predicted = casebook.predict(hypothesis, observation.prepared)
    if predicted is None:
        outcome = observation.outcome
        return isinstance(outcome, Raised) and outcome.type_name in SHAPE_ERRORS
    actual = observation.judgements[output].actual
    if actual is None:
        return False
    position = tuple(casebook.suite.exercise.asks).index(output)
    return resembles(actual, predicted[position], slack(observation.prepared.expected[output]))


def _choose(
    casebook: Casebook, explained: list[Hypothesis], check: Check, observations: Sequence[Observation]
) -> Hypothesis:
    """The one explanation that is left when the other outputs and variants have had their say."""
    others = [output for output in casebook.suite.exercise.asks if output != check.output]
    variants = [variant for variant in casebook.suite.exercise.variant_names if variant != check.variant]
    for output, variant in [
        *((output, check.variant) for output in others),
        *((check.output, variant) for variant in variants),
    ]:
        if len(explained) > 1:
            own = counting(observations, variant)
            explained = _explaining(casebook, explained, own, output) or explained
    if len(explained) < 2:
        return explained[0] if explained else ()
    first = explained[0]
    return first if all(_declared_same(first, other) for other in explained[1:]) else ()


def _declared_same(one: Hypothesis, other: Hypothesis) -> bool:
    return len(one) == len(other) and all(
        a.slug == b.slug or b.slug in a.same_as or a.slug in b.same_as for a, b in zip(one, other, strict=True)
    )
