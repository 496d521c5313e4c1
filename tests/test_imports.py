"""The import layers: which part of the package may know which other part."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import grimp
import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parent.parent
RECORDS = {"grader.worker", "grader.worker.evidence", "grader.worker.outcome", "grader.worker.protocol"}
"""What the worker and the trusted side share."""

ENCODING = "grader.worker.tensors"
"""Values to bytes and back, which the trusted side needs for what it sends and for what a known mistake computes."""

REACHING = {
    ("grader.batch.local", "grader.worker.confine"),  # it starts processes that hold the secret: closes them to others
    ("grader.batch.local", "grader.worker.preload"),  # and imports torch once for all of them
    ("grader.local", "grader.worker.loader"),  # the student's own process: there is no other side
    ("grader.notebook", "grader.worker.call"),  # nor in the student's own kernel
}
"""Imports into the worker from outside of the sandbox, each with its reason."""


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("grader", include_external_packages=True, cache_dir=None)


def test_imports_point_one_way(capsys: pytest.CaptureFixture[str]) -> None:
    """The layers in .importlinter hold, and every module of the package has a place in them."""
    status = lint_imports(config_filename=str(ROOT / ".importlinter"), no_cache=True)
    assert status == 0, capsys.readouterr().out


def test_worker_imports_nothing_else_of_grader(graph: grimp.ImportGraph) -> None:
    """What runs beside student code imports no trusted module, not even the error classes."""
    outside = {
        (module, imported)
        for module in {"grader.worker", *graph.find_descendants("grader.worker")}
        for imported in graph.find_modules_directly_imported_by(module)
        if imported.split(".")[0] == "grader" and not imported.startswith("grader.worker")
    }
    assert not outside


def test_only_the_sandbox_reaches_into_the_worker(graph: grimp.ImportGraph) -> None:
    """Trusted modules outside the sandbox use its records and encoding; REACHING names the exceptions."""
    reaching = {
        (module, imported)
        for module in graph.modules
        if module.startswith("grader") and not module.startswith(("grader.worker", "grader.sandbox"))
        for imported in graph.find_modules_directly_imported_by(module)
        if imported.startswith("grader.worker") and imported not in {*RECORDS, ENCODING}
    }
    assert not reaching - REACHING


def test_records_of_the_worker_need_no_torch(graph: grimp.ImportGraph) -> None:
    """The records and the protocol are plain Python: a parent that only waits need not import torch."""
    for module in RECORDS:
        assert not graph.chain_exists(module, "torch"), module


def test_help_does_not_import_torch() -> None:
    """`grader --help` answers without the seconds that importing torch takes."""
    program = """if True:
        import sys
        from grader.cli import main
        main(["--help"], standalone_mode=False)
        assert "torch" not in sys.modules"""
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert finished.returncode == 0, finished.stderr
    assert "grade" in finished.stdout
