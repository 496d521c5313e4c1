"""Grades one submission: load it in the sandbox, call its functions on every case, judge, explain, add up."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import chain
from typing import Protocol

from grader.cases.case import Case
from grader.cases.suite import Suite
from grader.errors import SandboxError
from grader.exercise import Check, Exercise, Limits
from grader.grading import diagnose, feedback, report, scoring
from grader.grading.compare import judge, observed
from grader.grading.diagnose import DiagnosisCache, Observation
from grader.grading.report import Attempt, Plan
from grader.models import CheckResult, Note, Report
from grader.submissions import Submission
from grader.wire.outcome import Array, Foreign, Loaded, Misfit, Outcome, Raised, Returned, Stopped, Used
from grader.wire.protocol import Input, Target


class Session(Protocol):
    """One loaded submission, wherever it runs."""

    @property
    def loaded(self) -> Loaded: ...

    def call(
        self, target: str, inputs: Sequence[Input], expected_bytes: int, limits: Limits, seed: int = 0
    ) -> Outcome: ...

    def prints(self, target: str, inputs: Sequence[Input], limits: Limits, seed: int = 0) -> str:
        """The first lines of what one call on public inputs prints, where no others have been seen."""
        ...

    def forget(self, *, everything: bool = False) -> None:
        """Let the next call run where no inputs of earlier calls have been seen.

        everything: all of the files runs there beforehand, and not only what the calls need.
        """
        ...


class SubmissionRunner(Protocol):
    """Whatever can run a submission: the walled one, or the student's own process."""

    def session(
        self, files: Sequence[tuple[str, bytes]], targets: Sequence[Target], limits: Limits
    ) -> AbstractContextManager[Session]: ...


def grade(submission: Submission, plan: Plan, sandbox: SubmissionRunner) -> Report:
    """The report of one submission; a failure of the sandbox becomes `internal_error` with null scores."""
    run = GradingRun(submission, plan, sandbox)
    for _ in run.exercises():
        pass
    return run.report()


class GradingRun:
    """One submission while it is graded: `exercises` grades the next one, `report` says what is known so far."""

    def __init__(self, submission: Submission, plan: Plan, sandbox: SubmissionRunner) -> None:
        self._submission = submission
        self._plan = plan
        self._sandbox = sandbox
        self._started = time.monotonic()
        self._problem = submission.problem
        self._failure: str | None = None
        self._loaded = Loaded({}, {})
        self._attempts: list[Attempt] = []

    def exercises(self) -> Iterator[None]:
        """Load the submission and grade one exercise after the other; yields after each."""
        if self._problem:
            return
        targets = [item.exercise.target for item in self._plan.items]
        try:
            with self._sandbox.session(self._submission.files, targets, self._plan.loading_limits) as session:
                self._loaded, self._problem = session.loaded, session.loaded.problem
                for item in () if self._problem else self._plan.items:
                    self._attempts.append(grade_exercise(session, item.diagnosis, item.limits))
                    yield
        except SandboxError as error:
            self._failure = str(error)

    def report(self) -> Report:
        """The report; exercises that were not graded yet have null scores."""
        submission, plan, seconds = self._submission, self._plan, time.monotonic() - self._started
        if self._failure is not None:
            return report.internal_error(submission, plan, self._failure, seconds)
        if self._problem:
            return report.unreadable(submission, plan, self._problem, seconds)
        return report.graded(submission, plan, self._loaded, self._attempts, seconds)


def grade_exercise(session: Session, diagnosis: DiagnosisCache, limits: Limits) -> Attempt:
    """All checks of one exercise, and what its calls showed."""
    exercise = diagnosis.suite.exercise
    observations = observe(session, diagnosis.suite, limits)
    all_ran = _needs_everything(session, diagnosis.suite, limits, observations)
    if all_ran:
        observations = observe(session, diagnosis.suite, limits)
    examples: dict[str, Outcome] = {}

    def again(case: Case) -> Outcome:
        if not examples:  # what is returned and raised there is shown, and could be a hidden input that was remembered
            session.forget(everything=all_ran)
        if case.name not in examples:
            examples[case.name] = call(session, exercise, case, limits)
        return examples[case.name]

    def prints(case: Case) -> str:
        return session.prints(exercise.target.name, case.arguments, limits, case.seed)

    checks = tuple(_check(diagnosis, check, observations, again, prints) for check in exercise.checks)
    notes = diagnose.notes(diagnosis, observations)
    if all_ran:
        session.forget()  # the next exercise is loaded as usual
        notes = (*notes, Note(kind="whole_file", message=feedback.needs_whole_file(exercise.entry_point)))
    outcomes = (observation.outcome for observation in observations)
    evidence = [outcome.evidence for outcome in outcomes if isinstance(outcome, (Raised, Returned, Used))]
    return Attempt(checks, tuple(chain.from_iterable(evidence)), notes)


