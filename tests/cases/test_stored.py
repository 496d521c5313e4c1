"""The cases that a machine keeps are those that would be drawn, and are no use to anybody without the secret."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from grader.cases import stored
from grader.cases.case import Case
from grader.cases.stored import MachineStore
from grader.cases.suite import Suite, prepare
from grader.course import catalog
from grader.exercise import Exercise

BUNDLED = catalog.bundled()
SECRET = b"the secret of the stored cases"


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The slugs that are drawn from now on, in order."""
    slugs: list[str] = []

    def recorded(exercise: Exercise, secret: bytes, student: str = "") -> Suite:
        slugs.append(exercise.slug)
        return prepare(exercise, secret, student)

    monkeypatch.setattr(stored.suite, "prepare", recorded)
    return slugs


def fresh(folder: Path) -> MachineStore:
    """What another process of this machine has."""
    return MachineStore(folder, BUNDLED.files)


def numbers(case: Case) -> list[object]:
    """All of a case that a mark or a call depends on."""
    tensors = [each for each in case.inputs.values() if isinstance(each, torch.Tensor)]
    layouts = [(each.tolist(), each.stride(), each.dtype) for each in tensors]
    answers = [(each.value.tolist(), each.tolerance.tolist(), each.measured) for each in case.expected.values()]
    reach = [
        each.around and [(one.tolist(), changes.tolist(), kinks) for one, changes, kinks in each.around]
        for each in case.reaches.values()
    ]
    about = [case.name, case.variant, case.family, dict(case.sizes), case.counts, case.seed]
    return [*about, case.framework, case.received, layouts, answers, reach]


@pytest.mark.parametrize("slug", ["batched_backward", "affine", "forward_pass"])
def test_what_is_found_is_what_was_drawn(slug: str, tmp_path: Path, drawn: list[str]) -> None:
    """Kinks, strides, whole numbers, numpy and seeds included; the second process draws nothing."""
    exercise = BUNDLED.load(slug)
    made, found = (fresh(tmp_path).prepare(exercise, SECRET, "") for _ in range(2))
    assert drawn == [slug]
    assert [numbers(case) for case in found.cases] == [numbers(case) for case in made.cases]
    assert found.unavailable == made.unavailable


def test_only_the_owner_may_read_it_and_nobody_can_without_the_secret(tmp_path: Path) -> None:
    """No input and no name of a case stands in the file; its modes keep other users out."""
    exercise = BUNDLED.load("vector_matrix_derivative")
    suite = fresh(tmp_path / "cases").prepare(exercise, SECRET, "")
    (path,) = (tmp_path / "cases").iterdir()
    content = path.read_bytes()
    value = next(iter(suite.cases[0].inputs.values()))
    assert isinstance(value, torch.Tensor)
    assert value.contiguous().numpy().tobytes() not in content
    assert b"lattice" not in content
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def _flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _of_another_exercise(path: Path) -> None:
    other = path.parent / "elsewhere"
    fresh(other).prepare(BUNDLED.load("update_step"), SECRET, "")
    shutil.copy(next(other.iterdir()), path)
    shutil.rmtree(other)


def _of_another_secret(path: Path) -> None:
    other = path.parent / "elsewhere"
    fresh(other).prepare(BUNDLED.load("vector_matrix_derivative"), b"a guess", "")
    shutil.copy(next(other.iterdir()), path)
    shutil.rmtree(other)


@pytest.mark.parametrize(
    "plant", [_flipped, _of_another_exercise, _of_another_secret, lambda path: path.write_bytes(b""), Path.unlink]
)
def test_a_planted_file_is_drawn_anew(plant: Callable[[Path], object], tmp_path: Path, drawn: list[str]) -> None:
    """Damaged, moved from another exercise, made under another secret, empty or gone: never used."""
    exercise = BUNDLED.load("vector_matrix_derivative")
    right = fresh(tmp_path).prepare(exercise, SECRET, "")
    (path,) = tmp_path.iterdir()
    plant(path)
    drawn.clear()
    found = fresh(tmp_path).prepare(exercise, SECRET, "")
    assert drawn == ["vector_matrix_derivative"]
    assert [numbers(case) for case in found.cases] == [numbers(case) for case in right.cases]


def test_another_secret_another_text_and_a_student_have_their_own(tmp_path: Path, drawn: list[str]) -> None:
    """The exercise's file and the secret decide what is found; a student's own cases are not kept."""
    exercise = BUNDLED.load("vector_matrix_derivative")
    text = tmp_path / "exercise.py"
    text.write_bytes(BUNDLED.files(exercise.slug)[0].read_bytes())
    kept = tmp_path / "cases"
    for secret, comment in ((SECRET, b""), (b"another", b""), (SECRET, b"# edited\n"), (SECRET, b"")):
        text.write_bytes(text.read_bytes() + comment)
        MachineStore(kept, lambda slug: [text]).prepare(exercise, secret, "")
    assert len(drawn) == 3
    MachineStore(kept, lambda slug: [text]).prepare(exercise, SECRET, "amara")
    assert len(drawn) == 4
    assert len(list(kept.iterdir())) == 3


def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    """Grading goes on with cases that were drawn."""
    (tmp_path / "file").write_text("no folder")
    suite = fresh(tmp_path / "file").prepare(BUNDLED.load("vector_matrix_derivative"), SECRET, "")
    assert suite.cases
