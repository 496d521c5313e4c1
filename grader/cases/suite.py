"""Draws an exercise's cases: input tensors from HMAC(secret, exercise, case), each with the features that it must have.

A family says what a case is there to reveal; `docs/decisions/0004-cases.md` says which mistakes only it reveals.
Candidates are drawn until one shows the family's features and is neither dead (nothing to compare), saturated, nor so
close to a kink that rounding could decide.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from grader.cases.drawing import (
    FINE_LATTICE,
    LATTICE,
    PLAIN,
    Drawing,
    Value,
    draw_inputs,
    generator,
    restrided,
    schedule,
    with_given,
)
from grader.cases.features import MAJOR, STEEP, is_informative, missing_feature_penalty, sharpened
from grader.cases.oracle import Expected, Outputs, expect, observe
from grader.cases.rounding import Observed
from grader.cases.scales import Scales, large, per_case
from grader.cases.sizes import Sizes
from grader.cases.subgradients import Reach, reaches
from grader.errors import ExerciseError
from grader.exercise import ENOUGH_DRAWN, Exercise, Normal
from grader.wire import tensors
from grader.wire.protocol import Framework, Input

__all__ = ["Case", "Suite", "Value", "allowed_sizes", "is_informative", "prepare", "unusable"]

ATTEMPTS = 96
"""How many candidates are drawn before a case is given up."""
SIZE_ATTEMPTS = 200
"""How often sizes are drawn until they meet the exercise's conditions."""
HALVED = 16
"""After how many saturated candidates the entries of the next ones are half as large."""
TIED = 64
"""After how many candidates at a kink a lattice gets finer."""
FEW_ZEROS = 80
"""After how many unusable candidates one input gets no zeros: every usable one that has zeros everywhere is better."""
PATIENCE = 8
"""How many usable candidates are compared before the best is taken; four times as many where a major feature lacks."""
SMALL = 2.0**-4
"""What a small scaled case multiplies its inputs by."""
SATURATION = 8.0
"""The largest magnitude that may enter a sigmoid, tanh or exp: beyond it nothing is left of a gradient in float32."""
SATURATED = "more than 8 goes into a sigmoid, tanh, exp or softmax"
AT_A_KINK, NOT_AT_A_KINK = "at a kink", "not at a kink"
MARGIN = 2.0**-14
"""How far from a kink, as a fraction of the largest distance there, every element must be: a thousand roundings."""


@dataclass(frozen=True)
class Case:
    """One set of inputs with its right answers.

    name: e.g. "batch/lattice-0"; sizes: by axis; inputs: in call order, float32 tensors or Python numbers;
    expected: by output; counts: False for a kink case, where other subgradients only give advice.
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
    reaches: Mapping[str, Reach] = field(default_factory=dict)
    """In a kink case that gives advice: by output, what costs nothing."""
    seed: int = 0
    """Of the random numbers that the student's code draws."""
    drawn: tuple[str, ...] | None = None
    """The draws that were read off one submission's results; None in a case that serves every submission."""

    @cached_property
    def arguments(self) -> tuple[Input, ...]:
        """The inputs as they travel: made once, sent to every submission."""
        names = self.inputs if self.received is None else self.received
        return tuple(tensors.encode(self.inputs[name], self.framework) for name in names)

    @cached_property
    def contiguous_arguments(self) -> tuple[Input, ...]:
        """The same inputs in the usual memory layout; empty where they have it already."""
        held = [value for value in self.inputs.values() if isinstance(value, Tensor)]
        if all(value.is_contiguous() for value in held):
            return ()
        return tuple(replace(argument, strides=()) for argument in self.arguments)

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
            found = _find(Search(exercise, variant, drawing, rng, of_sizes, chosen), name)
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


