"""An anonymous report says nothing of who handed in what, whatever the files were called and whatever went wrong."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from grader import submissions
from grader.batch.anonymous import Mask, joined, pseudonym
from grader.errors import OutputError
from grader.models import CheckResult, Environment, ExerciseResult, Note, Report, SubmissionInfo
from grader.submissions import Submission

CODE = "def f():\n    return 1\n"


def archive() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as written:
        written.writestr("ana-diaz/ana_backward.py", CODE)
        written.writestr("../ana.py", CODE)
    return packed.getvalue()


DOWNLOADS: dict[str, dict[str, str | bytes]] = {
    "canvas": {
        "diazana_LATE_100_9001_ana.py": "first = 1",
        "diazana_LATE_100_9002_ana-1.py": CODE,
        "diazana_100_9003_ana diaz.zip": archive(),
        "diazana_100_9004_diaz.zip": b"no archive",
        "libo_101_9005_essay by bo li.pdf": "no code",
    },
    "moodle": {
        "Ana Diaz_100_assignsubmission_file/ana_hw.py": CODE,
        "Bo Li_101_assignsubmission_file/bo li.docx": "no code",
    },
    "plain": {"bo/notes.txt": "nothing", "ana diaz.py": CODE, "ana diaz.zip": archive()},
}


def as_reported(submission: Submission, *sentences: str) -> Report:
    """A report that says what is known of a submission, and something else."""
    notes = [*submission.notes, ("unreadable", submission.problem), *(("other", each) for each in sentences)]
    files = tuple(name for name, _ in submission.files)
    return Report(
        submission=SubmissionInfo(id=submission.id, files=files, sha256="0", students=submission.students),
        status="graded",
        score=0.0,
        max_score=1.0,
        exercises=(),
        notes=tuple(Note(kind=kind, message=message) for kind, message in notes if message),
        secret_id=None,
        grading_key="0",
        environment=Environment(grader="1", python="3", torch="2", platform="linux", isolation=()),
        wall_seconds=0.0,
    )


@pytest.mark.parametrize("layout", DOWNLOADS)
def test_no_name_is_left(tmp_path: Path, layout: str) -> None:
    """Not the student's, not a file's, not that of an earlier attempt, of what is no code, or of a broken archive."""
    for name, content in DOWNLOADS[layout].items():
        path = tmp_path / "class" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert submissions.layout_of(tmp_path / "class") == layout
    for source in submissions.find([tmp_path / "class"]):
        found = source.read()
        text = Mask(found, "anonymous-1").report(as_reported(found)).model_dump_json().lower()
        assert not [name for name in ("ana", "diaz", "bo", "libo", "essay", "100", "101") if name in _words(text)]
        assert "diazana" not in text
        assert "file-1" in text or "contains no" in text


def _words(text: str) -> set[str]:
    return set("".join(c if c.isalnum() else " " for c in text).split())


def test_sentences_stay_readable() -> None:
    """A name is replaced where it is one; a submission called after an output does not change what is said about it."""
    check = CheckResult(
        name="loss",
        points=0.0,
        max_points=1.0,
        verdict="failed",
        cases_passed=0,
        cases_total=1,
        message="loss is zero everywhere, says loss.py, line 1",
    )
    exercise = ExerciseResult(exercise="loss", entry_point="loss", score=0.0, max_score=1.0, checks=(check,))
    found = Submission("loss", (("loss.py", b""),))
    whole = as_reported(found, "loss: contains no file").model_copy(update={"exercises": (exercise,)})
    masked = Mask(found, "anonymous-1").report(whole)
    assert masked.exercises[0].checks[0].message == "loss is zero everywhere, says file-1.py, line 1"
    assert masked.notes[-1].message == "anonymous-1: contains no file"
    assert (masked.submission.id, masked.submission.files) == ("anonymous-1", ("file-1.py",))


def test_whoever_has_the_secret_can_join_names_and_scores_again(tmp_path: Path) -> None:
    """Under the same secret a pseudonym leads back to the submission's id and people; under another one to nobody."""
    for name, content in DOWNLOADS["canvas"].items():
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    sources = submissions.find([tmp_path])
    masked = []
    for source in sources:
        submission = source.read()
        masked.append(Mask(submission, pseudonym(b"secret", source.id)).report(as_reported(submission)))
    found = joined(masked, sources, b"secret")
    assert [each.submission.id for each in found] == [source.id for source in sources]
    assert [each.submission.students for each in found] == [source.students for source in sources]
    with pytest.raises(OutputError, match="fits none of the submissions under this secret"):
        joined(masked, sources, b"another")
