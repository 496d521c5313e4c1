"""The floor: fork a process that has torch imported, run a submission's cases in the child, compare nothing.

Usage: bare_fork.py CALLS COUNT FILE...   prints {"cpu_seconds": per submission, forks and children together}
"""

import json
import os
import resource
import sys
import time
from pathlib import Path

import torch


def run(sources: list[str], calls: list[tuple[str, list[torch.Tensor]]]) -> None:
    """What the child does: define the functions, call them."""
    scope: dict[str, object] = {}
    for source in sources:
        exec(compile(source, "submission", "exec"), scope)  # noqa: S102  # it is what a grader does
    for entry_point, inputs in calls:
        scope[entry_point](*inputs)  # type: ignore[operator]


def fork(sources: list[str], calls: list[tuple[str, list[torch.Tensor]]]) -> None:
    child = os.fork()
    if child == 0:
        run(sources, calls)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert status == 0


def cpu_seconds() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    torch.set_num_threads(1)
    calls = torch.load(sys.argv[1])
    sources = [Path(file).read_text() for file in sys.argv[3:]]
    torch.ones(2, 2) @ torch.ones(2, 2)  # as a zygote does: the first operation is slow
    fork(sources, calls)
    started, count = cpu_seconds(), int(sys.argv[2])
    for _ in range(count):
        fork(sources, calls)
    print(json.dumps({"cpu_seconds": (cpu_seconds() - started) / count}))
