"""A release for nbgrader: cells as its schema has them, a check that `nbgrader validate` understands, no work lost.

`make rehearse-courses` tries it with nbgrader itself; here its rules for cells are said again, from its schema 3.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
import torch
from click.testing import CliRunner
from nbformat import NotebookNode

from grader.authoring import release as authoring
from grader.cli import main
from grader.course.assignment import Assignment, Entry
from grader.course.catalog import Catalog, bundled
from grader.errors import OutputError
from grader.lms import nbgrader

COURSES = bundled()
SLUGS = ("batched_backward", "affine", "backward_pass_cells")
FLAGS = {"grade", "solution", "locked", "task"}
KEYS = {"schema_version", "grade_id", *FLAGS}


@pytest.fixture(scope="module")
def release() -> dict[str, NotebookNode]:
    return nbgrader.notebooks(COURSES, Assignment(), SLUGS)


def marked(notebook: NotebookNode) -> dict[str, Any]:
    """What nbgrader knows about each cell, by id."""
    return {cell.id: dict(cell.metadata["nbgrader"]) for cell in notebook.cells if "nbgrader" in cell.metadata}


def check_of(notebook: NotebookNode) -> str:
    return str(next(cell.source for cell in notebook.cells if cell.id == "check"))


def test_the_cells_of_a_release(release: dict[str, NotebookNode]) -> None:
    """The student's code is a solution cell, the check a locked test of 0 points, the points a locked task."""
    about = {"schema_version": 3, "grade": False, "solution": False, "locked": True, "task": False}
    assert marked(release["batched_backward"]) == {
        "solution": {**about, "grade_id": "solution", "solution": True, "locked": False},
        "check": {**about, "grade_id": "check", "grade": True, "points": 0},
        "points": {**about, "grade_id": "points", "task": True, "points": 10.0},
    }
    points = release["batched_backward"].cells[-1]
    assert (points.cell_type, points.source) == (
        "markdown",
        "**10 points**, for hidden cases of the same kind, when the notebook is graded. "
        "The check above runs public cases and gives none.",
    )


@pytest.mark.parametrize("slug", SLUGS)
def test_every_cell_fits_nbgraders_schema(release: dict[str, NotebookNode], slug: str) -> None:
    """Its keys and types, ids that are unique, points where there are any, a task that is text, and a marked block in
    every solution cell, because nbgrader empties one without."""
    about = marked(release[slug])
    for cell in release[slug].cells:
        if cell.id not in about:
            assert cell.cell_type == "markdown"
            continue
        found = about[cell.id]
        paid = found["grade"] or found["task"]
        assert found.keys() == KEYS | ({"points"} if paid else set())
        assert found["schema_version"] == 3
        assert all(type(found[flag]) is bool for flag in FLAGS)
        assert re.fullmatch(r"[a-zA-Z0-9_-]+", found["grade_id"])
        assert not paid or found["points"] >= 0
        assert (cell.cell_type == "markdown") == found["task"]
        assert found["solution"] == (authoring.BEGIN in cell.source) == (not found["locked"])
    ids = [found["grade_id"] for found in about.values()]
    assert len(ids) == len(set(ids))


def test_weights_are_points() -> None:
    """The points are those of the assignment, as in the reports whose scores they take."""
    chosen = Assignment(exercises=(Entry(slug="batched_backward", weight=0.5),))
    made = nbgrader.notebooks(COURSES, chosen, ())
    assert marked(made["batched_backward"])["points"]["points"] == 5.0


def test_without_solutions_the_blocks_are_empty(release: dict[str, NotebookNode]) -> None:
    """Where the solutions did not travel, what is to be done stands between nbgrader's marks, in as many cells."""
    made = nbgrader.notebooks(replace(COURSES, solutions=None), Assignment(), SLUGS)
    source = next(cell.source for cell in made["batched_backward"].cells if cell.id == "solution")
    assert "\n    ### BEGIN SOLUTION\n    ### END SOLUTION\n    return" in source
    for slug, notebook in made.items():
        assert authoring.TODO not in "".join(cell.source for cell in notebook.cells)
        counts = [sum(each["solution"] for each in marked(one).values()) for one in (notebook, release[slug])]
        assert counts[0] == counts[1] > 0


def right(X: Any, t: Any, W: Any, wout: Any) -> Any:
    """A right answer that warns."""
    print("careful", file=sys.stderr)
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    dscore = 2 * (prob - t) * prob * (1 - prob)
    return X.T @ (dscore[:, None] * wout * (h > 0)), dscore @ hact


def wrong(X: Any, t: Any, W: Any, wout: Any) -> Any:
    return None, None


def run(made: dict[str, NotebookNode], function: Callable[..., Any]) -> list[Any]:
    """Run the check's cell as a kernel does; what it displays."""
    function.__name__ = "batched_backward"
    shown: list[Any] = []
    exec(check_of(made["batched_backward"]), {"batched_backward": function, "display": shown.append})  # noqa: S102
    return shown


def test_the_check_fails_only_where_nbgrader_validates(
    release: dict[str, NotebookNode], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A student at work sees the answer; nbgrader needs an error, with the same words, and takes a warning for one."""
    assert [each.passed for each in run(release, wrong)] == [False]
    monkeypatch.setenv("NBGRADER_VALIDATING", "1")
    with pytest.raises(AssertionError, match=r"(?s)^\nbatched_backward\n.*dloss_dW.*Next: "):
        run(release, wrong)
    assert [each.passed for each in run(release, right)] == [True]
    assert capsys.readouterr().err == ""


def test_an_instructors_own_exercises_are_found_where_they_lie(tmp_path: Path) -> None:
    """They are not in the package, so the check reads the folder that was named."""
    (tmp_path / "exercises").mkdir()
    (tmp_path / "exercises" / "batched_backward").symlink_to(COURSES.folder("batched_backward"))
    made = nbgrader.notebooks(Catalog(tmp_path / "exercises", None), Assignment(), ())
    assert str(tmp_path / "exercises") in check_of(made["batched_backward"])
    assert [each.passed for each in run(made, right)] == [True]


def test_the_command_says_what_it_wrote(tmp_path: Path) -> None:
    """One notebook for each exercise, whether solutions are in it; again it changes nothing and loses no one's work."""
    out = tmp_path / "source" / "ps1"
    command = ["export", "nbgrader", "--exercise", "batched_backward", "--out", str(out)]
    done = CliRunner().invoke(main, command)
    assert done.output == (
        f"wrote {out}/batched_backward.ipynb\n"
        "The solutions are in it: students get what `nbgrader generate_assignment` makes of it.\n"
    )
    notebook = nbformat.read(out / "batched_backward.ipynb", as_version=4)
    assert CliRunner().invoke(main, command).output == done.output
    notebook.cells.append(nbformat.v4.new_markdown_cell("my own"))
    nbformat.write(notebook, out / "batched_backward.ipynb")
    again = CliRunner().invoke(main, command)
    assert again.exit_code == 2
    assert "batched_backward.ipynb: is there already and differs; move it away" in again.output
    assert nbformat.read(out / "batched_backward.ipynb", as_version=4) == notebook


def test_a_name_that_nbgrader_refuses(tmp_path: Path) -> None:
    """A plus separates the parts of an attempt's name, so no assignment has one."""
    with pytest.raises(OutputError, match=r"nbgrader takes no \+ in an assignment's name"):
        nbgrader.write({}, tmp_path / "ps+1")
