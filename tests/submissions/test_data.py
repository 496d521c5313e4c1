"""Small data files travel with the code that opens them, within limits, and never in place of code."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from grader import submissions
from grader.exercise import Limits
from grader.sandbox import Sandbox
from grader.submissions import Submission
from grader.wire.outcome import Array, Returned
from grader.wire.protocol import Target

CODE = "import json\ndef f(): return json.load(open('config.json'))['k']\n"
DATA = '{"k": 2.5}'


def written(root: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root


def of_ana(path: Path, layout: str = "plain") -> Submission:
    return next(source.read() for source in submissions.find([path], layout) if "ana" in source.id)


@pytest.mark.parametrize(
    ("layout", "code", "data"),
    [
        ("plain", "ana/hw.py", "ana/config.json"),
        ("canvas", "ana_100_9001_hw.py", "ana_100_9002_config-1.json"),
        ("moodle", "ana_100_assignsubmission_file/hw.py", "ana_100_assignsubmission_file/config.json"),
        ("nbgrader", "submitted/ana/ps1/hw.py", "submitted/ana/ps1/config.json"),
    ],
)
def test_data_beside_the_code_travels(layout: str, code: str, data: str, tmp_path: Path) -> None:
    """In every layout, under the name by which the code opens it; a platform's own files do not."""
    others = {"submitted/ana/ps1/timestamp.txt": "2025"} if layout == "nbgrader" else {}
    found = of_ana(written(tmp_path, {code: CODE, data: DATA, **others}), layout)
    assert dict(found.files) == {"hw.py": CODE.encode(), "config.json": DATA.encode()}
    assert found.problem == ""


def test_data_in_an_archive_is_opened_behind_the_wall(tmp_path: Path, sandbox: Sandbox) -> None:
    """What a student has packed with the code is there when it is graded."""
    with zipfile.ZipFile(tmp_path / "ana.zip", "w") as archive:
        archive.writestr("hw.py", CODE)
        archive.writestr("config.json", DATA)
    found = of_ana(tmp_path)
    with sandbox.session(found.files, [Target.function("f")], Limits()) as session:
        outcome = session.call("f", [], 8, Limits())
    assert isinstance(outcome, Returned)
    assert isinstance(outcome.items[0], Array)


def test_data_takes_no_room_of_code(tmp_path: Path) -> None:
    """Too much of it is left out and said; all code is read, and the report's key knows what was read."""
    large = {"ana/a.csv": "1" * (2**20 + 1), "ana/b.csv": "2" * 2**19, "ana/c.csv": "3" * 2**19, "ana/d.csv": "4"}
    found = of_ana(written(tmp_path, {**large, "ana/z.py": CODE}))
    assert [name for name, _ in found.files] == ["b.csv", "c.csv", "z.py"]
    sentence = "Data files left out: 2; at most 20 files and 1 MB together travel with the code."
    assert found.notes == (("data_left_out", sentence),)
    (tmp_path / "ana" / "b.csv").write_text("5")
    assert of_ana(tmp_path).sha256 != found.sha256


def test_many_data_files_are_left_out(tmp_path: Path) -> None:
    """The first twenty by name travel."""
    many = {f"ana/{number:03}.txt": "x" for number in range(30)}
    found = of_ana(written(tmp_path, {**many, "ana/hw.py": CODE}))
    assert len(found.files) == 21
    assert [kind for kind, _ in found.notes] == ["data_left_out"]


def test_data_alone_is_no_submission(tmp_path: Path) -> None:
    """It is told as a missing source file."""
    found = of_ana(written(tmp_path, {"ana/config.json": DATA}))
    assert found.files == ()
    assert found.problem == "ana: contains no .py or .ipynb file; hand in the file that defines your functions"
