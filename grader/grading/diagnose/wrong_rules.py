"""Names the wrong rule of calculus that explains every output of a submission: one, two, or one and a relation.

Each rule at each operation of the forward pass is a hypothesis. The smallest case on which the output is wrong rules
out nearly all of them, and only the rest are worked out for the other cases. Hypotheses with one name at several
places, that no case tells apart, give that name without a place; different names give silence.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Union

from grader.exercise import Check, Jacobian
from grader.grading.compare import resembles
from grader.grading.diagnose import patterns
from grader.grading.diagnose.cache import ENDS, DiagnosisCache
from grader.grading.diagnose.misconceptions import explaining, fitted, narrowed, speaking
from grader.grading.diagnose.observation import Observation, counting
from grader.grading.diagnose.seen import Pattern, explains
from grader.rules import RuleMistake
from grader.rules.engine import Place
from grader.rules.tables import DROPPED

MAX_PAIRS = 400
"""How many pairs are tried, the most frequent rules first."""
MAX_PAIR_OPERATIONS = 5_000
"""How many operations all pairs may run on one case, so that a long forward pass costs no more than a short one."""
FEW = 4
"""On how many cases a student's own number is looked for, and two places have to do the same to be tried as one."""
SAME = 1e-9
"""How far apart, relative to the largest entry, two predictions in float64 may be and still be the same."""

Named = Sequence[Union[RuleMistake, Pattern]]


def find_one(
    diagnosis: DiagnosisCache, check: Check, observations: Sequence[Observation]
) -> Sequence[RuleMistake] | None:
    """The one wrong rule behind a failed check; empty where several explain it, None where none does."""
    return _find_one(diagnosis, check, observations, alone=False)


def find_one_alone(
    diagnosis: DiagnosisCache, check: Check, observations: Sequence[Observation]
) -> Sequence[RuleMistake] | None:
    """As `find_one`, where the student got a link wrong on the way to this output only, and right for the others."""
    return _find_one(diagnosis, check, observations, alone=True)


def _find_one(
    diagnosis: DiagnosisCache, check: Check, observations: Sequence[Observation], alone: bool
) -> Sequence[RuleMistake] | None:
    own = _telling_first(counting(observations, check.variant), check.output)
    if not (outputs := to_explain(diagnosis, check, own, alone)):
        return None
    singles = [(mistake,) for mistake in diagnosis.rules(check.variant) if _may_be_said(diagnosis, check, mistake)]
    explained = explaining(diagnosis, singles, own, outputs)
    if not explained:
        found = fitted(diagnosis, singles, own[:FEW], outputs)
        explained = explaining(diagnosis, (each for each in found if each[0].constant not in ENDS), own, outputs)
    return _choose(narrowed(diagnosis, explained, check, observations)) if explained else None


