"""A limit on the processor time of student code that runs at its native speed until then."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

AGAIN_SECONDS = 0.05
"""How soon code that has caught the exception gets it once more."""


class TookTooLong(BaseException):
    """Raised in student code once its time is over; no Exception, which a training loop may catch."""


@dataclass
class Timer:
    """Whether the time of a block was over before the block was."""

    is_over: bool = False

    def stop(self, *_: Any) -> None:
        """What the signal calls."""
        self.is_over = True
        raise TookTooLong


@contextmanager
def stopped_after(seconds: float) -> Iterator[Timer]:
    """Raise TookTooLong inside the block after so many seconds of this process's processor time.

    Without effect where Python has no such timer: on Windows, and outside of the main thread. Blocks may be nested;
    the time of an inner one counts for it alone.
    """
    timer = Timer()
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield timer
        return
    before = signal.signal(signal.SIGPROF, timer.stop)
    left, _ = signal.setitimer(signal.ITIMER_PROF, max(seconds, 1e-6), AGAIN_SECONDS)
    try:
        yield timer
    finally:
        signal.setitimer(signal.ITIMER_PROF, left, AGAIN_SECONDS if left else 0.0)
        signal.signal(signal.SIGPROF, before)
