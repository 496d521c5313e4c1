"""`grader grade`: a class of submissions against hidden cases, behind the wall, one JSON report each."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import options

if TYPE_CHECKING:
    from grader.report import Plan


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder for the reports.")
@options.exercise_option
@options.exercises_option
@options.assignment_option
@click.option("--secret-file", type=click.Path(dir_okay=False, path_type=Path), help="Made once when it is missing.")
@click.option("--jobs", type=click.IntRange(1, 64), default=os.cpu_count() or 1, show_default="one per core")
@click.option("--insist-on-fewer-layers", "insist", is_flag=True, help="Grade although an isolation layer is missing.")
def grade(
    paths: tuple[Path, ...],
    out: Path,
    slugs: tuple[str, ...],
    folder: Path | None,
    assignment_file: Path | None,
    secret_file: Path | None,
    jobs: int,
    insist: bool,
) -> None:
    """Grade submissions. PATH is a file, or a folder whose entries are one submission each.

    Exit status: 0 all graded whatever the scores, 3 if some submission ended in internal_error, 2 for bad usage.
    """
    from grader import submissions

    sources = submissions.find(paths)
    if not sources:
        raise click.UsageError("no submission found: a submission is a .py or .ipynb file, or a folder of them")
    _check_writable(out)
    catalog = options.catalog_at(folder)
    assignment = options.assignment_from(assignment_file, catalog)

    from grader import report, secret
    from grader.batch import local
    from grader.sandbox import Spawner
    from grader.views import terminal

    # Everything that student code will ever run in descends from this fork: the secret is read after it.
    with Spawner.start() as spawner, local.sandboxes(spawner, min(jobs, len(sources)), insist=insist) as pool:
        key, made = secret.read_or_make(secret_file or secret.default_path())
        if made:
            click.echo(f"A new secret was written to {secret_file or secret.default_path()}; keep it to grade alike.")
        plan: Plan = report.plan(catalog, assignment, key, only=slugs, isolation=local.isolation(spawner))
        rows = []
        with terminal.progress(len(sources)) as advance:
            for result in local.grade_all(sources, plan, pool):
                report.write(result, out)
                rows.append(terminal.row(result))
                advance()
    terminal.print_table(rows)
    click.echo(f"{len(rows)} reports in {out}")
    if any(row.status == "internal_error" for row in rows):
        raise SystemExit(3)


def _check_writable(out: Path) -> None:
    from grader.errors import OutputError

    try:
        out.mkdir(parents=True, exist_ok=True)
        probe = out / f".probe-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise OutputError(f"{out}: no report can be written there ({error.strerror}); name another --out") from error