def _needs_everything(session: Session, suite: Suite, limits: Limits, observations: Sequence[Observation]) -> bool:
    """Whether every case raised in the student's own code, and gives more once all of the files has run.

    If so, it has run where the next call runs. Cells are computed from what is given, whatever else has run.
    """
    if (
        not suite.exercise.target.names
        or not observations
        or not all(_raised(observation.outcome) for observation in observations)
    ):
        return False
    session.forget(everything=True)
    if _results(call(session, suite.exercise, suite.cases[0], limits)) > _results(observations[0].outcome):
        return True
    session.forget()
    return False


def _raised(outcome: object) -> bool:
    """Whether the code raised, or lacks an attribute or key; an unfinished function says so by an error of its own."""
    if isinstance(outcome, Used):
        return any(_raised(each) for each in (outcome.end, *outcome.results.values()))
    if isinstance(outcome, Misfit):
        return outcome.kind in ("attribute", "key")
    return isinstance(outcome, Raised) and bool(outcome.frames) and outcome.type_name != "NotImplementedError"


def _results(outcome: Outcome) -> frozenset[str]:
    """The names of the results that came; one name stands for all that a function returned."""
    if isinstance(outcome, Used):
        return frozenset(name for name, result in outcome.results.items() if isinstance(result, (Array, Foreign)))
    return frozenset({"returned"}) if isinstance(outcome, Returned) else frozenset()


def observe(session: Session, suite: Suite, limits: Limits) -> tuple[Observation, ...]:
    """What the submission did on every case; after too many timeouts the remaining cases are skipped."""
    observations: list[Observation] = []
    timeouts = 0
    for case in suite.cases:
        outcome: Outcome = Stopped("skipped", feedback.skipped())
        if timeouts < limits.max_timeouts:
            outcome = call(session, suite.exercise, case, limits)
        timeouts += isinstance(outcome, Stopped) and outcome.verdict == "timed_out"
        retried = _on_contiguous_inputs(session, suite.exercise, case, limits, outcome)
        outcome = retried or outcome
        seen = observed(suite.exercise, case, outcome)
        observations.append(Observation(seen, outcome, judge(suite.exercise, seen, outcome), retried is not None))
    return tuple(observations)


def _on_contiguous_inputs(
    session: Session, exercise: Exercise, case: Case, limits: Limits, outcome: Outcome
) -> Outcome | None:
    """What comes of the usual memory layout where an exception came of another one: a `view` is no mistake of calculus.

    None where nothing was raised, the layout is the usual one, or that does not help.
    """
    if not _ended_in_exception(outcome) or not case.contiguous_arguments:
        return None
    name = exercise.target.name
    again = session.call(name, case.contiguous_arguments, case.expected_bytes, limits, case.seed)
    return None if _ended_in_exception(again) else again


def _ended_in_exception(outcome: Outcome) -> bool:
    return isinstance(outcome.end if isinstance(outcome, Used) else outcome, Raised)


def call(session: Session, exercise: Exercise, case: Case, limits: Limits) -> Outcome:
    """One call of the entry point; the inputs leave the trusted process only now."""
    return session.call(exercise.target.name, case.arguments, case.expected_bytes, limits, case.seed)


def _check(
    diagnosis: DiagnosisCache,
    check: Check,
    observations: Sequence[Observation],
    again: diagnose.Rerun,
    prints: Callable[[Case], str],
) -> CheckResult:
    """One check: what its cases say, and, when they fail, why, with what the code prints on the shown example."""
    own = [observation for observation in observations if observation.case.variant == check.variant]
    explanation = diagnose.explain(diagnosis, check, observations, again)
    result = scoring.check_result(check, own, explanation)
    if explanation.example is None or result.counterexample is None:
        return result
    printed = prints(explanation.example).rstrip()
    return result.model_copy(update={"counterexample": result.counterexample.model_copy(update={"printed": printed})})
