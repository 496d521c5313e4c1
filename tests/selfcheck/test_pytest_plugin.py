"""`pytest --grader FILE`: one test per check, the student's message alone, and silence without the option."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest

from tests.selfcheck.conftest import RIGHT, ROOT, WRONG
from tests.selfcheck.test_check import AUTOGRAD

Save = Callable[[str], Path]


def run(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "pytest", "-p", "grader.selfcheck.pytest_plugin", *map(str, arguments)]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_each_check_is_a_test(save: Save, tmp_path: Path) -> None:
    """Passed and failed checks side by side; a failure shows the student's message and no frame of ours."""
    junit = tmp_path / "junit.xml"
    done = run(tmp_path, "--grader", save(RIGHT + WRONG), f"--junitxml={junit}", "-v")
    assert done.returncode == 1
    assert "hw.py::vector_matrix_derivative: batch PASSED" in done.stdout
    assert "hw.py::single_observation_backprop: dloss_dwout FAILED" in done.stdout
    assert "✗ dloss_dwout  0 of 4  dloss_dwout has the right shape, but wrong values" in done.stdout
    assert "pytest_plugin.py" not in done.stdout
    cases = ElementTree.parse(junit).findall(".//testcase")
    assert [case.get("name") for case in cases][:2] == [
        "vector_matrix_derivative: one_observation",
        "vector_matrix_derivative: batch",
    ]
    assert sum(case.find("failure") is not None for case in cases) == 2


def test_notebook(tmp_path: Path) -> None:
    """A notebook is a submission as a .py file is."""
    path = tmp_path / "hw.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(RIGHT)]), path)
    done = run(tmp_path, "--grader", path)
    assert "2 passed" in done.stdout


def test_one_exercise(save: Save, tmp_path: Path) -> None:
    """--grader-exercise narrows."""
    done = run(tmp_path, "--grader", save(RIGHT + WRONG), "--grader-exercise", "vector_matrix_derivative")
    assert "2 passed" in done.stdout


def test_beside_other_tests(save: Save, tmp_path: Path) -> None:
    """Other paths that are named run too; without any only the submission does."""
    (tmp_path / "test_own.py").write_text("def test_own():\n    pass\n")
    path = save(RIGHT)
    assert "2 passed" in run(tmp_path, "--grader", path).stdout
    assert "3 passed" in run(tmp_path, "--grader", path, "test_own.py").stdout


def test_silent_without_the_option(tmp_path: Path) -> None:
    """Installed and not asked: the submission is no test, and torch is not imported."""
    (tmp_path / "test_own.py").write_text("import sys\n\ndef test_own():\n    assert 'torch' not in sys.modules\n")
    done = run(tmp_path)
    assert "1 passed" in done.stdout
    assert "grader" not in done.stdout


def test_nothing_to_check(save: Save, tmp_path: Path) -> None:
    """A file without the functions, or no file: one sentence, and pytest's own status for it."""
    done = run(tmp_path, "--grader", save("x = 1\n"))
    assert done.returncode == 2
    assert "defines none of the functions that can be checked" in done.stdout
    assert "Traceback" not in done.stdout
    missing = run(tmp_path, "--grader", "nope.py")
    assert missing.returncode == pytest.ExitCode.USAGE_ERROR
    assert "--grader nope.py: there is no such file or folder; check the spelling" in missing.stderr


def test_autograd_fails(save: Save, tmp_path: Path) -> None:
    """A right answer without points is no passed test, and the failure says why."""
    done = run(tmp_path, "--grader", save(AUTOGRAD))
    assert done.returncode == 1
    assert "2 failed" in done.stdout
    assert "torch.autograd computed gradients, hw.py, line 5" in done.stdout
