"""`grader check`: a student's own check on public cases. This process is only a stopwatch; a child does the work."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from grader.cli import options
from grader.selfcheck.parent import PRINTED_LINES, ChildAnswer, Dropped, Request, Stopwatch
from grader.spelling import close

EXIT_FAILED = 1
DEBOUNCE_MILLISECONDS = 30
"""How long a save must have been quiet: editors write a file in several steps."""
POLL_MILLISECONDS = 100
"""How often the watcher returns without a change; the first time it does, it watches."""
WAITING_SECONDS = 0.2
"""How often the command looks up while nothing is saved: on Windows Ctrl+C waits for that."""


def _existing(context: click.Context, parameter: click.Parameter, paths: tuple[Path, ...]) -> tuple[Path, ...]:
    """The named files and folders; one that is not there is answered with what lies here under a name like that."""
    for path in paths:
        if not path.exists():
            meant = close(str(path), [other.name for other in _lying_here()])
            ask = f"; did you mean {' or '.join(meant)}?" if meant else ""
            raise click.BadParameter(f"{path} does not exist{ask}", context, parameter)
    return paths


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path(path_type=Path), callback=_existing)
@options.exercise_option
@options.exercises_option
@click.option("--timeout", type=click.FloatRange(0.1), default=10.0, show_default=True, help="Seconds per call.")
@click.option("--hint", "hints", count=True, help="One more hint each time: the place, the idea, then step by step.")
@click.option("--watch", is_flag=True, help="Check again whenever a FILE is saved, until Ctrl+C.")
@click.option(
    "--explain",
    metavar="SLUG",
    shell_complete=options.complete_slug,
    help="Only show the key idea of an exercise; no FILE is needed.",
)
def check(
    files: tuple[Path, ...],
    slugs: tuple[str, ...],
    folder: Path | None,
    timeout: float,
    hints: int,
    watch: bool,
    explain: str | None,
) -> None:
    """Check FILE (.py, .ipynb or a folder) on public cases, on your own machine.

    Several files are checked together, as they are handed in. Without any: an overview of those that lie here.

    Exit status: 0 all passed, 1 not, 2 bad usage.
    """
    if explain:
        _explain(explain, folder)
        return
    paths = files or tuple(_lying_here())
    if not paths:
        raise click.UsageError(
            "No .py or .ipynb file lies here. `grader list` shows the exercises, `grader start` begins one."
        )
    request = Request(paths, slugs, folder, _width(), _colour(), timeout, hints, overview=not files)
    if watch:
        _watch(request)
        return
    raise SystemExit(_checked(request))


def overview(paths: tuple[Path, ...], folder: Path | None) -> int:
    """Print a line for each exercise that these files or folders do, and what comes next; the exit status."""
    return _checked(Request(paths, (), folder, _width(), _colour(), overview=True))


def _checked(request: Request) -> int:
    """Check once and print the answer; the exit status."""
    with Stopwatch(request) as stopwatch:
        answer = stopwatch.check()
    _show(answer, request.colour)
    return EXIT_FAILED if answer is None else answer.exit_status


def _lying_here() -> list[Path]:
    """The files in this folder that may be a student's, and none below it: an environment may lie there."""
    return sorted(path for path in Path().iterdir() if path.suffix in (".py", ".ipynb") and path.is_file())


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

    named = " ".join(map(str, request.paths))
    saved = Saves(request.paths)
    with Stopwatch(request, stay=True) as stopwatch, contextlib.suppress(KeyboardInterrupt):
        while True:
            saved.clear()
            started = time.monotonic()
            try:
                answer = stopwatch.check(saved.is_set)
            except Dropped:
                click.echo(wording.DROPPED)
                continue
            if request.colour:
                click.clear()
            _show(answer, request.colour)
            click.echo(f"{time.strftime('%H:%M:%S')}, {time.monotonic() - started:.2f} s. ", nl=False)
            click.echo(wording.watching(named))
            stopwatch.warm()
            while not saved.wait(WAITING_SECONDS):
                pass


class Saves(threading.Event):
    """Set whenever a file is saved, from now on; editors may replace a file, so its folder is watched."""

    def __init__(self, paths: Sequence[Path]) -> None:
        from grader.views import wording

        super().__init__()
        try:
            from watchfiles import watch
        except ImportError:
            raise click.UsageError(wording.NO_WATCHER) from None
        self._paths = {path.resolve(): path for path in paths}
        changes = watch(
            *{path if path.is_dir() else path.parent for path in self._paths},
            watch_filter=lambda _, changed: bool(self._named(changed)),
            debounce=DEBOUNCE_MILLISECONDS,
            step=DEBOUNCE_MILLISECONDS // 3,
            rust_timeout=POLL_MILLISECONDS,
            yield_on_timeout=True,
            raise_interrupt=False,
        )
        next(changes, None)
        threading.Thread(target=self._listen, args=(changes,), daemon=True).start()

    def _named(self, changed: str) -> Path | None:
        """The named file or folder that a change belongs to."""
        places = (Path(changed), *Path(changed).parents)
        return next((self._paths[place] for place in places if place in self._paths), None)

    def _listen(self, changes: Iterable[set[tuple[object, str]]]) -> None:
        from grader.views import wording

        for changed in changes:
            named = {path for _, place in changed if (path := self._named(place))}
            if named and all(path.exists() for path in self._paths.values()):
                self.set()
            for path in sorted(named):
                if not path.exists():
                    click.echo(wording.gone(str(path)))


def _show(answer: ChildAnswer | None, colour: bool) -> None:
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