@dataclass(frozen=True)
class Search:
    """What one case is drawn from; of_sizes: its own stream, or one that a pair shares; scales: of a large one."""

    exercise: Exercise
    variant: str
    drawing: Drawing
    rng: np.random.Generator
    of_sizes: np.random.Generator
    scales: Scales

    def sizes(self) -> dict[str, int] | None:
        """Sizes of the family's kind that meet the exercise's conditions, or else others that do; None if none do."""
        return allowed_sizes(self.exercise, self.variant, self.drawing.sizes, self.of_sizes)

    def whole(self, sizes: dict[str, int]) -> dict[str, Value]:
        """Python ints, which shapes may depend on, as a pair shares them."""
        parameters = self.exercise.parameters(self.variant)
        return {each.name: PLAIN.draw(each, sizes, self.of_sizes) for each in parameters if each.kind == "int"}

    def inputs(self, sizes: dict[str, int], saturated: int, tied: int, few_zeros: bool) -> dict[str, Value]:
        """One candidate; saturated: how many were, so that normal entries are halved again and again.

        tied: how many were at a kink, so that a lattice gets finer; few_zeros: whether one input gets none.

        In a large scaled case the input that makes it large is halved half as often as the others.
        """
        parameters = self.exercise.parameters(self.variant)
        scales = self.scales.factors if self.drawing.scaled == "large" else {}
        largest = max(scales.values(), default=0.0)
        usual = SMALL if self.drawing.scaled == "small" else 1.0
        factors = {
            each.name: factor * 0.5 ** (saturated // (2 * HALVED if factor == largest else HALVED))
            for each in parameters
            if isinstance(each.distribution, Normal)
            for factor in [scales.get(each.name, usual)]
        }
        finer = tied >= TIED and self.drawing.entries is LATTICE
        drawing = replace(self.drawing, entries=FINE_LATTICE) if finer else self.drawing
        return draw_inputs(parameters, sizes, drawing, self.rng, factors, few_zeros=few_zeros)


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


def _find(search: Search, name: str) -> Case | str | None:
    """The first candidate with every feature, or else the best of some that are usable.

    A text says why there is none; None says that there need not be one (a kink where nothing has a kink, sizes that the
    conditions rule out).
    """
    exercise, variant, drawing = search.exercise, search.variant, search.drawing
    counts = drawing.family != "kink" or exercise.kink == "graded"
    reasons: Counter[str] = Counter()
    seen: dict[str, dict[str, int]] = {}
    candidates: list[tuple[int, dict[str, int], dict[str, Value]]] = []
    paired = search.sizes() if drawing.pair else None
    shared = search.whole(paired) if paired else {}
    for attempt in range(ATTEMPTS):
        sizes = paired or search.sizes()
        if sizes is None:
            return None
        few_zeros = attempt >= FEW_ZEROS and not candidates
        drawn = search.inputs(sizes, reasons[SATURATED], reasons[AT_A_KINK], few_zeros)
        inputs = with_given(exercise, drawn | shared)
        outputs, observed = observe(exercise, inputs)
        if drawing.strided and 0 < observed.saturation < STEEP:
            inputs, outputs, observed = _steep(exercise, inputs, outputs, observed)
        if drawing.family == "kink" and not observed.decides:
            return None
        if reason := unusable(outputs, observed, at_kink=drawing.family == "kink"):
            reasons[reason] += 1
            seen.setdefault(reason, sizes)
        else:
            penalty = missing_feature_penalty(exercise, variant, drawing, search.scales, inputs, outputs, observed)
            candidates.append((penalty, sizes, inputs))
        while candidates and (attempt == ATTEMPTS - 1 or _stop_searching([penalty for penalty, _, _ in candidates])):
            best = min(range(len(candidates)), key=lambda position: candidates[position][0])
            _, sizes, inputs = candidates.pop(best)
            inputs = _sharpened(exercise, drawing, inputs)
            if drawing.strided:  # products of tensors have a layout of their own
                drawn = {name: restrided(value) for name, value in inputs.items() if name not in exercise.given}
                inputs = with_given(exercise, drawn)
            expected = expect(exercise, inputs)
            reached = {} if counts or expected is None else reaches(exercise, inputs, expected)
            reason = _undecided(None if reached is None else expected, drawing.strided)
            if expected is not None and reached is not None and not reason:
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
                    reached,
                )
            reasons[reason] += 1
            seen.setdefault(reason, sizes)
    if set(reasons) <= {NOT_AT_A_KINK}:  # none is within reach of such inputs
        return None
    if search.drawing.scaled and set(reasons) <= {SATURATED}:  # large inputs leave nothing of a gradient there
        return None
    found = "; ".join(f"{why}: {n}{_such_as(seen[why])}" for why, n in reasons.most_common())
    return f"every candidate is unusable ({found})"


