"""What an instructor uploads: what is in it, what is not, and who may read it."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import zipfile
from fnmatch import fnmatch
from importlib import metadata
from pathlib import Path

import pytest

from grader.course import catalog
from grader.errors import AssignmentError
from grader.lms import gradescope, package, prairielearn, settings, wheel
from tests.lms.conftest import ROOT, SECRET, SLUGS, settings_for

PROGRAMS = {"setup.sh", "run_autograder"}


@pytest.fixture(scope="module")
def archive() -> zipfile.ZipFile:
    """The zip of two exercises."""
    return zipfile.ZipFile(io.BytesIO(package.gradescope_zip(catalog.bundled(), settings_for(), SECRET)))


def mode(archive: zipfile.ZipFile, name: str) -> int:
    """The permissions that unzip gives a file."""
    return archive.getinfo(name).external_attr >> 16 & 0o777


def test_the_zip_has_what_gradescope_needs(archive: zipfile.ZipFile) -> None:
    """setup.sh and run_autograder lie at the top, can be run and have a shebang."""
    for name in PROGRAMS:
        assert mode(archive, name) == 0o755
        assert archive.read(name).startswith(b"#!/usr/bin/env bash\n")
        assert b"@" not in archive.read(name).replace(b'"$@"', b"")


def test_the_zip_holds_misconceptions_and_no_reference(archive: zipfile.ZipFile) -> None:
    """The forward passes travel, what is known about mistakes in the chosen ones, and no solution."""
    grading = {name for name in archive.namelist() if name.startswith("grading/")}
    assert grading == {
        "grading/secret",
        "grading/settings.json",
        *(f"grading/exercises/{slug}/exercise.py" for slug in catalog.bundled().slugs()),
        *(f"grading/solutions/{slug}/misconceptions.py" for slug in SLUGS),
    }
    with zipfile.ZipFile(io.BytesIO(archive.read(wheel.name()))) as inside:
        assert not any("solution" in name or "exercises" in name or name == "secret" for name in inside.namelist())


def test_no_version_is_newer_than_those_that_were_tried(archive: zipfile.ZipFile) -> None:
    """Whatever is released later, the image is built with no newer version of anything than the export ran with."""
    assert archive.read("requirements.txt").startswith(b"-c constraints.txt\ntorch==")
    limits = dict(line.split("<=") for line in archive.read("constraints.txt").decode().splitlines())
    direct = {re.split(r"[^\w.-]", each)[0] for each in wheel.about().requires}
    assert direct - {"tomli"} <= set(limits)
    assert "pydantic-core" in limits  # only pydantic asks for it
    assert limits["numpy"] == metadata.version("numpy")


def test_the_secret_is_roots_alone(archive: zipfile.ZipFile) -> None:
    """Everything that students may not see has mode 0600 in the zip already, and setup.sh closes it again."""
    assert {mode(archive, name) for name in archive.namelist() if name.startswith("grading/")} == {0o600}
    assert archive.read("grading/secret").strip() == SECRET
    assert b"chmod -R go= grading" in archive.read("setup.sh")


def test_what_lies_there_first_is_a_result(archive: zipfile.ZipFile) -> None:
    """Should the harness never get to write, the platform finds a sentence and no score."""
    results = gradescope.Results.model_validate_json(archive.read("not_finished.json"))
    assert results.score is None
    assert "not your fault" in results.output


def test_the_same_export_gives_the_same_bytes() -> None:
    """Nothing in the zip depends on when it was made."""
    first, second = (package.gradescope_zip(catalog.bundled(), settings_for(), SECRET) for _ in range(2))
    assert first == second


def test_write_zip_is_closed_to_others(tmp_path: Path) -> None:
    """The zip on the instructor's disk is theirs alone."""
    package.write_zip(tmp_path / "deep" / "autograder.zip", b"content")
    assert (tmp_path / "deep" / "autograder.zip").stat().st_mode & 0o777 == 0o600


def test_own_limits_that_are_tighter_stay() -> None:
    """An assignment that allows less than a container does keeps its limits; one that allows more is cut."""
    from grader.course.assignment import Assignment, LimitsOverride

    own = Assignment(limits=LimitsOverride(cpu_seconds=1.0, memory_bytes=2**30, max_timeouts=1))
    limits = settings.fitting(own, 600, 0.5, 14).limits
    assert (limits.cpu_seconds, limits.memory_bytes, limits.max_timeouts) == (1.0, 256 * 2**20, 1)


