"""Notebooks, with the solution filled in, run top to bottom in a real Jupyter kernel."""

from collections.abc import Iterator

import pytest
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

from grader.authoring import release
from grader.course import catalog
from grader.course.catalog import Catalog

SLUGS = catalog.bundled().slugs("")
CLEAN = "%reset -f"
"""Forgets the notebook before, and keeps the kernel, which has torch imported already."""


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KernelManager]:
    """One running kernel, in a folder where a student might work."""
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(cwd=str(tmp_path_factory.mktemp("student")))
    yield manager
    manager.shutdown_kernel(now=True)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_filled_notebook_runs(courses: Catalog, kernel: KernelManager, slug: str) -> None:
    """No cell raises, and the last one shows full marks."""
    notebook = release.filled(courses, slug)
    notebook.cells.insert(0, new_code_cell(CLEAN))
    NotebookClient(notebook, km=kernel, timeout=120).execute()
    shown = str(notebook.cells[-1].outputs)
    assert "Everything passes" in shown
    assert all(check.name in shown for check in courses.load(slug).checks)
