"""What a student's own check knows beyond the report: it may look into the student's function while it runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from grader.cases.suite import Case
from grader.exercise import Check, Exercise, Limits
from grader.grading import grade as grading
from grader.grading.report import Item, Plan
from grader.models import CheckResult, ExerciseResult, Report
from grader.selfcheck import repair
from grader.selfcheck.repair import Place
from grader.views import wording
from grader.wire.outcome import Outcome

MOST_CASES = 2
UNSURE: tuple[str, ...] = ("failed", "errored")


def with_first_links(report: Report, plan: Plan, session: grading.Session) -> Report:
    """The report with, for each exercise, the first intermediate result that goes wrong, where no known mistake fits.

    session: runs the student's functions in this process.
    """
    exercises = tuple(
        _with_first_link(result, item, _caller(session, item.exercise, item.limits))
        for result, item in zip(report.exercises, plan.items, strict=True)
    )
    return report.model_copy(update={"exercises": exercises})


def shows_prints(report: Report) -> bool:
    """Whether an example stands with what the student's code prints on it."""
    checks = [check for exercise in report.exercises for check in exercise.checks]
    return any(check.counterexample is not None and check.counterexample.printed for check in checks)


def _caller(session: grading.Session, exercise: Exercise, limits: Limits) -> Callable[[Case], Outcome]:
    return lambda case: grading.call(session, exercise, case, limits)


def _with_first_link(result: ExerciseResult, item: Item, call: Callable[[Case], Outcome]) -> ExerciseResult:
    position = next((n for n, check in enumerate(result.checks) if check.verdict in UNSURE), None)
    if position is None or _is_known(result.checks[position], item):
        return result
    place = _first_wrong(item, item.exercise.checks[position], call)
    if place is None:
        return result
    checks = list(result.checks)
    sentence = wording.first_link(place.name, place.makes_right)
    hint = " ".join(part for part in (checks[position].hint, sentence) if part)
    checks[position] = checks[position].model_copy(update={"hint": hint})
    return result.model_copy(update={"checks": tuple(checks)})


def _first_wrong(item: Item, check: Check, call: Callable[[Case], Outcome]) -> Place | None:
    cases: Sequence[Case] = [each for each in item.casebook.suite.cases if each.variant == check.variant]
    found = (repair.first_wrong(item.exercise, check.output, case, call) for case in cases[:MOST_CASES])
    return next((place for place in found if place), None)


def _is_known(check: CheckResult, item: Item) -> bool:
    """Whether the author's own catalogue names the mistake, and with it the link."""
    chain = item.casebook.chain
    known = {misconception.slug for misconception in chain.misconceptions} if chain else set()
    return check.misconception is not None and check.misconception.split("+")[0] in known
