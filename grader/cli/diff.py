"""`grader diff`: what another grading of the same class changed."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli import options


@click.command()
@click.argument("old", type=options.EXISTING_FOLDER)
@click.argument("new", type=options.EXISTING_FOLDER)
@click.option("--csv", "csv_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the changes here too.")
def diff(old: Path, new: Path, csv_file: Path | None) -> None:
    """Compare two folders of reports: whose score changed, by how much, which check and why."""
    from rich.console import Console

    from grader import storage
    from grader.batch import difference
    from grader.batch.folder import reports
    from grader.views import changes

    found = list(difference.changes(reports(old), reports(new)))
    if csv_file is not None:  # first: the reader of standard output may close it early
        storage.store(difference.sheet(found).text(), csv_file)
    changes.show(found, Console())
