"""An assignment for nbgrader: one source notebook for each exercise, from which nbgrader makes what students get.

nbgrader runs student code beside its own marks and without a wall, so nothing that it runs may earn points. They belong
to a task cell, whose score `nbgrader autograde` never touches and the reports' marks fill in. The check on public
cases is a test cell of 0 points: for `nbgrader validate` it fails as long as something is not right.
"""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from grader import storage
from grader.authoring import release
from grader.course import catalog as courses
from grader.course.assignment import Assignment
from grader.course.catalog import Catalog
from grader.errors import ExerciseError, OutputError
from grader.exercise import Exercise
from grader.lms.nbgrader_marks import POINTS

CHECK = "check"
SCHEMA_VERSION = 3

BUNDLED = "from grader import check"
OWN = """\
from pathlib import Path
from grader.course.catalog import at
from grader.selfcheck.notebook import Desk

check = Desk(at(Path({folder!r})))"""
CHECKED = """\
import contextlib, io, os
{check}

with contextlib.redirect_stderr(io.StringIO()):  # nbgrader takes a warning for a failure
    answer = {call}
display(answer)
assert answer.passed or "NBGRADER_VALIDATING" not in os.environ, "\\n" + str(answer)
"""


def notebooks(catalog: Catalog, assignment: Assignment, slugs: tuple[str, ...]) -> dict[str, NotebookNode]:
    """Slug -> its source notebook, in course order; raises ExerciseError."""
    return {
        exercise.slug: _notebook(catalog, exercise, exercise.max_score * weight)
        for exercise, weight in assignment.chosen(catalog, slugs)
    }


def write(made: dict[str, NotebookNode], out: Path) -> None:
    """Write the notebooks into an assignment's folder; raises OutputError and overwrites nothing that differs."""
    if "+" in out.resolve().name:
        raise OutputError(f"{out}: nbgrader takes no + in an assignment's name; name another --out")
    texts = {out / f"{slug}.ipynb": nbformat.writes(notebook).rstrip("\n") + "\n" for slug, notebook in made.items()}
    for path, text in texts.items():
        if path.exists() and path.read_text(encoding="utf-8", errors="replace") != text:
            raise OutputError(f"{path}: is there already and differs; move it away, or name another --out")
    for path, text in texts.items():
        storage.store(text, path)


def _notebook(catalog: Catalog, exercise: Exercise, points: float) -> NotebookNode:
    notebook = _filled(catalog, exercise.slug)
    for cell in notebook.cells:
        if cell.id == CHECK:
            cell.source = _check(catalog, cell.source.splitlines()[-1])
            _mark(cell, grade=True, locked=True, points=0)
        elif cell.cell_type == "code":
            to_do = release.BEGIN in cell.source
            _mark(cell, solution=to_do, locked=not to_do)
    text = (
        f"**{points:g} points**, for hidden cases of the same kind, when the notebook is graded. "
        "The check above runs public cases and gives none."
    )
    notebook.cells.append(new_markdown_cell(text, id=POINTS))
    _mark(notebook.cells[-1], task=True, locked=True, points=points)
    nbformat.validate(notebook)
    return notebook


def _filled(catalog: Catalog, slug: str) -> NotebookNode:
    """The notebook with the reference solution between nbgrader's marks, or with nothing between them."""
    if catalog.solution(slug) is not None:
        return release.filled(catalog, slug)
    path = catalog.folder(slug) / "stub.ipynb"
    if not path.is_file():
        raise ExerciseError(f"{path}: is missing; run `grader release {slug}` where the solutions are")
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    blank = rf"^( *){re.escape(release.TODO)}$"
    for cell in notebook.cells:
        cell.source = re.sub(blank, rf"\1{release.BEGIN}\n\1{release.END}", cell.source, flags=re.MULTILINE)
    return notebook


def _check(catalog: Catalog, call: str) -> str:
    """The code of the check; an instructor's own exercises are read where they lie now."""
    folder = catalog.exercises.resolve()
    bundled = folder == courses.bundled().exercises.resolve()
    return CHECKED.format(check=BUNDLED if bundled else OWN.format(folder=str(folder)), call=call).strip()


def _mark(
    cell: NotebookNode,
    *,
    grade: bool = False,
    solution: bool = False,
    locked: bool = False,
    task: bool = False,
    points: float | None = None,
) -> None:
    """Give a cell what nbgrader knows cells by."""
    about = {"grade": grade, "grade_id": cell.id, "locked": locked, "solution": solution, "task": task}
    worth = {} if points is None else {"points": points}
    cell.metadata["nbgrader"] = {"schema_version": SCHEMA_VERSION, **about, **worth}
