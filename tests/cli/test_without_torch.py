"""Commands that only read do not wait the seconds that importing torch takes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from grader.course import card, catalog
from grader.models import Environment, ExerciseResult, Report, SubmissionInfo

PROGRAM = """if True:
    import sys
    from grader.cli import main
    try:
        main(sys.argv[1:], standalone_mode=False)
    except SystemExit:
        pass
    sys.exit("torch" in sys.modules)"""
MINE = '"""Mine."""\n\ndef update_step(W, gradient, lr):\n    return W - lr * gradient\n'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of one submission with its reports in `out`."""
    folder = tmp_path_factory.mktemp("course")
    (folder / "class").mkdir()
    (folder / "class" / "ana.py").write_text(MINE)
    (folder / "out").mkdir()
    report = Report(
        submission=SubmissionInfo(id="ana", files=("ana.py",), sha256="0" * 64),
        status="graded",
        score=1.0,
        max_score=1.0,
        exercises=(ExerciseResult(exercise="update_step", entry_point="f", score=1.0, max_score=1.0, checks=()),),
        secret_id=None,
        grading_key="f" * 64,
        environment=Environment(grader="0.1.0", python="3.11", torch="2.13", platform="linux", isolation=()),
        wall_seconds=0.1,
    )
    (folder / "out" / "ana.json").write_text(report.model_dump_json())
    return folder


@pytest.mark.parametrize(
    "words",
    [
        "--help",
        "list",
        "start affine --into {0}",
        "page affine -o {0}/affine.html",
        "schema",
        "doctor",
        "check --explain affine",
        "report {0}/out -o {0}/page.html --submissions {0}/class",
        "gradebook {0}/out",
        "diff {0}/out {0}/out",
        "view {0}/out",
        "adjust {0}/out",
    ],
)
def test_a_command_that_reads_does_not_import_torch(folder: Path, words: str) -> None:
    """It does what it is for, and torch is in no table of modules."""
    command = [sys.executable, "-c", PROGRAM, *words.format(folder).split()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_a_card_that_is_not_current_is_not_believed(tmp_path: Path) -> None:
    """After a change to exercise.py, or for a card that is none, the exercise itself is read."""
    course = catalog.bundled()
    folder = tmp_path / "exercises" / "update_step"
    folder.mkdir(parents=True)
    source = (course.folder("update_step") / "exercise.py").read_text()
    (folder / "exercise.py").write_text(source)
    kept = json.loads((course.folder("update_step") / card.FILE).read_text())
    for text in (json.dumps({**kept, "title": "Kept"}), json.dumps({**kept, "checks": 7}), "no card"):
        (folder / card.FILE).write_text(text)
        believed = catalog.at(tmp_path / "exercises").card("update_step").title
        assert (believed == "Kept") == ('"Kept"' in text)
    (folder / card.FILE).write_text(json.dumps({**kept, "title": "Kept"}))
    (folder / "exercise.py").write_text(f"{source}\n")
    (listed,), broken = catalog.at(tmp_path / "exercises").listed()
    assert (listed.title, broken) == (course.load("update_step").title, ())
