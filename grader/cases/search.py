"""Searches the inputs of one case: candidates are drawn until one shows every feature of the case's family.

A candidate is unusable if it is dead (nothing to compare), saturated, or so close to a kink that rounding could decide.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from grader.cases.case import Case
from grader.cases.drawing import FINE_LATTICE, LATTICE, PLAIN, Drawing, Value, draw_inputs, restrided, with_given
from grader.cases.features import MAJOR, STEEP, missing_feature_penalty, sharpened
from grader.cases.oracle import Expected, Outputs, expect, observe
from grader.cases.rounding import Observed
from grader.cases.scales import Scales
from grader.cases.sizes import Sizes
from grader.cases.subgradients import reaches
from grader.exercise import Exercise, Normal

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


def find(search: Search, name: str) -> Case | str | None:
    """The first candidate with every feature, or else the best of some that are usable.

    A text says why there is none; None says that there need not be one (a kink where nothing has a kink, sizes that the
    conditions rule out).
    """
    exercise, variant, drawing = search.exercise, search.variant, search.drawing
    rejected = Rejected()
    candidates: list[tuple[int, dict[str, int], dict[str, Value]]] = []
    paired = search.sizes() if drawing.pair else None
    shared = search.whole(paired) if paired else {}
    for attempt in range(ATTEMPTS):
        sizes = paired or search.sizes()
        if sizes is None:
            return None
        few_zeros = attempt >= FEW_ZEROS and not candidates
        inputs, outputs, observed = _candidate(search, sizes, shared, rejected.reasons, few_zeros)
        if drawing.family == "kink" and not observed.decides:
            return None
        if reason := unusable(outputs, observed, at_kink=drawing.family == "kink"):
            rejected.add(reason, sizes)
        else:
            penalty = missing_feature_penalty(exercise, variant, drawing, search.scales, inputs, outputs, observed)
            candidates.append((penalty, sizes, inputs))
        while candidates and (attempt == ATTEMPTS - 1 or _stop_searching([penalty for penalty, _, _ in candidates])):
            best = min(range(len(candidates)), key=lambda position: candidates[position][0])
            _, sizes, inputs = candidates.pop(best)
            found = _completed(search, name, sizes, inputs)
            if isinstance(found, Case):
                return found
            rejected.add(found, sizes)
    return rejected.sentence(drawing)


class Rejected:
    """Why candidates were rejected, how often, and with which sizes first."""

    def __init__(self) -> None:
        self.reasons: Counter[str] = Counter()
        self._sizes: dict[str, Mapping[str, int]] = {}

    def add(self, reason: str, sizes: Mapping[str, int]) -> None:
        """One more candidate."""
        self.reasons[reason] += 1
        self._sizes.setdefault(reason, sizes)

    def sentence(self, drawing: Drawing) -> str | None:
        """Why there is no case; None where there need not be one."""
        if set(self.reasons) <= {NOT_AT_A_KINK}:  # none is within reach of such inputs
            return None
        if drawing.scaled and set(self.reasons) <= {SATURATED}:  # large inputs leave nothing of a gradient there
            return None
        found = "; ".join(f"{why}: {n}{_such_as(self._sizes[why])}" for why, n in self.reasons.most_common())
        return f"every candidate is unusable ({found})"


def _such_as(sizes: Mapping[str, int]) -> str:
    return f", such as with {', '.join(f'{axis} = {size}' for axis, size in sizes.items())}" if sizes else ""


def _candidate(
    search: Search, sizes: dict[str, int], shared: Mapping[str, Value], reasons: Counter[str], few_zeros: bool
) -> tuple[dict[str, Value], Outputs, Observed]:
    """Inputs of these sizes with their outputs; reasons: why earlier candidates were rejected."""
    drawn = search.inputs(sizes, reasons[SATURATED], reasons[AT_A_KINK], few_zeros)
    inputs = with_given(search.exercise, {**drawn, **shared})
    outputs, observed = observe(search.exercise, inputs)
    if search.drawing.strided and 0 < observed.saturation < STEEP:
        return _steep(search.exercise, inputs, outputs, observed)
    return inputs, outputs, observed


def _completed(search: Search, name: str, sizes: dict[str, int], inputs: dict[str, Value]) -> Case | str:
    """A candidate as a case with its right answers, or why rounding rules it out."""
    exercise, drawing = search.exercise, search.drawing
    inputs = _sharpened(exercise, drawing, inputs)
    if drawing.strided:  # products of tensors have a layout of their own
        drawn = {name: restrided(value) for name, value in inputs.items() if name not in exercise.given}
        inputs = with_given(exercise, drawn)
    expected = expect(exercise, inputs)
    counts = drawing.family != "kink" or exercise.kink == "graded"
    reached = {} if counts or expected is None else reaches(exercise, inputs, expected)
    reason = _undecided(None if reached is None else expected, drawing.strided)
    if expected is None or reached is None or reason:
        return reason
    return Case(
        name,
        search.variant,
        drawing.family,
        sizes,
        inputs,
        expected,
        counts,
        exercise.framework,
        exercise.received,
        reached,
    )


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
