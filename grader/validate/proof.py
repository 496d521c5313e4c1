"""All that must hold of one exercise before students meet it.

Longer than most files: every condition of the proof and the report of its result stand in one place.
"""

from __future__ import annotations

import hmac
import inspect
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from grader.cases.case import Case
from grader.cases.drawing import FAMILIES
from grader.cases.oracle import double
from grader.cases.suite import Suite, prepare
from grader.course.catalog import STATEMENT, Catalog
from grader.errors import ExerciseError
from grader.exercise import Exercise, Gradient, Jacobian
from grader.grading.compare import judge, to_tensor
from grader.grading.grade import SubmissionRunner
from grader.misconception import Chain
from grader.validate import coverage, promises, reports
from grader.validate.calculus import calculus
from grader.validate.generic import generic
from grader.validate.matrix import Bench, MutantRow, matrix
from grader.validate.mutants import Call, Mutant, by_chain, by_student, conventions, misconceptions, run
from grader.validate.syntax import load, syntax, without_effect
from grader.wire.outcome import Array, Outcome, Raised, Returned

COMPARED = 3
"""Under how many secrets the misconceptions are compared with each other."""
NAMED = 3
"""How many of the cases that cannot be drawn are named."""


@dataclass(frozen=True)
class Proof:
    """What was found out about one exercise.

    problems: sentences; the exercise is proved when there are none. rows: what became of each mutant.
    cases: how many there are under the first secret, by family; secrets: how many were tried. largest: the magnitude
    that each numeric output reaches under every secret; exceptions: what no case has that counts, with the reason.
    measured: operations for whose rounding no bound is known, so that the tolerance is measured and not derived.
    """

    slug: str
    problems: tuple[str, ...]
    rows: tuple[MutantRow, ...]
    cases: dict[str, int]
    secrets: int
    largest: dict[str, float] = field(default_factory=dict)
    exceptions: tuple[str, ...] = ()
    measured: tuple[str, ...] = ()

    def of(self, status: str) -> tuple[MutantRow, ...]:
        """The rows with one status."""
        return tuple(row for row in self.rows if row.status == status)

    @property
    def contributions(self) -> dict[str, tuple[int, int]]:
        """Family -> how many mutants it catches under the first secret, and how many only it catches.

        Known where the proof has every kill. What only costs advice is caught by the family "kink" alone.
        """
        caught_by = [{name.split("/")[-1].rsplit("-", 1)[0] for name in row.kills} for row in self.rows]
        caught_by += [{"kink"} for _ in self.of("advised")]
        return {
            family: (sum(family in caught for caught in caught_by), sum(caught == {family} for caught in caught_by))
            for family in FAMILIES
        }


def secret(index: int) -> bytes:
    """The index-th secret that exercises are proved under; never one that a class is graded with."""
    return hmac.new(b"validate", str(index).encode(), "sha256").digest()


