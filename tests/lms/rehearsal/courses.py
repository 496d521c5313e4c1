"""`make rehearse-courses`: an nbgrader course with nbgrader itself, and the workflow that docs/lms.md has for GitHub.

The package is built as a wheel and installed into environments of their own, so exercises travel and solutions do not.
Students hand in through nbgrader's exchange; what is claimed about every step is looked up in what nbgrader wrote.
"""

from __future__ import annotations

import argparse
import csv
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat
import yaml

CHECKOUT = Path(__file__).resolve().parents[3]
SLUGS = ("batched_backward", "affine")
POINTS = {"batched_backward": 10.0, "affine": 20.0}
CONFIG = """c = get_config()
c.CourseDirectory.course_id = "course101"
c.Exchange.root = "{exchange}"
c.ExecutePreprocessor.timeout = 300
c.LateSubmissionPlugin.penalty_method = "zero"
"""
EXERCISES = tuple(word for slug in SLUGS for word in ("--exercise", slug))
wrong: list[str] = []


def main() -> int:
    """Rehearse both courses; the exit status is 0 when every claim held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=Path("build/courses"))
    folder: Path = parser.parse_args().build.absolute()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    wheel = built(folder)
    rehearse_nbgrader(folder, wheel)
    rehearse_github(folder, wheel)
    print(f"{len(wrong)} wrong" if wrong else "all as claimed")
    return 1 if wrong else 0


def check(step: str, claim: bool, seen: object = "") -> None:
    """Print a step; a claim that does not hold is a failure."""
    print(f"  {'ok' if claim else 'WRONG'}  {step}" + ("" if claim else f"\n{seen}"), flush=True)
    if not claim:
        wrong.append(step)


@dataclass(frozen=True)
class Environment:
    """An environment of Python, and the folder in which its programs run."""

    venv: Path
    home: Path

    def run(self, *words: str | Path, cwd: Path, status: int | None = 0) -> str:
        """Standard output and error of a program; another exit status than the expected one ends the rehearsal."""
        path = os.pathsep.join([str(self.venv / "bin"), os.environ["PATH"]])
        surroundings = {**os.environ, "PATH": path, "HOME": str(self.home)}
        command = [str(word) for word in words]
        done = subprocess.run(
            command, cwd=cwd, env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        if status is not None and done.returncode != status:
            sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}")
        return done.stdout


def built(folder: Path) -> Path:
    """The package as it is published."""
    subprocess.run([sys.executable, "-m", "build", "--wheel", "-o", folder, CHECKOUT], check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def environment(folder: Path, *packages: str | Path) -> Environment:
    """A new environment with these packages."""
    made = Environment(folder / "venv", folder / "home")
    made.home.mkdir(parents=True)
    subprocess.run([sys.executable, "-m", "venv", made.venv], check=True)
    if packages:
        made.run("python", "-m", "pip", "install", "-q", "-c", CHECKOUT / "constraints.txt", *packages, cwd=folder)
    return made


# nbgrader ---------------------------------------------------------------------------------------------------------


def rehearse_nbgrader(folder: Path, wheel: Path) -> None:
    """From the export to scores in nbgrader's own export."""
    print("nbgrader")
    here = environment(folder / "nbgrader", wheel, "nbgrader")
    course, exchange = folder / "nbgrader" / "course", folder / "nbgrader" / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    course.mkdir()
    (course / "nbgrader_config.py").write_text(CONFIG.format(exchange=exchange))
    here.run("grader", "export", "nbgrader", *EXERCISES, "--out", "source/ps1", cwd=course)
    here.run("nbgrader", "generate_assignment", "ps1", cwd=course)
    check("generate_assignment takes the notebooks", {p.stem for p in (course / "release/ps1").iterdir()} == set(SLUGS))
    here.run("nbgrader", "release_assignment", "ps1", cwd=course)
    handed_in(here, course, exchange)
    graded(here, course, exchange / "course101" / "inbound")
    written_back(here, course)


def handed_in(here: Environment, course: Path, exchange: Path) -> None:
    """Ana hands in twice, the second time all of it; Bo one exercise; Cy the release as it is."""
    for who, solved in (("ana", ()), ("ana", SLUGS), ("bo", ("affine",)), ("cy", ())):
        home = exchange.parent / who
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(exchange / "course101" / "outbound" / "ps1", home / "ps1")
        shutil.copy(course / "nbgrader_config.py", home)
        for slug in solved:
            solve(home / "ps1" / f"{slug}.ipynb", slug)
        if who != "ana" or solved:
            said = here.run("nbgrader", "validate", "ps1/batched_backward.ipynb", cwd=home)
            right = "Success! Your notebook passes all the tests." in said
            check(f"validate on {who}'s batched_backward", right == (who == "ana"), said)
            check("validate says what is wrong", right or "is not implemented yet" in said, said)
        here.run("nbgrader", "submit", "ps1", f"--student={who}", cwd=home)