def test_broken_settings_are_named(tmp_path: Path) -> None:
    """A container without usable settings says which file and what to do."""
    with pytest.raises(AssignmentError, match=r"settings.json: cannot be used .*; export the assignment again"):
        settings.read(tmp_path)


def test_the_wheel_installs_elsewhere_and_exports_again(tmp_path: Path) -> None:
    """The wheel alone, without the checkout, runs the grader, and what it packs is the same package."""
    path = tmp_path / wheel.name()
    path.write_bytes(wheel.build())
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", str(tmp_path / "site")]
    subprocess.run([*pip, str(path)], check=True)
    code = (
        "import grader; from grader.lms import wheel; import hashlib\n"
        "print(grader.__file__); print(*sorted(wheel.about().requires), sep='|')\n"
        "print(hashlib.sha256(wheel.build()).hexdigest())"
    )
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path / "site")}
    ran = subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    where, requires, _ = ran.stdout.splitlines()
    assert where.startswith(str(tmp_path))
    assert requires.split("|") == sorted(wheel.about().requires)
    packed = {name for name in zipfile.ZipFile(path).namelist() if name.startswith("grader/")}
    source = {
        str(file.relative_to(ROOT)) for file in (ROOT / "grader").rglob("*.py") if "__pycache__" not in file.parts
    }
    assert source <= packed


def test_the_question_folder(tmp_path: Path) -> None:
    """info.json, question.html, a stub in an editor for each exercise, and tests with the program that is started."""
    package.prairielearn_folder(
        catalog.bundled(), settings_for("prairielearn"), SECRET, tmp_path, image="course/grader:1", answer="editor"
    )
    info = json.loads((tmp_path / "info.json").read_text())
    options = info["externalGradingOptions"]
    assert (info["type"], info["gradingMethod"]) == ("v3", "External")
    assert options["entrypoint"] == "/grade/tests/grade.sh"
    assert (options["enabled"], options["image"], options["timeout"]) == (True, "course/grader:1", 600)
    assert options["enableNetworking"] is False
    page = (tmp_path / "question.html").read_text()
    assert "{{" not in page
    for slug in SLUGS:
        assert f'<pl-file-editor file-name="{slug}.py"' in page
        assert f"def {slug}" in (tmp_path / f"{slug}.py").read_text()
    assert "<pl-external-grader-results></pl-external-grader-results>" in page
    assert (tmp_path / "tests/grade.sh").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "tests/grading/secret").stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.rglob("solution.py"))
    made = prairielearn.Results.model_validate_json((tmp_path / "tests/not_finished.json").read_bytes())
    assert made.gradable is False


def test_a_second_export_keeps_the_uuid_and_drops_what_is_gone(tmp_path: Path) -> None:
    """The question stays the same one for the platform, and nothing of the first export is left in its tests."""
    known = catalog.bundled()
    both, one = settings_for("prairielearn"), settings_for("prairielearn", exercises=SLUGS[:1])
    package.prairielearn_folder(known, both, SECRET, tmp_path, image="i", answer="upload")
    before = json.loads((tmp_path / "info.json").read_text())["uuid"]
    package.prairielearn_folder(known, one, SECRET, tmp_path, image="i", answer="upload")
    assert json.loads((tmp_path / "info.json").read_text())["uuid"] == before
    assert [path.name for path in (tmp_path / "tests/grading/solutions").iterdir()] == [SLUGS[0]]


def test_an_upload_takes_what_students_have(tmp_path: Path) -> None:
    """One file or several, a notebook, a second download: nothing is demanded under a name, and no other kind taken."""
    chosen = settings_for("prairielearn")
    package.prairielearn_folder(catalog.bundled(), chosen, SECRET, tmp_path, image="i", answer="upload")
    elements = re.findall(r"<pl-file-upload (.*?)>", (tmp_path / "question.html").read_text())
    assert elements == ['optional-file-patterns="*.py, *.ipynb"']
    # PrairieLearn splits at commas, drops the spaces, and compares by fnmatch without case.
    patterns = [pattern.strip() for pattern in elements[0].split('"')[1].split(",")]
    names = ("hw.py", f"{SLUGS[0]} (1).py", f"{SLUGS[1]}.ipynb", "HW.PY", "essay.pdf", "py")
    taken = [name for name in names if any(fnmatch(name.lower(), pattern) for pattern in patterns)]
    assert taken == [*names[:4]]
