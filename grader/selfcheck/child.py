"""The child of `grader check`: cases, oracle, submission and explanation in one process that `parent` watches.

Run as `python -m grader.selfcheck`. Reads lines of JSON from standard input: first what will be checked, so that it can
be prepared; then, for each check, what had to be stopped before. Writes lines of JSON to standard output:
{"event": "doing", "doing": "loading", a numbered call ("full_jacobian 3") or ""} whenever that changes, and
{"event": "done", "text", "report", "exit_status", "shows_prints" (whether the text shows them)} at the end.
What the student's code prints goes to standard error, followed by the mark of the check.
Longer than most files: both ends of this conversation, the check and what it reports, run in the one process.
"""

from __future__ import annotations

import ast
import contextlib
import json
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from typing import IO, Any

import torch

import grader
from grader import spelling, submissions
from grader.cases.secret import PUBLIC
from grader.course import catalog
from grader.course.assignment import Assignment, Entry
from grader.course.catalog import Catalog
from grader.errors import GraderError, SubmissionError
from grader.exercise import Exercise, Limits
from grader.grading import feedback, report
from grader.grading import grade as grading
from grader.grading.report import Plan, PlannedExercise
from grader.models import ExerciseResult, Report
from grader.selfcheck import desk, hints, progress
from grader.selfcheck.session import LocalSession
from grader.submissions import Submission
from grader.views import terminal, wording
from grader.wire.outcome import Loaded, Outcome, Stopped, Used
from grader.wire.protocol import Input, Target
from grader.worker import loader
from grader.worker.loader.program import parse
from grader.worker.loader.sources import read_all
from grader.worker.student import StudentNames

EXIT_PASSED, EXIT_FAILED, EXIT_USAGE = 0, 1, 2
ALIKE = 0.85
"""How much a function's name has to be like an exercise's, to be called a misspelling of that."""
MAX_STOPS = 2
"""How many calls of one function may be stopped, each of which costs a new process, before the others are skipped."""
EVERYTHING = "everything"
"""What is announced while all of the files runs; no call has a name without a number."""
PARENT_SECONDS = 1.0
"""How often a check tests whether its parent still waits."""


@dataclass
class ProgressSession:
    """A session in this process that announces each call to the parent and knows which calls were stopped before.

    A call goes by its entry point and its number ("full_jacobian 3"): after a stop the same calls come in the same
    order, so only the call that was stopped gets the verdict of the stop. Also the sandbox that gives the session.
    """

    tell: IO[str]
    stopped: Mapping[str, Stopped]
    inner: LocalSession | None = None
    calls: Counter[str] = field(default_factory=Counter)
    stops: Counter[str] = field(default_factory=Counter)

    @property
    def loaded(self) -> Loaded:
        """What loading gave."""
        assert self.inner is not None
        return self.inner.loaded

    @property
    def student(self) -> StudentNames:
        """The student's own functions."""
        assert self.inner is not None
        return self.inner.student

    def call(self, target: str, inputs: Sequence[Input], expected_bytes: int, limits: Limits, seed: int = 0) -> Outcome:
        """One call, announced; after MAX_STOPS stops of a function its other calls are skipped."""
        self.calls[target] += 1
        name = f"{target} {self.calls[target]}"
        if name in self.stopped:
            self.stops[target] += 1
            return self.stopped[name]
        if self.stops[target] >= MAX_STOPS:
            return Stopped("skipped", feedback.skipped())
        assert self.inner is not None
        with _announced(self.tell, name):
            return self.inner.call(target, inputs, expected_bytes, limits, seed)

    def used(self, target: Target, inputs: Sequence[Input], cap: int, limits: Limits, seed: int = 0) -> Used:
        """What varied lines of a use give; announced, as any call may loop, and never tried again after a stop."""
        name = f"{target.name} varied"
        if name in self.stopped:
            return Used({}, self.stopped[name])
        assert self.inner is not None
        with _announced(self.tell, name):
            return self.inner.used(target, inputs, cap, limits, seed)

    def prints(self, target: str, inputs: Sequence[Input], limits: Limits, seed: int = 0) -> str:
        """The first lines of what one call prints; announced, as any call may loop."""
        name = f"{target} prints"
        if name in self.stopped:
            return ""
        assert self.inner is not None
        with _announced(self.tell, name):
            return self.inner.prints(target, inputs, limits, seed)

    def forget(self, *, everything: bool = False) -> None:
        """Every case is public here; where all of the files is to run, that is announced, as it may loop or crash."""
        assert self.inner is not None
        if EVERYTHING not in self.stopped:
            with _announced(self.tell, EVERYTHING):
                self.inner.forget(everything=everything)

    @contextlib.contextmanager
    def session(
        self, files: Sequence[tuple[str, bytes]], targets: Sequence[Target], limits: Limits
    ) -> Iterator[ProgressSession]:
        """Loaded once; nothing is closed."""
        with _announced(self.tell, "loading"):
            self.inner = LocalSession(files, targets)
        yield self


