"""One submission in a platform's container: the quick version of `make rehearse`, in plain folders.

The scripts of the export run with the capabilities that an unprivileged container leaves to root, where this is root.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
import torch

from grader.cases import stored
from grader.course import catalog
from grader.grading import feedback
from grader.grading.report import Plan
from grader.lms import container, gradescope, pace, package, prairielearn, settings, wording
from grader.lms.container import ContainerRun
from grader.models import Report
from grader.sandbox import Sandbox
from grader.submissions import Submission
from tests.lms.conftest import ROOT, SECRET, SLUGS, settings_for, solution, wrong
from tests.lms.rehearsal.root import DOCKER_CAPABILITIES

GRADER = Path(sys.executable).with_name("grader")
SUBMISSIONS = Path(__file__).parent / "rehearsal" / "submissions"
IS_ROOT = os.geteuid() == 0


def contained(*command: str, without: str = "") -> list[str]:
    """The command with a container's capabilities; an ordinary user has none to drop."""
    if not IS_ROOT:
        return [*command]
    kept = ",".join(["-all", *(f"+{name}" for name in DOCKER_CAPABILITIES if name != without)])
    return ["setpriv", "--bounding-set", kept, "--inh-caps", "-all", *command]


@pytest.fixture(scope="module")
def autograder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """/autograder as Gradescope lays it out, after setup.sh has drawn the cases."""
    folder = tmp_path_factory.mktemp("autograder")
    exported(folder / "source", insist=False)
    shutil.copy2(folder / "source" / "run_autograder", folder / "run_autograder")
    subprocess.run([GRADER, "container", "draw", folder / "source" / "grading"], check=True, capture_output=True)
    return folder


def exported(folder: Path, **more: object) -> None:
    """The zip, unpacked with its modes."""
    packed = package.gradescope_zip(catalog.bundled(), settings_for(**more), SECRET)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        for member in archive.infolist():
            Path(archive.extract(member, folder)).chmod(member.external_attr >> 16 & 0o777)


def graded(folder: Path, files: dict[str, bytes] | None, without: str = "") -> tuple[int, gradescope.Results, str]:
    """Run the real run_autograder on a submission, None for no folder: exit status, results, what the staff see."""
    for part in ("submission", "results"):
        shutil.rmtree(folder / part, ignore_errors=True)
    if files is not None:
        (folder / "submission").mkdir()
        for name, content in files.items():
            (folder / "submission" / name).write_bytes(content)
    (folder / "submission_metadata.json").write_text('{"id": 7, "users": []}')
    command = contained(str(folder / "run_autograder"), without=without)
    ran = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "GRADER": str(GRADER)}, check=False
    )
    return ran.returncode, read(folder), ran.stdout + ran.stderr


def read(folder: Path) -> gradescope.Results:
    """results.json, by the model."""
    return gradescope.Results.model_validate_json((folder / "results" / "results.json").read_bytes())


def test_right_submission(autograder: Path) -> None:
    """Full marks, exit status 0, behind every layer; the platform can read the results, whoever it runs as."""
    files = {f"{slug}.py": solution(slug) for slug in SLUGS}
    status, results, shown = graded(autograder, files)
    assert (status, results.score) == (0, 20.0), shown
    assert {"landlock", "seccomp", "rlimits"} <= set(results.extra_data["environment"]["isolation"])
    assert (autograder / "results" / "results.json").stat().st_mode & 0o777 == 0o644


def test_wrong_submission(autograder: Path) -> None:
    """A catalogued mistake costs its check and is named, because the misconceptions travelled."""
    files = {"a.py": solution(SLUGS[0]), "b.py": wrong(SLUGS[1], "no_mask")}
    status, results, _ = graded(autograder, files)
    assert (status, results.score) == (0, 14.0)
    assert "ReLU lets the gradient through only where its input was positive." in results.tests[2].output


def test_hostile_submission_gains_nothing(autograder: Path) -> None:
    """One that writes results.json, reads the secret, kills and forks loses its own points; the others stay."""
    files = {"a.py": solution(SLUGS[0]), "b.py": (SUBMISSIONS / "hostile.py").read_bytes().partition(b"def vector_")[0]}
    files["b.py"] = files["b.py"].replace(b"/autograder", str(autograder).encode())
    status, results, shown = graded(autograder, files)
    assert (status, results.score) == (0, 10.0), shown
    assert "does it write to open files or sockets?" in results.tests[2].output
    assert "raised" not in results.tests[2].output
    assert SECRET.decode() not in results.text() + shown


