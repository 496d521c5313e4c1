"""What a student's own check knows beyond the report: it may look into the student's function while it runs."""

from __future__ import annotations

import inspect
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from grader.cases.case import Case
from grader.exercise import Check, Exercise, Limits
from grader.grading import grade as grading
from grader.grading.compare import judge
from grader.grading.report import Plan, PlannedExercise
from grader.models import CheckResult, ExerciseResult, Note, Report
from grader.selfcheck import repair
from grader.selfcheck.repair import WrongVariable
from grader.views import wording
from grader.wire.outcome import Outcome, Used
from grader.wire.protocol import Input, Target, cap_bytes
from grader.worker.student import StudentNames

log = logging.getLogger("grader.selfcheck")

MAX_CASES = 2
FEW_CASES = 4
UNSURE: tuple[str, ...] = ("failed", "errored")
MISSING = re.compile(r"the module '(\w+)' is neither installed here nor among the files")
"""How the loader says that a module is missing."""


class InspectableSession(grading.Session, Protocol):
    """A session whose functions can be looked into."""

    @property
    def student(self) -> StudentNames: ...

    def used(self, target: Target, inputs: Sequence[Input], cap: int, limits: Limits, seed: int = 0) -> Used: ...


def with_causes(report: Report, plan: Plan, session: InspectableSession) -> Report:
    """The report with a word where the code tells the cause: parameters in another order, or a call that disturbs."""
    exercises = []
    for result, item in zip(report.exercises, plan.items, strict=True):
        wrong = _first(result)
        if wrong is not None and (cause := _cause(item, wrong, session)):
            result = _with_hint(result, wrong, cause)
        exercises.append(result)
    return report.model_copy(update={"exercises": tuple(exercises)})


def places(report: Report, plan: Plan, session: InspectableSession) -> dict[str, str]:
    """By exercise: the first intermediate result that goes wrong, as a sentence, where nothing else explains it."""
    found = {}
    for result, item in zip(report.exercises, plan.items, strict=True):
        wrong = _first(result)
        if wrong is None or _is_known(result.checks[wrong], item) or _other_order(item.exercise, session.student):
            continue
        if place := _first_wrong(item, item.exercise.checks[wrong], caller(session, item)):
            found[result.exercise] = wording.first_link(place.name, place.makes_right)
    return found


def with_places(report: Report, found: Mapping[str, str]) -> Report:
    """The report with each place at the end of its hint."""
    exercises = []
    for result in report.exercises:
        wrong = _first(result)
        if wrong is not None and (place := found.get(result.exercise)):
            result = _with_hint(result, wrong, " ".join(filter(None, (result.checks[wrong].hint, place))))
        exercises.append(result)
    return report.model_copy(update={"exercises": tuple(exercises)})


def helpers_beside(notes: Sequence[Note], paths: Sequence[Path]) -> Iterator[Note]:
    """For modules that are missing: those that lie beside the files and were not named."""
    for path in paths:
        for name in dict.fromkeys(found[1] for note in notes if (found := MISSING.search(note.message))):
            helper = path.parent / f"{name}.py"
            if path.is_file() and helper.is_file() and helper not in paths:
                yield Note(kind="helper_beside", message=wording.helper_beside(str(path), str(helper)))


def shows_prints(report: Report) -> bool:
    """Whether an example stands with what the student's code prints on it."""
    checks = [check for exercise in report.exercises for check in exercise.checks]
    return any(check.counterexample is not None and check.counterexample.printed for check in checks)


def caller(session: grading.Session, item: PlannedExercise) -> Callable[[Case], Outcome]:
    """Runs an exercise's function on a case."""
    return lambda case: grading.call(session, item.exercise, case, item.limits)


def _first(result: ExerciseResult) -> int | None:
    """The first check that is wrong, by its position."""
    return next((n for n, check in enumerate(result.checks) if check.verdict in UNSURE), None)


def _cause(item: PlannedExercise, wrong: int, session: InspectableSession) -> str:
    if order := _other_order(item.exercise, session.student):
        return order
    try:
        return _disturbed(item, item.exercise.checks[wrong], session)
    except Exception:  # advice may not cost the check
        log.exception("%s: nothing is said about calls that disturb", item.exercise.slug)
        return ""


def _other_order(exercise: Exercise, student: StudentNames) -> str:
    """A sentence where a function has the exercise's own parameters in another order."""
    usage = exercise.usage
    for name, wanted in usage.calls if usage else ((exercise.entry_point, exercise.received),):
        function = student.names.get(name)
        if not callable(function) or isinstance(function, type):
            continue
        try:
            own = tuple(inspect.signature(function).parameters)
        except (TypeError, ValueError):
            continue
        if own != wanted and sorted(own) == sorted(wanted):
            return wording.other_order(name, own, wanted)
    return ""


def _disturbed(item: PlannedExercise, check: Check, session: InspectableSession) -> str:
    """A sentence where a result is right as soon as one call is left out whose own result goes nowhere."""
    exercise, usage = item.exercise, item.exercise.usage
    cases = [case for case in item.diagnosis.suite.cases if case.variant == check.variant][:FEW_CASES]

    def is_right(case: Case, text: str) -> bool:
        target, cap = replace(exercise.target, use=text), cap_bytes(case.expected_bytes)
        outcome = session.used(target, case.arguments, cap, item.limits, case.seed)
        return judge(exercise, case, outcome)[check.output].verdict == "passed"

    if usage is None or not usage.without_a_call or all(is_right(case, usage.text) for case in cases):
        return ""
    found = (line for line, rest in usage.without_a_call if all(is_right(case, rest) for case in cases))
    return next((wording.right_without(check.output, line) for line in found), "")


def _with_hint(result: ExerciseResult, position: int, hint: str) -> ExerciseResult:
    checks = list(result.checks)
    checks[position] = checks[position].model_copy(update={"hint": hint})
    return result.model_copy(update={"checks": tuple(checks)})


def _first_wrong(item: PlannedExercise, check: Check, call: Callable[[Case], Outcome]) -> WrongVariable | None:
    cases: Sequence[Case] = [each for each in item.diagnosis.suite.cases if each.variant == check.variant]
    found = (repair.first_wrong(item.exercise, check.output, case, call) for case in cases[:MAX_CASES])
    try:
        return next((place for place in found if place), None)
    except Exception:  # advice may not cost the check
        log.exception("%s: nothing is said about intermediate results", item.exercise.slug)
        return None


def _is_known(check: CheckResult, item: PlannedExercise) -> bool:
    """Whether the author's own catalogue names the mistake, and with it the link."""
    chain = item.diagnosis.chain
    known = {misconception.slug for misconception in chain.misconceptions} if chain else set()
    return check.misconception is not None and check.misconception.split("+")[0] in known