@dataclass
class Checker:
    """Everything that outlives one check: where the exercises are, and their prepared cases.

    confined: a check refuses to its process, from then on, what hidden grading refuses; only for a process of its own.
    """

    paths: tuple[Path, ...]
    slugs: tuple[str, ...]
    courses: Catalog
    width: int | None = None
    colour: bool = False
    hints: int = 0
    overview: bool = False
    confined: bool = False
    plans: dict[tuple[str, ...], Plan] = field(default_factory=dict)

    @property
    def named(self) -> str:
        """The files as the command names them."""
        return " ".join(map(str, self.paths))

    def prepare(self) -> None:
        """Do now what needs no student code; what is wrong is said when asked."""
        with contextlib.suppress(Exception):
            self.plan(self.read())

    def read(self) -> Submission:
        """The files as they are now, as one submission; raises SubmissionError."""
        for path in self.paths:
            if not path.exists():
                raise SubmissionError(f"{path}: there is no such file or folder; check the spelling")
        return reduce(submissions.Source.joined, map(submissions.at, self.paths)).read()

    def plan(self, submission: Submission) -> Plan:
        """The public cases of the exercises that are named, or else that the submission defines."""
        chosen = self.slugs or self.defined(submission)
        if chosen not in self.plans:
            assignment = Assignment(exercises=tuple(Entry(slug=slug) for slug in chosen))
            self.plans[chosen] = report.plan(self.courses, assignment, PUBLIC)
        return self.plans[chosen]

    def defined(self, submission: Submission) -> tuple[str, ...]:
        """The exercises that code in the files answers; raises SubmissionError when there is none."""
        if submission.problem:
            raise SubmissionError(submission.problem)
        exercises = self.courses.select()
        names = list(dict.fromkeys(name for exercise in exercises for name in exercise.names))
        found = loader.defined(submission.files, names)
        slugs = tuple(each.slug for each in exercises if set(each.names) & set(found))
        if not slugs:
            raise SubmissionError(_why_nothing(submission, exercises))
        return slugs

    def check(self, tell: IO[str], stopped: Mapping[str, Stopped]) -> dict[str, str]:
        """The event that ends a check."""
        try:
            submission = self.read()
            plan = self.plan(submission)
            if "loading" in stopped:
                raise SubmissionError(wording.loading_stopped(self.named, stopped["loading"].detail))
            if self.confined and sys.platform == "linux":
                self.confine(submission)
            result, text = self.report(submission, plan, ProgressSession(tell, stopped))
        except GraderError as error:
            return _done(f"grader: {error}\n", EXIT_USAGE)
        except Exception as error:  # an internal error: never a traceback through the grader's frames
            return _done(f"grader: {wording.our_fault(type(error).__name__)}\n", EXIT_FAILED)
        passed = bool(result.exercises) and all(map(progress.is_passed, result.exercises))
        done = _done(text, EXIT_PASSED if passed else EXIT_FAILED, result.model_dump_json())
        return {**done, "shows_prints": "yes" if desk.shows_prints(result) else ""}

    def confine(self, submission: Submission) -> None:
        """Refuse from here on what hidden grading refuses, so that both come to the same verdict; on Linux only."""
        from grader.worker import confine, preload

        preload.preload_named(" ".join(content.decode("utf-8", "replace") for _, content in submission.files))
        folders = (Path(grader.__file__).parent, self.courses.exercises, self.courses.solutions)
        confine.confine_check(path.resolve() for path in folders if path is not None and path.exists())

    def report(self, submission: Submission, plan: Plan, session: ProgressSession) -> tuple[Report, str]:
        """Graded on public cases, with what only a look at the student's machine can tell; and the terminal's text."""
        result = grading.grade(submission, plan, session)
        if session.inner is None:
            return result, self._drawn(terminal.print_report, result)
        beside = tuple(desk.helpers_beside(result.notes, self.paths))
        result = desk.with_causes(result.model_copy(update={"notes": (*result.notes, *beside)}), plan, session)
        if self.overview:
            seen = progress.overview(self.courses, result, session.loaded.places)
            return result, self._drawn(terminal.print_overview, seen.exercises, (*seen.courses, seen.next_step))
        places = desk.places(result, plan, session)
        advice = {
            each.exercise: self._advice(each, item, places, session)
            for each, item in zip(result.exercises, plan.items, strict=True)
        }
        more = wording.stuck(self.hints) if any(len(each) > self.hints for each in advice.values()) else ""
        shown = {slug: each[: self.hints] for slug, each in advice.items()}
        following = progress.after(self.courses, result)
        text = self._drawn(terminal.print_report, result, advice=shown, more=more, following=following)
        return desk.with_places(result, places), text

    def _advice(
        self, result: ExerciseResult, item: PlannedExercise, places: Mapping[str, str], session: ProgressSession
    ) -> list[str]:
        """What is asked for, and one level more if there is one."""
        place, call = places.get(result.exercise, ""), desk.caller(session, item)
        return hints.levels(result, item, place, self.courses, call, self.hints + 1)

    def _drawn(self, draw: Callable[..., None], *what: object, **more: object) -> str:
        return terminal.rendered(
            lambda console: draw(*what, console=console, **more), width=self.width, colour=self.colour
        )


