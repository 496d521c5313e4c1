"""An exercise with a use, graded behind the wall, against a bare fork that runs the same lines; they take turns.

Usage: layer.py SLUG FILE ROUNDS   prints {"graded": processor seconds per submission, "bare": the same, "ratio": ...}
"""

import json
import os
import resource
import sys
import time
from pathlib import Path
from statistics import median
from types import SimpleNamespace

import torch
from graded import SECRET, cpu_seconds, submission

from grader.course import catalog
from grader.course.assignment import Assignment
from grader.grading import grade as grading
from grader.grading import report
from grader.sandbox.session import Sandbox
from grader.sandbox.spawner import Spawner
from grader.wire import tensors

EACH = 10
"""Submissions per turn, because processor time of others is counted in hundredths of a second."""


def bare(source: str, use: str, cases: list[list[object]]) -> None:
    """Fork; the child defines what the student wrote and runs the use on every case."""
    child = os.fork()
    if child == 0:
        own: dict[str, object] = {}
        lines: dict[str, object] = {"torch": torch, "np": sys.modules["numpy"]}
        exec(compile(source, "submission", "exec"), own)  # noqa: S102  # it is what a grader does
        exec(compile(use, "use", "exec"), lines)  # noqa: S102
        for inputs in cases:
            for results in lines["use"](SimpleNamespace(**own), *inputs):  # type: ignore[operator]
                for value in results.values():
                    if callable(value):
                        value()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert status == 0


def main(slug: str, file: str, rounds: int) -> None:
    with Spawner.start() as spawner, Sandbox(spawner, insist=True) as sandbox:
        plan = report.plan(catalog.bundled(), Assignment(), SECRET, only=(slug,))
        (item,) = plan.items
        cases = [[tensors.decode(value) for value in case.arguments] for case in item.diagnosis.suite.cases]
        handed_in, source = submission([file]), Path(file).read_text()
        assert grading.grade(handed_in, plan, sandbox).score == item.exercise.max_score
        columns: tuple[list[float], list[float]] = ([], [])
        for _ in range(rounds):
            started = cpu_seconds([spawner.pid, sandbox.zygote_pid])
            for _ in range(EACH):
                grading.grade(handed_in, plan, sandbox)
            columns[0].append((cpu_seconds([spawner.pid, sandbox.zygote_pid]) - started) / EACH)
            started = own_seconds()
            for _ in range(EACH):
                bare(source, item.exercise.target.use, cases)
            columns[1].append((own_seconds() - started) / EACH)
    graded, floor = map(median, columns)
    print(json.dumps({"cases": len(cases), "graded": graded, "bare": floor, "ratio": graded / floor}))


def own_seconds() -> float:
    """Of this process and of the children that it has waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
