"""Starting an exercise: stub, statement and figure arrive together, and a student's work is never overwritten."""

from pathlib import Path

import pytest

from grader.authoring.start import start
from grader.course import catalog
from grader.course.catalog import Catalog
from grader.errors import ExerciseError


def test_a_script_comes_with_statement_and_figure(tmp_path: Path) -> None:
    """Three files named after the exercise; the statement links the figure under its new name."""
    started = start(catalog.bundled(), "full_jacobian", tmp_path / "mine")
    assert [path.name for path in started.written] == ["full_jacobian.py", "full_jacobian.md", "full_jacobian.svg"]
    assert started.kept == ()
    assert "(full_jacobian.svg)" in (tmp_path / "mine" / "full_jacobian.md").read_text()
    assert "# YOUR CODE HERE" in (tmp_path / "mine" / "full_jacobian.py").read_text()


def test_a_notebook_instead(tmp_path: Path) -> None:
    """--notebook gives the notebook and no script."""
    started = start(catalog.bundled(), "full_jacobian", tmp_path, notebook=True)
    assert [path.name for path in started.written] == ["full_jacobian.ipynb", "full_jacobian.md", "full_jacobian.svg"]


def test_work_is_never_overwritten(tmp_path: Path) -> None:
    """A second start keeps every file as it is, and brings back only what is gone."""
    start(catalog.bundled(), "full_jacobian", tmp_path)
    work = tmp_path / "full_jacobian.py"
    work.write_text("my work")
    (tmp_path / "full_jacobian.svg").unlink()
    again = start(catalog.bundled(), "full_jacobian", tmp_path)
    assert work.read_text() == "my work"
    assert [path.name for path in again.kept] == ["full_jacobian.py", "full_jacobian.md"]
    assert [path.name for path in again.written] == ["full_jacobian.svg"]


def test_a_dangling_link_is_not_followed(tmp_path: Path) -> None:
    """Nothing is written through a link that stands where the stub would go."""
    (tmp_path / "full_jacobian.py").symlink_to(tmp_path / "elsewhere.py")
    assert tmp_path / "full_jacobian.py" in start(catalog.bundled(), "full_jacobian", tmp_path).kept
    assert not (tmp_path / "elsewhere.py").exists()


def test_an_unknown_or_unreleased_exercise_is_named(course: Catalog, tmp_path: Path) -> None:
    """The sentence lists what can be started."""
    with pytest.raises(ExerciseError, match=r"nothing to start for 'nope' as stub\.py; there: adam,"):
        start(catalog.bundled(), "nope", tmp_path)
    with pytest.raises(ExerciseError, match=r"nothing to start for 'small' as stub\.py; there: none"):
        start(course, "small", tmp_path)
    with pytest.raises(ExerciseError, match=r"'full_jacobian/' as stub\.py; did you mean full_jacobian\?"):
        start(catalog.bundled(), "full_jacobian/", tmp_path)
    assert not list(tmp_path.glob("*full_jacobian*"))
