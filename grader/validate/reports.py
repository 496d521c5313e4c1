"""The whole way of a submission for wrong versions: judged, explained, added up into a report, held to promises."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from grader.cases.case import Case
from grader.cases.secret import PUBLIC
from grader.cases.suite import Suite
from grader.course.assignment import Assignment, Entry
from grader.course.catalog import Catalog
from grader.errors import ExerciseError
from grader.grading import report, scoring
from grader.grading.compare import judge
from grader.grading.diagnose import Observation, explain
from grader.grading.grade import SubmissionRunner, grade
from grader.grading.report import Attempt, Plan
from grader.models import Report
from grader.submissions import Submission
from grader.validate import promises
from grader.validate.mutants import Call, Mutant, encoded, ended_after, run
from grader.wire.outcome import Loaded, Outcome

EXPLAINED = 8
"""How many mutants of each kind are explained: what breaks an explanation breaks most of them."""
ENDLESS_SECONDS = 30.0
"""Processor time after which a wrong solution is said never to end."""


def plan(catalog: Catalog, suite: Suite) -> Plan:
    """What a class would be graded by, with cases that are drawn already; what breaks an explanation is raised."""
    assignment = Assignment(exercises=(Entry(slug=suite.exercise.slug),))
    planned = report.plan(catalog, assignment, PUBLIC, prepare=lambda exercise, secret, student: suite)
    items = [replace(item, diagnosis=replace(item.diagnosis, strict=True)) for item in planned.items]
    return replace(planned, items=tuple(items))


def wrong_solutions(catalog: Catalog, slug: str, planned: Plan, sandbox: SubmissionRunner) -> Iterator[str]:
    """Where a wrong solution does not get what its first line promises, or its report breaks."""
    folder, book = catalog.solution(slug), planned.items[0].diagnosis
    for path in sorted((folder / "wrong").glob("*.py")) if folder else ():
        try:
            expected = promises.expectation(path)
        except ExerciseError as error:
            yield str(error)
            continue
        endless = promises.NEEDS_THE_WALL & {verdict for verdict, _ in expected.values()}
        if endless:
            yield f"{path}: promises {min(endless)}, which only a graded run shows; leave the file out"
            continue
        submission = Submission(path.stem, ((path.name, path.read_bytes()),))
        try:
            with ended_after(ENDLESS_SECONDS):
                (result,) = grade(submission, planned, sandbox).exercises
        except TimeoutError as error:
            yield f"{path}: {error}; that it never ends only a graded run shows: leave the file out, or let it end"
            continue
        except Exception as error:  # as below
            yield f"{path}: {_breaks(error)}"
            continue
        yield from promises.kept(path, result, promises.names(book.suite.exercise, book.chain))


def explanations(planned: Plan, mutants: Sequence[Mutant]) -> Iterator[str]:
    """Where the report on a mutant breaks; a few mutants of each kind."""
    for kind, group in groupby(mutants, lambda mutant: mutant.kind):
        every = list(group)
        for mutant in every[:: -(-len(every) // EXPLAINED)]:
            try:
                _report(planned, mutant.call)
            except Exception as error:  # whatever it is, a student's explanation is lost, or a class ends here
                yield f"{kind} {mutant.name!r}: {_breaks(error)}"


def _breaks(error: Exception) -> str:
    return f"its report breaks: {type(error).__name__}: {error}"


def _report(planned: Plan, call: Call) -> Report:
    """As `grade_exercise` does it, without a worker."""
    diagnosis = planned.items[0].diagnosis
    suite = diagnosis.suite

    def again(case: Case) -> Outcome:
        return run(call, encoded(case.inputs))

    outcomes = [(case, again(case)) for case in suite.cases]
    observations = [Observation(case, outcome, judge(suite.exercise, case, outcome)) for case, outcome in outcomes]
    checks = tuple(
        scoring.check_result(
            check,
            [each for each in observations if each.case.variant == check.variant],
            explain(diagnosis, check, observations, again),
        )
        for check in suite.exercise.checks
    )
    return report.graded(Submission("mutant", ()), planned, Loaded({}, {}), [Attempt(checks)], 0.0)
