"""Time accounting of one run on a platform."""

from __future__ import annotations

import contextlib
import time

import pytest

from grader.errors import AssignmentError
from grader.exercise import Limits
from grader.lms import pace, wording
from grader.lms.pace import Paced, charge
from grader.sandbox import Sandbox
from grader.sandbox.worker import ProcessorUse
from grader.wire.outcome import Returned, Stopped
from grader.wire.protocol import Target
from tests.lms.conftest import settings_for

LIMITS = Limits(cpu_seconds=4, wall_seconds=15)
BUSY = b"""
import time
def busy():
    end = time.process_time() + 0.3
    while time.process_time() < end: pass
    return 1.0
def asleep():
    time.sleep(0.4)
    return 1.0
def quick():
    return 1.0
"""


def test_processor_time_is_charged_at_the_promised_rate() -> None:
    """Two seconds of work on half a core are four seconds of the allowance, however long the platform took."""
    assert charge(60.0, ProcessorUse(7, 1.0, 5.0), ProcessorUse(7, 3.0, 63.0), LIMITS, cores=0.5) == pytest.approx(4.0)


def test_sleeping_is_charged() -> None:
    """Who sleeps pays: it was neither running nor waiting for a processor."""
    assert charge(9.0, ProcessorUse(7, 1.0, 5.0), ProcessorUse(7, 1.0, 6.0), LIMITS, cores=0.5) == pytest.approx(8.0)


@pytest.mark.parametrize(
    ("seconds", "charged"), [(3.0, 3.0), (100.0, 100.0), (14.0, 8.0)], ids=["crash", "clock", "processor"]
)
def test_a_worker_that_died_is_charged_with_its_limit_at_most(seconds: float, charged: float) -> None:
    """What a dead worker used is not known any more: its deadline in processor time, or the clock's, is."""
    assert charge(seconds, ProcessorUse(7, 1.0, 5.0), None, LIMITS, cores=0.5) == charged
    assert charge(seconds, ProcessorUse(7, 1.0, 5.0), ProcessorUse(8, 0.0, 0.0), LIMITS, cores=0.5) == charged


def test_an_exercise_that_used_up_its_allowance_is_skipped(sandbox: Sandbox) -> None:
    """Further calls of that exercise are not run, with a sentence; the next exercise begins afresh."""
    with sandbox.session([("hw.py", BUSY)], [*map(Target.function, ["busy", "asleep", "quick"])], LIMITS) as session:
        for slow in ("busy", "asleep"):
            paced = Paced(session, allowance_seconds=0.35, cores=0.5)
            paced.next_exercise()
            assert isinstance(call(paced, slow), Returned)
            stopped = call(paced, "quick")
            assert stopped == Stopped("skipped", wording.allowance_used_up(0.35))
            paced.next_exercise()
            assert isinstance(call(paced, "quick"), Returned)


def call(paced: Paced, name: str) -> object:
    """One call without inputs."""
    return paced.call(name, (), 8, LIMITS)


def test_the_sentence_about_an_allowance() -> None:
    """It names the time and asks the usual question."""
    assert wording.allowance_used_up(19.4) == (
        "Not run, because the earlier cases of this exercise used up its 19 s on this platform: "
        "is there a loop that takes very long?"
    )


def test_the_deadline_interrupts_whatever_is_being_done() -> None:
    """Code that takes every Exception for its own does not swallow the end of the time."""

    def for_ever() -> None:
        while True:
            with contextlib.suppress(Exception):
                time.sleep(1)

    with pytest.raises(pace.TimeIsUp), pace.until(time.monotonic() + 0.05):
        for_ever()


@pytest.mark.parametrize("exercises", [1, 2, 14])
@pytest.mark.parametrize("seconds", [60, 180, 600, 2400])
def test_who_uses_up_everything_is_still_in_time(exercises: int, seconds: int) -> None:
    """All exercises at their allowance, each with a last call that ends late, fit below the internal deadline."""
    chosen = settings_for(exercises=("a",) * exercises, platform_seconds=seconds)
    worst = exercises * (chosen.allowance_seconds + chosen.longest_call_seconds)
    assert chosen.allowance_seconds > 0
    assert worst < chosen.grading_seconds < chosen.platform_seconds
    assert chosen.grading_seconds <= seconds - 10


def test_too_little_time_is_refused() -> None:
    """An export whose calls would be ended before they could be right says what to change."""
    with pytest.raises(AssignmentError) as refused:
        settings_for(exercises=("a",) * 40, platform_seconds=60)
    assert str(refused.value) == (
        "60 s are too short for 40 exercises; allow more with --timeout, there and on the platform, or choose fewer"
    )
