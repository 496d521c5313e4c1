"""Each student's page as data that the page's script draws: texts are kept once, however many have them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from grader.models import CheckResult, Report
from grader.views.terminal import plain

CODE = frozenset({"inputs", "expected", "actual"})


class Texts:
    """Texts by number; 0 is the empty one."""

    def __init__(self) -> None:
        self.all = [""]
        self._numbers = {"": 0}

    def number(self, text: str | None) -> int:
        """The number of a text, which is without control characters other than line breaks."""
        clean = plain(text or "", keep_newlines=True)
        if clean not in self._numbers:
            self._numbers[clean] = len(self.all)
            self.all.append(clean)
        return self._numbers[clean]


def pages(reports: Sequence[Report]) -> dict[str, Any]:
    """{"texts": [...], "students": [...]}; everything in a student but numbers is a number of a text."""
    texts = Texts()
    return {"students": [_student(report, texts) for report in reports], "texts": texts.all}


def _student(report: Report, texts: Texts) -> dict[str, Any]:
    number = texts.number
    info = report.submission
    people = (" ".join(filter(None, (who.name, who.id, who.email))) for who in info.students)
    return {
        "id": number(info.id),
        "people": [number(person) for person in people],
        "files": [number(name) for name in info.files],
        "status": number(report.status),
        "score": report.score,
        "max": report.max_score,
        "seconds": report.wall_seconds,
        "notes": [number(note.message) for note in report.notes],
        "exercises": [
            {
                "name": number(exercise.exercise),
                "score": exercise.score,
                "max": exercise.max_score,
                "checks": [_check(check, texts) for check in exercise.checks],
                "findings": [number(f"{each.message} ({each.evidence})") for each in exercise.findings],
            }
            for exercise in report.exercises
        ],
    }


def _check(check: CheckResult, texts: Texts) -> list[Any]:
    """[name, verdict, points, max points, message, hint, inputs, expected, actual]"""
    number, example = texts.number, check.counterexample
    shown = (example.inputs, example.expected, example.actual) if example else ("", "", "")
    words = (check.message, check.hint, *shown)
    points = [check.points, check.max_points]
    return [number(check.name), number(check.verdict), *points, *map(number, words)]
