"""Masks that students draw: true draws pass, what is none fails, and the false alarms are as rare as is said."""

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import torch
from torch import Tensor

from grader.cases import suite
from grader.cases.case import Case
from grader.course import catalog
from grader.errors import ExerciseError
from grader.exercise import ENOUGH_DRAWN, Drawn, Normal
from grader.grading import draws
from grader.grading.compare import judge, observed
from grader.grading.diagnose import DiagnosisCache
from grader.validate.matrix import Bench
from grader.validate.mutants import by_student
from grader.validate.syntax import load
from grader.wire import tensors
from grader.wire.outcome import Array, Foreign, Used

EXERCISE = catalog.bundled().load("dropout")
SUITE = suite.prepare(EXERCISE, b"the secret of the draws")
LARGE = next(case for case in SUITE.cases if case.family == "draw")
SMALL = next(case for case in SUITE.cases if case.family == "lattice")
RNG = np.random.default_rng(5)


def drawn(share: float, shape: tuple[int, ...] = (128, 128)) -> Tensor:
    return torch.as_tensor(RNG.random(shape) < share).float()


@pytest.mark.parametrize("chance", [0.5, 0.62, 0.9, 0.98])
@pytest.mark.parametrize("alarm", [1e-2, 1e-5, 1e-9])
def test_a_true_count_is_unlikely_as_rarely_as_is_said(chance: float, alarm: float) -> None:
    """Summed over the exact binomial distribution, the counts that are called unlikely are rarer than the alarm."""
    trials, p = 150, Fraction(chance)
    hits = torch.arange(trials + 1)
    called = draws.unlikely(hits, trials, chance, alarm)
    exact = sum(math.comb(trials, int(k)) * p**k * (1 - p) ** (trials - k) for k in hits[called].tolist())
    assert 0 < exact < alarm
    assert not draws.unlikely(torch.tensor(round(chance * trials)), trials, chance, alarm)


