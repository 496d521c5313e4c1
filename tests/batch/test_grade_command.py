"""`grader grade` as a command: resume, interruption, fail-fast, anonymity, cases per student, logs, plain progress."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import psutil
import pytest
from click.testing import CliRunner

from grader.cli import main
from tests.batch.conftest import QUICK, SAMPLES

ROOT = Path(__file__).parents[2]
IDS = {name.partition(".")[0] for name in QUICK}


def command(classroom: Path, out: Path, *options: str) -> list[str]:
    secret = out.parent / "secret"
    if not secret.exists():
        secret.write_text("0123456789abcdef" * 4)
        secret.chmod(0o600)
    words = [sys.executable, "-m", "grader", "grade", str(classroom), "--out", str(out), "--secret-file", str(secret)]
    assignment = str(SAMPLES / "assignment.toml")
    return [*words, "--assignment", assignment, "--insist-on-fewer-layers", "--jobs", "2", *options]


def grade(classroom: Path, out: Path, *options: str, status: int = 0) -> subprocess.CompletedProcess[str]:
    result = subprocess.run(command(classroom, out, *options), capture_output=True, text=True, cwd=ROOT, timeout=300)
    assert result.returncode == status, result.stderr
    return result


def reports(out: Path) -> dict[str, dict[str, Any]]:
    """Every report by file name, without what may differ between two gradings."""
    found = {}
    for path in out.glob("*.json"):
        if not path.name.startswith("."):
            content = json.loads(path.read_bytes())
            del content["wall_seconds"], content["environment"]
            found[path.stem] = content
    return found


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The reports of the quick class, graded without any interruption."""
    folder = tmp_path_factory.mktemp("reference")
    classroom = folder / "class"
    classroom.mkdir()
    for name in QUICK:
        (classroom / name).write_bytes((SAMPLES / "class" / name).read_bytes())
    grade(classroom, folder / "out")
    return reports(folder / "out")


def test_only_what_changed_is_graded_again(classroom: Path, tmp_path: Path) -> None:
    """A second run grades nothing; a changed submission, a damaged report and an internal error are graded again."""
    out = tmp_path / "out"
    log = tmp_path / "log.txt"
    grade(classroom, out)
    assert "8 reports in" in grade(classroom, out).stdout
    (classroom / "amara.py").write_text("def batched_backward(X, t, W, wout):\n    return 1\n")
    (out / "bo.json").write_text((out / "bo.json").read_text()[:100])
    fault = (out / "elif.json").read_text().replace('"status": "graded"', '"status": "internal_error"')
    (out / "elif.json").write_text(fault)
    result = grade(classroom, out, "--log-file", str(log))
    assert "5 of them unchanged since they were last graded" in result.stdout
    assert set(re.findall(r"INFO (\w+):", log.read_text())) == {"amara", "bo", "elif"}
    again = grade(classroom, out, "--exercise", "batched_backward", "--log-file", str(log))
    assert "unchanged" not in again.stdout


def test_ctrl_c_finishes_what_is_in_flight(
    classroom: Path, tmp_path: Path, reference: dict[str, dict[str, Any]]
) -> None:
    """After SIGINT nothing new begins, the reports are whole, the output says how to go on, and a rerun completes."""
    out = tmp_path / "out"
    log = tmp_path / "log.txt"
    for copy in range(5):
        for name in QUICK:
            (classroom / f"copy{copy}-{name}").write_bytes((classroom / name).read_bytes())
    running = subprocess.Popen(
        command(classroom, out, "--log-file", str(log)), stdout=-1, stderr=-1, text=True, cwd=ROOT
    )
    while not list(out.glob("[!.]*.json")):
        assert running.poll() is None, running.communicate()
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    stdout, stderr = running.communicate(timeout=120)
    assert running.returncode == 130
    assert "Finishing what is in flight; press Ctrl-C again to end at once." in stderr
    assert "are not graded yet; run the same command again to go on." in stdout
    done = set(reports(out))
    assert 0 < len(done) < 48
    grade(classroom, out, "--log-file", str(log))
    graded = re.findall(r"INFO ([\w-]+):", log.read_text())
    assert sorted(graded) == sorted(set(graded))
    assert len(graded) == 48
    assert {name: each for name, each in reports(out).items() if name in IDS} == reference