def find_two(diagnosis: DiagnosisCache, check: Check, observations: Sequence[Observation]) -> Named | None:
    """Two wrong rules behind a failed check, or one and a relation between the results; as `find_one` otherwise."""
    own = _telling_first(counting(observations, check.variant), check.output)
    if not (outputs := to_explain(diagnosis, check, own)):
        return None
    likely = list(_likely(diagnosis, check, own))
    limit = min(MAX_PAIRS, MAX_PAIR_OPERATIONS // diagnosis.operations(own[0].case))
    pairs = sorted(_pairs(likely), key=lambda ranked: ranked[0])[:limit]
    explained = explaining(diagnosis, [pair for _, pair in pairs], own, outputs)
    if explained:
        return _choose(narrowed(diagnosis, explained, check, observations))
    return _with_relation(diagnosis, check, own, likely)


def _may_be_said(diagnosis: DiagnosisCache, check: Check, mistake: RuleMistake) -> bool:
    """Whether a rule may be what is wrong: at a full Jacobian no gradient arrives that could be left out."""
    is_jacobian = isinstance(diagnosis.suite.exercise.asks[check.output], Jacobian)
    return not mistake.advice and not (is_jacobian and mistake.slug.startswith("upstream-"))


def find_advice(diagnosis: DiagnosisCache, check: Check, observations: Sequence[Observation]) -> Sequence[RuleMistake]:
    """The matter of convention that explains what a right submission does at a kink; empty for silence."""
    own = [o for o in observations if o.case.variant == check.variant]
    advice = [(mistake,) for mistake in diagnosis.rules(check.variant) if mistake.advice]
    explained = explaining(diagnosis, advice, own, (check.output,))
    return _choose(explained) if explained else ()


def _telling_first(own: Sequence[Observation], output: str) -> Sequence[Observation]:
    """The cases with the smallest wrong value in front: it rules out most."""
    return sorted(own, key=lambda o: o.judgements[output].kind not in ("values", "values_in_wrong_shape", "shape"))


def to_explain(
    diagnosis: DiagnosisCache, check: Check, own: Sequence[Observation], alone: bool = False
) -> tuple[str, ...]:
    """The outputs that a rule or a convention has to explain: with the check's own the right ones of its function.

    Empty where there is nothing to explain; zeros everywhere are a placeholder, whatever rule gives them too.
    """
    exercise = diagnosis.suite.exercise
    outputs = speaking(diagnosis, check, own)
    values = [value for o in own if (value := o.judgements[check.output].actual) is not None]
    if not outputs or (values and not any(bool(value.any()) for value in values)):
        return ()
    if alone:
        return outputs
    function = exercise.function_of(check.output)
    alike = (output for output in exercise.asks if exercise.function_of(output) is function and output not in outputs)
    return (*outputs, *(each for each in alike if all(o.judgements[each].verdict == "passed" for o in own)))


def _likely(diagnosis: DiagnosisCache, check: Check, own: Sequence[Observation]) -> Iterator[tuple[int, RuleMistake]]:
    """Rules with their rank that change the output on the first case, and fit what is known of the other outputs.

    An output that is right, or that one rule explains, is left alone or explained by each of two mistakes. One rule
    stands for all places at which it does the same.
    """
    first = own[0]
    singles = [mistake for mistake in diagnosis.rules(check.variant) if _may_be_said(diagnosis, check, mistake)]
    effects = {mistake: _effects(diagnosis, mistake, first) for mistake in singles}
    settled = [
        output
        for output in diagnosis.suite.exercise.asks
        if output != check.output and any("explained" in effect.get(output, "") for effect in effects.values())
    ]
    kept: list[RuleMistake] = []
    for rank, mistake in enumerate(singles):
        effect = effects[mistake]
        changed = effect.get(check.output, "none") != "none" and all(effect[output] != "other" for output in settled)
        if changed and not any(_same_everywhere(diagnosis, check, mistake, other, own[:FEW]) for other in kept):
            kept.append(mistake)
            yield rank, mistake


def _same_everywhere(
    diagnosis: DiagnosisCache, check: Check, one: RuleMistake, other: RuleMistake, own: Sequence[Observation]
) -> bool:
    """Whether one rule at two places gives the same output on a few cases."""
    position = tuple(diagnosis.suite.exercise.asks).index(check.output)
    return one.slug == other.slug and all(
        (a := diagnosis.predict((one,), o.case)) is not None
        and (b := diagnosis.predict((other,), o.case)) is not None
        and resembles(a[position], b[position], SAME)
        for o in own
    )


def _effects(diagnosis: DiagnosisCache, mistake: RuleMistake, observation: Observation) -> Mapping[str, str]:
    """For each output whether a mistake changes nothing, explains what came, or does something else."""
    predicted = diagnosis.predict((mistake,), observation.case)
    found: dict[str, str] = {}
    for output, value in zip(diagnosis.suite.exercise.asks, predicted or (), strict=bool(predicted)):
        right, actual = observation.case.expected[output], observation.judgements[output].actual
        slack = diagnosis.slack(observation.case, output)
        same = resembles(value, right.value, SAME)
        explained = actual is not None and explains(actual, value, right, slack)
        found[output] = " ".join(["none"] * same + ["explained"] * explained) or "other"
    return found


def _pairs(likely: Sequence[tuple[int, RuleMistake]]) -> Iterator[tuple[int, tuple[RuleMistake, RuleMistake]]]:
    for (rank, one), (other_rank, other) in itertools.combinations(likely, 2):
        if one.goes_with(other):
            yield rank + other_rank, (one, other)


def _with_relation(
    diagnosis: DiagnosisCache, check: Check, own: Sequence[Observation], likely: Iterable[tuple[int, RuleMistake]]
) -> Named | None:
    """One rule, and then a relation between what it gives and what came; the first that explains every case."""
    asks = tuple(diagnosis.suite.exercise.asks)
    for _, mistake in likely:
        predicted = [diagnosis.predict((mistake,), own[0].case)]
        for number in (1, len(own)):
            predicted += [diagnosis.predict((mistake,), o.case) for o in own[len(predicted) : number]]
            by_name = [dict(zip(asks, each, strict=True)) for each in predicted if each is not None]
            if len(by_name) < number:
                break
            pattern = patterns.on_top_of(check.output, own[:number], by_name)
            if pattern is None:
                break
            if number == len(own):
                return (mistake, pattern)
    return None


def _choose(explained: Sequence[Sequence[RuleMistake]]) -> Sequence[RuleMistake]:
    """The simplest explanation, with all places at which it may stand; empty where different ones are as simple.

    Rules of one operation that no case tells apart go by the name of the more frequent one, which comes first; a
    gradient that is dropped somewhere on a path, by the name of where the forward pass enters the path.
    """
    changes = [tuple(map(sum, zip(*(mistake.changes for mistake in each), strict=True))) for each in explained]
    simplest = [each for each, change in zip(explained, changes, strict=True) if change == min(changes)]
    if len({_where(each) for each in simplest}) == 1:
        simplest = [each for each in simplest if _slugs(each) == _slugs(simplest[0])]
    if all(_slugs(each) <= DROPPED for each in simplest):
        simplest = [min(simplest, key=lambda each: sum(place.order for place in _where(each)))]
    if len({_slugs(each) for each in simplest}) != 1:
        return ()
    return tuple(
        replace(mistakes[0], parts=tuple(part for mistake in mistakes for part in mistake.parts))
        for mistakes in zip(*simplest, strict=True)
    )


def _where(mistakes: Sequence[RuleMistake]) -> frozenset[Place]:
    return frozenset(place for mistake in mistakes for place, _ in mistake.parts)


def _slugs(mistakes: Sequence[RuleMistake]) -> frozenset[str]:
    return frozenset(mistake.slug for mistake in mistakes)
