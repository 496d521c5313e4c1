"""What a class costs, as ratios taken in one run: `make bench-batch` (10,000 submissions; BATCH=n for fewer).

The class is the quick half of the sample class over and over, each copy with bytes of its own. Processor time is that
of the command with all of its descendants. What is done once per command is measured by a class of 8 and left out of
the cost per submission.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from statistics import median

from measure import Spent, python, spent
from rich.console import Console
from rich.table import Table

from grader import submissions

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "tests" / "samples"
QUICK = ("amara.py", "bo.py", "elif.py", "farid.ipynb", "grace.py", "ines.ipynb", "jonas.py", "chiara.ipynb")
FEW = 100
ROUNDS = 5
PARALLEL = 400


def classroom(folder: Path, count: int) -> Path:
    """A folder of so many different submissions."""
    folder.mkdir()
    contents = [(Path(name).suffix, (SAMPLES / "class" / name).read_bytes()) for name in QUICK]
    for index in range(count):
        suffix, content = contents[index % len(contents)]
        own = b"\n# %d\n" % index if suffix == ".py" else b" " * (index + 1)
        (folder / f"s{index:05}{suffix}").write_bytes(content + own)
    return folder


def command(classroom: Path, out: Path, jobs: int, *options: str) -> list[str]:
    """`grader grade` under a secret beside the reports."""
    files = ("--out", str(out), "--secret-file", str(out.parent / "secret"))
    files = (*files, "--assignment", str(SAMPLES / "assignment.toml"), "--jobs", str(jobs))
    return python("-m", "grader", "grade", str(classroom), *files, "--insist-on-fewer-layers", *options)


def graded_per_second(log: Path) -> float:
    """The rate between the first and the last report of a log: starting up does not count."""
    moments = re.findall(r"^(\S+ \S+) INFO", log.read_text(), re.MULTILINE)
    first, last = (datetime.strptime(moment, "%Y-%m-%d %H:%M:%S,%f") for moment in (moments[0], moments[-1]))
    return (len(moments) - 1) / (last - first).total_seconds()


@contextmanager
def watched(out: Path) -> Iterator[dict[int, list[int]]]:
    """The resident bytes of every trusted process of a running command, from FEW reports on; by process id."""
    sizes: dict[int, list[int]] = {}
    stop = threading.Event()

    def look() -> None:
        while not stop.wait(1.0):
            if sum(1 for _ in out.glob("s*.json")) >= FEW:
                for pid in trusted(os.getpid()):
                    sizes.setdefault(pid, []).append(resident_bytes(pid))

    thread = threading.Thread(target=look)
    thread.start()
    yield sizes
    stop.set()
    thread.join()


def trusted(parent: int) -> list[int]:
    """The command below this process and its grading processes, which are its only children."""
    mains = children(parent)
    return [*mains, *(node for main in mains for node in children(main))]


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [int(child) for child in task.read_text().split()]
    return found


def resident_bytes(pid: int) -> int:
    """The resident set; 0 for a process that has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found[1]) * 1024 if found else 0


def intake_seconds(folder: Path) -> float:
    """Finding and reading every submission, as the command does before it grades."""
    started = time.process_time()
    for source in submissions.find([folder]):
        _ = source.read().sha256
    return time.process_time() - started


def small_classes(folder: Path) -> tuple[float, float]:
    """Processor seconds of starting up with a class of 8, and of FEW submissions more; medians, taken in turns."""
    classes = classroom(folder / "base", len(QUICK)), classroom(folder / "few", FEW + len(QUICK))
    starts, both = [], []
    for turn in range(ROUNDS):
        for found, path in zip((starts, both), classes, strict=True):
            found.append(spent(command(path, folder / f"out-{path.name}-{turn}", 2)).cpu_seconds)
    return median(starts), median(both) - median(starts)


def main(count: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start, few = small_classes(folder)
        rates = []
        for jobs in (1, 2):
            log = folder / f"log-{jobs}"
            if jobs == 1:
                classroom(folder / "parallel", PARALLEL)
            spent(command(folder / "parallel", folder / f"out-{jobs}", jobs, "--log-file", str(log)))
            rates.append(graded_per_second(log))
        many_class, out = classroom(folder / "many", count), folder / "out-many"
        with watched(out) as sizes:
            many = spent(command(many_class, out, 2))
        again = spent(command(many_class, out, 2))
        show(count, start, few, many, again, rates, sizes, intake_seconds(many_class))


def show(
    count: int,
    start: float,
    few: float,
    many: Spent,
    again: Spent,
    rates: list[float],
    sizes: dict[int, list[int]],
    intake: float,
) -> None:
    """The table, in the order of the goals."""
    each_few = few / FEW
    each_many = (many.cpu_seconds - start) / (count - len(QUICK))
    growth = max((max(seen) - seen[0] for seen in sizes.values()), default=0)
    rows = (
        (f"processor time per submission at {count}, against {FEW}", f"{each_many * 1e3:.1f} ms",
         f"{each_few * 1e3:.1f} ms", each_many / each_few, "at most 1.1x", each_many / each_few <= 1.1),
        ("growth of a trusted process over these", f"{growth / 2**20:.1f} MiB", "", growth / 50e6,
         "less than 50 MB", growth < 50e6),
        (f"rate of 2 jobs, against 1 ({PARALLEL} submissions)", f"{rates[1]:.1f}/s", f"{rates[0]:.1f}/s",
         rates[1] / rates[0], "at least 1.8x", rates[1] >= 1.8 * rates[0]),
        ("a rerun with nothing changed, against the first", f"{again.cpu_seconds:.1f} s", f"{many.cpu_seconds:.0f} s",
         again.cpu_seconds / many.cpu_seconds, "at most 2 %", again.cpu_seconds <= 0.02 * many.cpu_seconds),
        ("finding and reading the submissions, against all", f"{intake:.1f} s", f"{many.cpu_seconds:.0f} s",
         intake / many.cpu_seconds, "under 5 %", intake < 0.05 * many.cpu_seconds),
    )  # fmt: skip
    table = Table("what", "ours", "against", "ratio", "goal", "met", title=f"A class of {count}")
    for what, ours, theirs, ratio, goal, met in rows:
        table.add_row(what, ours, theirs, f"{ratio:.3g}", goal, "yes" if met else "no")
    Console(width=140).print(table)
    Console(width=140).print(
        f"The first grading took {many.wall_seconds:.0f} s of wall time, the rerun {again.wall_seconds:.0f} s."
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
