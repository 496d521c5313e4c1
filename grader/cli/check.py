"""`grader check`: a student's own check on public cases. This process is only a stopwatch; a child does the work."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click

from grader.cli import options
from grader.selfcheck.parent import PRINTED_LINES, Answer, Request, Stopwatch

EXIT_FAILED = 1
DEBOUNCE_MILLISECONDS = 30
"""How long a save must have been quiet: editors write a file in several steps."""
POLL_MILLISECONDS = 100
"""How often the watcher returns without a change; the first time it does, it watches."""


@click.command()
@click.argument("file", required=False, type=click.Path(exists=True, path_type=Path))
@options.exercise_option
@options.exercises_option
@click.option("--timeout", type=click.FloatRange(0.1), default=10.0, show_default=True, help="Seconds per call.")
@click.option("--watch", is_flag=True, help="Check again whenever FILE is saved, until Ctrl+C.")
@click.option("--explain", metavar="SLUG", help="Only show the key idea of an exercise; no FILE is needed.")
def check(
    file: Path | None, slugs: tuple[str, ...], folder: Path | None, timeout: float, watch: bool, explain: str | None
) -> None:
    """Check FILE (.py, .ipynb or a folder) on public cases, on your own machine.

    Exit status: 0 all passed, 1 not, 2 bad usage.
    """
    if explain:
        _explain(explain, folder)
        return
    if file is None:
        raise click.UsageError("Missing argument 'FILE': name the file that defines your functions.")
    request = Request(file, slugs, folder, _width(), _colour(), timeout)
    if watch:
        _watch(request)
        return
    with Stopwatch(request) as stopwatch:
        answer = stopwatch.check()
    _show(answer, request.colour)
    raise SystemExit(EXIT_FAILED if answer is None else answer.exit_status)


def _explain(slug: str, folder: Path | None) -> None:
    """Print an exercise's key idea; torch is not needed for that."""
    from rich.markdown import Markdown

    from grader.views import statement, terminal

    text = statement.read(options.catalog_at(folder), slug)
    drawn = Markdown(f"**{statement.title(text)}**\n\n{statement.key_idea(text)}", hyperlinks=False)
    lines = terminal.rendered(lambda console: console.print(drawn), width=_width() or 100, colour=_colour())
    click.echo("\n".join(line.rstrip() for line in lines.splitlines()), color=_colour())


def _watch(request: Request) -> None:
    """Check now and after each save; torch stays imported in between."""
    from grader.views import wording

    with Stopwatch(request, stay=True) as stopwatch:
        for _ in _saves(request.path):
            started = time.monotonic()
            answer = stopwatch.check()
            if request.colour:
                click.clear()
            _show(answer, request.colour)
            click.echo(f"{time.strftime('%H:%M:%S')}, {time.monotonic() - started:.2f} s. ", nl=False)
            click.echo(wording.watching(str(request.path)))
            stopwatch.warm()


def _saves(path: Path) -> Iterator[None]:
    """Now, and after every save: editors may replace the file, so its folder is watched."""
    from grader.views import wording

    try:
        from watchfiles import watch
    except ImportError:
        raise click.UsageError(wording.NO_WATCHER) from None
    wanted = path.resolve()
    changes = watch(
        wanted if wanted.is_dir() else wanted.parent,
        watch_filter=lambda _, changed: wanted in (Path(changed), *Path(changed).parents),
        debounce=DEBOUNCE_MILLISECONDS,
        step=DEBOUNCE_MILLISECONDS // 3,
        rust_timeout=POLL_MILLISECONDS,
        yield_on_timeout=True,
        raise_interrupt=False,
    )
    next(changes, None)  # from here on no save is missed, however early it comes
    yield
    for changed in changes:
        if changed and path.exists():
            yield
        elif changed:
            click.echo(wording.gone(str(path)))


def _show(answer: Answer | None, colour: bool) -> None:
    """What the student's code printed goes to standard error, so that the report alone is in a pipe."""
    from grader.views import wording

    if answer is None:
        click.echo(f"grader: {wording.ENDED}", err=True)
        return
    if answer.printed.strip():
        lines = answer.printed.splitlines()
        click.echo(wording.printed(PRINTED_LINES if len(lines) > PRINTED_LINES else 0), err=True)
        for line in lines[:PRINTED_LINES]:
            click.echo(f"  | {line}", err=True)
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # an old console lacks some signs
    click.echo(answer.text, nl=False, color=colour, err=answer.exit_status == 2)


def _colour() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _width() -> int | None:
    """Columns of the terminal; None where the output goes into a pipe."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None
