"""The documentation builds without a warning, and its links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytest.importorskip("sphinx", reason="sphinx is not installed: the documentation is not built")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site; a warning is an error."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "-q", "-d", str(folder / "cache"), "docs", str(folder / "html")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "html"


def test_reference_is_generated(site: Path) -> None:
    """Commands come from the CLI, classes and fields from their docstrings."""
    commands = (site / "reference" / "commands.html").read_text(encoding="utf-8")
    assert "--explain" in commands
    assert "Write a student’s REPORT" in commands or "Write a student's REPORT" in commands
    assert "one sentence" in (site / "reference" / "report.html").read_text(encoding="utf-8").lower()
    assert "forward pass" in (site / "reference" / "exercises.html").read_text(encoding="utf-8")


def test_links_inside_the_site(site: Path) -> None:
    """No page links to a page that is not there."""
    for page in site.rglob("*.html"):
        for target in re.findall(r'href="([^"#:]+\.html)', page.read_text(encoding="utf-8")):
            assert (page.parent / target).is_file(), f"{page.name}: {target}"
