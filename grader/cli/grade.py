"""`grader grade`: a class of submissions against hidden cases, behind the wall, one JSON report each."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import options

if TYPE_CHECKING:
    from grader.batch.cluster import DaskCluster
    from grader.batch.folder import Record
    from grader.batch.local import LocalPool
    from grader.batch.node import Setup
    from grader.grading.remark import Row
    from grader.submissions import Source

EXIT_INTERNAL_ERROR = 3
EXIT_INTERRUPTED = 130


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder for the reports.")
@options.exercise_option
@options.exercises_option
@options.assignment_option
@click.option("--secret-file", type=click.Path(dir_okay=False, path_type=Path), help="Made once when it is missing.")
@options.layout_option
@click.option("--per-student", is_flag=True, help="Draw cases of their own for every student, the same every time.")
@click.option("--anonymous", is_flag=True, help="Leave out of the reports who somebody is; pseudonyms take the place.")
@click.option("--jobs", type=click.IntRange(1, 64), default=options.cores, show_default="one per core")
@click.option("--fail-fast", is_flag=True, help="Stop at the first submission that ends in internal_error.")
@click.option(
    "--junit",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write every check of every student as JUnit XML, for continuous integration.",
)
@click.option("--log-file", type=click.Path(dir_okay=False, path_type=Path), help="Append what happened to a file.")
@click.option("--executor", type=click.Choice(["local", "dask"]), default="local", show_default=True)
@click.option("--scheduler", metavar="ADDRESS", help="Of the Dask cluster, for example tcp://10.0.0.1:8786.")
@options.limits_options
@click.option("--insist-on-fewer-layers", "insist", is_flag=True, help="Grade although an isolation layer is missing.")
def grade(
    paths: tuple[Path, ...],
    out: Path,
    slugs: tuple[str, ...],
    folder: Path | None,
    assignment_file: Path | None,
    secret_file: Path | None,
    layout: str | None,
    per_student: bool,
    anonymous: bool,
    jobs: int,
    fail_fast: bool,
    junit: Path | None,
    log_file: Path | None,
    executor: str,
    scheduler: str | None,
    cpu_seconds: float | None,
    wall_seconds: float | None,
    memory_mb: int | None,
    insist: bool,
) -> None:
    """Grade submissions. PATH is a file, a folder whose entries are one submission each, or what an LMS gives for
    download (Canvas, Moodle, Gradescope, nbgrader), each also as a .zip.

    Run again, only what has changed is graded. Ctrl-C finishes what is in flight.

    Exit status: 0 all graded whatever the scores, 3 if some submission ended in internal_error, 2 for bad usage.
    """
    if (executor == "dask") != (scheduler is not None):
        raise click.UsageError("--executor dask and --scheduler ADDRESS belong together")
    _refuse_missing(paths)  # before torch is imported, which takes seconds
    from grader.batch.folder import check_writable
    from grader.batch.node import Setup

    check_writable(out)
    catalog = options.catalog_at(folder)
    assignment = options.assignment_from(assignment_file, catalog).limited(cpu_seconds, wall_seconds, memory_mb)
    if not slugs and not assignment.exercises:
        options.say_broken(catalog.broken())
    _log_to(log_file)

    # Everything that student code will ever run in descends from processes that start here: the secret is read after.
    with _executor(executor, scheduler, jobs) as pool:
        key = options.secret_from(secret_file)
        solutions = catalog.solutions.resolve() if catalog.solutions else None
        setup = Setup(
            catalog.exercises.resolve(),
            solutions,
            assignment,
            slugs,
            key,
            per_student=per_student,
            anonymous=anonymous,
            insist=insist,
        )
        _grade(paths, layout, out, setup, pool, fail_fast, junit)


def _grade(
    paths: tuple[Path, ...],
    layout: str | None,
    out: Path,
    setup: Setup,
    pool: LocalPool | DaskCluster,
    fail_fast: bool,
    junit: Path | None,
) -> None:
    """Find, grade, write, and say what came of it; exits with the status of the command."""
    from grader import submissions
    from grader.batch.folder import ReportFolder, read_record
    from grader.batch.run import run
    from grader.views.progress import BatchProgress
    from grader.wire.printable import plain

    sources = submissions.find(
        paths, layout, lambda sentence: click.echo(plain(sentence), err=True), named=not setup.anonymous
    )
    if not sources:
        raise click.UsageError("no submission found: a submission is a .py or .ipynb file, or a folder of them")
    rows: list[Row] = []
    unchanged = rescored = 0
    with ReportFolder(out) as reports, _interruptible() as stop, BatchProgress(len(sources)) as progress:
        record = _record(sources, paths, layout, setup, read_record(out))
        reports.record(record)
        for done in run(sources, setup, pool, reports, stop.is_set, record.keys):
            rows.append(done.row)
            unchanged += not done.fresh and not done.rescored
            rescored += done.rescored
            progress.advance(done.row.status, done.fresh)
            if fail_fast and done.fresh and done.row.status == "internal_error":
                stop.set()
        interrupted = stop.is_set()
        if junit is not None:
            _write_junit(junit, out, record, rows)
    _summary(rows, _kept(unchanged, rescored), len(sources), out, record.nameless)
    if any(row.status == "internal_error" for row in rows):
        raise SystemExit(EXIT_INTERNAL_ERROR)
    if interrupted:
        raise SystemExit(EXIT_INTERRUPTED)


def _write_junit(file: Path, out: Path, record: Record, rows: Sequence[Row]) -> None:
    """The reports of this grading, by name; what was not reached in time is not among them."""
    from grader import storage
    from grader.batch import folder
    from grader.views.junit import junit
    from grader.wire.printable import plain

    done = {row.id for row in rows}
    paths = (out / f"{name}{folder.SUFFIX}" for name in record.reports)
    reports = (folder.read(path) for path in paths if path.exists())
    storage.store(junit(each for each in reports if plain(each.submission.id) in done), file)


def _record(
    sources: Sequence[Source], paths: tuple[Path, ...], layout: str | None, setup: Setup, last: Record
) -> Record:
    """What the folder is told about this grading."""
    from grader import submissions
    from grader.batch.folder import Record
    from grader.batch.node import report_name
    from grader.grading.report import class_key

    catalog, assignment = setup.catalog, setup.assignment
    key = class_key(catalog, assignment, setup.secret, only=setup.only)
    outcome = class_key(catalog, assignment, setup.secret, only=setup.only, points=False)
    earlier = last.keys if last.outcome == outcome else ()
    told = not setup.anonymous or all(map(submissions.holds_many, paths))  # a file's own name is a student's
    where = tuple(path.absolute() for path in paths) if told else ()
    names = {report_name(source.id, setup) for source in sources}
    if not any(map(submissions.holds_many, paths)) and last.keys[-1:] == (key,):  # single files come on top
        where, names = tuple(dict.fromkeys((*last.paths, *where))), names | set(last.reports)
    slugs = tuple(exercise.slug for exercise, _ in assignment.chosen(catalog, setup.only))
    return Record(
        paths=where,
        layout=layout or (last.layout if last.paths == where[: len(last.paths)] else None),
        reports=tuple(sorted(names)),
        exercises=slugs,
        nameless=tuple(slug for slug in slugs if not catalog.names_mistakes(slug)),
        anonymous=setup.anonymous,
        outcome=outcome,
        keys=tuple(dict.fromkeys((*earlier, key))),
    )


def _kept(unchanged: int, rescored: int) -> str:
    """What of the reports took no grading."""
    words = f", {unchanged} of them unchanged since they were last graded" if unchanged else ""
    return words + (f", {rescored} of them rescored, because only points have changed" if rescored else "")


def _summary(rows: list[Row], kept: str, total: int, out: Path, nameless: Sequence[str]) -> None:
    from grader.views import batch_summary, terminal

    shown = batch_summary.shown(rows)
    if shown:
        terminal.print_table(shown)
    if len(shown) < len(rows):
        click.echo(
            f"The table shows {len(shown)} to look at; `grader report {out} -o class.html` shows all {len(rows)}."
        )
    count = "1 report" if len(rows) == 1 else f"{len(rows)} reports"
    click.echo(f"{count} in {out}{kept}")
    for line in (*batch_summary.lines(rows, nameless), *_adjusted(out)):
        click.echo(line)
    if len(rows) < total:
        click.echo(f"Stopped: {total - len(rows)} of {total} are not graded yet; run the same command again to go on.")


def _adjusted(out: Path) -> Iterator[str]:
    """What came of an instructor's own scores and comments."""
    from grader.batch import adjustments
    from grader.batch.folder import last_grading

    if found := adjustments.read(out):
        outdated = adjustments.applied(last_grading(out).reports, found).outdated
        if kept := {each.submission for each in found} - set(outdated):
            yield f"Adjusted by hand and kept: {len(kept)}."
        yield from adjustments.warnings(outdated)