def _why_nothing(submission: Submission, exercises: Sequence[Exercise]) -> str:
    """Why no exercise is answered: files that cannot be read, a function of another name, or nothing at all."""
    reading = read_all(submission.files)
    if not reading.sources:
        return " ".join(reading.unreadable)
    names = [name for exercise in exercises for name in exercise.names]
    steps = [step.node for source in reading.sources for step in parse(source).statements]
    functions = [step for step in steps if isinstance(step, ast.FunctionDef)]
    for function in functions:
        alone = submission.id if len(functions) == 1 and submission.id in names else ""
        found = (*spelling.close(function.name, names, alike=ALIKE), alone, _by_parameters(function, exercises))
        if wanted := next(filter(None, found), ""):
            return wording.yours_is_called(submission.id, function.name, wanted)
    return wording.defines_nothing(submission.id, names)


def _by_parameters(function: ast.FunctionDef, exercises: Sequence[Exercise]) -> str:
    """The one exercise whose inputs have the names of a function's parameters; "" where there are several or none."""
    own = tuple(argument.arg for argument in function.args.args)
    fitting = [each.entry_point for each in exercises if own and each.use is None and each.received == own]
    return fitting[0] if len(fitting) == 1 else ""


@contextlib.contextmanager
def _announced(tell: IO[str], doing: str) -> Iterator[None]:
    _emit(tell, event="doing", doing=doing)
    yield
    _emit(tell, event="doing", doing="")


def _emit(tell: IO[str], **event: str) -> None:
    tell.write(json.dumps(event) + "\n")
    tell.flush()


def _done(text: str, exit_status: int, report: str = "") -> dict[str, str]:
    return {"event": "done", "text": text, "report": report, "exit_status": str(exit_status)}


def _answer(checker: Checker, order: dict[str, Any], tell: IO[str]) -> None:
    """One check, from the parent's word to the last line, with nothing on standard input."""
    threading.Thread(target=_leave_with_parent, args=(os.getppid(),), daemon=True).start()
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    done = checker.check(tell, {name: _stopped(why) for name, why in order["stopped"].items()})
    sys.stdout.flush()
    sys.stderr.flush()
    os.write(2, order["mark"].encode())
    _emit(tell, **done)


def _leave_with_parent(parent: int) -> None:
    """End this process, whatever loop it is in, once its parent is gone."""
    while os.getppid() == parent:
        time.sleep(PARENT_SECONDS)
    os._exit(1)


def _stopped(text: str) -> Stopped:
    """Read VERDICT:DETAIL, the parent's word for what it had to end."""
    verdict, _, detail = text.partition(":")
    if verdict == "timed_out":
        return Stopped("timed_out", wording.loop(detail))
    return Stopped("errored", wording.died(detail))


def _fork(checker: Checker, order: dict[str, Any], tell: IO[str]) -> None:
    """Check in a child of this process, which stays as clean and as warm as it is."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        if status:  # it died in the student's code: this process ends too, so that the parent notices
            os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
        return
    _answer(checker, order, tell)
    os._exit(0)


def main() -> None:
    """Prepare, then check once, or, with --stay, each time that the parent asks."""
    tell = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace", line_buffering=True)  # type: ignore[union-attr]
    torch.set_num_threads(1)  # before the first operation: threads do not survive a fork
    wish = json.loads(sys.stdin.readline() or "null")
    if wish is None:
        return
    try:
        courses = (catalog.at(Path(wish["folder"])) if wish["folder"] else catalog.bundled()).kept()
        paths, slugs = tuple(map(Path, wish["paths"])), tuple(wish["slugs"])
        checker = Checker(
            paths, slugs, courses, wish["width"], wish["colour"], wish["hints"], wish["overview"], confined=True
        )
        checker.prepare()
    except GraderError as error:
        _emit(tell, **_done(f"grader: {error}\n", EXIT_USAGE))
        return
    while line := sys.stdin.readline():
        if "--stay" not in sys.argv:
            _answer(checker, json.loads(line), tell)
            break
        _fork(checker, json.loads(line), tell)
