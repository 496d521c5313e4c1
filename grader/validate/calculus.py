"""Mutants from the forward pass alone: each wrong rule of calculus at each place, with no line of an author's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from grader import rules
from grader.cases.suite import Suite
from grader.exercise import Exercise
from grader.rules import RuleMistake
from grader.validate.mutants import Call, Mutant


def calculus(suite: Suite) -> Iterator[Mutant]:
    """Every wrong rule that what is asked depends on; one that raises on a variant's first case is left out."""
    staged = rules.staged(suite.exercise)
    seen: Counter[str] = Counter()
    for variant in suite.exercise.variant_names:
        case = next(case for case in suite.cases if case.variant == variant and case.counts)
        for mistake in rules.mistakes(staged, case.inputs):
            name = f"{mistake.slug} at {mistake.line or f'{len(mistake.parts)} places'}"
            if _is_one(staged, case.inputs, mistake):
                seen[name] += 1
                number = f" ({seen[name]})" if seen[name] > 1 else ""
                yield Mutant(f"{name}{number}", "calculus", _call(staged, mistake), mistake.text, mistake.advice)


def _is_one(exercise: Exercise, inputs: Mapping[str, Any], mistake: RuleMistake) -> bool:
    try:
        return rules.is_used(exercise, inputs, mistake)
    except Exception:  # a shape that does not fit, or a rule without its operand
        return False


def _call(exercise: Exercise, mistake: RuleMistake) -> Call:
    def call(inputs: Mapping[str, Any]) -> Any:
        results = tuple(rules.evaluate(exercise, inputs, mistake).values())
        return results if len(results) > 1 else results[0]

    return call
