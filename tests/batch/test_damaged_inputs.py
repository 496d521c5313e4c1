"""Random damage to everything that `report`, `view`, `gradebook`, `diff` and the search for copies read.

Whatever arrives, it ends in a result or in one of the grader's own errors, and one submission never costs the class its
page. The short run is part of the tests; `make fuzz` takes 20,000 examples of each.
"""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from grader import submissions
from grader.batch import code, difference, exported, folder, gradebook, similar
from grader.errors import GraderError, OutputError
from grader.models import (
    CheckResult,
    Counterexample,
    Environment,
    ExerciseResult,
    Finding,
    Note,
    Report,
    Student,
    SubmissionInfo,
)
from grader.submissions import Submission
from grader.views import changes, class_page, html

Attempt = Callable[[random.Random, Path], object]

PIECES = (
    *"()[]{}'\"#\\:;,.=@%!?\n\t \r\f\0*-/~`$|&^<>0aé\ufeff\u2028٣",
    "'''", '"""', "\\\"\"\"\n", "null", "true", "7", "-1", "1e999", "NaN", "Infinity", '"cells"', '"worksheets"',
    '"source"', "=cmd()", "\x1b[31m", "</script>", "{{", "Participant 1", "Points Possible", "PK\x01\x02", "PK\x05\x06",
)  # fmt: skip
JUNK: tuple[Any, ...] = (
    None,
    True,
    7,
    -1,
    0.5,
    10**400,
    "",
    "=1+1",
    "\x1b]0;x\x07",
    "\ud800",
    "a" * 5000,
    [],
    {},
    [[]],
    {"a": 1},
)
CODE = (
    "def batched_backward(X, t):\n" + "".join(f"    v{i} = X[{i}] * t + {i}\n" for i in range(40)) + "    return v1\n"
)
NOTEBOOK = {
    "nbformat": 4,
    "metadata": {"kernelspec": {"name": "python3"}},
    "cells": [
        {"cell_type": "markdown", "source": ["text"]},
        {"cell_type": "code", "source": CODE.splitlines(keepends=True), "outputs": [{"data": {"text/plain": ["1"]}}]},
    ],
    "worksheets": [{"cells": [{"cell_type": "code", "input": CODE}]}],
}
STUDENT = Student(id="100", name="Diaz, Ana", email="ana@x.edu")
SHEETS = {
    "canvas": "Student,ID,SIS User ID,SIS Login ID,Section,Homework (4711)\r\n    Points Possible,,,,,20\r\n"
    '"Diaz, Ana",100,s100,ana@x.edu,A,3\r\n',
    "moodle": "\ufeffIdentifier,Full name,Email address,Status,Grade,Maximum Grade\n"
    'Participant 100,Ana Diaz,ana@x.edu,Submitted,-,"20,00"\n',
}  # fmt: skip


def a_report(identity: str) -> Report:
    """A report with something in each of its fields."""
    example = Counterexample(inputs="W = tensor([1.])", expected="tensor([2.])", actual="tensor([3.])")
    check = CheckResult(
        name="dW", points=1.5, max_points=2, verdict="failed", cases_passed=3, cases_total=4, message="differs",
        hint="look", misconception="sign", counterexample=example,
    )  # fmt: skip
    finding = Finding(kind="autograd", certain=True, evidence="hw.py, line 2: `x`", message="seen")
    exercise = ExerciseResult(
        exercise="batched_backward", entry_point="batched_backward", score=1.5, max_score=2, checks=(check,),
        findings=(finding,),
    )  # fmt: skip
    return Report(
        submission=SubmissionInfo(id=identity, files=("hw.py",), sha256="0" * 64, students=(STUDENT,)),
        status="graded", score=1.5, max_score=2, exercises=(exercise,), notes=(Note(kind="note", message="late"),),
        secret_id=None, grading_key="f" * 64, wall_seconds=0.1,
        environment=Environment(grader="1", python="3", torch="2", platform="linux", isolation=("seccomp",)),
    )  # fmt: skip


def damaged(chance: random.Random, data: bytes) -> bytes:
    """Bytes with a few pieces put in, taken out or changed."""
    changed = bytearray(data)
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(len(changed) + 1)
        piece = chance.choice(PIECES).encode()
        changed[at : at + chance.choice((0, 0, 1, 2, 30))] = chance.choice([piece, bytes([chance.randrange(256)]), b""])
    return bytes(changed)


def replaced(chance: random.Random, value: Any) -> Any:
    """JSON with one of its values replaced by another kind of value."""
    if isinstance(value, (dict, list)) and value and chance.random() < 0.9:
        key = chance.choice(list(value) if isinstance(value, dict) else range(len(value)))
        changed = value.copy()
        changed[key] = replaced(chance, value[key])
        return changed
    return chance.choice(JUNK)


def mangled(chance: random.Random, value: Any) -> bytes:
    """JSON of a value, damaged in its values, its bytes, or both."""
    for _ in range(chance.randrange(3)):
        value = replaced(chance, value)
    data = json.dumps(value, ensure_ascii=chance.random() < 0.9).encode("utf-8", "surrogatepass")
    return damaged(chance, data) if chance.random() < 0.5 else data


