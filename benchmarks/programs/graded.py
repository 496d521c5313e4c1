"""The real path, in a process of its own: one plan, one walled sandbox, many submissions.

Usage: graded.py cpu COUNT FILE...   prints {"cpu_seconds": per submission, of all processes, ...}
       graded.py memory FILE...      loads a submission, prints {"pid": ...}, waits for a line
       graded.py calls PATH          writes the cases' inputs for the other programs
"""

import json
import os
import sys
import time
from pathlib import Path

from grader.course import catalog
from grader.course.assignment import load
from grader.grading import grade as grading
from grader.grading import report
from grader.grading.report import Plan
from grader.sandbox.session import Sandbox
from grader.sandbox.spawner import Spawner
from grader.submissions import Submission

SECRET = b"a secret of the benchmarks, at least 32 bytes long"
ASSIGNMENT = Path(__file__).parents[2] / "tests" / "samples" / "assignment.toml"
TICKS = os.sysconf("SC_CLK_TCK")


def plan() -> Plan:
    return report.plan(catalog.bundled(), load(ASSIGNMENT), SECRET)


def submission(files: list[str]) -> Submission:
    return Submission(
        "bench", tuple(sorted((Path(file).parent.name + ".py", Path(file).read_bytes()) for file in files))
    )


def cpu_seconds(pids: list[int]) -> float:
    """Of this process, and of the named ones with their children that are gone."""
    total = time.process_time()
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += sum(int(field) for field in fields[11:15]) / TICKS
    return total


def grade(sandbox: Sandbox, plan: Plan, handed_in: Submission) -> None:
    done = grading.grade(handed_in, plan, sandbox)
    assert done.score == done.max_score, done.model_dump_json(indent=2)


def measure_cpu(count: int, handed_in: Submission) -> None:
    began = time.process_time()
    with Spawner.start() as spawner, Sandbox(spawner, insist=True) as sandbox:
        prepared = plan()
        grade(sandbox, prepared, handed_in)
        pids = [spawner.pid, sandbox.zygote_pid]
        started = cpu_seconds(pids)
        for _ in range(count):
            grade(sandbox, prepared, handed_in)
        spent = cpu_seconds(pids) - started
        answer = {"cpu_seconds": spent / count, "start_seconds": started - began, "layers": list(sandbox.layers)}
    print(json.dumps(answer))


def measure_memory(handed_in: Submission) -> None:
    with Spawner.start() as spawner, Sandbox(spawner, insist=True) as sandbox:
        prepared = plan()
        grade(sandbox, prepared, handed_in)
        targets = [item.exercise.target for item in prepared.items]
        with sandbox.session(handed_in.files, targets, prepared.loading_limits) as session:
            for item in prepared.items:
                grading.observe(session, item.diagnosis.suite, item.limits)
            print(json.dumps({"pid": os.getpid()}), flush=True)
            sys.stdin.readline()


def write_calls(path: str) -> None:
    import torch

    suites = [item.diagnosis.suite for item in plan().items]
    calls = [(s.exercise.entry_point, list(case.inputs.values())) for s in suites for case in s.cases]
    torch.save(calls, path)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["cpu", count, *files]:
            measure_cpu(int(count), submission(files))
        case ["memory", *files]:
            measure_memory(submission(files))
        case ["calls", path]:
            write_calls(path)
