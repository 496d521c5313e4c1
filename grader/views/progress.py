"""A batch in progress: one bar with rate, estimate and failures, or plain lines where there is no terminal."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

LINE_EVERY_SECONDS = 10.0


class BatchProgress:
    """Counts submissions up to `total`; entering it shows it."""

    def __init__(self, total: int, console: Console | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._total = total
        self._console = console or Console(stderr=True)
        self._clock = clock
        self._said = clock()
        self._first = 0.0
        self._done = self._graded = 0
        self._failures: dict[str, int] = {}
        self._bar: Progress | None = None
        self._task = TaskID(0)

    def __enter__(self) -> BatchProgress:
        if self._console.is_terminal:
            columns = (TextColumn("grading"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[state]}"))
            self._bar = Progress(*columns, console=self._console, transient=True)
            self._task = self._bar.add_task("grading", total=self._total, state="")
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def advance(self, status: str, fresh: bool) -> None:
        """One more submission has its report; `fresh`: it was graded now."""
        self._done += 1
        self._graded += fresh
        if fresh and self._graded == 1:
            self._first = self._clock()
        if status != "graded":
            self._failures[status] = self._failures.get(status, 0) + 1
        if self._bar is not None:
            self._bar.update(self._task, advance=1, state=self.state())
        elif self._clock() - self._said >= LINE_EVERY_SECONDS:
            self._said = self._clock()
            self.say(f"{self._done} of {self._total} done{', ' + self.state() if self.state() else ''}")

    def say(self, sentence: str) -> None:
        """A line of its own, above the bar where there is one."""
        self._console.print(sentence, markup=False, highlight=False, soft_wrap=True)

    def state(self) -> str:
        """Rate, time left and failures, such as "8.5 per second, about 3 min left, 2 unreadable"."""
        words = []
        seconds = self._clock() - self._first
        if self._graded > 1 and seconds > 0:  # starting up says nothing about the rate
            rate = (self._graded - 1) / seconds
            words.append(f"{rate:.1f} per second" if rate >= 0.1 else f"{rate * 60:.1f} per minute")
            left = (self._total - self._done) / rate
            if left >= 1:
                words.append(f"about {_duration(left)} left")
        words += [f"{count} {status.replace('_', ' ')}" for status, count in sorted(self._failures.items())]
        return ", ".join(words)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
