"""What a student waits for: feedback after a save with `grader check --watch`, against a bare fork; `make bench`.

The bare fork runs the same cases in a forked child of a process that has imported torch, and compares nothing. Both
are wall clock, in turns. The exercises are used as students have them, without the solutions beside them.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import IO

from measure import printed, python
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent
SOLUTION = HERE.parent / "solutions" / "batched_backward" / "solution.py"
ROUNDS = 20
QUIET_SECONDS = 0.3
"""Between saves, so that each is a save of its own."""
LISTENING = "Ctrl+C to stop."
GOAL_SECONDS = 0.3


@contextmanager
def watching(file: Path, exercises: Path) -> Iterator[IO[str]]:
    """The output of `grader check --watch`, after its first check."""
    command = python("-u", "-m", "grader", "check", "--watch", str(file), "--exercises", str(exercises))
    with subprocess.Popen(command, cwd=HERE.parent, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        until_listening(process.stdout)
        yield process.stdout
        process.terminate()


def until_listening(output: IO[str]) -> None:
    """Read what one check prints."""
    for line in output:
        if LISTENING in line:
            return
    raise SystemExit("the watch ended by itself")


def feedback_seconds(file: Path, source: str, output: IO[str]) -> float:
    """From the save to the last line of the answer."""
    time.sleep(QUIET_SECONDS)
    started = time.monotonic()
    file.write_text(source)
    until_listening(output)
    return time.monotonic() - started


@contextmanager
def forking(calls: Path) -> Iterator[subprocess.Popen[str]]:
    """A process with torch imported that forks whenever it gets a line."""
    command = python(str(HERE / "programs" / "fork_on_line.py"), str(calls), str(SOLUTION))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.terminate()


def fork_seconds(process: subprocess.Popen[str]) -> float:
    """From the line to the word that the child is gone."""
    assert process.stdin is not None
    assert process.stdout is not None
    time.sleep(QUIET_SECONDS)
    started = time.monotonic()
    process.stdin.write("\n")
    process.stdin.flush()
    process.stdout.readline()
    return time.monotonic() - started


def main() -> None:
    """Print the table."""
    right = SOLUTION.read_text()
    wrong = right.replace("2 * ", "3 * ")
    assert wrong != right
    columns: list[list[float]] = [[], [], []]
    with tempfile.TemporaryDirectory() as folder:
        calls, file = Path(folder, "calls.pt"), Path(folder, "hw.py")
        printed(python(str(HERE / "programs" / "public_calls.py"), "batched_backward", str(calls)))
        file.write_text(right)
        exercises = Path(shutil.copytree(HERE.parent / "exercises", Path(folder, "exercises")))
        with watching(file, exercises) as output, forking(calls) as process:
            for _ in range(ROUNDS):
                columns[0].append(feedback_seconds(file, right, output))
                columns[1].append(feedback_seconds(file, wrong, output))
                columns[2].append(fork_seconds(process))
    right_seconds, wrong_seconds, fork = map(median, columns)
    table = Table("what", "wall clock", "against a bare fork", "goal", "met")
    for name, seconds in (("a right file", right_seconds), ("a wrong file", wrong_seconds)):
        met = "yes" if seconds <= GOAL_SECONDS else "NO"
        goal = f"at most {GOAL_SECONDS:g} s"
        table.add_row(f"feedback after saving {name}", f"{1000 * seconds:.0f} ms", f"{seconds / fork:.1f}x", goal, met)
    table.add_row("bare fork and the same cases", f"{1000 * fork:.0f} ms", "1x", "", "")
    Console(width=120).print(table)


if __name__ == "__main__":
    sys.exit(main())