class Stop:
    """Whether to begin nothing more."""

    def __init__(self) -> None:
        self._set = False

    def set(self) -> None:
        """Finish what is in flight, then stop."""
        self._set = True

    def is_set(self) -> bool:
        """Asked before each submission."""
        return self._set


@contextmanager
def _interruptible() -> Iterator[Stop]:
    """The first Ctrl-C (or SIGTERM) asks to stop; the second ends the command at once."""
    stop = Stop()

    def asked(number: int, frame: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        click.echo("\nFinishing what is in flight; press Ctrl-C again to end at once.", err=True)

    before = {number: signal.signal(number, asked) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _executor(name: str, scheduler: str | None, jobs: int) -> Iterator[LocalPool | DaskCluster]:
    if name == "dask":
        assert scheduler is not None
        from grader.batch.cluster import DaskCluster

        with DaskCluster(scheduler) as cluster:
            yield cluster
    else:
        from grader.batch.local import LocalPool

        with LocalPool(jobs) as pool:
            yield pool


def _refuse_missing(paths: tuple[Path, ...]) -> None:
    """Before a process is started: what is not there cannot be graded."""
    for path in paths:
        if not path.exists() and not path.is_symlink():
            raise click.UsageError(f"{path}: there is no such file or folder; check the spelling")


def _log_to(file: Path | None) -> None:
    import logging

    log = logging.getLogger("grader")
    log.propagate = False
    if file is None:
        log.addHandler(logging.NullHandler())
        return
    try:
        handler = logging.FileHandler(file, encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"--log-file {file}: cannot be written ({error.strerror}); name another") from error
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