def prove(
    catalog: Catalog,
    slug: str,
    secrets: int,
    without: frozenset[str] = frozenset(),
    *,
    every_kill: bool = False,
    sandbox: SubmissionRunner | None = None,
) -> Proof:
    """Everything about one exercise; raises ExerciseError with file, field and remedy where none can be graded.

    without: families of cases to leave out; every_kill: see `matrix`; sandbox: what runs the wrong solutions, which are
    not tried without one.
    """
    exercise = catalog.load(slug)
    path = catalog.folder(slug) / "exercise.py"
    try:
        benches = [Bench(prepare(exercise, secret(index), without=without)) for index in range(secrets)]
    except ExerciseError as error:
        raise ExerciseError(f"{path}: {error}") from error
    chain = catalog.chain(slug)
    references = _references(catalog, exercise)
    right = next(iter(references.values()))
    calls = {**references, **({"the chain in misconceptions.py": by_chain(exercise, chain)} if chain else {})}
    problems = [
        *_not_drawn(path, benches),
        *_gradchecked(exercise, path, benches[0]),
        *_right_answers(exercise, benches, calls),
        *_stub(exercise, catalog.folder(slug) / "stub.py", benches[0]),
    ]
    rows: tuple[MutantRow, ...] = ()
    if not problems:
        mutants = tuple(_mutants(catalog, benches[0].suite, chain, right))
        rows = matrix(exercise, mutants, benches, right, every_kill=every_kill)
        planned = reports.plan(catalog, benches[0].suite)
        problems += reports.explanations(planned, mutants)
        problems += reports.wrong_solutions(catalog, slug, planned, sandbox) if sandbox else ()
        problems += [f"{row.kind} {row.name!r} survives: {row.reason}" for row in rows if _fails(row)]
        problems += _declared_in_vain(catalog, exercise, rows)
    problems += _statement(catalog, exercise)
    if chain is not None:
        problems += _always_raises(exercise, chain, benches[0])
        problems += _told_apart(exercise, chain, benches[:COMPARED])
    families = Counter(case.family for case in benches[0].suite.cases)
    largest = coverage.largest(exercise, [bench.suite for bench in benches])
    exceptions = (
        *coverage.exceptions(exercise, [bench.suite for bench in benches], largest),
        *_other_subgradients(benches, calls),
    )
    measured = benches[0].suite.measured
    return Proof(slug, tuple(dict.fromkeys(problems)), rows, dict(families), secrets, largest, exceptions, measured)


def _not_drawn(path: Path, benches: Sequence[Bench]) -> Iterator[str]:
    """The first few cases that could not be drawn, with the reason; mostly all have the same one."""
    missing = [text for bench in benches for text in bench.suite.unavailable]
    yield from (f"{path}: inputs: the case {text}" for text in missing[:NAMED])
    if len(missing) > NAMED:
        yield f"{path}: inputs: {len(missing) - NAMED} more cases cannot be drawn either"


def _fails(row: MutantRow) -> bool:
    """Whether this row is a fault of the exercise: advice must pass, anything else must be caught."""
    if row.advice:
        return bool(row.kills) or row.fewest > 0
    return row.status == "survived" or (row.kind == "misconception" and row.status != "killed")


def _declared_in_vain(catalog: Catalog, exercise: Exercise, rows: Sequence[MutantRow]) -> Iterator[str]:
    """Lines whose number is declared to have no effect, although every change of it is caught."""
    folder = catalog.solution(exercise.slug)
    assert folder is not None
    path = folder / "solution.py"
    idle = {row.name.partition(":")[0] for row in rows if row.kind == "syntax" and row.status == "equivalent"}
    for line in without_effect(path.read_text(encoding="utf-8")):
        if f"line {line}" not in idle:
            yield f"{path}, line {line}: `no effect` is declared, but what a number changes there is caught; delete it"


def _references(catalog: Catalog, exercise: Exercise) -> dict[str, Call]:
    folder = catalog.solution(exercise.slug)
    paths = [folder / "solution.py", *sorted(folder.glob("reference_*.py"))] if folder else []
    if not paths or not paths[0].is_file():
        where = paths[0] if paths else f"solutions/{exercise.slug}/solution.py"
        raise ExerciseError(f"{where}: there is no reference solution; write {exercise.entry_point} there")
    return {path.name: _reference(exercise, path) for path in paths}


def _reference(exercise: Exercise, path: Path) -> Call:
    try:
        return by_student(exercise, load(path))
    except ExerciseError as error:
        raise ExerciseError(f"{path}: {error}") from error
    except Exception as error:
        raise ExerciseError(f"{path}: cannot be run ({type(error).__name__}: {error}); fix that line first") from error


def _mutants(catalog: Catalog, suite: Suite, chain: Chain | None, right: Call) -> Iterator[Mutant]:
    exercise = suite.exercise
    yield from conventions(exercise)
    if chain is not None:
        yield from misconceptions(exercise, chain)
    yield from calculus(suite)
    yield from generic(suite, right)
    folder = catalog.solution(exercise.slug)
    assert folder is not None
    yield from syntax(exercise, folder / "solution.py")


