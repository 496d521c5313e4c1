"""Every sentence that only a learning platform shows; what is said about results stands in grader/feedback.py."""

from __future__ import annotations

UNRUN = (
    "Not run: the platform was too slow to finish everything in the time that it gives. "
    "That is not your fault, and it costs you nothing."
)
NO_SCORE = (
    "There is no score yet, because a part could not be graded. That is not your fault, and it costs you nothing: "
    "hand in again later, or ask the course staff to grade it again."
)
NOT_FINISHED = (
    "The grader could not finish. That is not your fault, and it costs you nothing: "
    "hand in again later, or ask the course staff to grade it again."
)
LATER = {
    "after_due_date": "The details are shown after the due date.",
    "after_published": "The details are shown once the grades are published.",
}


def allowance_used_up(seconds: float) -> str:
    """One exercise has had its share of the time."""
    return (
        f"Not run, because the earlier cases of this exercise used up its {seconds:.0f} s on this platform: "
        "is there a loop that takes very long?"
    )


def score(score: float, max_score: float) -> str:
    """The line above all tests."""
    return f"{score:g} of {max_score:g} points."
