"""What only a learning platform shows: its sentences, and texts cut to its size.

What is said about results stands in grader/grading/feedback.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.models import CheckResult, Finding
from grader.wire.printable import plain

CUT = "\n[...]"
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


def check_text(check: CheckResult, findings: Sequence[Finding]) -> str:
    """One check in the words of `grader check`: facts, hint, and an example that is public.

    findings: of its exercise; a check that passed and earned nothing says which of them cost the points.
    """
    if check.verdict == "passed":
        unpaid = check.points is not None and check.points < check.max_points
        costly = [finding.message for finding in findings if finding.certain and unpaid]
        return plain(" ".join(part for part in (check.message, check.hint, *costly) if part), keep="\n")
    from grader.views import terminal

    return plain(terminal.check_text(check), keep="\n")


def shortened(text: str, most: int) -> str:
    """At most so many characters, the beginning of it."""
    return text if len(text) <= most else text[: most - len(CUT)] + CUT
