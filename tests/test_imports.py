"""The import layers: which part of the package may know which other part."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parent.parent
RECORDS = {
    "grader.wire",
    "grader.wire.evidence",
    "grader.wire.outcome",
    "grader.wire.protocol",
    "grader.wire.printable",
}
"""What the two sides say to each other, without the tensors."""

HOSTS = ("grader.worker", "grader.sandbox", "grader.selfcheck", "grader.validate.mutants")
"""What runs student code, behind the wall or on the student's own machine, or an author's own wrong versions."""


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("grader", include_external_packages=True, cache_dir=None)


def test_imports_point_one_way() -> None:
    """The layers in .importlinter hold, and every module of the package has a place in them."""
    # In a process of its own: it switches off every logger that exists.
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_worker_imports_only_the_wire(graph: grimp.ImportGraph) -> None:
    """What runs beside student code imports no trusted module, not even the error classes."""
    assert not _imports_out_of(graph, "grader.worker", allowed=("grader.worker", "grader.wire"))
    assert not _imports_out_of(graph, "grader.wire", allowed=("grader.wire",))


def test_only_who_runs_student_code_imports_the_worker(graph: grimp.ImportGraph) -> None:
    """Everything else speaks to the sandbox, in the records of the wire."""
    reaching = {
        (module, imported)
        for module in graph.modules
        if module.startswith("grader") and not module.startswith(HOSTS)
        for imported in graph.find_modules_directly_imported_by(module)
        if imported.startswith("grader.worker")
    }
    assert not reaching


def _imports_out_of(graph: grimp.ImportGraph, package: str, allowed: tuple[str, ...]) -> set[tuple[str, str]]:
    return {
        (module, imported)
        for module in {package, *graph.find_descendants(package)}
        for imported in graph.find_modules_directly_imported_by(module)
        if imported.split(".")[0] == "grader" and not imported.startswith(allowed)
    }


def test_records_of_the_wire_need_no_torch(graph: grimp.ImportGraph) -> None:
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
