"""The Makefile's own sentences: what a person reads whose machine lacks something."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

if shutil.which("make") is None:
    pytest.skip("there is no make on this machine", allow_module_level=True)


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "--no-print-directory", "-C", str(ROOT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def python_that(body: str, path: Path) -> str:
    """A stand-in for an interpreter: a shell script whose answer to `-c CODE` is decided by `body`."""
    path.write_text(f'#!/bin/sh\ncase "$2" in {body} esac\n')
    path.chmod(0o755)
    return f"PYTHON={path}"


def test_help_lists_the_targets() -> None:
    """`make` alone shows what there is to make."""
    listed = make().stdout
    for target in ("grade", "test", "bench", "lint", "docs", "clean"):
        assert f"make {target}\t" in listed


def test_missing_python(tmp_path: Path) -> None:
    """Without Python the sentence says what to install and how to name another one."""
    finished = make("grade", f"VENV={tmp_path / 'venv'}", "PYTHON=no-such-python")
    assert finished.returncode == 2
    assert "no-such-python is missing or older than Python 3.10: install a newer one" in finished.stdout
    assert "PYTHON=/path/to/python3" in finished.stdout


def test_old_python(tmp_path: Path) -> None:
    """A Python that is too old is refused before anything is written."""
    python = python_that("*version_info*) exit 1;;", tmp_path / "python3.9")
    finished = make("grade", f"VENV={tmp_path / 'venv'}", python)
    assert finished.returncode == 2
    assert "python3.9 is missing or older than Python 3.10" in finished.stdout
    assert not (tmp_path / "venv").exists()


def test_python_without_ensurepip(tmp_path: Path) -> None:
    """Debian's python3 without python3-venv: the sentence names the package to install."""
    python = python_that("*version_info*) exit 0;; *ensurepip*) exit 1;;", tmp_path / "python3")
    finished = make("grade", f"VENV={tmp_path / 'venv'}", python)
    assert finished.returncode == 2
    assert "cannot make environments: on Debian and Ubuntu, apt install python3-venv" in finished.stdout
    assert not (tmp_path / "venv").exists()


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    """A VENV that is no environment is refused, and what lies in it stays."""
    (tmp_path / "thesis.txt").write_text("years of work")
    finished = make("grade", f"VENV={tmp_path}")
    assert finished.returncode == 2
    assert "is no Python environment: name another folder with VENV=folder" in finished.stdout
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_own_submissions_bring_no_sample_assignment() -> None:
    """The sample class has its own assignment; one's own folder gets the bundled one."""
    assert "--assignment" in make("-n", "grade").stdout
    own = make("-n", "grade", "SUBMISSIONS=my class").stdout
    assert 'grade "my class" --out "reports"' in own
    assert "--assignment" not in own