@pytest.mark.skipif(not IS_ROOT, reason="only root has a pool of users to lack")
def test_a_machine_that_lacks_a_layer_gives_no_score(autograder: Path) -> None:
    """Without a layer the run ends without a score, and the staff read which one and what to do."""
    status, results, shown = graded(autograder, {"a.py": solution(SLUGS[0])}, without="setuid")
    assert (status, results.score) == (3, None)
    assert results.output == wording.NOT_FINISHED
    assert "isolation layers that this machine lacks: uid_pool" in shown


def test_no_folder_of_a_submission_is_no_score(autograder: Path) -> None:
    """Where the platform has laid down nothing at all, nobody knows what was handed in: no score, and not 0."""
    status, results, shown = graded(autograder, None)
    assert (status, results.score, results.output) == (3, None, wording.NOT_FINISHED)
    assert "submission: the platform has put no submission there; run the grading again" in shown


def test_a_harness_that_is_killed_leaves_a_sentence(autograder: Path) -> None:
    """Whatever ends the harness, results.json is there, says that it is nobody's fault, and has no score."""
    shutil.rmtree(autograder / "results", ignore_errors=True)
    command, env = [str(autograder / "run_autograder")], {**os.environ, "GRADER": str(GRADER)}
    with subprocess.Popen(command, env=env, start_new_session=True, stdout=subprocess.DEVNULL) as running:
        while not (autograder / "results" / "results.json").is_file() or not read_or_none(autograder):
            time.sleep(0.01)
        os.killpg(running.pid, signal.SIGKILL)
    assert read(autograder).output == wording.NOT_FINISHED
    assert (autograder / "results").stat().st_mode & 0o777 == 0o700


def read_or_none(folder: Path) -> gradescope.Results | None:
    """results.json once it is written."""
    try:
        return read(folder)
    except ValueError:
        return None


def test_what_the_deadline_leaves_out_costs_nothing(plan: Plan, sandbox: Sandbox, tmp_path: Path) -> None:
    """Finished exercises keep their points; the one that was running has none, no zero, and says whose fault it is."""
    run = ContainerRun(tmp_path, settings_for(), time.monotonic())
    sleeping = b"import time\ndef batched_backward(X, t, W, wout): time.sleep(12)\n"
    submission = Submission("ana", (("a.py", solution(SLUGS[0])), ("b.py", sleeping)))
    saved: list[Report] = []
    with pytest.raises(pace.TimeIsUp), pace.until(time.monotonic() + 8):
        container._grade(run, submission, plan, sandbox, lambda made, _: saved.append(made))
    assert [exercise.score for exercise in saved[-1].exercises] == [10.0, None]
    assert saved[-1].score is None
    assert ("platform_too_slow", feedback.not_run()) in {(note.kind, note.message) for note in saved[-1].notes}
    assert gradescope.results(saved[-1], plan).score is None
    assert prairielearn.results(saved[-1], plan).gradable is False


def test_kept_cases_are_the_drawn_ones(plan: Plan, tmp_path: Path) -> None:
    """Cases from the file equal those that are drawn, strides included; with another key they are drawn anew."""
    suites = {item.exercise.slug: item.diagnosis.suite for item in plan.items}
    stored.write(tmp_path / "cases.pt", "key", suites)
    assert (tmp_path / "cases.pt").stat().st_mode & 0o777 == 0o600
    exercise = plan.items[0].exercise
    kept = stored.reader(tmp_path / "cases.pt", "key")(exercise, SECRET, "")
    for ours, theirs in zip(kept.cases, suites[exercise.slug].cases, strict=True):
        assert (ours.name, ours.counts) == (theirs.name, theirs.counts)
        for name, value in theirs.inputs.items():
            assert isinstance(value, torch.Tensor)
            mine = ours.inputs[name]
            assert isinstance(mine, torch.Tensor)
            assert torch.equal(mine, value)
            assert mine.stride() == value.stride()
        for name, answer in theirs.expected.items():
            assert torch.equal(ours.expected[name].value, answer.value)
            assert torch.equal(ours.expected[name].tolerance, answer.tolerance)
    other = stored.reader(tmp_path / "cases.pt", "another key")(exercise, b"another secret" * 3, "")
    assert not torch.equal(_first(other), _first(kept))
    (tmp_path / "cases.pt").write_bytes(b"broken")
    assert stored.reader(tmp_path / "cases.pt", "key")(exercise, SECRET, "").cases


