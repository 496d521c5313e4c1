"""What one submission costs, as ratios taken in one run: `make bench`.

Every figure is a median over rounds in which the compared programs take turns, so that a machine that is slow for a
while is slow for all of them. Times are processor time unless the row says otherwise.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TypeVar

from measure import printed, pss_bytes, python, spent, waiting
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent
ROOT = HERE.parent
PROGRAMS = HERE / "programs"
SOLUTIONS = [
    str(ROOT / "solutions" / slug / "solution.py") for slug in ("vector_matrix_derivative", "batched_backward")
]
ROUNDS = 5
SUBMISSIONS = 60

T = TypeVar("T")


@dataclass(frozen=True)
class Row:
    """One comparison: `ratio` is ours / theirs and `goal` its most, or theirs / ours and its least where `cheaper`."""

    what: str
    ours: str
    theirs: str
    ratio: float
    goal: float
    cheaper: bool = False

    def cells(self) -> tuple[str, ...]:
        met = self.ratio >= self.goal if self.cheaper else self.ratio <= self.goal
        goal = f"at least {self.goal:g}x cheaper" if self.cheaper else f"at most {self.goal:.3g}x"
        return self.what, self.ours, self.theirs, f"{self.ratio:.3g}x", goal, "yes" if met else "NO"


def taking_turns(*measures: Callable[[], T], rounds: int = ROUNDS) -> list[list[T]]:
    """The results of each measure over rounds in which they take turns."""
    return [list(column) for column in zip(*([measure() for measure in measures] for _ in range(rounds)), strict=True)]


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def submissions(folder: Path) -> Iterable[Row]:
    """The walled path against a bare fork and against a fresh interpreter; all three run the same cases."""
    calls = str(folder / "calls.pt")
    printed(python(str(PROGRAMS / "graded.py"), "calls", calls))

    def per_submission(*command: str) -> Callable[[], float]:
        return lambda: float(json.loads(printed(python(*command)))["cpu_seconds"])

    columns = taking_turns(
        per_submission(str(PROGRAMS / "graded.py"), "cpu", str(SUBMISSIONS), *SOLUTIONS),
        per_submission(str(PROGRAMS / "bare_fork.py"), calls, str(SUBMISSIONS), *SOLUTIONS),
        lambda: spent(python(str(PROGRAMS / "fresh.py"), calls, *SOLUTIONS)).cpu_seconds,
    )
    ours, fork, fresh = map(median, columns)
    yield Row("a submission, against a bare fork", milliseconds(ours), milliseconds(fork), ours / fork, 1.5)
    yield Row(
        "a submission, against a fresh interpreter", milliseconds(ours), milliseconds(fresh), fresh / ours, 40, True
    )


def commands() -> Iterable[Row]:
    """The student's check and the help against importing torch."""
    check, bare, helped = (
        python("-m", "grader", "check", SOLUTIONS[1], "--exercise", "batched_backward"),
        python("-c", "import torch"),
        python("-m", "grader", "--help"),
    )
    columns = taking_turns(lambda: spent(check), lambda: spent(helped), lambda: spent(bare), rounds=7)
    for name, clock in (("", "cpu_seconds"), (", wall clock", "wall_seconds")):
        ours, quick, theirs = (median(getattr(each, clock) for each in column) for column in columns)
        against = f"against import torch{name}"
        yield Row(f"grader check, {against}", milliseconds(ours), milliseconds(theirs), ours / theirs, 1.4)
        yield Row(f"grader --help, {against}", milliseconds(quick), milliseconds(theirs), quick / theirs, 1 / 8)


def memory() -> Iterable[Row]:
    """Proportional memory of all processes with one worker, against one process that imported torch."""
    if os.geteuid() != 0:
        print(
            "memory: not measured, since only root can read the memory maps of the grader's processes", file=sys.stderr
        )
        return

    def tree_bytes(*command: str) -> Callable[[], float]:
        def measure() -> float:
            with waiting(python(*command)) as pid:
                return pss_bytes(pid)

        return measure

    alone = "import torch; torch.ones(2, 2) @ torch.ones(2, 2); print(flush=True); input()"
    columns = taking_turns(
        tree_bytes(str(PROGRAMS / "graded.py"), "memory", *SOLUTIONS), tree_bytes("-c", alone), rounds=3
    )
    ours, theirs = map(median, columns)
    sizes = [f"{size / 2**20:.0f} MiB" for size in (ours, theirs)]
    yield Row("memory (PSS) of the process tree, against import torch", *sizes, ours / theirs, 1.6)


def main() -> None:
    os.environ["OMP_NUM_THREADS"] = "1"
    table = Table("what", "ours", "theirs", "ratio", "goal", "met")
    with tempfile.TemporaryDirectory() as folder:
        for rows in (submissions(Path(folder)), commands(), memory()):
            for row in rows:
                table.add_row(*row.cells())
                print(" | ".join(row.cells()), flush=True, file=sys.stderr)
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
