"""kill -9 of every kind of our own processes at random moments of a batch, full disks and folders that are read-only.

Six seeded kills run with the tests, a hundred and twenty with `make faults`.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import random
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

ROOT = Path(__file__).parents[2]
ROLES = ("command", "grading process", "spawner", "zygote", "worker")
"""Each is the parent of the next."""

RIGHT = """def vector_matrix_derivative(W, x):
    return x.reshape(-1, x.shape[-1]).sum(0)[:, None].repeat(1, W.shape[1])
"""
WRONG = RIGHT.replace("sum", "mean")
SLOW = "import time\n" + RIGHT.replace("    return", "    time.sleep(0.02)\n    return")
STUDENTS = 9


def command(folder: Path, out: Path, *options: str) -> list[str]:
    words = [sys.executable, "-m", "grader", "grade", str(folder / "class"), "--out", str(out), "--jobs", "2"]
    words += ["--exercise", "vector_matrix_derivative", "--secret-file", str(folder / "secret")]
    return [*words, "--insist-on-fewer-layers", *options]


@pytest.fixture
def foster() -> Iterator[None]:
    """Whoever outlives the command becomes our child meanwhile, so that it is seen."""
    subreaper = 36
    ctypes.CDLL(None).prctl(subreaper, 1, 0, 0, 0)
    yield
    ctypes.CDLL(None).prctl(subreaper, 0, 0, 0, 0)  # other tests wait for processes that only init would bury


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A class of right, wrong and slow submissions, and a secret."""
    classroom = tmp_path / "class"
    classroom.mkdir()
    for number in range(STUDENTS):
        (classroom / f"student{number}.py").write_text((RIGHT, WRONG, SLOW)[number % 3])
    (tmp_path / "secret").touch(mode=0o600)
    (tmp_path / "secret").write_text("0123456789abcdef" * 4)
    return tmp_path


def reports(out: Path) -> dict[str, dict[str, Any]]:
    """Every report, each of which must be whole."""
    return {path.stem: json.loads(path.read_bytes()) for path in out.glob("[!.]*.json")}