def _killed_and_resumed(classroom: Path, out: Path, rounds: int, seed: int) -> None:
    """Kill the whole command with -9 at random moments; after each, what is there is whole and stays untouched."""
    chance = random.Random(seed)
    kept: dict[str, int] = {}
    for _ in range(rounds):
        running = subprocess.Popen(
            command(classroom, out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT
        )
        before = len(kept)
        while running.poll() is None and len(list(out.glob("[!.]*.json"))) < min(before + 1, len(QUICK)):
            time.sleep(0.002)
        time.sleep(chance.random() * 0.2)
        running.kill()
        running.wait()
        times = {path.name: path.stat().st_mtime_ns for path in out.glob("[!.]*.json")}
        assert {name: times.get(name) for name in kept} == kept, "a finished report was lost or graded again"
        for path in out.glob("[!.]*.json"):
            json.loads(path.read_bytes())
        kept = times
        if len(kept) == len(QUICK):  # begin anew with other moments
            for path in out.glob("[!.]*.json"):
                path.unlink()
            kept = {}


def test_killed_and_resumed(classroom: Path, tmp_path: Path, reference: dict[str, dict[str, Any]]) -> None:
    """After three kill -9 nothing is lost, graded twice or half written, and no temporary file is left."""
    out = tmp_path / "out"
    _killed_and_resumed(classroom, out, 3, seed=0)
    grade(classroom, out)
    assert reports(out) == reference
    assert [path.name for path in out.iterdir() if path.name.endswith(".tmp")] == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_killed_and_resumed_fifty_times(
    classroom: Path, tmp_path: Path, reference: dict[str, dict[str, Any]], seed: int
) -> None:
    """Ten seeded rounds of kill -9 and resume, five times over."""
    out = tmp_path / "out"
    _killed_and_resumed(classroom, out, 10, seed)
    grade(classroom, out)
    assert reports(out) == reference


def test_anonymous(classroom: Path, tmp_path: Path) -> None:
    """Nothing that is written says who it was: reports, log, output, class page; a rerun knows them again."""
    for number, name in enumerate(QUICK):
        stem, _, suffix = name.partition(".")
        (classroom / name).rename(classroom / f"{stem}lopez_LATE_10{number}_90{number}_{stem}'s work.{suffix}")
    (classroom / "amaralopez_LATE_100_899_amara.py").write_text("earlier = 1")
    (classroom / "elif-lopez.pdf").write_text("no code")
    Path(os.fsdecode(os.fsencode(classroom) + b"/jos\xe9lopez_108_908_jos\xe9.zip")).write_bytes(b"no archive")
    out, log = tmp_path / "out", tmp_path / "log.txt"
    first = grade(classroom, out, "--anonymous", "--log-file", str(log))
    assert "layout canvas, 9 submissions." in first.stderr
    again = grade(classroom, out, "--anonymous", "--log-file", str(log))
    assert "9 of them unchanged" in again.stdout
    found = [path.name for path in out.glob("[!.]*.json")]
    assert len(found) == 9
    assert all(re.fullmatch(r"anonymous-[0-9a-f]{12}\.json", name) for name in found)
    page = tmp_path / "class.html"
    told = CliRunner().invoke(main, ["report", str(out), "-o", str(page)], catch_exceptions=False).output
    written = [path.read_text() for path in (*out.iterdir(), log, page)]
    text = "\n".join([*written, told, first.stdout, first.stderr, again.stdout]).lower()
    assert [
        name for name in ("lopez", "jos", "amara", "elif", "farid", "grace", "jonas", "chiara") if name in text
    ] == []
    assert "file-1.py" in text
    logged = re.findall(r"INFO (\S+):", log.read_text())
    assert sorted(logged) == sorted(name.removesuffix(".json") for name in found)


def test_anonymous_reports_become_a_gradebook_with_names(classroom: Path, tmp_path: Path) -> None:
    """The secret joins pseudonyms and submissions again; another secret is refused with a sentence."""
    out = tmp_path / "out"
    grade(classroom, out, "--anonymous")
    words = ["gradebook", str(out), "--secret-file", str(tmp_path / "secret")]
    sheet = CliRunner().invoke(main, words).stdout
    assert {line.partition(",")[0] for line in sheet.splitlines()[1:]} == IDS
    other = tmp_path / "other"
    other.write_text("f" * 64)
    other.chmod(0o600)
    result = CliRunner().invoke(main, [*words[:-1], str(other)])
    assert result.exit_code == 2
    assert "fits none of the submissions under this secret" in result.stderr


def test_what_is_not_of_the_last_grading_is_set_aside(classroom: Path, tmp_path: Path) -> None:
    """Who has left the submissions, and who was graded on other exercises, is named and counts nowhere."""
    out, checks = tmp_path / "out", tmp_path / "checks.xml"
    grade(classroom, out)
    (classroom / "bo.py").unlink()
    grade(classroom, out, "--junit", str(checks))
    suites = {suite.get("name"): len(suite) for suite in ElementTree.parse(checks).getroot()}
    kept = {name: each for name, each in reports(out).items() if name != "bo"}
    assert suites == {name: sum(len(part["checks"]) for part in each["exercises"]) for name, each in kept.items()}
    result = CliRunner().invoke(main, ["gradebook", str(out)])
    assert {line.partition(",")[0] for line in result.stdout.splitlines()[1:]} == IDS - {"bo"}
    assert result.stderr == "Set aside: 1 report of submissions that were not there at the last grading (bo).\n"
    page = CliRunner().invoke(main, ["report", str(out), "-o", str(tmp_path / "class.html")])
    assert page.stdout == f"7 submissions in {tmp_path / 'class.html'}\n"
    assert page.stderr == result.stderr
    content = json.loads((out / "amara.json").read_bytes())
    (out / "amara.json").write_text(json.dumps({**content, "exercises": content["exercises"][:1]}))
    (out / "elif.json").unlink()
    result = CliRunner().invoke(main, ["gradebook", str(out)])
    assert {line.partition(",")[0] for line in result.stdout.splitlines()[1:]} == IDS - {"bo", "amara", "elif"}
    assert "1 report of other exercises than the last grading's; grade again to replace them (amara)" in result.stderr
    assert "Not graded yet: elif. Grade again to go on." in result.stderr


def test_a_single_file_is_added_to_what_the_folder_holds(classroom: Path, tmp_path: Path) -> None:
    """One student's new file sets nobody aside, unless it was graded on something else than the others."""
    out = tmp_path / "out"
    grade(classroom, out)
    late = tmp_path / "late.py"
    late.write_bytes((classroom / "amara.py").read_bytes())
    grade(late, out)
    result = CliRunner().invoke(main, ["gradebook", str(out)])
    assert {line.partition(",")[0] for line in result.stdout.splitlines()[1:]} == IDS | {"late"}
    assert result.stderr == ""
    grade(late, out, "--exercise", "batched_backward")
    result = CliRunner().invoke(main, ["gradebook", str(out)])
    assert "Set aside: 8 reports of submissions that were not there at the last grading" in result.stderr


def test_a_change_of_points_alone_rescores_without_grading(classroom: Path, tmp_path: Path) -> None:
    """New points and weights give what grading anew gives, and nobody's code runs; another change grades again."""
    for folder in ("exercises", "solutions"):
        for slug in ("vector_matrix_derivative", "batched_backward"):
            shutil.copytree(ROOT / folder / slug, tmp_path / folder / slug)
    (classroom / "pavel.py").write_bytes((SAMPLES / "class" / "pavel.py").read_bytes())  # the by-hand rule costs points
    (classroom / "kaput.py").write_text("def f(:")
    assignment = tmp_path / "homework.toml"
    entry = '[[exercises]]\nslug = "{}"\nweight = {}\n'
    assignment.write_text(entry.format("vector_matrix_derivative", 1.0) + entry.format("batched_backward", 1.0))
    out, log, other = tmp_path / "out", tmp_path / "log.txt", tmp_path / "other"
    options = ("--exercises", str(tmp_path / "exercises"), "--assignment", str(assignment))
    grade(classroom, out, *options)
    assignment.write_text(entry.format("vector_matrix_derivative", 0.5) + entry.format("batched_backward", 3.0))
    exercise = tmp_path / "exercises" / "batched_backward" / "exercise.py"
    exercise.write_text(exercise.read_text().replace("points=6", "points=7.5").replace("points=4", "points=1"))
    again = grade(classroom, out, *options, "--log-file", str(log))
    assert "10 reports in" in again.stdout
    assert ", 10 of them rescored, because only points have changed" in again.stdout
    assert "Full marks are 30.5 points" in again.stdout
    assert log.read_text() == ""
    grade(classroom, other, *options)
    assert reports(out) == reports(other)
    assert "10 of them unchanged" in grade(classroom, out, *options).stdout
    exercise.write_text(exercise.read_text().replace('"N": (1, 64)', '"N": (1, 60)'))
    assert "rescored" not in grade(classroom, out, *options).stdout


def test_per_student(classroom: Path, tmp_path: Path) -> None:
    """Every student has cases of their own, the same every time, and a rerun is idle."""
    out = tmp_path / "out"
    for name in QUICK[3:]:
        (classroom / name).unlink()
    grade(classroom, out, "--per-student")
    own = reports(out)
    assert "3 of them unchanged" in grade(classroom, out, "--per-student").stdout
    grade(classroom, tmp_path / "again", "--per-student")
    assert reports(tmp_path / "again") == own
    grade(classroom, tmp_path / "shared")
    shared = reports(tmp_path / "shared")
    assert all(own[name]["grading_key"] != shared[name]["grading_key"] for name in own)
    assert {name: own[name]["score"] for name in own} == {name: shared[name]["score"] for name in own}


def test_bad_use(classroom: Path, tmp_path: Path) -> None:
    """Status 2, a sentence and no traceback: a missing path, half of --executor, an unwritable log, no submission."""
    out = tmp_path / "out"
    (tmp_path / "empty").mkdir()
    wrong = tmp_path / "no" / "log.txt"
    for path, options, sentence in (
        (tmp_path / "nobody", (), "there is no such file or folder; check the spelling"),
        (classroom, ("--executor", "dask"), "--executor dask and --scheduler ADDRESS belong together"),
        (classroom, ("--log-file", str(wrong)), "cannot be written (No such file or directory); name another"),
        (tmp_path / "empty", (), "no submission found"),
        (classroom, ("--layout", "blackboard"), "there is no such layout; known: gradescope, canvas, moodle"),
    ):
        stderr = " ".join(grade(path, out, *options, status=2).stderr.split())
        assert sentence in stderr
        assert "Traceback" not in stderr


BUG = """
from grader.grading import scoring

unbroken = scoring.check_result

def broken(check, observations, explanation):
    if explanation.misconception:
        raise ZeroDivisionError("a bug in scoring")
    return unbroken(check, observations, explanation)

scoring.check_result = broken
"""


def test_a_bug_of_ours_costs_nobody_points(classroom: Path, tmp_path: Path) -> None:
    """Where scoring crashes, the score is null, the status 3, the log knows why; corrected, it is graded again."""
    for kind in ("exercises", "solutions"):
        shutil.copytree(ROOT / kind / "batched_backward", tmp_path / kind / "batched_backward")
    out, log = tmp_path / "out", tmp_path / "log.txt"
    exercise = tmp_path / "exercises" / "batched_backward" / "exercise.py"
    right = exercise.read_text()
    exercise.write_text(right + BUG)
    options = ("--exercises", str(tmp_path / "exercises"), "--exercise", "batched_backward", "--log-file", str(log))
    stopped = grade(classroom, out, *options, "--fail-fast", "--jobs", "1", status=3)
    assert "are not graded yet; run the same command again to go on." in stopped.stdout
    assert "jonas" not in reports(out)
    grade(classroom, out, *options, status=3)
    farid = reports(out)["farid"]
    assert (farid["status"], farid["score"]) == ("internal_error", None)
    assert "the grader itself failed (" in json.dumps(farid["notes"])
    assert reports(out)["amara"]["status"] == "graded"
    assert "Traceback (most recent call last)" in log.read_text()
    exercise.write_text(right)
    grade(classroom, out, *options)
    assert {each["status"] for each in reports(out).values()} == {"graded"}


def test_ctrl_c_twice_ends_at_once(tmp_path: Path) -> None:
    """The second SIGINT waits for nobody, and leaves no process behind."""
    classroom, out = tmp_path / "class", tmp_path / "out"
    classroom.mkdir()
    stuck = "import time\n\ndef batched_backward(X, t, W, wout):\n    time.sleep(1000)\n"
    for index in range(4):
        (classroom / f"stuck{index}.py").write_text(stuck)
    running = subprocess.Popen(command(classroom, out), stdout=-1, stderr=-1, text=True, cwd=ROOT)
    main = psutil.Process(running.pid)
    while len(below := main.children(recursive=True)) < 8:  # per job: grading process, spawner, zygote, worker
        assert running.poll() is None, running.communicate()
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert running.poll() is None
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=20)
    assert running.returncode != 0
    _, alive = psutil.wait_procs(below, timeout=20)
    assert alive == []


