"""`grader page` and `grader view`: an exercise, and a student's own report, as self-contained HTML files."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import click

from grader.cli import options
from grader.errors import GraderError, OutputError

HTML_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("slug", shell_complete=options.complete_slug)
@click.option("-o", "--output", type=HTML_FILE, help="[default: SLUG.html]")
@click.option("--open", "is_opened", is_flag=True, help="Show it in the browser.")
@options.exercises_option
def page(slug: str, output: Path | None, is_opened: bool, folder: Path | None) -> None:
    """Write the exercise SLUG as a page for reading: statement, figure, public examples."""
    from grader.views import html

    path = output or Path(f"{slug}.html")
    _write(path, html.exercise_page(options.catalog_at(folder), slug))
    if is_opened and not webbrowser.open(path.resolve().as_uri()):
        click.echo(f"no browser could be started; open {path} in yours", err=True)


@click.command()
@click.argument("report", type=click.Path(exists=True, path_type=Path), metavar="REPORT|DIR")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="[default: REPORT with the suffix .html; DIR/pages]"
)
@click.option(
    "--archive",
    "platform",
    type=click.Choice(["canvas", "moodle"]),
    help="With DIR: all pages as one .zip that the platform takes. [default output: feedback-PLATFORM.zip]",
)
@click.option(
    "--sheet",
    type=options.EXISTING_FILE,
    help="With --archive moodle: the grading worksheet, which says whose number is whose.",
)
@click.option("--column", help="The sheet's column of grades, where it is not called Grade.")
@options.submissions_option
def view(
    report: Path,
    output: Path | None,
    platform: str | None,
    sheet: Path | None,
    column: str | None,
    paths: tuple[Path, ...],
) -> None:
    """Write a student's REPORT (.json), or every one in DIR, as a page: self-contained, for a phone, printable."""
    if (sheet is not None) != (platform == "moodle"):
        raise click.UsageError("--sheet goes with --archive moodle: the worksheet, because a team's number is nobody's")
    if not report.is_dir():
        if platform:
            raise click.UsageError("--archive goes with a folder of reports")
        _view_one(report, output or report.with_suffix(".html"))
    elif platform:
        _archive(report, platform, output or Path(f"feedback-{platform}.zip"), paths, sheet, column)
    else:
        _view_all(report, output or report / "pages")


def _view_one(report: Path, output: Path) -> None:
    from pydantic import ValidationError

    from grader.batch import adjustments
    from grader.models import Report
    from grader.views import html

    try:
        content = Report.model_validate_json(report.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise GraderError(f"{report}: is no report ({where}: {first['msg']}); name a .json of grader's") from error
    adjusted = adjustments.applied([content], adjustments.read(report.parent))
    _write(output, html.report_page(adjusted.reports[0]))


def _view_all(folder: Path, output: Path) -> None:
    from grader import storage
    from grader.views import html

    reports = options.last_grading(folder).reports
    for each in reports:
        storage.store(html.report_page(each), output / f"{storage.file_name(each.submission.id)}.html")
    click.echo(f"wrote {'1 page' if len(reports) == 1 else f'{len(reports)} pages'} into {output}")


def _archive(
    folder: Path, platform: str, output: Path, paths: tuple[Path, ...], sheet: Path | None, column: str | None
) -> None:
    from grader import submissions
    from grader.batch import exported, handback
    from grader.batch.folder import shortened
    from grader.views import html

    batch = options.last_grading(folder)
    if sheet is not None:
        names, why = (
            handback.moodle(batch.reports, exported.read(sheet), column),
            "no row of the sheet is surely theirs",
        )
    else:  # only the names of its download tell Canvas whose a file is
        sources = submissions.find(paths, batch.record.layout) if paths else batch.record.sources()
        names, why = handback.canvas(batch.reports, sources), "Canvas's number for them is not known"
    found = handback.archive(batch.reports, names, html.report_page)
    try:
        output.write_bytes(found.content)
    except OSError as error:
        raise OutputError(f"{output}: cannot be written ({error.strerror}); name another place with -o") from error
    click.echo(f"wrote {output}: {'1 page' if found.files == 1 else f'{found.files} pages'}")
    if found.without:
        click.echo(f"Not in it, because {why}: {shortened(found.without)}.", err=True)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror}); name another place with -o") from error
    click.echo(f"wrote {path}")
