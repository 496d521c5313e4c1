"""Which cases go wrong: claims such as "right only when N = 1", each checked against every case and example.

A claim about sizes may hold by chance: with one hidden unit a ReLU that is forgotten changes nothing, since a dead
network makes no case. So a claim that rests on sizes of 1 is also tried with every input negated.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from torch import Tensor

from grader.cases.case import Case
from grader.cases.examples import with_input
from grader.exercise import Check, Exercise, Normal
from grader.grading import feedback
from grader.grading.compare import judge
from grader.grading.diagnose.observation import Observation, Rerun


def find(exercise: Exercise, check: Check, seen: Sequence[Observation], call: Rerun) -> str:
    """What the cases that pass have in common, or those that fail; "" where nothing is certain.

    seen: the cases that count and the public examples that were run; call: runs the submission on a public case.
    """
    passed = [o for o in seen if o.judgements[check.output].verdict == "passed"]
    failed = [o for o in seen if o.judgements[check.output].verdict in ("failed", "errored")]
    if not passed or not failed or len(passed) + len(failed) < len(seen):
        return ""
    raises = all(o.judgements[check.output].kind == "raised" for o in failed)
    called = failed[0].judgements[check.output].message.partition(" raised ")[0]  # of one use there are several
    subject = called if raises else check.output
    for axis in exercise.axis_names(check.variant):
        ones = [[o.case.sizes[axis] == 1 for o in group] for group in (passed, failed)]
        if all(ones[1]) and not any(ones[0]):
            return feedback.only_wrong_at_one(subject, axis, raises=raises)
        if all(ones[0]) and not any(ones[1]) and _holds_negated(exercise, check, passed, call):
            return feedback.only_right_at_one(subject, axis, raises=raises)
    if all(_is_strided(o) for o in failed) and not any(_is_strided(o) for o in passed):
        return feedback.only_wrong_when_strided(check.output)
    if all(o.case.family == "kink" for o in failed):
        return feedback.only_wrong_at_kink(check.output)
    if all(o.case.family == "large" for o in failed):
        return feedback.only_wrong_when_large(check.output)
    axes = _equal_axes(exercise.axis_names(check.variant), passed, failed)
    return feedback.only_right_when_square(subject, axes, raises=raises) if axes else ""


def _holds_negated(exercise: Exercise, check: Check, passed: Sequence[Observation], call: Rerun) -> bool:
    """Whether a public example that is right stays right with each of its inputs negated; False without an example."""
    examples = [o.case for o in passed if o.case.family == "example"]
    negated = [other for case in examples[:1] for other in _negated(exercise, case)]
    return bool(negated) and all(
        judge(exercise, case, call(case))[check.output].verdict == "passed" for case in negated
    )


def _negated(exercise: Exercise, case: Case) -> Iterator[Case]:
    """The case with one input negated at a time, where its numbers may have both signs."""
    for parameter in exercise.parameters(case.variant):
        value = case.inputs[parameter.name]
        if isinstance(value, Tensor) and isinstance(parameter.distribution, Normal):
            yield with_input(exercise, case, parameter.name, -value, "negated")


def _equal_axes(names: Sequence[str], passed: Sequence[Observation], failed: Sequence[Observation]) -> tuple[str, ...]:
    """The two sizes that are equal wherever it is right and differ wherever it is wrong; all where no two do."""
    pairs = []
    for pair in itertools.combinations(names, 2):
        first, second = pair
        equal = [[o.case.sizes[first] == o.case.sizes[second] for o in group] for group in (passed, failed)]
        if all(equal[0]) and not any(equal[1]):
            pairs.append(pair)
    return pairs[0] if len(pairs) == 1 else ()


def _is_strided(observation: Observation) -> bool:
    values = observation.case.inputs.values()
    return any(isinstance(value, Tensor) and not value.is_contiguous() for value in values)
