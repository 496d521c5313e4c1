"""What the tests of batches share: a small class, its setup, and executors that really grade."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader import submissions
from grader.batch.cluster import DaskCluster
from grader.batch.folder import ReportFolder
from grader.batch.local import LocalPool
from grader.batch.node import Setup
from grader.batch.run import Finished, run
from grader.course import assignment, catalog

SAMPLES = Path(__file__).parents[1] / "samples"
SECRET = b"0123456789abcdef" * 4
QUICK = ("amara.py", "bo.py", "elif.py", "farid.ipynb", "grace.py", "ines.ipynb", "jonas.py", "chiara.ipynb")
"""Sample submissions that need no deadline."""


@pytest.fixture(scope="session")
def setup() -> Setup:
    """The sample assignment under a known secret."""
    bundled = catalog.bundled()
    solutions = bundled.solutions.resolve() if bundled.solutions else None
    sample = assignment.load(SAMPLES / "assignment.toml")
    return Setup(bundled.exercises.resolve(), solutions, sample, (), SECRET, insist=True)


@pytest.fixture
def classroom(tmp_path: Path) -> Path:
    """A folder of quick submissions."""
    folder = tmp_path / "class"
    folder.mkdir()
    for name in QUICK:
        (folder / name).write_bytes((SAMPLES / "class" / name).read_bytes())
    return folder


Executor = LocalPool | DaskCluster
Grade = Callable[..., list[Finished]]


@pytest.fixture
def grade(tmp_path: Path) -> Grade:
    """Grades a folder into `out` and returns what was done."""

    def graded(paths: Path, setup: Setup, executor: Executor, *, out: str = "out", stop: int = 10**9) -> list[Finished]:
        found: list[Finished] = []
        (tmp_path / out).mkdir(exist_ok=True)
        with ReportFolder(tmp_path / out) as folder:
            for done in run(submissions.find([paths]), setup, executor, folder, lambda: len(found) >= stop):
                found.append(done)
        return found

    return graded


@dataclass
class Cluster:
    """A Dask scheduler and its workers as processes on the loopback interface."""

    address: str
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]]
    log: Path
    """What the scheduler and the workers wrote."""

    def open(self) -> DaskCluster:
        """An executor on it."""
        return DaskCluster(self.address)


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster that tests leave alive."""
    with running_cluster(tmp_path_factory.mktemp("cluster")) as found:
        yield found


@pytest.fixture
def mortal_cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster of one test's own, to kill parts of."""
    with running_cluster(tmp_path) as found:
        yield found


@contextmanager
def running_cluster(folder: Path) -> Iterator[Cluster]:
    """A scheduler and two workers of one thread each."""
    dask = "distributed.cli.dask_"
    scheduler_file = folder / "scheduler.json"
    root = Path(__file__).parents[2]
    log = (folder / "dask.log").open("wb")

    def start(kind: str, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", dask + kind, *options, "--no-dashboard"]
        return subprocess.Popen(command, cwd=root, stdout=log, stderr=log, start_new_session=True)

    options = ("--host", "127.0.0.1", "--port", "0", "--no-show", "--scheduler-file", str(scheduler_file))
    scheduler = start("scheduler", *options)
    while not scheduler_file.exists():
        assert scheduler.poll() is None, (folder / "dask.log").read_text()
        time.sleep(0.05)
    worker = ("--scheduler-file", str(scheduler_file), "--nthreads", "1", "--no-nanny", "--host", "127.0.0.1")
    workers = [start("worker", *worker) for _ in range(2)]
    from distributed import Client

    with Client(scheduler_file=str(scheduler_file), set_as_default=False) as client:
        client.wait_for_workers(2, timeout=120)
        address = client.scheduler.address
    yield Cluster(address, scheduler, workers, folder / "dask.log")
    for process in (*workers, scheduler):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGTERM)
        process.wait(60)
    log.close()


@pytest.fixture(params=["local", "dask"])
def executor(request: pytest.FixtureRequest) -> AbstractContextManager[Executor]:
    """Each executor in turn, not yet entered."""
    if request.param == "local":
        return LocalPool(2)
    found: Cluster = request.getfixturevalue("cluster")
    return found.open()