def _such_as(sizes: Mapping[str, int]) -> str:
    return f", such as with {', '.join(f'{axis} = {size}' for axis, size in sizes.items())}" if sizes else ""


def allowed_sizes(
    exercise: Exercise, variant: str, kinds: Sequence[Sizes], rng: np.random.Generator
) -> dict[str, int] | None:
    """Sizes of the first kind that meet the exercise's conditions; None where many attempts of each kind find none."""
    ranges = {axis: exercise.sizes[axis] for axis in exercise.axis_names(variant)}
    drawn = (kind(rng, ranges) for kind in kinds for _ in range(SIZE_ATTEMPTS))
    return next((each for each in drawn if exercise.allows(each, variant)), None)


def _steep(
    exercise: Exercise, inputs: dict[str, Value], outputs: Outputs, observed: Observed
) -> tuple[dict[str, Value], Outputs, Observed]:
    """The candidate with one input multiplied so that STEEP goes into a sigmoid; unchanged if no input does that."""
    for name in reversed(inputs):
        value = inputs[name]
        if isinstance(value, Tensor) and value.is_floating_point():
            larger = with_given(exercise, {**inputs, name: value * (STEEP / observed.saturation)})
            found, seen = observe(exercise, larger)
            if abs(seen.saturation - STEEP) < 0.1:
                return larger, found, seen
    return inputs, outputs, observed


def _sharpened(exercise: Exercise, drawing: Drawing, inputs: dict[str, Value]) -> dict[str, Value]:
    """The inputs with narrow decisions, where these are still usable."""
    narrow = sharpened(exercise, drawing, inputs)
    if narrow is not inputs:
        narrow = with_given(exercise, narrow)
    return inputs if narrow is inputs or unusable(*observe(exercise, narrow)) else narrow


def _stop_searching(penalties: Sequence[int]) -> bool:
    """No feature is missing, or no major one after some candidates, or there were many candidates."""
    best = min(penalties, default=MAJOR)
    return best == 0 or (best < MAJOR and len(penalties) >= PATIENCE) or len(penalties) >= 4 * PATIENCE


def unusable(outputs: Outputs, observed: Observed, *, at_kink: bool = False) -> str:
    """Why nothing can be learnt from a candidate, or ""."""
    values = {name: value for name, value in outputs.items() if value.dtype != torch.bool}
    infinite = [name for name, value in values.items() if not bool(torch.isfinite(value).all())]
    if infinite:
        return f"{', '.join(infinite)} not finite"
    if values and not any(bool(value.any()) for value in values.values()):
        return f"{', '.join(values)} 0 everywhere"
    if observed.saturation > SATURATION:
        return SATURATED
    if observed.kinks != at_kink:
        return NOT_AT_A_KINK if at_kink else AT_A_KINK
    return "near a kink" if observed.margin < MARGIN else ""


def _undecided(expected: Mapping[str, Expected] | None, steep: bool) -> str:
    """Which outputs rounding leaves too little of, or that it decides; "" where it does neither."""
    if expected is None:
        return "rounding decides which way the forward pass goes"
    lost = [output for output, answer in expected.items() if not _decidable(answer, steep)]
    return f"rounding hides {', '.join(lost)}" if lost else ""


def _decidable(answer: Expected, steep: bool) -> bool:
    """Rounding is far below the signal; less far where 1 - p is small on purpose."""
    if not answer.value.is_floating_point():
        return True
    signal = float(answer.value.abs().max()) if answer.value.numel() else 0.0
    return signal == 0.0 or float(answer.tolerance.max()) < (1e-2 if steep else 1e-3) * signal
