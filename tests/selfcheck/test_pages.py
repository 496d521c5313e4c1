"""`grader page` and `grader view`: files on disk, or one sentence that says why not."""

from __future__ import annotations

from pathlib import Path

from tests.selfcheck.conftest import Command


def test_page(command: Command, tmp_path: Path) -> None:
    """An exercise as a file, by its slug or where -o says."""
    done = command("page", "batched_backward")
    assert done.stdout == "wrote batched_backward.html\n"
    assert "<h1>Batched backward pass</h1>" in (tmp_path / "batched_backward.html").read_text(encoding="utf-8")
    assert command("page", "batched_backward", "-o", "no/such/folder.html").returncode == 2
    unknown = command("page", "nope")
    assert unknown.returncode == 2
    assert "there is no exercise 'nope'" in unknown.stderr


def test_view(command: Command, tmp_path: Path) -> None:
    """A report as a file beside it; what is no report is named with its first fault."""
    (tmp_path / "other.json").write_text('{"score": 1}')
    broken = command("view", "other.json")
    assert broken.returncode == 2
    assert "grader: other.json: is no report (" in broken.stderr
    assert "Traceback" not in broken.stderr