def _right_answers(exercise: Exercise, benches: Sequence[Bench], calls: dict[str, Call]) -> Iterator[str]:
    """References, and the chain without a misconception, pass every case that counts under every secret."""
    for name, call in calls.items():
        failing = ((index, bench, bench.catches(call)) for index, bench in enumerate(benches))
        index, bench, caught = next((each for each in failing if each[2]), (0, benches[0], ()))
        if caught:
            yield f"{name}: {_what_happens(bench, call, caught)} under secret {index}; one of the two is wrong"


def _what_happens(bench: Bench, call: Call, caught: Sequence[str]) -> str:
    """A right answer raises, or is not what torch says."""
    case, inputs = next(each for each in bench.cases if each[0].name == caught[0])
    outcome = run(call, inputs)
    if not isinstance(outcome, Raised):
        return f"a right answer fails {', '.join(caught)}"
    sizes = ", ".join(f"{axis} = {size}" for axis, size in case.sizes.items())
    others = f" and {len(caught) - 1} more cases" if len(caught) > 1 else ""
    return f"a right answer raises {outcome.type_name} ({outcome.message}) in {case.name} ({sizes}){others}"


def _other_subgradients(benches: Sequence[Bench], calls: dict[str, Call]) -> Iterator[str]:
    """Right answers that differ from torch exactly at kinks, where that costs nothing."""
    for name, call in calls.items():
        cases = [case for bench in benches for case in bench.advises(call)]
        if cases:
            yield f"{name} takes another subgradient than torch in {cases[0]}: there every choice costs nothing"


def _stub(exercise: Exercise, path: Path, bench: Bench) -> Iterator[str]:
    """The stub as it is handed out is `missing` everywhere."""
    if not path.is_file():
        return
    call = _reference(exercise, path)
    for case, inputs in bench.cases:
        verdicts = {judgement.verdict for judgement in judge(exercise, case, run(call, inputs)).values()}
        if verdicts != {"missing"}:
            yield f"{path}: the untouched stub is {', '.join(sorted(verdicts))} instead of missing; let it return None"
            return


def _statement(catalog: Catalog, exercise: Exercise) -> Iterator[str]:
    """Where there is one, it is in the author's words, and its examples are what the reference says."""
    path, folder = catalog.folder(exercise.slug) / STATEMENT, catalog.solution(exercise.slug)
    if path.is_file() and folder is not None:
        text = path.read_text(encoding="utf-8")
        yield from promises.unwritten(path, text)
        yield from promises.untrue_examples(path, text, load(folder / "solution.py"))


def _always_raises(exercise: Exercise, chain: Chain, bench: Bench) -> Iterator[str]:
    """No student makes a mistake that can never be computed."""
    for each in chain.misconceptions:
        call = by_chain(exercise, chain, each)
        outcomes = [run(call, inputs) for _, inputs in bench.cases]
        first = outcomes[0]
        if isinstance(first, Raised) and all(isinstance(outcome, Raised) for outcome in outcomes):
            yield (
                f"misconceptions: {each.slug!r} raises {first.type_name} ({first.message}) in every case, so it names "
                "nobody's mistake; mend its link"
            )


def _gradchecked(exercise: Exercise, path: Path, bench: Bench) -> Iterator[str]:
    """Every function that derivatives are asked of, against finite differences in float64, away from kinks."""
    for variant in exercise.variant_names:
        own = [case for case, _ in bench.cases if case.variant == variant and case.counts]
        case = next((case for case in own if case.family == "lattice"), own[0])
        for output, ask in exercise.asks.items():
            if isinstance(ask, (Gradient, Jacobian)):
                function = exercise.function_of(output)
                names = inspect.signature(function).parameters
                inputs = {name: double(value) for name, value in case.inputs.items() if name in names}
                problem = _gradcheck(function, inputs, ask.wrt)
                if problem:
                    where = f"forward{f' ({variant})' if variant else ''}"
                    yield (
                        f"{path}: {where}: gradcheck of {output!r} fails, so something is hidden from autograd; "
                        f"leave out detach, data, no_grad and custom backward passes ({problem})"
                    )