def test_one_writer_at_a_time(classroom: Path, tmp_path: Path) -> None:
    """A second grader that would write into the same folder is refused."""
    from grader.batch.folder import ReportFolder

    out = tmp_path / "out"
    out.mkdir()
    with ReportFolder(out):
        assert "another grader is writing there" in grade(classroom, out, status=2).stderr


def test_the_progress_is_plain_lines_without_a_terminal() -> None:
    """Rate, time left and failures in a line every ten seconds, and no control sequences."""
    import io

    from rich.console import Console

    from grader.views.progress import BatchProgress

    now = [0.0]
    out = io.StringIO()
    with BatchProgress(400, Console(file=out, width=200), clock=lambda: now[0]) as progress:
        for number in range(100):
            now[0] += 0.25
            progress.advance("unreadable" if number == 5 else "graded", fresh=True)
    lines = out.getvalue().splitlines()
    assert lines == [
        "40 of 400 done, 4.0 per second, about 2 min left, 1 unreadable",
        "80 of 400 done, 4.0 per second, about 80 s left, 1 unreadable",
    ]


def test_the_progress_on_a_terminal() -> None:
    """One bar with the same numbers, drawn in place."""
    import io

    from rich.console import Console

    from grader.views.progress import BatchProgress

    out = io.StringIO()
    with BatchProgress(4, Console(file=out, force_terminal=True, width=120)) as progress:
        progress.advance("internal_error", fresh=True)
        assert "1 internal error" in progress.state()
    assert "1/4" in out.getvalue()
