"""What a batch came to, in a few lines for a terminal: marks, what to look at, and what was left out."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator, Sequence

from grader.grading.remark import FLAGS, Row

NAMES_SHOWN = 5
MAX_ROWS = 200
"""A longer table is for nobody: of a larger class it shows the submissions to look at."""


def shown(rows: Sequence[Row]) -> Sequence[Row]:
    """The rows of the class table."""
    return rows if len(rows) <= MAX_ROWS else [row for row in rows if row.flags][:MAX_ROWS]


def lines(rows: Sequence[Row], nameless: Sequence[str] = ()) -> Iterator[str]:
    """The lines below the class table. nameless: exercises whose misconceptions were not there."""
    yield from _marks(rows)
    yield from _to_look_at(rows)
    yield from _unattempted(rows)
    if nameless:
        yield (
            f"Mistakes in {_named(nameless)} are described and not named, because no misconceptions are there; "
            "see “Misconceptions” in docs/instructors.md."
        )


def _marks(rows: Sequence[Row]) -> Iterator[str]:
    points = [row.points for row in rows if row.points is not None]
    if not points:
        return
    most = max(row.max_points for row in rows)
    full = sum(row.points == row.max_points for row in rows)
    yield (
        f"Full marks are {most:g} points: the maximum to enter in a learning platform. "
        f"Mean {statistics.fmean(points):.1f}, median {statistics.median(points):g}; {full} with full marks."
    )


def _to_look_at(rows: Sequence[Row]) -> Iterator[str]:
    counts = Counter(flag for row in rows for flag in row.flags)
    technical = counts["internal_error"]
    if technical:
        yield (
            f"Technical failures of the grader: {technical}. They have no score, never a zero; grade again, and see "
            "`grader doctor` if they stay."
        )
    others = [f"{counts[flag]} {words}" for flag, words in FLAGS.items() if counts[flag] and flag != "internal_error"]
    if others:
        yield f"To look at: {', '.join(others)}."


def _unattempted(rows: Sequence[Row]) -> Iterator[str]:
    """Where every exercise of a course is graded, those that were never handed out cost everybody points."""
    attempted = {part.exercise for row in rows for part in row.parts if part.attempted}
    most = {part.exercise: part.max_points for row in rows for part in row.parts}
    nobody = [slug for slug in most if slug not in attempted]
    if nobody and attempted:
        points = sum(most[slug] for slug in nobody)
        yield (
            f"Nobody attempted {_named(nobody)}: {points:g} of the {sum(most.values()):g} points. If they were not "
            "asked for, choose the others with --exercise or --assignment and grade again."
        )


def _named(slugs: Sequence[str]) -> str:
    more = f" and {len(slugs) - NAMES_SHOWN} more" if len(slugs) > NAMES_SHOWN else ""
    return ", ".join(slugs[:NAMES_SHOWN]) + more
