"""The proofs of several exercises, by as many processes as there are cores."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial

import torch

from grader.course.catalog import Catalog
from grader.errors import ExerciseError
from grader.grading.grade import SubmissionRunner
from grader.validate.proof import Proof, prove


def prove_each(
    catalog: Catalog,
    slugs: Sequence[str],
    secrets: int,
    without: frozenset[str],
    jobs: int,
    sandbox: SubmissionRunner,
    *,
    every_kill: bool,
) -> Iterator[Proof]:
    """One proof for each exercise in this order, as soon as it is there; one that cannot be graded costs no other."""
    one = partial(_proof, catalog, secrets=secrets, without=without, every_kill=every_kill, sandbox=sandbox)
    jobs = min(jobs, len(slugs))
    if jobs < 2:
        _use_one_thread()
        yield from map(one, slugs)
        return
    # Not forked: torch's threads may hold locks that a fork of this process would wait for.
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=spawned, initializer=_use_one_thread) as pool:
        started = [(slug, pool.submit(one, slug)) for slug in slugs]
        for slug, future in started:
            yield _finished(slug, future)


def _use_one_thread() -> None:
    """Many small operations gain nothing from threads that wait for each other."""
    torch.set_num_threads(1)


def _proof(
    catalog: Catalog, slug: str, secrets: int, without: frozenset[str], every_kill: bool, sandbox: SubmissionRunner
) -> Proof:
    try:
        return prove(catalog, slug, secrets, without, every_kill=every_kill, sandbox=sandbox)
    except ExerciseError as error:
        return Proof(slug, (str(error),), (), {}, secrets)


def _finished(slug: str, future: Future[Proof]) -> Proof:
    try:
        return future.result()
    except BrokenProcessPool as error:
        raise ExerciseError(
            f"a process ended while {slug} was proved, or an exercise before it; is the machine short of memory? "
            f"Prove it alone: grader validate {slug}"
        ) from error
