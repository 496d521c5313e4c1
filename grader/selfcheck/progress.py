"""Where a student stands in a course: the exercises of these files, what is done, and what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.course import assignment
from grader.course.catalog import Catalog
from grader.exercise import Exercise
from grader.models import ExerciseResult, Report
from grader.views import wording


@dataclass(frozen=True)
class Overview:
    """One line for each exercise of the files, one for each course that they belong to, and what to do next."""

    exercises: tuple[ExerciseResult, ...]
    courses: tuple[str, ...]
    next_step: str


def is_passed(result: ExerciseResult) -> bool:
    """Whether an exercise has full marks."""
    return all(check.has_full_points for check in result.checks)


def overview(courses: Catalog, report: Report, places: Mapping[str, str]) -> Overview:
    """Of the files that lie here. places: where each function stands, as loading found it."""
    done = [each.exercise for each in report.exercises if is_passed(each)]
    begun = dict.fromkeys(courses.course(each.exercise) for each in report.exercises)
    lines = [_progress(courses, course, done) for course in begun]
    open_ones = [each for each in report.exercises if each.exercise not in done]
    if open_ones:
        place = places.get(open_ones[0].entry_point, open_ones[0].exercise + ".py")
        return Overview(report.exercises, tuple(lines), wording.look_closer(place.partition(",")[0]))
    return Overview(report.exercises, tuple(lines), _next(_following(courses, done, done)))


def after(courses: Catalog, report: Report) -> str:
    """What comes after exercises that all passed; "" while one has not, and after the last one."""
    slugs = [each.exercise for each in report.exercises]
    if not slugs or not all(is_passed(each) for each in report.exercises):
        return ""
    order = _course(courses, courses.course(slugs[-1]))
    last = max(position for position, each in enumerate(order) if each.slug in slugs)
    return _next(next((each for each in order[last + 1 :]), None))


def _course(courses: Catalog, name: str) -> list[Exercise]:
    return [each for each in courses.select() if courses.course(each.slug) == name]


def _following(courses: Catalog, here: Sequence[str], done: Sequence[str]) -> Exercise | None:
    """The first exercise of the last course in these files that is not done."""
    order = _course(courses, courses.course(here[-1]))
    return next((each for each in order if each.slug not in done), None)


def _next(exercise: Exercise | None) -> str:
    if exercise is None:
        return ""
    started = [name for name in (f"{exercise.slug}.py", f"{exercise.slug}.ipynb") if Path(name).exists()]
    return wording.next_exercise(exercise.slug, exercise.title, started[0] if started else "")


def _progress(courses: Catalog, name: str, done: Sequence[str]) -> str:
    order = _course(courses, name)
    path = courses.exercises / name / "assignment.toml"
    title = (assignment.load(path).title if path.is_file() else "") or name or wording.COURSE
    return wording.progress(title, sum(each.slug in done for each in order), len(order))