def solve(path: Path, slug: str) -> None:
    """Put the solution into the one cell that nbgrader has marked for it."""
    notebook = nbformat.read(path, as_version=4)
    (cell,) = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution")]
    place = next((CHECKOUT / "solutions").rglob(f"{slug}/solution.py"))
    cell.source = place.read_text(encoding="utf-8")
    nbformat.write(notebook, path)


def graded(here: Environment, course: Path, inbound: Path) -> None:
    """The exchange is graded as it lies there."""
    said = here.run(
        *("grader", "grade", inbound, "--layout", "nbgrader:ps1", *EXERCISES, "--out", "reports"),
        *("--secret-file", "secret", "--insist-on-fewer-layers", "--junit", "checks.xml"),
        cwd=course,
    )
    check("the exchange has three submissions", "3 reports in reports" in said, said)
    check("JUnit has a suite for each", (course / "checks.xml").read_text().count("<testsuite ") == 3)


def written_back(here: Environment, course: Path) -> None:
    """Nothing earns points before the marks are there; then nbgrader has them, also after it autogrades again."""
    here.run("nbgrader", "collect", "ps1", cwd=course)
    here.run("nbgrader", "autograde", "ps1", cwd=course)
    check("autograde alone gives no points", set(scores(here, course).values()) == {0.0}, scores(here, course))
    marks = ("grader", "gradebook", "reports", "--format", "nbgrader", "--sheet", "gradebook.db", "--column", "ps1")
    said = here.run(*marks, cwd=course)
    expected = {"ana": 30.0, "bo": 20.0, "cy": 0.0}
    check("nbgrader exports the marks", "Filled: 3." in said and scores(here, course) == expected, said)
    here.run("nbgrader", "generate_feedback", "ps1", cwd=course)
    page = (course / "feedback" / "bo" / "ps1" / "batched_backward.html").read_text(encoding="utf-8")
    check("the feedback has the comment", "batched_backward: 0 of 10 points." in page)
    here.run("nbgrader", "db", "assignment", "add", "ps1", "--duedate=2000-01-01 00:00:00 UTC", cwd=course)
    here.run("nbgrader", "autograde", "ps1", "--no-execute", "--force", cwd=course)
    check("autograde keeps the marks", scores(here, course) == expected, scores(here, course))
    late = scores(here, course, "late_submission_penalty")
    check("penalties are of these marks", late == expected, late)
    said = here.run(*marks, cwd=course)
    check("the same marks are no news to late students", "Late" not in said and "Filled: 3." in said, said)
    said = here.run("grader", "gradebook", "reports", "--format", "nbgrader", "--sheet", "secret", cwd=course, status=2)
    check("another file is refused", "nbgrader cannot use it" in said, said)


def scores(here: Environment, course: Path, column: str = "raw_score") -> Mapping[str, float]:
    """A column of `nbgrader export`, by student."""
    here.run("nbgrader", "export", cwd=course)
    with (course / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    check("full marks are the exercises' points", {float(row["max_score"]) for row in rows} == {sum(POINTS.values())})
    return {row["student_id"]: float(row[column]) for row in rows}


# GitHub -----------------------------------------------------------------------------------------------------------


def rehearse_github(folder: Path, wheel: Path) -> None:
    """Each `run` of the workflow in docs/lms.md, in a new environment, on a stub and on a solution."""
    print("GitHub")
    page = (CHECKOUT / "docs" / "lms.md").read_text(encoding="utf-8")
    block = re.search(r"^```yaml \.github/workflows/check\.yml\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    assert block is not None
    steps = [step["run"] for step in yaml.safe_load(block[1])["jobs"]["check"]["steps"] if "run" in step]
    here = environment(folder / "github")
    repository = folder / "github" / "repository"
    installing = [step for step in steps if " pip install " in step]
    for step in installing:  # from where this machine takes its packages, and the wheel as it is now
        words = re.sub(r" --index-url \S+", "", step).replace("gradient-grader", str(wheel))
        here.run("sh", "-c", f"{words} -q -c {CHECKOUT / 'constraints.txt'}", cwd=folder)
    here.run("grader", "start", "batched_backward", "--into", repository, cwd=folder)
    (checking,) = [step for step in steps if step not in installing]
    said = here.run("sh", "-c", checking, cwd=repository, status=1)
    check("the job of a stub is red and says why", "is not implemented yet" in said, said)
    solution = CHECKOUT / "solutions" / "batched_backward" / "solution.py"
    shutil.copy(solution, repository / "batched_backward.py")
    said = here.run("sh", "-c", checking, cwd=repository, status=None)
    check("the job of a solution is green", "2 passed" in said, said)


if __name__ == "__main__":
    sys.exit(main())
