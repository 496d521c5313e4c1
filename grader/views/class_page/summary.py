"""What a class's reports say together: counts, distribution, checks, misconceptions, the slowest and the failed."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.grading.remark import row
from grader.models import CheckResult, Counterexample, Report
from grader.wire.printable import plain

BARS = 10
SLOWEST = 10
SLOW_SECONDS = 1.0
"""What is quicker than this is never called slow."""


@dataclass(frozen=True)
class Bar:
    """One bar: what it counts, how many, and its length in per cent of the longest."""

    label: str
    count: int
    percent: float


@dataclass(frozen=True)
class Rate:
    """How many passed a check, of those it could be said of; `verdicts` of the others, the most frequent first."""

    exercise: str
    check: str
    passed: int
    open: int
    """Not done, or not run."""
    total: int
    verdicts: tuple[tuple[str, int], ...]

    @property
    def percent(self) -> float:
        """Of all that could be judged."""
        return self.share(self.passed)

    @property
    def wrong(self) -> int:
        """Done, and not right."""
        return self.total - self.passed - self.open

    def share(self, count: int) -> float:
        """Per cent of all that could be judged."""
        return 100 * count / self.total if self.total else 0.0


@dataclass(frozen=True)
class Topic:
    """The checks of one exercise; `percent` of all of them together."""

    exercise: str
    rates: tuple[Rate, ...]

    @property
    def percent(self) -> float:
        """How many of its checks were passed."""
        total = sum(rate.total for rate in self.rates)
        return 100 * sum(rate.passed for rate in self.rates) / total if total else 0.0


@dataclass(frozen=True)
class Misconception:
    """One mistake, who many hold it, where it shows, its hint, and an example that names nobody."""

    slug: str
    students: int
    percent: float
    exercises: tuple[str, ...]
    hint: str
    message: str
    example: Counterexample | None

    @property
    def words(self) -> str:
        """The slug as a heading: "no-relu-mask" is "No relu mask"."""
        return self.slug[:1].upper() + self.slug[1:].replace("-", " ")


@dataclass(frozen=True)
class Line:
    """One submission in a list; `index` leads to its page."""

    index: int
    id: str
    status: str
    seconds: float
    remark: str


@dataclass(frozen=True)
class Summary:
    """Everything that the page shows of the class as a whole."""

    lines: tuple[Line, ...]
    max_score: float
    mean: float | None
    median: float | None
    bars: tuple[Bar, ...]
    topics: tuple[Topic, ...]
    misconceptions: tuple[Misconception, ...]
    slowest: tuple[Line, ...]
    failed: tuple[Line, ...]


def summary(reports: Sequence[Report]) -> Summary:
    """The class as a whole; reports keep their order."""
    scores = [report.score for report in reports if report.score is not None]
    lines = tuple(_line(index, report) for index, report in enumerate(reports))
    slowest = sorted((line for line in lines if line.seconds >= SLOW_SECONDS), key=lambda line: -line.seconds)
    return Summary(
        lines=lines,
        max_score=max((report.max_score for report in reports), default=0.0),
        mean=statistics.fmean(scores) if scores else None,
        median=statistics.median(scores) if scores else None,
        bars=_bars(reports),
        topics=_topics(reports),
        misconceptions=tuple(_misconceptions(reports)),
        slowest=tuple(slowest[:SLOWEST]),
        failed=tuple(line for line in lines if line.status != "graded"),
    )


def _line(index: int, report: Report) -> Line:
    return Line(index, plain(report.submission.id), report.status, report.wall_seconds, row(report).remark)


def _bars(reports: Sequence[Report]) -> tuple[Bar, ...]:
    """How many reached which tenth of the full marks; full marks alone are a bar of their own."""
    counts = Counter(
        min(BARS, int(BARS * report.score / report.max_score + 1e-9))
        for report in reports
        if report.score is not None and report.max_score > 0
    )
    highest = max(counts.values(), default=1)
    labels = [f"{100 * low // BARS}–{100 * (low + 1) // BARS - 1} %" for low in range(BARS)] + ["100 %"]
    return tuple(Bar(label, counts[low], 100 * counts[low] / highest) for low, label in enumerate(labels))


def _checks(reports: Sequence[Report]) -> Iterator[tuple[int, str, CheckResult]]:
    for index, report in enumerate(reports):
        for exercise in report.exercises:
            for check in exercise.checks:
                yield index, exercise.exercise, check


def _topics(reports: Sequence[Report]) -> tuple[Topic, ...]:
    verdicts: dict[str, dict[str, Counter[str]]] = {}
    for _, exercise, check in _checks(reports):
        verdicts.setdefault(exercise, {}).setdefault(check.name, Counter())[check.verdict] += 1
    return tuple(
        Topic(exercise, tuple(_rate(exercise, name, counts) for name, counts in checks.items()))
        for exercise, checks in verdicts.items()
    )


def _rate(exercise: str, check: str, counts: Counter[str]) -> Rate:
    others = tuple((verdict.replace("_", " "), n) for verdict, n in counts.most_common() if verdict != "passed")
    total = counts.total() - counts["internal_error"]
    return Rate(exercise, check, counts["passed"], counts["missing"] + counts["skipped"], total, others)


def _misconceptions(reports: Sequence[Report]) -> Iterator[Misconception]:
    """The most frequent first; the example is the shortest one, whoever's it is."""
    holders: dict[str, set[int]] = {}
    found: dict[str, list[tuple[str, CheckResult]]] = {}
    for index, exercise, check in _checks(reports):
        if check.misconception:
            holders.setdefault(check.misconception, set()).add(index)
            found.setdefault(check.misconception, []).append((exercise, check))
    for slug in sorted(found, key=lambda slug: (-len(holders[slug]), slug)):
        _, best = min(found[slug], key=lambda each: _length(each[1]))
        exercises = tuple(dict.fromkeys(exercise for exercise, _ in found[slug]))
        hint = next((check.hint for _, check in found[slug] if check.hint), "")
        students = len(holders[slug])
        percent = 100 * students / len(reports)
        yield Misconception(slug, students, percent, exercises, hint, best.message, best.counterexample)


def _length(check: CheckResult) -> tuple[float, str]:
    example = check.counterexample
    return (len(example.inputs + example.actual), example.inputs) if example else (float("inf"), check.message)
