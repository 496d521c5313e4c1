"""Whose row a mark belongs to: in random classes nobody ever gets another's mark, and everybody gets their own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from grader.batch import exported, gradebook
from grader.batch.gradebook import Filled
from grader.batch.marks import Mark, folded, orders
from grader.models import Student
from tests.batch.test_gradebook import a_report

NAMES = (("Kim", "Lee"), ("Lee", "Kim"), ("Ana Maria", "Diaz"), ("José", "Núñez"), ("7", ""), ("?", ""))
"""First and last; the first two are namesakes where a platform turns names round, the last has no letter."""
FEEDBACK = "- well done\n=1+1; see page 3, please"
REPORT = a_report("x", 1.0)


@dataclass(frozen=True)
class Human:
    """Somebody with a platform's number, a student number that may be somebody else's number, and an address."""

    number: str
    student: str
    address: str
    first: str
    last: str
    score: float
    cell: str
    """What stands in the sheet already."""
    enrolled: bool
    handed_in: bool

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}".strip()

    def reported(self, origin: str) -> bool:
        """Whether there is a report; a file that is called "7" is a number's and no name's."""
        return self.handed_in and (origin != "name" or self.name[0].isalpha())

    @property
    def sortable(self) -> str:
        return ", ".join(filter(None, (self.last, self.first)))


@dataclass(frozen=True)
class Classroom:
    """People, where their reports come from, and how the sheet is written."""

    people: tuple[Human, ...]
    origin: str
    """platform: the sheet's own download. gradescope: student number, name, address. Else that field alone."""
    separator: str
    line_end: str
    quoted: bool
    mark: str

    @property
    def rows(self) -> list[Human]:
        return [each for each in self.people if each.enrolled]

    def text(self, cells: list[list[str]]) -> str:
        def written(cell: str) -> str:
            quoted = self.quoted or any(sign in cell for sign in ',;\t\n"')
            return '"' + cell.replace('"', '""') + '"' if quoted else cell

        lines = [self.separator.join(map(written, row)) for row in cells]
        return self.mark + "".join(line + self.line_end for line in lines)


@st.composite
def classrooms(draw: st.DrawFn) -> Classroom:
    count = draw(st.integers(1, 7))
    numbers = draw(st.lists(st.integers(1, 9), min_size=count, max_size=count, unique=True))
    students = draw(st.lists(st.integers(1, 9), min_size=count, max_size=count, unique=True))
    people = tuple(
        Human(
            str(numbers[index]),
            str(students[index]),
            f"u{index}@x.edu",
            *draw(st.sampled_from(NAMES)),
            score=1 + index / 2,
            cell=draw(st.sampled_from(("", "", "19.75", "EX"))),
            enrolled=draw(st.booleans()) or draw(st.booleans()),
            handed_in=draw(st.booleans()) or draw(st.booleans()),
        )
        for index in range(count)
    )
    return Classroom(
        people,
        draw(st.sampled_from(("platform", "gradescope", "number", "student", "address", "name"))),
        draw(st.sampled_from(",;\t")),
        draw(st.sampled_from(("\n", "\r\n"))),
        draw(st.booleans()),
        draw(st.sampled_from(("", "\ufeff"))),
    )


def canvas(classroom: Classroom) -> list[list[str]]:
    return [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "HW (1)", "Final Score"],
        ["    Points Possible", "", "", "", "", "20", "(read only)"],
        *([p.sortable, p.number, p.student, p.address, "A", p.cell, FEEDBACK] for p in classroom.rows),
    ]


def moodle(classroom: Classroom) -> list[list[str]]:
    return [
        ["Identifier", "Full name", "ID number", "Email address", "Status", "Grade", "Maximum Grade", "Remark"],
        *(
            [f"Participant {p.number}", p.name, p.student, p.address, "Submitted", p.cell, "20", FEEDBACK]
            for p in classroom.rows
        ),
    ]


