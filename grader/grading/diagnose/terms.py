"""One term on the way is too large or too small: by a number, by a size, or by one size over another.

A gradient is linear in what goes on from one operand, so two predictions say by which factor it is off on each case.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch

from grader.exercise import Check
from grader.grading import feedback
from grader.grading.diagnose import sizes
from grader.grading.diagnose.cache import DiagnosisCache
from grader.grading.diagnose.misconceptions import speaking
from grader.grading.diagnose.observation import Observation, counting
from grader.grading.diagnose.seen import explains
from grader.rules import RuleMistake


def find(diagnosis: DiagnosisCache, check: Check, observations: Sequence[Observation]) -> Sequence[RuleMistake] | None:
    """The term that is off by a factor; empty where it may be several factors, None without any."""
    own = sorted(counting(observations, check.variant), key=lambda o: o.judgements[check.output].verdict == "passed")
    if speaking(diagnosis, check, own) != (check.output,):
        return None
    found: dict[str, list[RuleMistake]] = {}
    for term in diagnosis.terms(check.variant):
        if (said := _said(diagnosis, term, check.output, own)) is not None:
            found.setdefault(said, []).append(term)
    if not found:
        return None
    if len(found) > 1:
        return ()
    ((said, terms),) = found.items()
    fewest = min(term.changes for term in terms)
    parts = tuple(part for term in terms if term.changes == fewest for part in term.parts)
    return (replace(terms[0], text=feedback.term(check.output, said), parts=parts),)


def _said(diagnosis: DiagnosisCache, term: RuleMistake, output: str, own: Sequence[Observation]) -> str | None:
    """By which factor a term is off in every case, in words; None where it explains nothing."""
    factors: list[tuple[float, Mapping[str, int]]] = []
    for observation in own:
        factor = _factor(diagnosis, term, output, observation)
        if factor is None:
            return None
        if not math.isnan(factor):
            factors.append((factor, observation.case.sizes))
    return sizes.factor(factors)


def _factor(diagnosis: DiagnosisCache, term: RuleMistake, output: str, observation: Observation) -> float | None:
    """By which number a term is multiplied on a case; NaN where it does not matter, None where none explains it."""
    position = tuple(diagnosis.suite.exercise.asks).index(output)
    right, actual = observation.case.expected[output], observation.judgements[output].actual
    without = diagnosis.predict((replace(term, constant=0.0),), observation.case)
    if without is None or actual is None or not (actual.is_floating_point() and right.value.is_floating_point()):
        return None
    if not actual.shape == right.value.shape == without[position].shape:
        return None
    slope = right.value - without[position]
    size = float((slope**2).sum())
    if size == 0.0:
        return math.nan if explains(actual, right.value, right, diagnosis.slack(observation.case, output)) else None
    factor = float(((actual.double() - without[position]) * slope).sum() / size)
    if not math.isfinite(factor):
        return None
    if any(rule.backward is None for _, rule in term.parts):
        made = diagnosis.predict((replace(term, constant=factor),), observation.case)
        predicted = None if made is None else made[position]
    else:
        predicted = without[position] + factor * slope
    slack = diagnosis.slack(observation.case, output)
    if predicted is None or not explains(actual, torch.as_tensor(predicted), right, slack):
        return None
    return factor