@pytest.mark.parametrize("count", [17, 40])
def test_pairs_at_a_distance_are_two_sets_without_a_common_entry(count: int) -> None:
    """The bound for pairs rests on this: by blocks no entry occurs twice, and each set has count/2 - distance pairs."""
    for distance in range(1, count // 4 + 1):
        pairs = [(i, i + distance) for i in range(count - distance)]
        for parity in (0, 1):
            own = [pair for pair in pairs if pair[0] // distance % 2 == parity]
            entries = [entry for pair in own for entry in pair]
            assert len(set(entries)) == len(entries)
            assert len(own) >= (count - 2 * distance) // 2


def test_pairs_that_are_alike_are_counted_at_every_distance() -> None:
    """The autocorrelation gives what counting gives."""
    flat = drawn(0.7, (60,))
    counted = [int((flat[distance:] == flat[: 60 - distance]).sum()) for distance in range(60)]
    assert draws._alike(flat).tolist() == counted


def test_true_masks_have_no_pattern() -> None:
    """Not one of thirty, whatever their share and shape."""
    for share in (0.1, 0.5, 0.6, 0.75, 0.9):
        for shape in ((128, 128), (80, 125), (25, 8, 50)):
            for _ in range(2):
                assert not draws.has_pattern(drawn(share, shape), share, draws.ALARM)


def repeated(period: int) -> Tensor:
    return drawn(0.7, (period,)).repeat(128 * 128 // period + 1)[: 128 * 128].reshape(128, 128)


PATTERNS: dict[str, Callable[[], Tensor]] = {
    "rows": lambda: drawn(0.7, (128, 1)).expand(128, 128),
    "columns": lambda: drawn(0.7, (1, 128)).expand(128, 128),
    "blocks": lambda: drawn(0.7, (64, 64)).repeat_interleave(2, 0).repeat_interleave(2, 1),
    "pairs": lambda: drawn(0.7, (128, 64)).repeat_interleave(2, 1),
    "a column never kept": lambda: torch.cat([drawn(0.7, (128, 127)), torch.zeros(128, 1)], 1),
    "period 10": lambda: repeated(10),
    "period 100": lambda: repeated(100),
    "period 4000": lambda: repeated(4000),
    "upper half again": lambda: drawn(0.7, (32, 128)).repeat(4, 1),
}


@pytest.mark.parametrize("name", PATTERNS)
def test_patterns_are_seen(name: str) -> None:
    """Whatever repeats a part of itself, with the right share of ones."""
    mask = PATTERNS[name]()
    assert draws.has_pattern(mask, 0.7, draws.ALARM)
    assert draws.has_pattern(mask, float(mask.mean()), draws.ALARM)


def test_an_alternating_mask_has_a_pattern() -> None:
    """Entries that are too rarely alike depend on each other as well."""
    board = (torch.arange(128)[:, None] + torch.arange(128)) % 2
    assert draws.has_pattern(board.float(), 0.5, draws.ALARM)


def outcome(case: Case, **changes: object) -> Used:
    """What a right student returns whose masks are those of the case, apart from some results."""
    values = {name: expected.value for name, expected in case.expected.items()} | changes
    return Used({name: tensors.item(value, 10**8) for name, value in values.items()}, None)


def verdicts(case: Case, **changes: object) -> dict[str, str]:
    judged = judge(EXERCISE, case, outcome(case, **changes))
    return {name: each.message for name, each in judged.items() if each.verdict != "passed"}


def of_mask(case: Case, mask: Tensor) -> Tensor:
    return case.inputs["x"] * mask / case.inputs["p"]  # type: ignore[operator]


def test_large_cases_have_enough_entries() -> None:
    """Two cases, each with as many entries as a draw needs."""
    sizes = [case.expected["out"].value.numel() for case in SUITE.cases if case.family == "draw"]
    assert len(sizes) == 2
    assert min(sizes) >= ENOUGH_DRAWN


def test_any_true_draw_is_right() -> None:
    """The answers follow the mask that the result shows, in small cases and in large ones."""
    for case in (SMALL, LARGE):
        mask = drawn(float(case.inputs["p"]), tuple(case.expected["out"].value.shape))
        out = of_mask(case, mask)
        right = case.inputs["dout"] * mask / case.inputs["p"]  # type: ignore[operator]
        assert verdicts(case, out=out, dx=right) == {}
        assert list(verdicts(case, out=out)) == ["dx"]
        assert torch.equal(torch.as_tensor(observed(EXERCISE, case, outcome(case, out=out)).inputs["mask"]), mask)


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        (torch.ones(128, 128), "`out` keeps every entry, also where there are thousands of them."),
        (torch.zeros(128, 128), "`out` drops every entry, also where there are thousands of them."),
    ],
)
def test_nothing_or_everything_dropped(mask: Tensor, message: str) -> None:
    """No draw; and what depends on it is not judged by it, although it would be right for that mask."""
    right = LARGE.inputs["dout"] * mask / LARGE.inputs["p"]  # type: ignore[operator]
    assert verdicts(LARGE, out=of_mask(LARGE, mask), dx=right) == {
        "out": message,
        "dx": "`dx` cannot be judged, because `out` does not show which entries are kept and which dropped.",
    }


def test_a_wrong_share() -> None:
    """Keeping as many as should be dropped has a sentence of its own; so has any other share."""
    share = float(LARGE.inputs["p"])
    exchanged, other = of_mask(LARGE, drawn(1 - share)), of_mask(LARGE, drawn(share - 0.05))
    assert verdicts(LARGE, again=exchanged) == {
        "again": "`again` is scaled as it should be, but drops the wrong number of entries. "
        "It keeps as many as it should drop."
    }
    assert verdicts(LARGE, again=other) == {
        "again": "`again` is scaled as it should be, but drops the wrong number of entries. "
        "It does not keep the part of the entries that it should."
    }


def test_a_pattern() -> None:
    """A mask over columns, also where its share happens to be off because only few numbers were drawn."""
    mask = drawn(float(LARGE.inputs["p"]), (1, 128)).expand(128, 128)
    assert verdicts(LARGE, again=of_mask(LARGE, mask)) == {
        "again": "What `again` drops follows a pattern: draw for every single entry whether it is kept."
    }


def test_two_draws_of_one_use_are_independent() -> None:
    """The same mask again, and a mask that depends on the one before, are not drawn anew."""
    out = LARGE.expected["out"].value
    message = "`again` drops what `out` dropped, or depends on it: every call has to draw anew."
    assert verdicts(LARGE, again=out) == {"again": message}
    partly = torch.where(drawn(0.5) > 0, out, LARGE.expected["again"].value)
    assert verdicts(LARGE, again=partly) == {"again": message}


def test_an_entry_is_dropped_or_scaled() -> None:
    """Anything else than 0 and x/p is a wrong value, whatever else is right."""
    out = LARGE.expected["out"].value.clone()
    kept = out.nonzero()[0].tolist()
    out[kept[0], kept[1]] *= 1.01
    assert list(verdicts(LARGE, out=out)) == ["out"]


def test_a_mask_that_does_not_come_judges_nothing() -> None:
    """Without a readable `out` the gradient is not compared with a mask that nobody drew."""
    for missing in (torch.zeros(3), Foreign("none", "")):
        used = outcome(SMALL)
        item = missing if isinstance(missing, Foreign) else tensors.item(missing, 10**8)
        judged = judge(EXERCISE, SMALL, Used({**used.results, "out": item}, None))
        assert judged["dx"].message == (
            "`dx` cannot be judged, because `out` does not show which entries are kept and which dropped."
        )


def test_float32_is_accepted_with_a_note() -> None:
    """Results with the rounding of float32 are right as everywhere else."""
    values = {name: expected.value.float().numpy() for name, expected in LARGE.expected.items()}
    used = outcome(LARGE, **values)
    assert all(isinstance(item, Array) and item.dtype == "float32" for item in used.results.values())
    assert {each.verdict for each in judge(EXERCISE, LARGE, used).values()} == {"passed"}


def test_only_cases_with_draws_catch_a_mask_over_rows() -> None:
    """All other answers of it are right."""
    folder = catalog.bundled().solution("dropout")
    assert folder is not None
    wrong = by_student(EXERCISE, load(folder / "wrong" / "rows_as_a_whole.py"))
    assert Bench(SUITE).catches(wrong) == ("draw-0", "draw-1")


def test_what_one_student_drew_says_nothing_about_the_next() -> None:
    """Predictions and roundings for one student's mask are not kept for another's."""
    diagnosis = DiagnosisCache(SUITE)
    rule = next(iter(diagnosis.rules("")))
    shape = tuple(SMALL.expected["out"].value.shape)
    for _ in range(2):
        mask = drawn(0.5, shape)
        own = observed(EXERCISE, SMALL, outcome(SMALL, out=of_mask(SMALL, mask)))
        predicted = diagnosis.predict((rule,), own)
        assert predicted is not None
        assert torch.equal(predicted[0] != 0, mask > 0)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"inputs": {"mask": Drawn("dx", keeps=lambda p: p)}}, "'mask' is to be seen in 'dx'; ask for a Value there"),
        ({"inputs": {"mask": Drawn("again", keeps=lambda p: p)}}, "'mask' is to be seen in 'again'; ask for a Value"),
        ({"inputs": {"mask": Drawn("out", keeps=lambda q: q)}}, "depends on 'q', which is no input; add it"),
        ({"inputs": {"x": Drawn("out_in_test", keeps=lambda p: p)}}, "use: 'x' is drawn by the student's code"),
        ({"sizes": {"N": (1, 64), "D": (1, 128)}}, "'mask' has 8192 entries at most; 10000 are needed"),
    ],
)
def test_a_draw_that_cannot_be_tested_is_refused(changes: dict[str, dict[str, object]], sentence: str) -> None:
    """With the field and the remedy."""
    wrong = {name: {**getattr(EXERCISE, name), **value} for name, value in changes.items()}
    with pytest.raises(ExerciseError) as refusal:
        replace(EXERCISE, **wrong).named("dropout")  # type: ignore[arg-type]
    assert sentence in str(refusal.value)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"x": Normal()}, "'mask' cannot be read off 'out', which must be 0 exactly where the mask is; multiply"),
        ({"mask": Drawn("out", keeps=lambda p: p / p)}, "the draw in 'out' keeps with chance 1.0; stay between"),
    ],
)
def test_a_draw_that_cannot_be_read_is_refused(changes: dict[str, object], sentence: str) -> None:
    """When its cases are drawn, before any submission."""
    wrong = replace(EXERCISE, inputs={**EXERCISE.inputs, **changes}).named("dropout")  # type: ignore[dict-item]
    with pytest.raises(ExerciseError) as refusal:
        suite.prepare(wrong, b"the secret of the draws")
    assert sentence in str(refusal.value)
