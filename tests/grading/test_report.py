"""A report is a pure function of what it is made from, is written whole or not at all, and never leaks."""

import json
from pathlib import Path

import pytest

from grader import storage
from grader.course import assignment, catalog
from grader.errors import OutputError
from grader.grading import report
from grader.grading.report import Plan
from grader.models import Report
from grader.submissions import Submission

SECRET = b"0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="module")
def plan() -> Plan:
    courses = catalog.bundled()
    return report.plan(courses, assignment.default(courses), SECRET, only=["vector_matrix_derivative"])


def test_an_unreadable_submission_scores_zero_with_a_reason(plan: Plan) -> None:
    """Nothing could be loaded: status unreadable, 0 points, and the sentence stands in the notes and checks."""
    result = report.unreadable(Submission("ana", (), "ana: contains no file"), plan, "ana: contains no file", 0.1)
    assert (result.status, result.score, result.max_score) == ("unreadable", 0.0, 10.0)
    assert result.notes[0].message == "ana: contains no file"
    assert {check.message for check in result.exercises[0].checks} == {"ana: contains no file"}


def test_an_internal_error_is_null_and_never_zero(plan: Plan) -> None:
    """internal_error has no score, and says that it costs nothing."""
    result = report.internal_error(Submission("ana", ()), plan, "the zygote died", 0.1)
    assert (result.status, result.score) == ("internal_error", None)
    assert {check.points for check in result.exercises[0].checks} == {None}
    assert "not your fault" in result.exercises[0].checks[0].message


def test_the_report_round_trips_through_json(plan: Plan, tmp_path: Path) -> None:
    """What is written is what the models read."""
    result = report.unreadable(Submission("ana", (("a.py", b"x"),)), plan, "no", 0.1)
    path = report.write(result, tmp_path)
    assert path == tmp_path / "ana.json"
    assert Report.model_validate_json(path.read_text()) == result
    assert [entry.name for entry in tmp_path.iterdir()] == ["ana.json"]


def test_the_secret_is_not_in_the_report(plan: Plan) -> None:
    """Only a keyed hash tells which secret was used."""
    text = report.unreadable(Submission("ana", ()), plan, "no", 0.1).model_dump_json()
    assert SECRET.decode() not in text
    assert SECRET.hex() not in text
    assert json.loads(text)["secret_id"] == plan.secret_id


def test_the_grading_key_changes_with_what_it_depends_on(plan: Plan) -> None:
    """Other bytes, another secret or other limits give another key; the same ones give the same."""
    courses = catalog.bundled()
    ana, bo = Submission("ana", (("a.py", b"x = 1"),)), Submission("bo", (("a.py", b"x = 2"),))
    other = report.plan(courses, assignment.default(courses), b"f" * 32, only=["vector_matrix_derivative"])
    strict = assignment.Assignment(limits=assignment.LimitsOverride(cpu_seconds=1))
    limited = report.plan(courses, strict, SECRET, only=["vector_matrix_derivative"])
    keys = [report.grading_key(p, s) for p, s in ((plan, ana), (plan, bo), (other, ana), (limited, ana))]
    assert len(set(keys)) == 4
    again = report.plan(courses, assignment.default(courses), SECRET, only=["vector_matrix_derivative"])
    assert report.grading_key(again, ana) == keys[0]


def test_no_write_permission_is_one_sentence(plan: Plan, tmp_path: Path) -> None:
    """A folder that cannot be made is an OutputError with the remedy."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match=r"cannot be written .* name another --out"):
        report.write(report.unreadable(Submission("ana", ()), plan, "no", 0.1), tmp_path / "file" / "out")


@pytest.mark.parametrize("name", ["a/b", "..", "x" * 300, "tab\there", "na\udcffme", "=1+1", "", "."])
def test_file_names_are_safe_and_distinct(name: str) -> None:
    """Whatever a submission is called, its report is one file in the folder, and two names do not collide."""
    safe = storage.file_name(name)
    assert "/" not in safe
    assert safe not in {"", ".", ".."}
    assert len(safe.encode()) <= 200
    assert safe.isprintable()
    assert safe != storage.file_name(name + "!")


def test_names_that_differ_only_in_separators_do_not_collide() -> None:
    """`a/b` and `a_b` are two students."""
    assert storage.file_name("a/b") != storage.file_name("a_b")
