"""What the tests of the student's desk share: submissions on disk and the real command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RIGHT = (ROOT / "solutions" / "vector_matrix_derivative" / "solution.py").read_text(encoding="utf-8")
WRONG = """import torch


def single_observation_backprop(x, t, W, wout):
    print("hello from the student")
    h = x @ W
    hact = torch.relu(h)
    score = hact @ wout
    prob = torch.sigmoid(score)
    dloss_dprob = 2 * (prob - t)
    dprob_dscore = prob * (1 - score)
    dloss_dscore = dloss_dprob * dprob_dscore
    dloss_dwout = dloss_dscore * hact
    dloss_dh = dloss_dscore * wout * (h > 0)
    return dloss_dwout, torch.outer(x, dloss_dh)
"""
"""One wrong link, `dprob_dscore`, as the course names its links."""

Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def without_solutions(tmp_path: Path) -> Path:
    """The course as it travels to students: no solutions folder beside it."""
    return Path(shutil.copytree(ROOT / "exercises", tmp_path / "course" / "exercises"))


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """Runs `python -m grader` with arguments, in the test's own folder."""

    def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        return subprocess.run(
            [sys.executable, "-m", "grader", *map(str, arguments)],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": path, **environment},
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture
def save(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a submission and says where."""

    def written(source: str) -> Path:
        path = tmp_path / "hw.py"
        path.write_text(source, encoding="utf-8")
        return path

    return written