def test_drawing_again_looks_at_no_earlier_cases(tmp_path: Path) -> None:
    """What an earlier set-up left behind, whatever is in it, is drawn anew."""
    exported(tmp_path, exercises=SLUGS[:1])
    folder = tmp_path / settings.FOLDER
    drawn = container.draw(folder)
    key = torch.load(folder / settings.CASES, weights_only=True)["key"]
    torch.save({"key": key, "suites": {SLUGS[0]: {}}, "tensors": {}}, folder / settings.CASES)
    assert container.draw(folder) == drawn > 0


def test_each_variant_has_its_own_cases(tmp_path: Path) -> None:
    """The seed of a variant decides its cases: another seed, other numbers; the same seed, the same ones."""
    exported(tmp_path, platform="prairielearn", exercises=SLUGS[:1])
    run = ContainerRun(tmp_path / settings.FOLDER, settings.read(tmp_path / settings.FOLDER), time.monotonic())
    one, two, again = (container.planned(run, f"variant {seed}", None) for seed in ("1", "2", "1"))
    first = [_first(plan.items[0].diagnosis.suite) for plan in (one, two, again)]
    assert torch.equal(first[0], first[2])
    assert first[0].shape != first[1].shape or not torch.equal(first[0], first[1])


def _first(suite: object) -> torch.Tensor:
    value = next(iter(suite.cases[0].inputs.values()))  # type: ignore[attr-defined]
    assert isinstance(value, torch.Tensor)
    return value


@pytest.fixture(scope="module")
def question(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A question's folder."""
    folder = tmp_path_factory.mktemp("question")
    chosen = settings_for("prairielearn", exercises=SLUGS[1:], insist=False)
    package.prairielearn_folder(catalog.bundled(), chosen, SECRET, folder, image="i", answer="editor")
    return folder


def laid_out(question: Path, grade: Path, files: dict[str, bytes]) -> None:
    """/grade as PrairieLearn lays it out, with the modes that git keeps."""
    shutil.copytree(question / "tests", grade / "tests")
    for path in (grade / "tests").rglob("*"):
        path.chmod(0o755 if path.is_dir() or path.suffix == ".sh" else 0o644)
    for part in ("student", "data"):
        (grade / part).mkdir()
    for name, content in files.items():
        (grade / "student" / name).write_bytes(content)
    (grade / "data" / "data.json").write_text(json.dumps({"variant_seed": 4711, "params": {}}))


def in_prairielearn(grade: Path) -> tuple[int, prairielearn.Results, str]:
    """Run the real grade.sh: exit status, results.json, and what the staff see."""
    ran = subprocess.run(
        contained(str(grade / "tests" / "grade.sh")),
        capture_output=True,
        text=True,
        env={**os.environ, "GRADER": str(GRADER)},
        check=False,
    )
    content = (grade / "results" / "results.json").read_bytes()
    return ran.returncode, prairielearn.Results.model_validate_json(content), ran.stdout + ran.stderr


def test_prairielearn_right_and_unreadable(question: Path, tmp_path: Path) -> None:
    """A right submission scores 1; one without a source file is not gradable; the exit status is 0 for both."""
    laid_out(question, tmp_path / "right", {"batched_backward.py": solution(SLUGS[1])})
    status, results, shown = in_prairielearn(tmp_path / "right")
    assert (status, results.score) == (0, 1.0), shown
    laid_out(question, tmp_path / "empty", {"notes.txt": b"no time"})
    status, results, _ = in_prairielearn(tmp_path / "empty")
    assert (status, results.gradable, results.score) == (0, False, None)
    assert results.format_errors == (
        "submission: contains no .py or .ipynb file; hand in the file that defines your functions",
    )


def test_prairielearn_without_a_usable_export(question: Path, tmp_path: Path) -> None:
    """Whatever is broken on our side: exit status 0, not gradable, a sentence for the student and one for the staff."""
    laid_out(question, tmp_path / "grade", {"batched_backward.py": solution(SLUGS[1])})
    (tmp_path / "grade" / "tests" / "grading" / "settings.json").write_text("{}")
    status, results, shown = in_prairielearn(tmp_path / "grade")
    assert (status, results.gradable) == (0, False)
    assert results.format_errors == (wording.NOT_FINISHED,)
    assert "settings.json: cannot be used" in shown


def test_the_commands_of_the_container_are_not_listed() -> None:
    """`grader --help` shows export, and nothing that only a container calls."""
    shown = subprocess.run([GRADER, "--help"], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert "export" in shown
    assert "container" not in shown
