"""False rejects: right numpy and class implementations, graded again and again under fresh secrets.

Usage: right.py MINUTES [FOLDER]   FOLDER: further right files as SLUG/right_*.py, of another author say
"""

from __future__ import annotations

import os
import secrets
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from grader.course import catalog
from grader.course.assignment import Assignment
from grader.course.catalog import Catalog
from grader.grading import grade as grading
from grader.grading import report
from grader.models import Report
from grader.sandbox.session import Sandbox
from grader.sandbox.spawner import Spawner
from grader.submissions import Submission

COURSES = ("layers", "modules", "cells")
ROUNDS = 12
"""Gradings of each file under one secret: its cases are drawn once, and the seeds of a draw stay."""


def right_files(courses: Catalog, slug: str, further: Path | None) -> Iterator[Path]:
    """The references, and what somebody else wrote."""
    solution = courses.solution(slug)
    if solution is not None:
        yield from (solution / "solution.py", *sorted(solution.glob("reference_*.py")))
    if further is not None:
        yield from sorted((further / slug).glob("right_*.py"))


def refused(done: Report) -> list[str]:
    """The checks that did not pass, with what was said of them."""
    checks = (check for exercise in done.exercises for check in exercise.checks)
    return [f"{check.name}: {check.verdict}: {check.message}" for check in checks if check.verdict != "passed"]


def main(minutes: float, further: Path | None) -> None:
    """Grade until the time is over, exercise by exercise, each time under another secret."""
    until, counts, rejects = time.monotonic() + 60 * minutes, Counter[str](), 0
    courses = catalog.bundled().kept()
    slugs = [slug for course in COURSES for slug in courses.slugs(course)]
    with Spawner.start() as spawner, Sandbox(spawner, insist=True) as sandbox:
        while time.monotonic() < until:
            for slug in slugs:
                plan = report.plan(courses, Assignment(), secrets.token_bytes(32), only=(slug,))
                for path in [*right_files(courses, slug, further)] * ROUNDS:
                    if time.monotonic() >= until:
                        break
                    handed_in = Submission(path.stem, ((path.name, path.read_bytes()),))
                    done = grading.grade(handed_in, plan, sandbox)
                    counts[slug] += 1
                    if wrong := refused(done):
                        rejects += 1
                        print(path, *wrong, sep="\n  ", flush=True)
            print(f"{counts.total()} gradings of {len(counts)} exercises, {rejects} refused", flush=True)


if __name__ == "__main__":
    os.environ["OMP_NUM_THREADS"] = "1"
    main(float(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
