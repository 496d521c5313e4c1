"""Grades many submissions on this machine: one sandbox per job, each used by one thread at a time."""

from __future__ import annotations

import queue
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager

from grader.grading import grade
from grader.models import Report
from grader.report import Plan
from grader.sandbox import Sandbox, Spawner
from grader.submissions import Source


@contextmanager
def sandboxes(spawner: Spawner, jobs: int, *, insist: bool = False) -> Iterator[tuple[Sandbox, ...]]:
    """One sandbox per job; raises LayersMissing where the machine offers too little and nobody insists."""
    with ExitStack() as stack:
        yield tuple(stack.enter_context(Sandbox(spawner, slot, insist=insist)) for slot in range(jobs))


def isolation(spawner: Spawner) -> tuple[str, ...]:
    """The names of the layers that are active, for the report."""
    return tuple(layer.name for layer in spawner.layers if layer.active)


def grade_all(sources: Sequence[Source], plan: Plan, pool: Sequence[Sandbox]) -> Iterator[Report]:
    """Reports in the order in which they are finished; never more in memory than a few per job."""
    idle: queue.SimpleQueue[Sandbox] = queue.SimpleQueue()
    for sandbox in pool:
        idle.put(sandbox)

    def one(source: Source) -> Report:
        sandbox = idle.get()
        try:
            return grade(source.read(), plan, sandbox)
        finally:
            idle.put(sandbox)

    remaining = iter(sources)
    running: set[Future[Report]] = set()
    with ThreadPoolExecutor(len(pool)) as threads:
        while True:
            while len(running) < 2 * len(pool) and (source := next(remaining, None)) is not None:
                running.add(threads.submit(one, source))
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()
