"""`grader report`: a class on one page, to see what it misunderstood and whom to talk to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import options

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from grader.batch.code import Cell
    from grader.batch.folder import Batch
    from grader.batch.similar import Group
    from grader.course.catalog import Catalog
    from grader.models import Report
    from grader.submissions import Submission


@click.command()
@click.argument("reports", type=options.EXISTING_FOLDER, metavar="DIR")
@click.option(
    "-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The page to write."
)
@click.option("--title", help="[default: the folder's name]")
@options.submissions_option
@options.layout_option
@options.exercises_option
def report(
    reports: Path, output: Path, title: str | None, paths: tuple[Path, ...], layout: str | None, folder: Path | None
) -> None:
    """Write one page about the reports in DIR: scores, exercises, mistakes, look-alikes, and every student's page.

    It needs no network and can be opened from a disk or sent by mail. It holds what the reports hold, names too, and
    the code that was handed in, unless they were made with --anonymous.
    """
    from grader import storage
    from grader.views import class_page

    batch = options.last_grading(reports)
    found = batch.reports
    code = _code(batch, paths, layout)
    groups = None if code is None else _groups(batch, code, options.catalog_at(folder))
    anonymous = batch.record.anonymous  # what students wrote into their code may be their names
    if anonymous and groups:
        groups = [replace(group, code=()) for group in groups]
    page = class_page.render(
        found, groups, title or reports.resolve().name, None if anonymous else code, [*batch.aside, *_nameless(batch)]
    )
    storage.store(page, output)
    if groups is None:
        click.echo("The submissions are not where they were graded from: name them with --submissions to find copies.")
    click.echo(f"{len(found)} submission{'' if len(found) == 1 else 's'} in {output}")


def _nameless(batch: Batch) -> Iterator[str]:
    if batch.record.nameless:
        yield (
            f"Mistakes in {', '.join(batch.record.nameless)} are described and not named, because no misconceptions "
            "were there when they were graded."
        )


def _code(batch: Batch, paths: tuple[Path, ...], layout: str | None) -> dict[str, list[Cell]] | None:
    """The code of the submissions whose bytes the reports were made from, by id; None where they are gone."""
    from grader import submissions
    from grader.batch.code import cells
    from grader.errors import SubmissionError

    try:
        sources = submissions.find(paths, layout) if paths else batch.record.sources()
    except SubmissionError:
        if paths:
            raise
        return None
    return {label: list(cells(each)) for label, each in _labelled((s.read() for s in sources), batch.reports)}


def _groups(batch: Batch, code: dict[str, list[Cell]], catalog: Catalog) -> Sequence[Group]:
    """Groups of look-alikes."""
    from grader.batch import similar

    asked = {each.exercise: each.entry_point for report in batch.reports for each in report.exercises}
    given = [path.read_text(encoding="utf-8") for slug in asked for path in catalog.given(slug)]
    return similar.groups(code.items(), asked, given)


def _labelled(read: Iterable[Submission], found: Sequence[Report]) -> Iterator[tuple[str, Submission]]:
    """The submissions that have a report, under its id; matched by content, because a report can be anonymous."""
    labels: dict[str, list[str]] = {}
    for report in found:
        labels.setdefault(report.submission.sha256, []).append(report.submission.id)
    for each in read:
        same = labels.get(each.sha256, [])
        if same:
            label = each.id if each.id in same else same[0]
            same.remove(label)
            yield label, each
