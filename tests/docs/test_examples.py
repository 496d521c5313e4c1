"""Every shell example of the README and of docs/ is run, in order, each page in a folder of its own.

A ```python FILE block is written to FILE first; a ```text block after an example is what it must print. The package is
used as it travels, exercises inside and no solutions. What cannot be run as it stands is in STAND_INS, and what the
pages take for granted (a class's download, the platforms' sheets) is made by the fixture `place`.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.course import catalog

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^( *)```(\w+)(?: (\S+))?\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)

STAND_INS = {
    # make and the CI script install from the network and run this very test: what they would do is worked out only.
    r"make (.*)": f"make --dry-run --no-print-directory -C {ROOT} {{0}}",
    r"\.ci/run.*": f"bash -n {ROOT}/.ci/run",
    # The package is here already; that it can be installed from its wheel is what installing it for the tests shows.
    r"(?:python -m )?pip install .*": "grader --version",
    r"python -m venv .*": "true",
    r"\. .*/bin/activate": "true",
    # No browser is started by a test.
    r"(grader page .*) --open": "{0}",
    # There need not be a Docker engine or a cluster here: what goes into an image, and what is run in it, is tried.
    r"docker build -f (\S+) .*": f"cd {ROOT} && test -f {{0}} && test -d exercises",
    r"docker push .*": "true",
    r"docker run .* gradient-grader:own grade /in --out /out --secret-file /secret": "grader grade submissions "
    "--out reports --secret-file course.secret",
    r"kubectl port-forward .*": "true",
    # nbgrader and GitHub: what they do with the files that lie there, `make rehearse-courses` tries.
    r"cd course && nbgrader .*": "test -f course/source/ps1/batched_backward.ipynb",
    r"grader gradebook reports/ --format nbgrader .*": "true",
    r"while read -r name; do git clone .*": "true",
}
CLUSTER = {r"10\.0\.0\.1": "127.0.0.1", r"--nworkers 8": "--nworkers 2"}
"""The cluster of these machines: two workers on loopback, at a port that is free."""
SERVES = "dask "
"""Commands that serve until the page's last example is run."""
COMMANDS = {"grader": "grader", "pytest": "pytest -p grader.selfcheck.pytest_plugin", "python": "", "dask": "dask"}
STATUS = {"grader check": (0, 1), "grader list .": (0, 1), "grader doctor": (0, 1), "pytest": (0, 1)}
"""Exit statuses that are an answer too: not all passed, a layer is missing."""
WATCHING = "Ctrl+C to stop."


@dataclass(frozen=True)
class Example:
    """One line of shell, and what it prints ("" where the page does not say)."""

    line: str
    printed: str


def steps(page: Path) -> Iterator[Example | tuple[str, str]]:
    """The page's examples and files, in order."""
    found = (match.groups() for match in BLOCK.finditer(page.read_text(encoding="utf-8")))
    blocks = [(language, file, textwrap.dedent(text)) for _, language, file, text in found]
    for (language, file, text), following in zip(blocks, [*blocks[1:], ("", None, "")], strict=False):
        if language == "sh":
            lines = [line for line in text.replace("\\\n", "").splitlines() if line.strip()]
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
    for name, module in COMMANDS.items():
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
    attempt = "exchange/course101/inbound/ana+ps1+2026-03-01 10:00:00.000000 UTC+Rk9a"
    for folder in ("course/submitted/ana/ps1", attempt):  # as nbgrader collects, and in its exchange
        (tmp_path / folder).mkdir(parents=True)
        shutil.copy(samples / "kofi.ipynb", tmp_path / folder / "batched_backward.ipynb")
    (tmp_path / "home").mkdir()
    with zipfile.ZipFile(tmp_path / "submissions.zip", "w") as archive:  # as Canvas packs them
        archive.write(samples / "grace.py", "diazana_100_9001_hw.py")
        archive.write(samples / "noor.py", "libo_101_9002_hw.py")
    one, other = (catalog.bundled().load(slug).max_score for slug in ("vector_matrix_derivative", "batched_backward"))
    canvas = (
        'Student,ID,Section,Backpropagation (4711)\n    Points Possible,,,{0:g}\n"Diaz, Ana",100,A,\n"Li, Bo",101,A,\n'
    )
    moodle = "Identifier,Full name,Grade,Maximum Grade\nParticipant 100,Ana Diaz,,{0:g}\nParticipant 101,Bo Li,,{0:g}\n"
    (tmp_path / "exported.csv").write_text(canvas.format(one + 2 * other), encoding="utf-8")
    (tmp_path / "grades.csv").write_text(canvas.format(other), encoding="utf-8")
    (tmp_path / "worksheet.csv").write_text(moodle.format(other), encoding="utf-8")
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


def command(line: str, port: int) -> str:
    """What is run for an example's line: itself without its remark, or what stands in for it."""
    line = re.sub(r"\s+#.*$", "", line)
    for pattern, stand_in in STAND_INS.items():
        if found := re.fullmatch(pattern, line):
            return stand_in.format(*found.groups())
    for pattern, here in {**CLUSTER, "8786": str(port)}.items():
        line = re.sub(pattern, here, line)
    return line


def interruptible() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def run(line: str, place: Path, surroundings: dict[str, str]) -> tuple[int, str]:
    """Status and output; what watches is interrupted once it does."""
    with subprocess.Popen(
        ["sh", "-c", f"exec {line}" if "--watch" in line else line],
        cwd=place,
        env=surroundings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        preexec_fn=interruptible,  # the tests themselves may run in the background, where nothing is
    ) as process:
        assert process.stdout is not None
        output = ""
        for printed in process.stdout:
            output += printed
            if WATCHING in printed:
                process.send_signal(signal.SIGINT)
        return process.wait(timeout=300), output


@contextmanager
def serving(line: str, place: Path, surroundings: dict[str, str]) -> Iterator[None]:
    """A server that runs meanwhile, and is ended with all its workers."""
    with (place / "served.log").open("a") as log:
        server = subprocess.Popen(
            shlex.split(line), cwd=place, env=surroundings, stdout=log, stderr=log, start_new_session=True
        )
        try:
            yield
            assert server.poll() is None, f"{line}\n{(place / 'served.log').read_text()}"
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(60)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@pytest.mark.parametrize("page", [page for page in PAGES if any(steps(page))], ids=lambda page: page.name)
def test_examples(page: Path, package: Path, place: Path) -> None:
    """Each command ends well, and prints what the page says."""
    surroundings, port = environment(package, place), free_port()
    with ExitStack() as servers:
        for step in steps(page):
            if not isinstance(step, Example):
                (place / step[0]).write_text(step[1], encoding="utf-8")
                continue
            line = command(step.line, port)
            if line.startswith(SERVES):
                servers.enter_context(serving(line, place, surroundings))
                continue
            status, output = run(line, place, surroundings)
            allowed = next((statuses for start, statuses in STATUS.items() if line.startswith(start)), (0,))
            assert status in allowed, f"{page.name}: {line}\n{output}"
            if step.printed:
                assert output == step.printed, f"{page.name}: {line}"


def test_pages_with_examples_are_found() -> None:
    """The search for examples sees the README, the guides, and the examples inside of numbered steps."""
    names = {page.name for page in PAGES if any(steps(page))}
    assert {"README.md", "students.md", "instructors.md", "classes.md", "cluster.md", "lms.md"} <= names
    lms = [step.line for step in steps(ROOT / "docs" / "lms.md") if isinstance(step, Example)]
    assert any(line.startswith("grader gradebook reports/ --format moodle") for line in lms)
