"""Every shell example of the README and of docs/ is run, in order, each page in a folder of its own.

A ```python FILE block is written to FILE first; a ```text block after an example is what it must print. The package is
used as it travels, exercises inside and no solutions. What cannot be run as it stands is in STAND_INS.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)

STAND_INS = {
    # make and the CI script install from the network and run this very test: what they would do is worked out only.
    r"make (.*)": f"make --dry-run --no-print-directory -C {ROOT} {{0}}",
    r"\.ci/run.*": f"bash -n {ROOT}/.ci/run",
    # The package is here already; that it can be installed from its wheel is what installing it for the tests shows.
    r"python -m pip install .*": "grader --version",
}
STATUS = {"grader check": (0, 1), "grader doctor": (0, 1), "pytest": (0, 1)}
"""Exit statuses that are an answer too: not all passed, a layer is missing."""
WATCHING = "Ctrl+C to stop."


@dataclass(frozen=True)
class Example:
    """One line of shell, and what it prints ("" where the page does not say)."""

    line: str
    printed: str


def steps(page: Path) -> Iterator[Example | tuple[str, str]]:
    """The page's examples and files, in order."""
    blocks = [match.groups() for match in BLOCK.finditer(page.read_text(encoding="utf-8"))]
    for (language, file, text), following in zip(blocks, [*blocks[1:], ("", None, "")], strict=False):
        if language == "sh":
            lines = [line for line in text.splitlines() if line.strip()]
            for line in lines:
                last = line is lines[-1] and following[0] == "text"
                yield Example(line, following[2] if last else "")
        elif file and "/" not in file:
            yield file, text


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to put on the path: the package as in its wheel, and the command `grader`."""
    folder = tmp_path_factory.mktemp("installed")
    shutil.copytree(ROOT / "grader", folder / "grader", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "exercises", folder / "grader" / "exercises", ignore=shutil.ignore_patterns("__pycache__"))
    for name, module in {"grader": "grader", "pytest": "pytest -p grader.pytest_plugin", "python": ""}.items():
        program = folder / "bin" / name
        program.parent.mkdir(exist_ok=True)
        option = f"-m {module}" if module else ""
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {option} "$@"\n')
        program.chmod(0o755)
    folder.chmod(0o755)  # what runs submissions as another user must be able to read it
    return folder


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where the commands run: what the pages take for granted lies there."""
    (tmp_path / "exercises").symlink_to(ROOT / "exercises")
    samples = tmp_path / "tests" / "samples" / "class"
    samples.mkdir(parents=True)
    for name in ("grace.py", "kofi.ipynb", "noor.py"):
        shutil.copy(ROOT / "tests" / "samples" / "class" / name, samples)
    (tmp_path / "submissions").mkdir()
    shutil.copy(samples / "grace.py", tmp_path / "submissions" / "ana.py")
    (tmp_path / "home").mkdir()
    return tmp_path


def environment(package: Path, place: Path) -> dict[str, str]:
    path = os.pathsep.join([str(package / "bin"), os.environ["PATH"]])
    return {
        **os.environ,
        "PATH": path,
        "PYTHONPATH": str(package),
        "HOME": str(place / "home"),
        "XDG_DATA_HOME": str(place / "home"),
        "XDG_CONFIG_HOME": str(place / "home"),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONUNBUFFERED": "1",
    }


def run(line: str, place: Path, surroundings: dict[str, str]) -> tuple[int, str]:
    """Status and output; what watches is interrupted once it does."""
    for pattern, stand_in in STAND_INS.items():
        if found := re.fullmatch(pattern, line):
            line = stand_in.format(*found.groups())
    with subprocess.Popen(
        ["sh", "-c", f"exec {line}" if "--watch" in line else line],
        cwd=place,
        env=surroundings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    ) as process:
        assert process.stdout is not None
        output = ""
        for printed in process.stdout:
            output += printed
            if WATCHING in printed:
                process.send_signal(signal.SIGINT)
        return process.wait(timeout=300), output


@pytest.mark.parametrize("page", [page for page in PAGES if any(steps(page))], ids=lambda page: page.name)
def test_examples(page: Path, package: Path, place: Path) -> None:
    """Each command ends well, and prints what the page says."""
    surroundings = environment(package, place)
    for step in steps(page):
        if not isinstance(step, Example):
            (place / step[0]).write_text(step[1], encoding="utf-8")
            continue
        line = re.sub(r"\s+#.*$", "", step.line)
        status, output = run(line, place, surroundings)
        allowed = next((statuses for start, statuses in STATUS.items() if line.startswith(start)), (0,))
        assert status in allowed, f"{page.name}: {line}\n{output}"
        if step.printed:
            assert output == step.printed, f"{page.name}: {line}"


def test_pages_with_examples_are_found() -> None:
    """The search for examples sees the README and the quick starts."""
    assert {"README.md", "students.md", "instructors.md"} <= {page.name for page in PAGES if any(steps(page))}