def without_clock(found: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {name: {**report, "wall_seconds": 0, "environment": {}} for name, report in found.items()}


def of_role(running: psutil.Process, role: str) -> list[psutil.Process]:
    """The processes of a role below a running command."""
    generation = [running]
    for _ in range(ROLES.index(role)):
        generation = [child for process in generation for child in process.children()]
    return generation


def kill_some(folder: Path, out: Path, chance: random.Random, most: int) -> list[str]:
    """Start the command and kill random processes of it until it ends, or enough are killed; the roles killed."""
    killed: list[str] = []
    said = folder / "said.txt"
    with said.open("w") as file:
        running = psutil.Popen(command(folder, out), stdout=subprocess.DEVNULL, stderr=file, cwd=ROOT)
    while running.poll() is None and len(killed) < most:
        time.sleep(chance.random() * 0.3)
        role = chance.choice(ROLES)
        try:
            if not of_role(running, "worker"):
                continue  # still starting, or nothing left to do
            victim = chance.choice(of_role(running, role))
            victim.kill()
        except (IndexError, psutil.NoSuchProcess):
            continue
        killed.append(role)
        if role == "command":
            break
    assert running.wait(timeout=120) in (0, 3, -9), said.read_text()
    return killed


def survive(folder: Path, kills: int, seed: int) -> None:
    """Kill, run again and compare, until so many processes were killed."""
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    calm, out, chance = folder / "calm", folder / "out", random.Random(seed)
    subprocess.run(command(folder, calm), check=True, capture_output=True, cwd=ROOT)
    expected = without_clock(reports(calm))
    assert {report["status"] for report in expected.values()} == {"graded"}
    killed: list[str] = []
    while len(killed) < kills:
        finished = {name: report for name, report in reports(out).items() if report["status"] == "graded"}
        times = {name: (out / f"{name}.json").stat().st_mtime_ns for name in finished}
        killed += kill_some(folder, out, chance, kills - len(killed))
        for name, written in times.items():
            assert (out / f"{name}.json").stat().st_mtime_ns == written, f"{name} was graded twice"
        for name, report in without_clock(reports(out)).items():
            assert report == expected[name] or (report["status"], report["score"]) == ("internal_error", None)
        left = [child for child in psutil.Process().children(recursive=True) if child.pid not in before]
        _, alive = psutil.wait_procs(left, timeout=20)
        assert alive == [], "a process outlived its command"
        if len(finished) == STUDENTS:
            for path in chance.sample(sorted(out.glob("student*.json")), 6):
                path.unlink()
    finished_run = subprocess.run(command(folder, out), capture_output=True, text=True, cwd=ROOT, check=False)
    assert finished_run.returncode == 0, finished_run.stderr
    assert without_clock(reports(out)) == expected
    assert [path.name for path in out.iterdir() if path.name.endswith(".tmp")] == []
    print(f"{len(killed)} killed: " + ", ".join(f"{killed.count(role)} {role}" for role in ROLES))


@pytest.mark.usefixtures("foster")
def test_killed_six_times(folder: Path) -> None:
    """Whichever process dies: no report is half written, nothing is lost or graded twice, no process stays."""
    survive(folder, kills=6, seed=5)


def test_a_spawner_and_the_process_in_its_place_are_killed(folder: Path) -> None:
    """Without its spawner a grading process gives its place to another, and one that dies at its start to a third."""
    out = folder / "out"
    said = folder / "said.txt"
    with said.open("w") as file:
        running = psutil.Popen(command(folder, out), stdout=subprocess.DEVNULL, stderr=file, cwd=ROOT)
    first = {process.pid for process in once(lambda: of_role(running, "worker") and running.children())}
    of_role(running, "spawner")[0].kill()
    (second,) = once(lambda: [child for child in running.children() if child.pid not in first])
    second.kill()
    assert running.wait(timeout=120) == 0, said.read_text()
    assert {report["status"] for report in reports(out).values()} == {"graded"}
    assert len(reports(out)) == STUDENTS


def once(look: Callable[[], list[psutil.Process]]) -> list[psutil.Process]:
    """What is seen as soon as there is something to see."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(psutil.NoSuchProcess):
            if found := look():
                return found
        time.sleep(0.01)
    raise AssertionError("nothing was seen for a minute")


@pytest.mark.slow
@pytest.mark.usefixtures("foster")
@pytest.mark.parametrize("seed", range(4))
def test_killed_a_hundred_and_twenty_times(folder: Path, seed: int) -> None:
    """The same, thirty kills for each of four seeds."""
    survive(folder, kills=30, seed=seed)


def test_a_file_that_grows_too_large_for_the_disk(folder: Path) -> None:
    """Where reports cannot be written any more, one sentence says so, and what was written before stays whole."""
    out = folder / "out"

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    finished = subprocess.run(
        command(folder, out), capture_output=True, text=True, cwd=ROOT, preexec_fn=limited, check=False
    )
    assert finished.returncode != 0
    (sentence,) = [line for line in finished.stderr.splitlines() if "cannot be written" in line]
    assert "free some space or name another --out" in sentence
    assert "Traceback" not in finished.stderr
    assert reports(out) == {}


@pytest.mark.parametrize("kind", ["full", "read_only"])
def test_a_disk_of_its_own(folder: Path, kind: str) -> None:
    """A full disk and a disk that is read-only are one clear error, without a traceback."""
    out = folder / "disk"
    out.mkdir()
    options = "size=8k" if kind == "full" else "ro"
    mount = f'mount -t tmpfs -o {options} none {out} 2>/dev/null || exit 77; exec "$@"'
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("needs the program unshare, to mount a disk of its own")
    words = [unshare, "--mount", "sh", "-c", mount, "sh", *command(folder, out)]
    finished = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=False)
    if finished.returncode == 77 or "unshare" in finished.stderr:
        pytest.skip("needs the right to mount a disk of its own")
    assert finished.returncode != 0
    sentences = [line for line in finished.stderr.splitlines() if "written" in line]
    assert len(sentences) == 1, finished.stderr
    assert "name another --out" in sentences[0]
    assert "Traceback" not in finished.stderr
