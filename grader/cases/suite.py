"""Draws an exercise's cases: input tensors from HMAC(secret, exercise, case), each with the features that it must have.

A family says what a case is there to reveal; `docs/decisions/0004-cases.md` says which mistakes only it reveals.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from grader.cases.case import Case
from grader.cases.drawing import generator, schedule
from grader.cases.oracle import observe
from grader.cases.scales import Scales, large, per_case
from grader.cases.search import Search, find
from grader.errors import ExerciseError
from grader.exercise import ENOUGH_DRAWN, Exercise


@dataclass(frozen=True)
class Suite:
    """An exercise with all its cases under one secret, variant by variant."""

    exercise: Exercise
    cases: tuple[Case, ...]
    unavailable: tuple[str, ...] = ()
    """Sentences about cases that could not be drawn, for the author's eyes."""

    @property
    def measured(self) -> tuple[str, ...]:
        """Operations for whose rounding no bound is known, so that tolerances rest on a measurement."""
        answers = (answer for case in self.cases for answer in case.expected.values())
        return tuple(sorted({operation for answer in answers for operation in answer.measured}))


def prepare(exercise: Exercise, secret: bytes, student: str = "", without: frozenset[str] = frozenset()) -> Suite:
    """All cases of an exercise under a secret, with expected values and tolerances.

    student: draws cases of one student's own; without: families to leave out (the author's audit).
    Raises ExerciseError when a variant has no case that counts, or the forward pass cannot be graded.
    """
    cases: list[Case] = []
    unavailable: list[str] = []
    for variant in exercise.variant_names:
        scales = per_case(large(exercise, variant))
        for drawing in schedule(exercise, variant, len(scales)):
            if drawing.family in without:
                continue
            name = f"{variant}/{drawing.family}-{drawing.index}".lstrip("/")
            rng = generator(secret, exercise.slug, name, student)
            of_sizes = generator(secret, exercise.slug, variant, drawing.pair, student) if drawing.pair else rng
            chosen = scales[drawing.index] if drawing.scaled == "large" else Scales({})
            found = find(Search(exercise, variant, drawing, rng, of_sizes, chosen), name)
            # Larger than the seeds that an exercise gives its students: two draws from one seed would be the same.
            seed = int(generator(secret, exercise.slug, name, student, "seed").integers(2**31, 2**32))
            if isinstance(found, Case):
                _check_draws(exercise, found)
                cases.append(replace(found, seed=seed))
            elif found:
                unavailable.append(f"{name}: {found}")
        if not any(case.counts for case in cases if case.variant == variant):
            raise ExerciseError(
                f"{exercise.slug}: no case can be drawn{f' for {variant!r}' if variant else ''} "
                f"({unavailable[0] if unavailable else 'no sizes meet the conditions'}); "
                "widen `sizes` or give `inputs` other distributions"
            )
        tested = any(case.family == "draw" for case in cases if case.variant == variant) or "draw" in without
        if exercise.draws and not tested:
            raise ExerciseError(f"{exercise.slug}: no case tests the draws ({'; '.join(unavailable)}); widen `sizes`")
    return Suite(exercise, tuple(cases), tuple(unavailable))


def _check_draws(exercise: Exercise, case: Case) -> None:
    """Raise ExerciseError unless every draw can be read off its result and is all that is left to chance."""
    for filled in (False, True) if exercise.draws else ():
        masks = {name: torch.full_like(torch.as_tensor(case.inputs[name]), float(filled)) for name in exercise.draws}
        outputs, observed = observe(exercise, {**case.inputs, **masks})
        for name, drawn in exercise.draws.items():
            shown = outputs[drawn.seen_in] != 0
            if shown.shape != masks[name].shape or not bool((shown == filled).all()):
                raise ExerciseError(
                    f"inputs: {name!r} cannot be read off {drawn.seen_in!r}, which must be 0 exactly where the mask "
                    "is; multiply the mask by something that is never 0, such as an input with Normal(zeros=False)"
                )
            if case.family == "draw" and shown.numel() < ENOUGH_DRAWN:
                raise ExerciseError(f"conditions: they leave {name!r} with fewer than {ENOUGH_DRAWN} entries")
        if observed.decides:
            raise ExerciseError(
                "forward: a kink or a comparison follows a draw, where a student's mask could sit at a jump; "
                "ask for the drawn layer by itself"
            )