def _gradcheck(function: Any, inputs: dict[str, Any], wrt: str) -> str:
    leaf = torch.as_tensor(inputs[wrt], dtype=torch.float64).detach().clone().requires_grad_()

    def results(value: Tensor) -> Any:
        found = function(**{**inputs, wrt: value})
        return tuple(each for each in found.values() if each.requires_grad) if isinstance(found, dict) else found

    try:
        torch.autograd.gradcheck(results, (leaf,))
    except (RuntimeError, ValueError) as error:
        return " ".join(str(error).split())[:200]
    return ""


def _told_apart(exercise: Exercise, chain: Chain, benches: Sequence[Bench]) -> Iterator[str]:
    """No two misconceptions give the same results in every case, unless they say so."""
    slugs = [each.slug for each in chain.misconceptions]
    for slug, times in Counter(slugs).items():
        if times > 1:
            yield f"misconceptions: {slug!r} occurs {times} times; give each its own slug"
    for each in chain.misconceptions:
        for other in each.same_as:
            if other not in slugs:
                yield f"misconceptions: {each.slug!r} is said to be the same as {other!r}, which does not exist"
    calls = {each.slug: by_chain(exercise, chain, each) for each in chain.misconceptions}
    for index, bench in enumerate(benches):
        seen = {slug: [run(call, inputs) for _, inputs in bench.cases] for slug, call in calls.items()}
        for one, two in combinations(chain.misconceptions, 2):
            declared = two.slug in one.same_as or one.slug in two.same_as
            pairs = zip(seen[one.slug], seen[two.slug], bench.cases, strict=True)
            alike = all(_alike(a, b, case) for a, b, (case, _) in pairs)
            if alike and not declared and not (one.advice and two.advice):
                yield (
                    f"misconceptions: {one.slug!r} and {two.slug!r} cannot be told apart under secret {index}; "
                    "merge them, or declare same_as with the reason"
                )
            if declared and not alike:
                yield f"misconceptions: {one.slug!r} is declared the same as {two.slug!r}, but cases tell them apart"


def _alike(one: Outcome, other: Outcome, case: Case) -> bool:
    """Two outcomes that cannot be told apart: both raise, or the same numbers within the tolerances."""
    if not (isinstance(one, Returned) and isinstance(other, Returned)):
        return type(one) is type(other)
    if len(one.items) != len(other.items):
        return False
    for a, b, expected in zip(one.items, other.items, case.expected.values(), strict=False):
        if not (isinstance(a, Array) and isinstance(b, Array)):
            if type(a) is not type(b):
                return False
            continue
        if a.shape != b.shape or (a.dtype == "bool") != (b.dtype == "bool"):
            return False
        first, second = to_tensor(a).double(), to_tensor(b).double()
        tolerance = expected.tolerance if expected.tolerance.shape == first.shape else 1e-5 * _size(first)
        if not bool(((first - second).abs() <= 2 * tolerance).all()):
            return False
    return True


def _size(tensor: Tensor) -> float:
    return float(tensor.abs().max()) if tensor.numel() else 0.0


def record(proof: Proof) -> dict[str, Any]:
    """The kill matrix, survivors with their source, equivalent mutants with the reason, and each family's share."""
    return {
        "exercise": proof.slug,
        "proved": not proof.problems,
        "problems": list(proof.problems),
        "secrets": proof.secrets,
        "cases": proof.cases,
        "largest": proof.largest,
        "exceptions": list(proof.exceptions),
        "measured": list(proof.measured),
        "families": {
            family: {"caught": caught, "caught_by_no_other": alone}
            for family, (caught, alone) in proof.contributions.items()
        },
        "mutants": [
            {
                "name": row.name,
                "kind": row.kind,
                "source": row.source,
                "status": row.status,
                "reason": row.reason,
                "killed_by": list(row.kills),
                "fewest_kills": row.fewest,
            }
            for row in proof.rows
        ],
    }
