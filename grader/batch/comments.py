"""What a student may read of a report in one cell of a sheet."""

from __future__ import annotations

from grader.models import Report


def feedback_text(report: Report) -> str:
    """What a student reads in a cell: the notes, and for each exercise its points and the first thing to mend."""
    lines = [note.message for note in report.notes]
    for exercise in report.exercises:
        points = "no points yet" if exercise.score is None else f"{exercise.score:g} of {exercise.max_score:g} points"
        certain = [finding.message for finding in exercise.findings if finding.certain]
        wrong = [check for check in exercise.checks if check.verdict != "passed"]
        first = f"{wrong[0].name}: {wrong[0].message} {wrong[0].hint or ''}".strip() if wrong else ""
        lines.append(" ".join(filter(None, (f"{exercise.entry_point}: {points}.", *certain, first))))
    return "\n".join(dict.fromkeys(lines))
