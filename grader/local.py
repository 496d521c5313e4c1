"""The student's own check: cases, oracle, submission and explanation in one process that `grader check` watches.

Run as `python -m grader.local FILE`; writes one JSON object per line to standard output: {"event": "doing",
"doing": entry point or "loading"} before each step and {"event": "done", "text", "exit_status"} at the end.
The student's own prints go to standard error.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from torch import Tensor

from grader import catalog, grading, report, submissions
from grader.assignment import Assignment, Entry
from grader.catalog import Catalog
from grader.errors import GraderError, SubmissionError
from grader.exercise import Limits
from grader.models import Report
from grader.sandbox.local import LocalSession
from grader.secret import PUBLIC
from grader.submissions import Submission
from grader.worker.outcome import Loaded, Outcome, Stopped

EXIT_PASSED, EXIT_FAILED, EXIT_USAGE = 0, 1, 2


class Telling:
    """A session in this process that says what it is about to do, and answers for what was stopped before."""

    def __init__(self, inner: LocalSession, tell: IO[str], stopped: Mapping[str, Stopped]) -> None:
        self._inner, self._tell, self._stopped = inner, tell, stopped

    @property
    def loaded(self) -> Loaded:
        return self._inner.loaded

    def call(
        self, entry_point: str, inputs: Sequence[Tensor | float | int], expected_bytes: int, limits: Limits
    ) -> Outcome:
        if entry_point in self._stopped:
            return self._stopped[entry_point]
        emit(self._tell, event="doing", doing=entry_point)
        return self._inner.call(entry_point, inputs, expected_bytes, limits)


class Local:
    """The sandbox's interface without a wall."""

    def __init__(self, tell: IO[str], stopped: Mapping[str, Stopped]) -> None:
        self._tell, self._stopped = tell, stopped

    @contextlib.contextmanager
    def session(
        self, files: Sequence[tuple[str, bytes]], entry_points: Sequence[str], limits: Limits
    ) -> Iterator[Telling]:
        emit(self._tell, event="doing", doing="loading")
        yield Telling(LocalSession(files, entry_points), self._tell, self._stopped)


def check(
    submission: Submission, courses: Catalog, slugs: Sequence[str], tell: IO[str], stopped: Mapping[str, Stopped]
) -> Report:
    """The report on public cases, for the exercises that the submission defines or that are named."""
    chosen = tuple(slugs) or defined(submission, courses)
    assignment = Assignment(exercises=tuple(Entry(slug=slug) for slug in chosen))
    plan = report.plan(courses, assignment, PUBLIC)
    return grading.grade(submission, plan, Local(tell, stopped))


def defined(submission: Submission, courses: Catalog) -> tuple[str, ...]:
    """The exercises whose entry point occurs in the files; raises SubmissionError when none does."""
    everything = b"\n".join(content for _, content in submission.files)
    exercises = courses.select()
    slugs = tuple(each.slug for each in exercises if each.entry_point.encode() in everything)
    if not slugs:
        names = ", ".join(exercise.entry_point for exercise in exercises)
        raise SubmissionError(f"{submission.id}: defines none of the functions that can be checked ({names})")
    return slugs


def emit(tell: IO[str], **event: str) -> None:
    """Tell the parent."""
    tell.write(json.dumps(event) + "\n")
    tell.flush()


def main() -> None:
    """Check one submission and tell the parent how it went."""
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("--exercise", action="append", default=[])
    parser.add_argument("--exercises", type=Path)
    parser.add_argument("--stopped", action="append", default=[])
    parser.add_argument("--colour", action="store_true")
    arguments = parser.parse_args()
    tell = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    try:
        stopped = dict(_stopped(text) for text in arguments.stopped)
        courses = catalog.at(arguments.exercises) if arguments.exercises else catalog.bundled()
        path: Path = arguments.file
        submission = submissions.at(path).read()
        if "loading" in stopped:
            raise SubmissionError(f"{path}: loading it did not end well. {stopped['loading'].detail}")
        result = check(submission, courses, arguments.exercise, tell, stopped)
    except GraderError as error:
        emit(tell, event="done", text=f"grader: {error}\n", exit_status=str(EXIT_USAGE))
        return
    passed = bool(result.exercises) and all(c.verdict == "passed" for e in result.exercises for c in e.checks)
    emit(tell, event="done", text=_render(result, arguments.colour), exit_status=str(int(not passed)))


def _render(result: Report, colour: bool) -> str:
    from rich.console import Console

    from grader.views import terminal

    buffer = io.StringIO()
    console = Console(file=buffer, force_terminal=colour, no_color=not colour, highlight=False, soft_wrap=True)
    terminal.print_report(result, console)
    return buffer.getvalue()


def _stopped(text: str) -> tuple[str, Stopped]:
    """Read NAME=VERDICT:DETAIL, the parent's word for what it had to end."""
    name, _, rest = text.partition("=")
    verdict, _, detail = rest.partition(":")
    if verdict == "timed_out":
        return name, Stopped("timed_out", f"It ran longer than {detail} s: is there a loop that never ends?")
    return name, Stopped("errored", f"The Python process ended by itself (exit status {detail}).")


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # student threads or exit hooks may not keep the check waiting
