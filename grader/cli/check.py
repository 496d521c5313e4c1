"""`grader check`: a student's own check on public cases. This process is only a stopwatch; a child does the work."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

import click

from grader.cli import options

START_SECONDS = 300.0
"""How long importing torch may take on a slow machine before we give up."""


@dataclass
class Watched:
    """What the parent has heard from the child so far."""

    doing: str = ""
    text: str = ""
    exit_status: int | None = None
    events: queue.SimpleQueue[dict[str, str] | None] = field(default_factory=queue.SimpleQueue)


@click.command()
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@options.exercise_option
@options.exercises_option
@click.option("--timeout", type=click.FloatRange(0.1), default=10.0, show_default=True, help="Seconds per call.")
def check(file: Path, slugs: tuple[str, ...], folder: Path | None, timeout: float) -> None:
    """Check FILE (.py, .ipynb or a folder) on public cases, on your own machine.

    Exit status: 0 all passed, 1 not, 2 bad usage.
    """
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    arguments = [str(file), *(f"--exercise={slug}" for slug in slugs)]
    arguments += [f"--exercises={folder}"] if folder else []
    arguments += ["--colour"] if colour else []
    stopped: dict[str, str] = {}
    while True:
        watched = _run(arguments + [f"--stopped={name}={why}" for name, why in stopped.items()], timeout)
        if watched.exit_status is not None:
            click.echo(watched.text, nl=False, color=colour)
            raise SystemExit(watched.exit_status)
        if watched.doing in stopped or watched.doing == "":
            raise click.ClickException("the check itself ended unexpectedly; please report this")
        stopped[watched.doing] = watched.text


def _run(arguments: list[str], timeout: float) -> Watched:
    """Run the child once; `doing` and `text` say what it was at, and how it ended, when it did not finish."""
    command = [sys.executable, "-m", "grader.local", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as child:
        watched = Watched()
        threading.Thread(target=_listen, args=(child, watched), daemon=True).start()
        patience = START_SECONDS
        while True:
            try:
                event = watched.events.get(timeout=patience)
            except queue.Empty:
                child.kill()
                watched.text = f"timed_out:{timeout:g}"
                return watched
            if event is None:
                code = child.wait()
                if watched.exit_status is None:
                    watched.text = f"errored:{code}"
                return watched
            if event["event"] == "done":
                watched.text, watched.exit_status = event["text"], int(event["exit_status"])
                continue
            watched.doing, patience = event["doing"], timeout


def _listen(child: subprocess.Popen[bytes], watched: Watched) -> None:
    assert child.stdout is not None
    for line in child.stdout:
        watched.events.put(json.loads(line))
    watched.events.put(None)
