"""Which case catches which mutant, and whether a mutant that nothing catches is one at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, Literal

import torch
from torch import Tensor

from grader.cases import oracle
from grader.cases.case import Case
from grader.cases.drawing import draw_inputs, generator, schedule, with_given
from grader.cases.search import allowed_sizes
from grader.cases.suite import Suite
from grader.exercise import Exercise
from grader.grading.compare import judge
from grader.validate.mutants import Call, Kind, Mutant, as_tuple, encoded, run, same
from grader.wire import tensors
from grader.wire.outcome import Raised
from grader.wire.protocol import Input

ENOUGH = 2
"""How many cases must catch each mutant, under every secret."""
FEW = 24
"""How many inputs decide whether a wrong rule changes anything: an equivalent one needs a backward pass for each."""
DRAWS = 10
"""How often each kind of case is drawn to see whether a mutant differs anywhere."""

Status = Literal["killed", "advised", "equivalent", "survived"]


@dataclass(frozen=True)
class MutantRow:
    """What became of one mutant, which is told by its name, kind, source and whether it is advice.

    killed: caught by at least two cases under every secret. advised: passes every case that counts and differs in
    one that gives advice. equivalent: the same numbers as the reference in a large sample. survived: the rest.
    kills: names of the cases under the first secret that catch it, two where no more are asked for; fewest: the least
    number under any secret, counted up to two.
    """

    name: str
    kind: Kind
    source: str
    advice: bool
    status: Status
    kills: tuple[str, ...]
    fewest: int
    reason: str = ""


@dataclass(frozen=True)
class Bench:
    """A suite with its inputs ready to be handed out."""

    suite: Suite

    @cached_property
    def cases(self) -> tuple[tuple[Case, dict[str, Input]], ...]:
        return tuple((case, encoded(case.inputs)) for case in self.suite.cases)

    def advises(self, call: Call) -> tuple[str, ...]:
        """Names of the cases in which this implementation makes another choice at a kink."""
        return tuple(
            case.name
            for case, inputs in self.cases
            if not case.counts
            and any(each.kind == "subgradient" for each in judge(self.suite.exercise, case, run(call, inputs)).values())
        )

    def catches(self, call: Call, *, enough: int | None = None) -> tuple[str, ...]:
        """Names of the cases that catch this implementation, in order, at most `enough` of them."""
        caught: list[str] = []
        for case, inputs in self.cases:
            if not passes(self.suite.exercise, case, inputs, call):
                caught.append(case.name)
                if len(caught) == enough:
                    break
        return tuple(caught)


def passes(exercise: Exercise, case: Case, inputs: Mapping[str, Input], call: Call) -> bool:
    """Whether every output is right in one case, by the rule that grades students."""
    outcome = run(call, inputs)
    if isinstance(outcome, Raised) and case.contiguous_arguments:  # as a grading does: the layout alone costs nothing
        outcome = run(call, {name: replace(value, strides=()) for name, value in inputs.items()})
    judgements = judge(exercise, case, outcome)
    return all(judgement.verdict == "passed" for judgement in judgements.values())


def matrix(
    exercise: Exercise, mutants: Iterable[Mutant], benches: Sequence[Bench], right: Call, *, every_kill: bool
) -> tuple[MutantRow, ...]:
    """One row per mutant; every_kill: with all cases under the first secret that catch it, which takes longer."""
    sample = Sample(exercise, right)
    # At a kink, and in its own draws, the reference may differ from what a wrong rule is put into.
    by_inputs = Sample(exercise, partial(_by_oracle, exercise))
    counted = None if every_kill else ENOUGH
    return tuple(_row(each, benches, by_inputs if each.kind == "calculus" else sample, counted) for each in mutants)


def _by_oracle(exercise: Exercise, inputs: Mapping[str, Any]) -> Any:
    results = tuple(oracle.evaluate(exercise, inputs).values())
    return results if len(results) > 1 else results[0]


def _row(mutant: Mutant, benches: Sequence[Bench], sample: Sample, enough: int | None) -> MutantRow:
    row = partial(MutantRow, mutant.name, mutant.kind, mutant.source, mutant.advice)
    kills = benches[0].catches(mutant.call, enough=enough)
    found = [kills, *(bench.catches(mutant.call, enough=ENOUGH) for bench in benches[1:])]
    fewest = min(*map(len, found), ENOUGH)
    if fewest >= ENOUGH:
        return row("killed", kills, fewest)
    with_zeros = any(case.family == "zeros" for bench in benches for case, _ in bench.cases)
    if with_zeros and fewest > 0 and all("kink-" in name for names in found for name in names):
        return row("killed", kills, fewest, "only a kink shows it, of which there is one case for each variant")
    if any(found) and mutant.idle:
        return row("killed", kills, fewest, f"without effect as a rule: {mutant.idle}")
    if any(found):
        worst = list(map(len, found)).index(fewest)
        caught = ", ".join(benches[worst].catches(mutant.call))
        return row(
            "survived", kills, fewest, f"under secret {worst} {f'only {caught}' if caught else 'no case'} catches it"
        )
    if all(bench.advises(mutant.call) for bench in benches):
        return row("advised", kills, 0, "differs exactly at a kink, where another choice costs nothing")
    if mutant.advice:
        return row("advised", kills, 0, "passes every case, as advice should")
    tried = sample.spread if mutant.kind == "calculus" else sample.drawn
    if sample.agrees(mutant.call, tried):
        reason = f"the same numbers in {sample.dtype} for {len(tried)} random inputs of all kinds and sizes"
        return row("equivalent", kills, 0, reason)
    if mutant.idle:
        return row("equivalent", kills, 0, mutant.idle)
    return row("survived", kills, 0, "no case catches it")


class Sample:
    """Many inputs of every kind with the right results, drawn when the first mutant is doubted.

    In float64, so that a mutant that is wrong by very little is not taken for the reference; in float32 for a
    reference that insists on it.
    """

    def __init__(self, exercise: Exercise, right: Call) -> None:
        self._exercise, self._right = exercise, right

    @property
    def dtype(self) -> str:
        """What the numbers are compared in."""
        return "float64" if self._double else "float32"

    @cached_property
    def drawn(self) -> tuple[tuple[dict[str, Input], Any], ...]:
        """Inputs and right results."""
        return self._with_results(self._drawn)

    @cached_property
    def spread(self) -> tuple[tuple[dict[str, Input], Any], ...]:
        """A few of them, of every kind."""
        return self._with_results(self._drawn[:: max(1, len(self._drawn) // FEW)])

    @cached_property
    def _drawn(self) -> tuple[dict[str, Input], ...]:
        return tuple(self._inputs())

    def _with_results(self, inputs: Sequence[dict[str, Input]]) -> tuple[tuple[dict[str, Input], Any], ...]:
        pairs = ((each, self._result(self._right, each)) for each in inputs)
        return tuple((each, result) for each, result in pairs if _finite(result))

    def agrees(self, call: Call, tried: Sequence[tuple[Mapping[str, Input], Any]]) -> bool:
        """Whether an implementation returns the right numbers for these inputs."""
        tolerance = 1e-11 if self._double else 1e-5
        pairs = ((self._result(call, inputs), result) for inputs, result in tried)
        return bool(tried) and all(same(one, other, tolerance) for one, other in pairs)

    @cached_property
    def _double(self) -> bool:
        inputs = next(self._inputs(double=True))
        with _default(torch.float64):
            return _call(self._right, inputs) is not None

    def _result(self, call: Call, inputs: Mapping[str, Input]) -> Any:
        with _default(torch.float64 if self._double else torch.float32):
            return _call(call, inputs)

    def _inputs(self, double: bool | None = None) -> Iterator[dict[str, Input]]:
        double = self._double if double is None else double
        encode = _double if double else tensors.encode
        for variant in self._exercise.variant_names:
            rng = generator(b"sample", self._exercise.slug, variant)
            for drawing in schedule(self._exercise, variant):
                for _ in range(DRAWS):
                    sizes = allowed_sizes(self._exercise, variant, drawing.sizes, rng)
                    if sizes is not None:
                        inputs = draw_inputs(self._exercise.parameters(variant), sizes, drawing, rng)
                        exact = {name: oracle.double(value) for name, value in inputs.items()} if double else inputs
                        complete = with_given(self._exercise, exact)  # not rounded to float32
                        yield {
                            name: encode(value if name in self._exercise.draws else inputs.get(name, value))
                            for name, value in complete.items()
                        }


def _double(value: Tensor | float | int) -> Input:
    """The input in float64, with the strides that it has in float32."""
    single = tensors.encode(value)
    if not isinstance(value, Tensor) or not value.is_floating_point():
        return single
    return replace(single, dtype="float64", data=tensors.encode(value.double()).data)


def _call(call: Call, inputs: Mapping[str, Input]) -> Any:
    try:
        return call({name: tensors.decode(value) for name, value in inputs.items()})
    except Exception:
        return None


def _finite(result: Any) -> bool:
    return all(isinstance(each, Tensor) and bool(torch.isfinite(each).all()) for each in as_tuple(result))


@contextmanager
def _default(dtype: torch.dtype) -> Iterator[None]:
    """New tensors have this dtype inside, as in the reference's own `torch.zeros`."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)
