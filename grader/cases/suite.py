"""Draws an exercise's cases: input tensors from HMAC(secret, exercise, case), each with the features that it must have.

A family says what a case is there to reveal; `docs/decisions/0004-cases.md` says which mistakes only it reveals.
Candidates are drawn until one shows the family's features and is neither dead (nothing to compare), saturated, nor so
close to a kink that rounding could decide.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from grader.cases.drawing import (
    Drawing,
    Value,
    clipped,
    draw_inputs,
    equal_rows_once,
    generator,
    schedule,
    with_given,
)
from grader.cases.oracle import Expected, Outputs, evaluate, expect, observe
from grader.cases.rounding import Observed, OtherSide
from grader.errors import ExerciseError
from grader.exercise import Exercise
from grader.wire import tensors
from grader.wire.protocol import Framework, Input

__all__ = ["Case", "Suite", "Value", "allowed_sizes", "is_informative", "prepare", "unusable"]

ATTEMPTS = 96
"""How many candidates are drawn before a case is given up."""
SIZE_ATTEMPTS = 200
"""How often sizes are drawn until they meet the exercise's conditions."""
PATIENCE = 8
"""How many usable candidates are compared before the best is taken; four times as many where a major feature lacks."""
SATURATION = 8.0
"""The largest magnitude that may enter a sigmoid, tanh or exp: beyond it nothing is left of a gradient in float32."""
MAJOR = 10
"""The weight of a feature that is worth a longer search."""
MARGIN = 2.0**-14
"""How far from a kink, as a fraction of the largest distance there, every element must be: a thousand roundings."""


@dataclass(frozen=True)
class Case:
    """One set of inputs with its right answers.

    name: e.g. "batch/lattice-0"; sizes: by axis; inputs: in call order, float32 tensors or Python numbers;
    expected: by output; counts: False for a kink case that only gives advice.
    """

    name: str
    variant: str
    family: str
    sizes: Mapping[str, int]
    inputs: Mapping[str, Value]
    expected: Mapping[str, Expected]
    counts: bool = True
    framework: Framework = "torch"
    received: tuple[str, ...] | None = None
    """The inputs that the student's code receives, in order; None: all."""
    seed: int = 0
    """Of the random numbers that the student's code draws."""

    @cached_property
    def arguments(self) -> tuple[Input, ...]:
        """The inputs as they travel: made once, sent to every submission."""
        names = self.inputs if self.received is None else self.received
        return tuple(tensors.encode(self.inputs[name], self.framework) for name in names)

    @cached_property
    def expected_bytes(self) -> int:
        """The size of the right answers in float32."""
        return sum(4 * answer.value.numel() for answer in self.expected.values())


@dataclass(frozen=True)
class Suite:
    """An exercise with all its cases under one secret, variant by variant."""

    exercise: Exercise
    cases: tuple[Case, ...]
    unavailable: tuple[str, ...] = ()
    """Sentences about cases that could not be drawn, for the author's eyes."""


def prepare(exercise: Exercise, secret: bytes, student: str = "", without: frozenset[str] = frozenset()) -> Suite:
    """All cases of an exercise under a secret, with expected values and tolerances.

    student: draws cases of one student's own; without: families to leave out (the author's audit).
    Raises ExerciseError when a variant has no case that counts, or the forward pass cannot be graded.
    """
    cases: list[Case] = []
    unavailable: list[str] = []
    for variant in exercise.variant_names:
        for drawing in schedule(exercise, variant):
            if drawing.family in without:
                continue
            name = f"{variant}/{drawing.family}-{drawing.index}".lstrip("/")
            found = _find(exercise, variant, name, drawing, generator(secret, exercise.slug, name, student))
            seed = int(generator(secret, exercise.slug, name, student, "seed").integers(2**31))
            if isinstance(found, Case):
                cases.append(replace(found, seed=seed))
            elif found:
                unavailable.append(f"{name}: {found}")
        if not any(case.counts for case in cases if case.variant == variant):
            raise ExerciseError(
                f"{exercise.slug}: no case can be drawn{f' for {variant!r}' if variant else ''} "
                f"({'; '.join(unavailable)}); widen `sizes` or give `inputs` other distributions"
            )
    return Suite(exercise, tuple(cases), tuple(unavailable))