def mark(human: Human, origin: str, platform: str) -> Mark:
    if origin == "gradescope":
        student = Student(id=human.student, name=human.name, email=human.address)
    elif origin == "platform":
        name = human.name if platform == "moodle" else folded(human.sortable)
        student = Student(id=human.number, name=name)
    else:
        student = Student(id=str(getattr(human, origin)))
    return Mark(student, human.score, 20.0, REPORT)


def is_certain(human: Human, classroom: Classroom) -> bool:
    """Whether nothing but their own row can be meant: no other row has the same number in another column."""
    others = [each for each in classroom.rows if each != human]
    if classroom.origin == "name":
        bearers = [each for each in (human, *classroom.people) if orders(each.name) & orders(human.name)]
        return len(bearers) == 2  # themselves twice
    if classroom.origin in ("gradescope", "address"):
        return True  # nobody has another's address
    if classroom.origin == "platform" and orders(human.name):
        return True  # with a name, a number of the platform's own is nobody else's
    column, other = columns(classroom)
    own = str(getattr(human, column))
    unlike = all(own != getattr(each, other) and own != each.first for each in others)
    return unlike and explained(classroom, column) > explained(classroom, other)


def columns(classroom: Classroom) -> tuple[str, str]:
    """The column that bare ids come from, and the other one with numbers."""
    return ("student", "number") if classroom.origin == "student" else ("number", "student")


def explained(classroom: Classroom, column: str) -> int:
    """How many of the ids are found in a column, where ids are all that there is."""
    there = {getattr(each, column) for each in classroom.rows}
    return sum(getattr(each, columns(classroom)[0]) in there for each in classroom.people if each.handed_in)


@pytest.mark.parametrize("platform", ["canvas", "moodle"])
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(classroom=classrooms())
def test_everybody_gets_their_own_mark_and_nobody_anothers(tmp_path: Path, platform: str, classroom: Classroom) -> None:
    """Whatever the class, the sheet's notation and where the reports come from: namesakes, a number that is somebody
    else's in another column, people without a row and rows without a report. Every other byte stays."""
    table = (canvas if platform == "canvas" else moodle)(classroom)
    source, other = columns(classroom)
    assume(classroom.rows and explained(classroom, source) >= explained(classroom, other))
    before = classroom.text(table)
    (tmp_path / "sheet.csv").write_bytes(before.encode())
    found = [mark(each, classroom.origin, platform) for each in classroom.people if each.reported(classroom.origin)]
    sheet = exported.read(tmp_path / "sheet.csv")
    made = gradebook.canvas(sheet, found) if platform == "canvas" else gradebook.moodle(sheet, found)
    column, first = 5, len(table) - len(classroom.rows)
    landed = written(made, tmp_path, first, column, platform)
    for place, human in enumerate(classroom.rows):
        own = f"{human.score:g}"
        assert landed[place] in (human.cell, own) or told(human, made, classroom)
        if human.reported(classroom.origin) and human.cell != "EX" and is_certain(human, classroom):
            assert landed[place] == own, made
        table[first + place][column] = landed[place]
    assert made.text == classroom.text(table)
    assert made.filled == sum(cell not in ("", "19.75", "EX") for cell in landed)


def told(human: Human, made: Filled, classroom: Classroom) -> bool:
    """Where names are all that is known, a lone report may be a namesake's without a row: the row is named."""
    namesakes = [each for each in classroom.people if orders(each.name) & orders(human.name)]
    reports = [each for each in namesakes if each.reported(classroom.origin)]
    rows = [each for each in namesakes if each.enrolled]
    named = {human.name, human.sortable} & {*made.by_name}
    return classroom.origin == "name" and human not in reports and len(reports) == len(rows) == 1 and bool(named)


def written(made: Filled, tmp_path: Path, first: int, column: int, platform: str) -> list[str]:
    """The column of the filled sheet, row by row."""
    (tmp_path / "filled.csv").write_bytes(made.text.encode())
    again = exported.read(tmp_path / "filled.csv")
    return [again.values(row)[column] for row in range(first - 1, len(again.rows))]
