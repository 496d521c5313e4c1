"""The contract of every executor: grading processes here, and beside the workers of a real Dask cluster."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from grader.batch.cluster import DaskCluster
from grader.batch.local import LocalPool
from grader.batch.node import Graded, Setup
from grader.errors import ExerciseError, GraderError, SandboxError
from grader.submissions import Submission
from tests.batch.conftest import QUICK, SECRET, Cluster, Executor, Grade

IDS = sorted(name.partition(".")[0] for name in QUICK)


def reports(folder: Path) -> dict[str, dict[str, Any]]:
    """The reports by id, without what may differ between two gradings."""
    found = {}
    for path in folder.glob("*.json"):
        content = json.loads(path.read_bytes())
        del content["wall_seconds"], content["environment"]
        found[path.stem] = content
    return found


def test_each_submission_is_graded_once_and_alike(
    executor: AbstractContextManager[Executor], setup: Setup, classroom: Path, grade: Grade, tmp_path: Path
) -> None:
    """Every submission has one report, and it is the one that a single process makes; a rerun grades nothing."""
    with executor as pool:
        done = grade(classroom, setup, pool)
        again = grade(classroom, setup, pool)
    assert sorted(each.row.id for each in done) == IDS
    assert all(each.fresh for each in done)
    assert sorted(each.row.id for each in again) == IDS
    assert not any(each.fresh for each in again)
    with LocalPool(1) as single:
        grade(classroom, setup, single, out="alone")
    assert reports(tmp_path / "out") == reports(tmp_path / "alone")


def test_what_is_wrong_with_the_course_is_said(
    executor: AbstractContextManager[Executor], setup: Setup, classroom: Path, grade: Grade, tmp_path: Path
) -> None:
    """An exercise that cannot be prepared ends the batch with the author's sentence."""
    folder = tmp_path / "exercises" / "broken"
    folder.mkdir(parents=True)
    (folder / "exercise.py").write_text("exercise = None\n")
    with executor as pool, pytest.raises(ExerciseError, match="defines no `exercise`"):
        grade(classroom, replace(setup, exercises=tmp_path / "exercises", only=("broken",)), pool)


def test_a_bug_of_ours_in_a_grading_process_is_said(setup: Setup, classroom: Path, grade: Grade) -> None:
    """What breaks while the cases are drawn ends the batch with its kind, and not with a process that is just gone."""
    with LocalPool(1) as pool:
        original = pool.prepare
        pool.prepare = lambda told: original(replace(told, only=7))  # type: ignore[method-assign,arg-type]
        with pytest.raises(SandboxError, match=r"the grader itself failed \(TypeError\); --log-file keeps details"):
            grade(classroom, setup, pool)


def test_a_grading_process_that_dies_costs_nobody_anything(
    executor: AbstractContextManager[Executor], setup: Setup, classroom: Path, grade: Grade, tmp_path: Path
) -> None:
    """All of them killed during the batch, they are replaced, and every submission is reported once."""
    with executor as pool:
        _at_the_fourth(pool, lambda: [os.kill(pid, signal.SIGKILL) for pid in _grading_processes(pool)])
        done = grade(classroom, setup, pool)
    assert Counter(each.row.id for each in done) == Counter(IDS)
    assert {each["status"] for each in reports(tmp_path / "out").values()} == {"graded"}


def test_a_worker_of_the_cluster_is_killed_during_the_batch(
    mortal_cluster: Cluster, setup: Setup, classroom: Path, grade: Grade, tmp_path: Path
) -> None:
    """Of two Dask workers one dies with kill -9 in the middle: every submission is reported once, none as a fault."""
    victim = mortal_cluster.workers[0]
    with mortal_cluster.open() as pool:
        _at_the_fourth(pool, lambda: os.kill(victim.pid, signal.SIGKILL))
        done = grade(classroom, setup, pool)
    assert victim.wait(60) == -signal.SIGKILL
    assert Counter(each.row.id for each in done) == Counter(IDS)
    assert {each["status"] for each in reports(tmp_path / "out").values()} == {"graded"}


def test_the_secret_stays_in_grading_processes(cluster: Cluster, setup: Setup, classroom: Path, grade: Grade) -> None:
    """Neither the scheduler nor a Dask worker ever has it in memory, only the processes that grade."""
    with cluster.open() as pool:
        grade(classroom, setup, pool)
        outside = [cluster.scheduler.pid, *(worker.pid for worker in cluster.workers)]
        holders = [pid for pid in outside if _holds(pid, SECRET)]
        assert [pid for pid in _grading_processes(pool) if _holds(pid, SECRET)]
    assert holders == []
    assert not any(spelt in cluster.log.read_bytes() for spelt in (SECRET, SECRET.hex().encode()))
    assert _holds(os.getpid(), SECRET), "the search itself must be able to find it"


def test_a_cluster_that_is_not_there(setup: Setup) -> None:
    """A wrong address is named, with what starts a scheduler."""
    with pytest.raises(SandboxError, match="no Dask scheduler answers there; start one with `dask scheduler`"):
        DaskCluster("tcp://127.0.0.1:1", patience_seconds=1).__enter__()


def test_other_exercises_on_a_worker_are_noticed(setup: Setup, classroom: Path, grade: Grade) -> None:
    """A process that grades with something else than this command ends the batch with a sentence."""
    with LocalPool(1) as pool:
        original = pool.prepare
        pool.prepare = lambda told: original(replace(told, secret=b"x" * 64))  # type: ignore[method-assign]
        with pytest.raises(GraderError, match="was graded with other exercises or another version"):
            grade(classroom, setup, pool)


def _at_the_fourth(pool: Executor, act: Callable[[], object]) -> None:
    """Do something just before the fourth submission is handed in, when others are being graded."""
    original, count = pool.submit, itertools.count(1)

    def submit(submission: Submission) -> Future[Graded]:
        if next(count) == 4:
            act()
        return original(submission)

    pool.submit = submit  # type: ignore[method-assign]


def _grading_processes(pool: Executor) -> list[int]:
    """The processes that grade: forks of this one, or fresh interpreters below a Dask worker of ours."""
    if isinstance(pool, LocalPool):
        return [node.pid for node in pool._nodes]
    found: list[int] = []
    for each in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):  # it has ended since
            if "from grader.batch.node import main; main()" in each.cmdline():
                found.append(each.pid)
    return found


def _holds(pid: int, secret: bytes) -> bool:
    """Whether the bytes occur in a process's writable memory."""
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for area in psutil.Process(pid).memory_maps(grouped=False):
            if "w" not in area.perms or area.path.startswith("[v"):
                continue
            start, end = (int(part, 16) for part in area.addr.split("-"))
            memory.seek(start)
            try:
                if secret in memory.read(end - start):
                    return True
            except OSError:
                continue
    return False