def copies(chance: random.Random, place: Path) -> object:
    """The search for copies among a sound submission and two damaged ones."""
    names = ("hw.ipynb", "hw.py")
    handed_in = [("sound", list(code.cells(Submission("sound", (("hw.py", CODE.encode()),)))))]
    for label in ("ana", "bo"):
        contents = (mangled(chance, NOTEBOOK), damaged(chance, CODE.encode()))
        handed_in.append((label, list(code.cells(Submission(label, tuple(zip(names, contents, strict=True)))))))
    return similar.groups(handed_in, {"batched": "batched_backward", "other": "v1"}, [CODE])


def archives(chance: random.Random, place: Path) -> object:
    """A class of a sound file and a damaged archive: the sound one is read, whatever the other is."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", chance.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])) as made:
        for name in ("hw.py", "über/hw.ipynb", "x" * chance.randrange(1, 300) + ".py"):
            made.writestr(name, CODE)
    (place / "ana.zip").write_bytes(damaged(chance, held.getvalue()))
    (place / "bo.py").write_text(CODE)
    found = {source.id: source.read() for source in submissions.find([place])}
    assert found["bo"].files == (("bo.py", CODE.encode()),)
    return found


def pages(chance: random.Random, place: Path) -> object:
    """A student's page, the class's page, marks and changes, from a folder of reports of which one is damaged."""
    content = a_report("ana").model_dump(mode="json")
    (place / "ana.json").write_bytes(mangled(chance, content))
    (place / "bo.json").write_text(a_report("bo").model_dump_json())
    (place / folder.RECORD).write_bytes(mangled(chance, {"reports": ["ana", "bo"], "paths": ["x"], "layout": None}))
    found = folder.last_grading(place).reports
    groups = [similar.Group(("ana", "bo"), 0.9, "", ("a", "b"))]
    made = [html.report_page(report) for report in found]
    made.append(class_page.render(found, groups, "class"))
    made += [shape(list(gradebook.marks(found))) for shape in (gradebook.plain_csv, gradebook.gradescope)]
    changed = list(difference.changes([a_report("ana")], found))
    difference.sheet(changed).text()
    changes.show(changed, Console(file=io.StringIO()))
    assert [text.encode() for text in made]  # so that it can be written
    return made


def sheets(chance: random.Random, place: Path) -> object:
    """An exported sheet, damaged, filled in: what comes out is read as a table of the same size."""
    kind = chance.choice(list(SHEETS))
    (place / "sheet.csv").write_bytes(damaged(chance, SHEETS[kind].encode()))
    sheet = exported.read(place / "sheet.csv")
    fill = gradebook.canvas if kind == "canvas" else gradebook.moodle
    text = fill(sheet, list(gradebook.marks([a_report("ana")]))).text
    (place / "filled.csv").write_bytes(text.encode())
    again = exported.read(place / "filled.csv")
    assert [len(row) for row in again.rows] == [len(row) for row in sheet.rows]
    return text


ATTEMPTS: tuple[Attempt, ...] = (copies, archives, pages, sheets)


def check(attempt: Attempt, seeds: range, place: Path) -> None:
    """Each seed ends in a result or in an error of ours, whose sentence can be shown."""
    results = 0
    for number in seeds:
        try:
            attempt(random.Random(number), place)
            results += 1
        except GraderError as error:
            str(error).encode()
        except Exception as error:
            raise AssertionError(f"{attempt.__name__}, seed {number}: {type(error).__name__}: {error}") from error
    assert results > len(seeds) / 20  # most damage is small enough to get past the first look


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda attempt: attempt.__name__)
def test_damage_ends_in_a_result_or_a_sentence(attempt: Attempt, tmp_path: Path) -> None:
    """A few hundred seeded examples of each."""
    check(attempt, range(200), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(20))
@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda attempt: attempt.__name__)
def test_twenty_thousand_damaged_inputs(attempt: Attempt, part: int, tmp_path: Path) -> None:
    """The long run, in parts."""
    check(attempt, range(1000 * part, 1000 * (part + 1)), tmp_path)


@pytest.mark.parametrize("key", ["worksheets", "cells"])
@pytest.mark.parametrize("value", [7, "text", {"a": 1}, [7], [[7]], None, True])
def test_a_notebook_of_another_shape_is_no_fault(key: str, value: object) -> None:
    """What stands in place of a notebook's cells is nobody's code, and the others are compared."""
    odd = json.dumps({**NOTEBOOK, key: value}).encode()
    handed_in = [(label, list(code.cells(Submission(label, (("hw.py", CODE.encode()),))))) for label in ("ana", "bo")]
    handed_in.append(("odd", list(code.cells(Submission("odd", (("hw.ipynb", odd),))))))
    (group,) = similar.groups(handed_in, {"batched": "batched_backward"}, [])
    assert {"ana", "bo"} <= set(group.members)


def test_an_error_of_ours_is_what_a_damaged_sheet_ends_in(tmp_path: Path) -> None:
    """A quote that is never closed is told, however long the cell; a huge cell that is closed is read."""
    (tmp_path / "sheet.csv").write_text('a,b\n"' + "x" * 200_000 + '",1\n')
    assert len(exported.read(tmp_path / "sheet.csv").rows[0][0].value) == 200_000
    (tmp_path / "sheet.csv").write_text('a,b\n"' + "x" * 200_000 + ",1\n")
    with pytest.raises(OutputError, match="is no table"):
        exported.read(tmp_path / "sheet.csv")
