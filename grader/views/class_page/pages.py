"""Each student's page as data that the page's script draws: what many have, a text or a result, is kept once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from grader.grading.remark import row
from grader.models import CheckResult, ExerciseResult, Report
from grader.views.class_page.summary import parts, state, student_flags
from grader.wire.printable import plain


class Texts:
    """Texts by number; 0 is the empty one."""

    def __init__(self) -> None:
        self.all = [""]
        self._numbers = {"": 0}

    def number(self, text: str | None) -> int:
        """The number of a text, which is without control characters other than line breaks."""
        clean = plain(text or "", keep="\n")
        if clean not in self._numbers:
            self._numbers[clean] = len(self.all)
            self.all.append(clean)
        return self._numbers[clean]


class ResultTable:
    """ResultTable of exercises by number: most of a class share them."""

    def __init__(self, texts: Texts) -> None:
        self.all: list[dict[str, Any]] = []
        self._texts = texts
        self._numbers: dict[ExerciseResult, int] = {}

    def number(self, result: ExerciseResult) -> int:
        """The number of a result that is equal to this one."""
        if result not in self._numbers:
            self._numbers[result] = len(self.all)
            self.all.append(_exercise(result, self._texts))
        return self._numbers[result]


def pages(reports: Sequence[Report], alike: frozenset[str] = frozenset()) -> dict[str, Any]:
    """{"texts": [...], "results": [...], "students": [...]}; where a text belongs there is its number."""
    texts = Texts()
    results = ResultTable(texts)
    names = display_names(reports)
    students = [_student(report, names[report.submission.id], texts, results, alike) for report in reports]
    return {"students": students, "results": results.all, "texts": texts.all}


def display_names(reports: Sequence[Report]) -> dict[str, str]:
    """Who each is, by the submission's id: the people as the platform names them, or that id where it names nobody.

    Namesakes have what tells them apart behind the name.
    """
    people = {report.submission.id: report.submission.students for report in reports}
    named = {label: ", ".join(who.name for who in each if who.name) or label for label, each in people.items()}
    bearers = Counter(named.values())

    def known_by(label: str) -> str:
        return ", ".join(who.id or who.email for who in people[label] if who.id or who.email) or label

    return {label: f"{name} ({known_by(label)})" if bearers[name] > 1 else name for label, name in named.items()}


def _student(report: Report, name: str, texts: Texts, results: ResultTable, alike: frozenset[str]) -> dict[str, Any]:
    number = texts.number
    info = report.submission
    people = (" · ".join(filter(None, (who.name, who.id, who.email))) for who in info.students)
    return {
        "id": number(info.id),
        "name": number(name),
        "people": [number(person) for person in people],
        "files": [number(name) for name in info.files],
        "status": number(report.status),
        "flags": [number(flag) for flag in student_flags(report, alike)],
        "score": report.score,
        "max": report.max_score,
        "seconds": report.wall_seconds,
        "remark": number(row(report).remark),
        "notes": [number(note.message) for note in report.notes],
        "exercises": [results.number(exercise) for exercise in report.exercises],
    }


def _exercise(exercise: ExerciseResult, texts: Texts) -> dict[str, Any]:
    number = texts.number
    return {
        "name": number(exercise.exercise),
        "state": number(state(exercise)),
        "score": exercise.score,
        "max": exercise.max_score,
        "checks": [_check(check, texts) for check in exercise.checks],
        "mistakes": [number(slug) for slug in dict.fromkeys(s for check in exercise.checks for s in parts(check))],
        "findings": [number(f"{each.message} ({each.evidence})") for each in exercise.findings],
    }


def _check(check: CheckResult, texts: Texts) -> list[Any]:
    """[name, verdict, points, max points, message, hint, inputs, expected, actual]"""
    number, example = texts.number, check.counterexample
    shown = (example.inputs, example.expected, example.actual) if example else ("", "", "")
    points = [check.points, check.max_points]
    return [number(check.name), number(check.verdict), *points, *map(number, (check.message, check.hint, *shown))]
