"""`check("slug")` in a notebook whose cells assign variables: the cells that have run are checked."""

from pathlib import Path

import pytest
from nbclient import NotebookClient

from grader.authoring import release
from grader.course import catalog

SLUG = "backward_pass_cells"


@pytest.mark.parametrize("mistake", [False, True])
def test_the_cells_of_a_real_kernel_are_checked(tmp_path: Path, mistake: bool) -> None:
    """The solved notebook passes; a wrong variable costs its own check and none of the others."""
    courses = catalog.bundled()
    notebook = release.filled(courses, SLUG)
    if mistake:
        for cell in notebook.cells:
            cell.source = cell.source.replace("dhpreact = dh * (1 - h**2)", "dhpreact = dh")
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = str(notebook.cells[-1].outputs)
    assert ("Everything passes" in shown) is not mistake
    assert ("✗ dhpreact" in shown) is mistake
    assert "✓ dh " in shown
    assert "✓ dbnraw " in shown
