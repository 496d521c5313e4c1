"""The walks of docs/authoring.md through the call styles, done as written: each ends in a proved exercise."""

import re
import shutil
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from grader.authoring import release
from grader.cli import main
from grader.course import catalog
from grader.course.assignment import Assignment, Entry
from grader.grading import grade as grading
from grader.grading import report
from grader.sandbox import Sandbox
from grader.submissions import Submission
from grader.validate import prove

TEXT = (Path(__file__).parents[2] / "docs" / "authoring.md").read_text(encoding="utf-8")
WALKS = dict(re.findall(r"^`grader (new (\w+) --style [^`]*)`", TEXT, re.MULTILINE))
SLUGS = {slug: command for command, slug in WALKS.items()}
FILES = re.findall(r"^```python (\S+)\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
MISTAKES = {
    "sigmoid_layer": ("dout * cache * (1 - cache)", "cache * (1 - cache)", {"out": "passed", "dx": "failed"}),
    "weights_module": ("else self.dW + dW", "else dW", {"dx": "passed", "dW": "failed"}),
    "tanh_cells": ("dh = 2 * h", "dh = h", {"dh": "failed", "dz": "passed"}),
}
"""A mistake in the solution of each walk, and what it costs."""


@pytest.fixture
def walked(slug: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> catalog.Catalog:
    """A course in which somebody has followed one walk up to and including the release."""
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, SLUGS[slug].split())
    assert done.exit_code == 0, done.output
    shutil.rmtree(tmp_path / "solutions" / slug / "wrong")
    own = {path: code for path, code in FILES if f"/{slug}/" in path}
    assert len(own) == 2
    for path, code in own.items():
        assert Path(path).is_file(), f"{path}: `grader new` writes it"
        Path(path).write_text(code, encoding="utf-8")
    Path("exercises", slug, "statement.md").write_text("# A layer\n\nIn words.\n", encoding="utf-8")
    course = catalog.at(tmp_path / "exercises")
    release.release(course, slug)
    return course


def verdicts(course: catalog.Catalog, slug: str, source: str, sandbox: Sandbox) -> dict[str, str]:
    """What hidden grading says, by check."""
    plan = report.plan(course, Assignment(exercises=(Entry(slug=slug),)), b"the secret of the walks by call style")
    (exercise,) = grading.grade(Submission("ana", (("hw.py", source.encode()),)), plan, sandbox).exercises
    return {check.name: check.verdict for check in exercise.checks}


def test_every_style_has_a_walk() -> None:
    """Cache, class and variables; the walk from forward pass to exercise is that of one function."""
    assert [re.findall(r"--style (\w+)", command)[0] for command in SLUGS.values()] == ["cache", "class", "variables"]


@pytest.mark.parametrize("slug", SLUGS)
def test_a_walk_ends_in_a_graded_exercise(walked: catalog.Catalog, slug: str, sandbox: Sandbox) -> None:
    """The solution passes, the stub is missing, and a mistake costs its own check."""
    folder = walked.solution(slug)
    assert folder is not None
    solution = (folder / "solution.py").read_text()
    assert set(verdicts(walked, slug, solution, sandbox).values()) == {"passed"}
    stub = (walked.folder(slug) / "stub.py").read_text()
    assert set(verdicts(walked, slug, stub, sandbox).values()) == {"missing"}
    right, wrong, expected = MISTAKES[slug]
    assert right in solution
    assert verdicts(walked, slug, solution.replace(right, wrong), sandbox) == expected


@pytest.mark.parametrize("slug", SLUGS)
def test_a_walk_ends_in_a_proved_exercise(walked: catalog.Catalog, slug: str) -> None:
    """`grader validate` has nothing to mend."""
    torch.set_num_threads(1)
    assert prove(walked, slug, 1).problems == ()