def _find(exercise: Exercise, variant: str, name: str, drawing: Drawing, rng: np.random.Generator) -> Case | str | None:
    """The first candidate with every feature, or else the best of some that are usable.

    A text says why there is none; None says that there need not be one (a kink where nothing has a kink, sizes that the
    conditions rule out).
    """
    parameters = exercise.parameters(variant)
    counts = drawing.family != "kink" or exercise.kink == "graded"
    reasons: Counter[str] = Counter()
    candidates: list[tuple[int, dict[str, int], dict[str, Value]]] = []
    for attempt in range(ATTEMPTS):
        sizes = allowed_sizes(exercise, variant, drawing, rng)
        if sizes is None:
            return None
        drawn = draw_inputs(parameters, sizes, drawing, rng, 0.5 ** (reasons["saturated"] // 16))
        inputs = with_given(exercise, drawn)
        outputs, observed = observe(exercise, inputs)
        if drawing.family == "kink" and not observed.decides:
            return None
        if reason := unusable(outputs, observed, at_kink=drawing.family == "kink"):
            reasons[reason] += 1
        else:
            penalty = _missing_feature_penalty(exercise, drawing, inputs, outputs, observed)
            candidates.append((penalty, sizes, inputs))
        while candidates and (attempt == ATTEMPTS - 1 or _stop_searching([penalty for penalty, _, _ in candidates])):
            best = min(range(len(candidates)), key=lambda position: candidates[position][0])
            _, sizes, inputs = candidates.pop(best)
            expected = expect(exercise, inputs)
            if expected is not None and all(map(_decidable, expected.values())):
                return Case(
                    name,
                    variant,
                    drawing.family,
                    sizes,
                    inputs,
                    expected,
                    counts,
                    exercise.framework,
                    exercise.received,
                )
            reasons["rounding decides"] += 1
    if set(reasons) <= {"not at a kink"}:  # none is within reach of such inputs
        return None
    return "every candidate is unusable (" + ", ".join(f"{why}: {n}" for why, n in reasons.most_common()) + ")"


def allowed_sizes(
    exercise: Exercise, variant: str, drawing: Drawing, rng: np.random.Generator
) -> dict[str, int] | None:
    """Sizes of the drawing's kind that meet the exercise's conditions; None where many attempts find none."""
    ranges = {axis: exercise.sizes[axis] for axis in exercise.axis_names(variant)}
    drawn = (drawing.sizes(rng, ranges) for _ in range(SIZE_ATTEMPTS))
    return next((sizes for sizes in drawn if exercise.allows(sizes, variant)), None)


def _stop_searching(penalties: Sequence[int]) -> bool:
    """No feature is missing, or no major one after some candidates, or there were many candidates."""
    best = min(penalties, default=MAJOR)
    return best == 0 or (best < MAJOR and len(penalties) >= PATIENCE) or len(penalties) >= 4 * PATIENCE


def unusable(outputs: Outputs, observed: Observed, *, at_kink: bool = False) -> str:
    """Why nothing can be learnt from a candidate, or ""."""
    values = [value for value in outputs.values() if value.dtype != torch.bool]
    if not all(bool(torch.isfinite(value).all()) for value in values):
        return "not finite"
    if values and not any(bool(value.any()) for value in values):
        return "dead"
    if observed.saturation > SATURATION:
        return "saturated"
    if observed.kinks != at_kink:
        return "not at a kink" if at_kink else "at a kink"
    return "near a kink" if observed.margin < MARGIN else ""


def _missing_feature_penalty(
    exercise: Exercise, drawing: Drawing, inputs: Mapping[str, Value], outputs: Outputs, observed: Observed
) -> int:
    """The weight of the features that a case of this family should have and that are missing.

    Major: every output can tell a wrong answer; entries far outside the usual range (scaled) and repeated rows
    (lattice) matter, and so does the choice at a kink, for as many outputs as possible; square outputs are not
    symmetric.
    Also, but after all of these: a yes (in even cases) or a no (in odd ones) in each boolean output is a narrow one.
    Minor: decisions and differences go both ways, a lone difference is positive in even cases and negative in odd ones.
    """
    wanted_sign = 1 - 2 * (drawing.index % 2)
    penalty = MAJOR * sum(not is_informative(value) for value in outputs.values())
    penalty += observed.one_sided + (observed.sign not in (0, wanted_sign))
    if misreading := {"scaled": clipped, "lattice": equal_rows_once}.get(drawing.family):
        misread = evaluate(exercise, misreading(exercise, inputs))
        penalty += MAJOR * (not any(_differs(misread[name], outputs[name]) for name in outputs))
    if drawing.family == "square":
        penalty += MAJOR * sum(value.ndim == 2 and torch.equal(value, value.T) for value in outputs.values())
    if drawing.family == "kink":
        with OtherSide():
            other = evaluate(exercise, inputs)
        penalty += MAJOR * sum(not _differs(other[name], outputs[name]) for name in outputs)
    if any(value.dtype == torch.bool for value in outputs.values()):
        narrow = _narrow(exercise, inputs, outputs, drawing.index % 2 == 0)
        penalty = 4 * penalty + MAJOR * sum(not each for each in narrow)
    return penalty


def _narrow(exercise: Exercise, inputs: Mapping[str, Value], outputs: Outputs, answer: bool) -> Iterator[bool]:
    """For each boolean output whether this answer, where it is given, would change with slightly other inputs."""
    stream = torch.Generator().manual_seed(0)
    others = []
    for _ in range(2):
        others.append(evaluate(exercise, {name: _perturbed(value, stream) for name, value in inputs.items()}))
    for name, value in outputs.items():
        if value.dtype == torch.bool:
            yield any(bool(((value == answer) & (other[name] != answer)).any()) for other in others)


def _perturbed(value: Value, stream: torch.Generator) -> Value:
    """Every entry changed by about a tenth of itself."""
    if not (isinstance(value, Tensor) and value.is_floating_point()):
        return value
    return value * (1 + 0.1 * torch.randn(value.shape, generator=stream))


def _differs(value: Tensor, other: Tensor) -> bool:
    """Whether two results are visibly different."""
    if value.dtype == torch.bool:
        return not torch.equal(value, other)
    return bool(((value - other).abs() > 1e-6 * (1 + other.abs().max())).any())


def is_informative(value: Tensor) -> bool:
    """Whether an output tells wrong answers from right ones: finite, not all 0, not constant where it is boolean."""
    if value.dtype == torch.bool:
        return value.numel() < 2 or bool(value.any() and not value.all())
    return bool(torch.isfinite(value).all() and (value != 0).any())


def _decidable(answer: Expected) -> bool:
    """Rounding is far below the signal."""
    if answer.value.dtype == torch.bool:
        return True
    signal = float(answer.value.abs().max()) if answer.value.numel() else 0.0
    return signal == 0.0 or float(answer.tolerance.max()) < 1e-3 * signal
