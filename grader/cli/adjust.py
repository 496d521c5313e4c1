"""`grader adjust`: a score or a comment of the instructor's own, kept beside the reports."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import options
from grader.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.batch.adjustments import Adjustment
    from grader.models import Report


@click.command()
@click.argument("folder", type=options.EXISTING_FOLDER, metavar="DIR")
@click.argument("submission", required=False)
@click.option("--exercise", "slug", default="", metavar="SLUG", help="Of this exercise. [default: of the submission]")
@click.option("--score", type=click.FloatRange(min=0), help="Points that take the place of the grader's.")
@click.option("--comment", default="", help="A sentence that the student reads.")
@click.option("--remove", is_flag=True, help="Take back what was adjusted.")
def adjust(folder: Path, submission: str | None, slug: str, score: float | None, comment: str, remove: bool) -> None:
    """Set a score or write a comment for SUBMISSION among the reports in DIR; without SUBMISSION, list what was set.

    It survives grading again, and counts in the gradebook and on every page. When other files are handed in, or full
    marks change, it is named as outdated and no longer counts.
    """
    from grader.batch import adjustments
    from grader.batch import folder as reports

    found = adjustments.read(folder)
    known = {report.submission.id: report for report in reports.last_grading(folder).reports}
    if submission is None:
        _list(found, known)
        return
    kept = [each for each in found if each.key != (submission, slug)]
    if remove:
        if len(kept) == len(found):
            raise OutputError(f"{submission}: nothing was adjusted there; `grader adjust {folder}` lists what was")
        adjustments.write(folder, kept)
        click.echo(f"{submission}: the grader's own result counts again")
        return
    if score is None and not comment:
        raise click.UsageError("give --score, --comment or both, or --remove")
    report = _report(known, submission, slug, score)
    new = adjustments.Adjustment(
        submission=submission,
        sha256=report.submission.sha256,
        exercise=slug,
        score=score,
        max_score=None if score is None else adjustments.full_marks(report, slug),
        comment=comment,
    )
    adjustments.write(folder, (*kept, new))
    after = adjustments.applied([report], [each for each in (*kept, new) if each.submission == submission]).reports[0]
    click.echo(f"{submission}: {_points(report.score)} -> {_points(after.score)} of {report.max_score:g} points")


def _report(known: dict[str, Report], submission: str, slug: str, score: float | None) -> Report:
    """The report that is adjusted; raises OutputError."""
    if submission not in known:
        near = ", ".join([name for name in known if submission.casefold() in name.casefold()][:5])
        raise OutputError(f"there is no report of {submission}; " + (f"there are {near}" if near else "check the id"))
    report = known[submission]
    slugs = {each.exercise: each.max_score for each in report.exercises}
    if slug and slug not in slugs:
        raise OutputError(f"{submission} was not graded on {slug}; its exercises are {', '.join(slugs)}")
    most = slugs[slug] if slug else report.max_score
    if score is not None and score > most:
        raise OutputError(f"--score {score:g}: full marks are {most:g}; give {most:g} or less")
    return report


def _list(found: Sequence[Adjustment], known: dict[str, Report]) -> None:
    from grader.batch.adjustments import outdated_because
    from grader.wire.printable import plain

    if not found:
        click.echo("Nothing was adjusted.")
    for each in found:
        report = known.get(each.submission)
        state = "no report" if report is None else "outdated" if outdated_because(report, each) else "counts"
        score = "" if each.score is None else f"{each.score:g} points"
        comment = f'"{each.comment}"' if each.comment else ""
        words = ", ".join(filter(None, (each.exercise, score, comment, state)))
        click.echo(plain(f"{each.submission}: {words}"))


def _points(score: float | None) -> str:
    return "no score" if score is None else f"{score:g}"
