"""The student's own draws: masks that are read off results, tested as draws, and given to the oracle.

What the student's code says about its draw is not believed: a mask is 0 exactly where the result that shows it is 0.
Every test bounds the chance that a true draw fails it: all together, less than one in a thousand million gradings.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace

import torch
from torch import Tensor

from grader.cases.case import Case
from grader.cases.examples import invisible
from grader.cases.oracle import Expected, Inputs, at_least, evaluate, expect
from grader.errors import ExerciseError
from grader.exercise import Exercise, parameter_names
from grader.grading import feedback

ALARM = 1e-12
"""The chance that one true mask, or one pair of independent ones, fails: an exercise has about a dozen of them."""
FAR = 0.02
"""What is further off, as a part of the largest entry, is wrong: cases have tolerances below half of that."""
LEAST = 0.01
"""The part of the entries that a mask must keep, and drop, for what depends on it to be judged."""


def read(exercise: Exercise, case: Case, results: Mapping[str, Tensor]) -> Case:
    """The case with the masks that results show, and the right answers for them.

    A mask whose result did not come in the right shape stays as it was drawn for the case, and out of `drawn`.
    """
    masks: dict[str, Tensor] = {}
    for name, drawn in exercise.draws.items():
        wanted, shown = case.expected[drawn.seen_in].value.shape, results.get(drawn.seen_in)
        if shown is not None and (shown.shape == wanted or (exercise.squeeze and shown.numel() == wanted.numel())):
            masks[name] = (shown.reshape(wanted) != 0).float()
    inputs = {**case.inputs, **masks}
    return replace(case, inputs=inputs, expected=_expected(exercise, case, inputs, results), drawn=tuple(masks))


def _expected(exercise: Exercise, case: Case, inputs: Inputs, results: Mapping[str, Tensor]) -> Mapping[str, Expected]:
    values = evaluate(exercise, inputs)
    if case.family == "example":
        return {output: Expected(value, invisible(value)) for output, value in values.items()}
    least = {output: at_least(exercise, value) for output, value in values.items()}
    if not any(_is_close(result, least[output]) for output, result in results.items()):
        return least  # how much more is tolerated changes no verdict, and takes twenty times as long to find out
    expected = expect(exercise, inputs)
    if expected is None:
        raise ExerciseError(f"{exercise.slug}: rounding decides an answer for a student's own draw")
    return expected


def _is_close(result: Tensor, least: Expected) -> bool:
    """Whether a result is neither right with the least tolerance nor wrong with the largest that a case may have."""
    if result.shape != least.value.shape:
        return False
    distance, value = (result.double() - least.value.double()).abs(), least.value.double().abs()
    return not bool((distance <= least.tolerance).all()) and not bool((distance > FAR * value.max()).any())


def unseen(exercise: Exercise, case: Case, output: str) -> str:
    """Why an output cannot be judged that depends on a draw which another output shows; "" where it can."""
    for name in _drawn_by(exercise, output):
        shown = exercise.draws[name].seen_in
        if shown != output and (name not in (case.drawn or ()) or _is_constant(case, name)):
            return feedback.draw_not_seen(output, shown)
    return ""


def irregular(exercise: Exercise, case: Case, output: str) -> str:
    """Why what an output shows is no draw, by a case that is large enough to tell; "" where it may be one."""
    if case.family != "draw":
        return ""
    for name, drawn in exercise.draws.items():
        if drawn.seen_in == output and name in (case.drawn or ()):
            return _irregular(exercise, case, name)
    return ""


def _irregular(exercise: Exercise, case: Case, name: str) -> str:
    drawn = exercise.draws[name]
    mask, share = torch.as_tensor(case.inputs[name]), drawn.share(case.inputs)
    kept, count = mask.sum(), mask.numel()
    wrong_share = bool(unlikely(kept, count, share, ALARM / 2))
    if wrong_share or has_pattern(mask, share, ALARM / 2):
        if kept in (0, count):
            return feedback.not_all_drawn(drawn.seen_in, keeps=bool(kept))
        if wrong_share and not has_pattern(mask, float(kept) / count, ALARM):  # the share alone is wrong
            exchanged = not unlikely(kept, count, 1 - share, ALARM)
            return feedback.wrong_share(drawn.seen_in, exchanged=exchanged)
        return feedback.has_pattern(drawn.seen_in)
    for other in list(exercise.draws)[: list(exercise.draws).index(name)]:
        if _depends(mask, torch.as_tensor(case.inputs[other]), share):
            return feedback.not_fresh(drawn.seen_in, exercise.draws[other].seen_in)
    return ""


def _depends(mask: Tensor, earlier: Tensor, share: float) -> bool:
    """Whether a mask keeps too many or too few of what an earlier one kept, or dropped, whatever that one is."""
    if earlier.shape != mask.shape:
        return False
    parts = (mask[earlier == 1], mask[earlier == 0])
    return any(part.numel() > 0 and bool(unlikely(part.sum(), part.numel(), share, ALARM / 2)) for part in parts)


def unlikely(hits: Tensor, trials: int | Tensor, chance: float, alarm: float) -> Tensor:
    """Whether so many hits, or so few, come with less than the chance `alarm` from independent trials.

    Chernoff's bound on both tails of the binomial distribution: exp(-n KL(hits/n || chance)), so never too strict.
    """
    share = hits.double() / trials
    distance = torch.special.xlogy(share, share / chance) + torch.special.xlogy(1 - share, (1 - share) / (1 - chance))
    return torch.as_tensor(trials * distance > math.log(2 / alarm))


def has_pattern(mask: Tensor, share: float, alarm: float) -> bool:
    """Whether some position of an axis is kept too often or too rarely, or entries at a distance are too much alike."""
    flat = mask.reshape(-1)
    distances = torch.arange(1, flat.numel() // 4 + 1)
    tests = sum(mask.shape) + 2 * len(distances)
    if any(bool(unlikely(*part, share, alarm / tests).any()) for part in _parts(mask)):
        return True
    # Of the pairs at a distance d, those that begin in an even block of d entries share no entry, nor do those of the
    # odd blocks: two sets of independent trials, of at least n/2 - d pairs each. If together they are so much alike,
    # one of the sets is.
    pairs = flat.numel() - distances
    share_alike = _alike(flat)[1 : len(distances) + 1] / pairs
    least = (flat.numel() - 2 * distances) // 2
    return bool(unlikely(share_alike * least, least, share**2 + (1 - share) ** 2, alarm / tests).any())


def _parts(mask: Tensor) -> Iterator[tuple[Tensor, int]]:
    """For each axis, how much is kept at each of its positions, and of how many entries."""
    for axis in range(mask.ndim):
        by_position = mask.movedim(axis, 0).reshape(mask.shape[axis], -1)
        yield by_position.sum(1), by_position.shape[1]


def _alike(flat: Tensor) -> Tensor:
    """By distance, how many pairs of entries are both kept or both dropped: an autocorrelation of signs."""
    signs, count = 2 * flat.double() - 1, flat.numel()
    spectrum = torch.fft.rfft(signs, 2 * count)
    products = torch.fft.irfft(spectrum.abs() ** 2, 2 * count)[:count].round()
    return torch.as_tensor((products + count - torch.arange(count)) / 2)


def _drawn_by(exercise: Exercise, output: str) -> tuple[str, ...]:
    """The draws that an output depends on."""
    return tuple(name for name in parameter_names(exercise.function_of(output)) if name in exercise.draws)


def _is_constant(case: Case, name: str) -> bool:
    """Whether a large mask keeps nearly everything or nearly nothing, which no draw of the exercise does."""
    kept = float(torch.as_tensor(case.inputs[name]).mean())
    return case.family == "draw" and not LEAST <= kept <= 1 - LEAST
