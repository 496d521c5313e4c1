"""What a class's reports say together. Each number that a page shows comes with the query that lists its students."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.batch.adjustments import ADJUSTED, COMMENT, OUTDATED
from grader.grading.remark import FLAGS, attempted, flags
from grader.models import CheckResult, Counterexample, ExerciseResult, Report

TINY = 1e-7
"""Scores are sums of floats; the page's script compares with the same tolerance."""

BARS = 10
LOW_PERCENT = 40
STATES = {"full": "full marks", "partial": "partial", "zero": "zero", "undone": "not done", "unknown": "not graded"}
TECHNICAL = tuple(flag for flag in FLAGS if flag not in ("by_hand", "errored"))
LOOK = {
    "technical": "Technical",
    **{flag: FLAGS[flag].capitalize() for flag in FLAGS},
    "help": "Needs help",
    "near": "One detail from full marks",
    "suspected": "Suspected by reading the source",
    "alike": "Look-alike",
    "late": "Late",
    "adjusted": "Adjusted by hand",
    "outdated": "Adjustment outdated",
}
"""Words that `is:` takes in a query, with their titles, in the page's order."""


@dataclass(frozen=True)
class Tile:
    """One number at the head of the page; `query` lists its students, None where it is about no students."""

    label: str
    value: str
    note: str = ""
    query: str | None = None


@dataclass(frozen=True)
class Bar:
    """One bar: what it counts, how many, its length in per cent of the longest, and the query."""

    label: str
    count: int
    percent: float
    query: str = ""


@dataclass(frozen=True)
class Rate:
    """One check: (verdict, count) of those that have any, passed first; the counts add up to the class."""

    check: str
    verdicts: tuple[tuple[str, int], ...]
    total: int

    @property
    def percent(self) -> float:
        """Passed, of all that could be judged."""
        counts = dict(self.verdicts)
        judged = self.total - counts.get("internal_error", 0)
        return 100 * counts.get("passed", 0) / judged if judged else 0.0


@dataclass(frozen=True)
class Mistake:
    """One mistake in one exercise: who makes it, alone or with another, its hint, and an example that names nobody."""

    exercise: str
    slug: str
    students: int
    hint: str
    message: str
    example: Counterexample | None

    @property
    def words(self) -> str:
        """The slug as a heading: "no-relu-mask" is "No relu mask"."""
        return self.slug[:1].upper() + self.slug[1:].replace("-", " ")

    @property
    def query(self) -> str:
        """Who makes it."""
        return f"{word(self.exercise)}:{word(self.slug)}"


@dataclass(frozen=True)
class Topic:
    """One exercise. mean, spread: in per cent of its points, None where nothing is known; states: how many are in each.

    discrimination: the correlation of its points with those of the other exercises, None where one of them is constant.
    """

    exercise: str
    max_points: float
    mean: float | None
    spread: float
    bars: tuple[Bar, ...]
    states: tuple[tuple[str, int], ...]
    discrimination: float | None
    mistakes: tuple[Mistake, ...]
    rates: tuple[Rate, ...]


@dataclass(frozen=True)
class Look:
    """A reason to look at submissions, and how many."""

    flag: str
    title: str
    count: int


@dataclass(frozen=True)
class Summary:
    """Everything that the page shows of the class as a whole; topics: the hardest first."""

    total: int
    tiles: tuple[Tile, ...]
    bars: tuple[Bar, ...]
    topics: tuple[Topic, ...]
    looks: tuple[Look, ...]


def summary(reports: Sequence[Report], alike: Sequence[str] | None) -> Summary:
    """The class as a whole. alike: ids of submissions that resemble another one, None where nobody looked."""
    marked = [student_flags(report, frozenset(alike or ())) for report in reports]
    counts = Counter(flag for each in marked for flag in each)
    looks = tuple(Look(flag, title, counts[flag]) for flag, title in LOOK.items() if counts[flag])
    topics = sorted(_topics(reports), key=lambda topic: (topic.mean is None, topic.mean, topic.exercise))
    return Summary(
        total=len(reports),
        tiles=tuple(_tiles(reports, counts, alike is not None)),
        bars=_bars([share(report) for report in reports]),
        topics=tuple(topics),
        looks=looks,
    )


def word(text: str) -> str:
    """A word of a query: quoted where it holds a space, or nothing."""
    return f'"{text}"' if any(c.isspace() for c in text) or not text else text


def share(report: Report | ExerciseResult) -> float | None:
    """Points in per cent of full marks, None where they are unknown."""
    return None if report.score is None or report.max_score <= 0 else 100 * report.score / report.max_score


def state(result: ExerciseResult) -> str:
    """A key of STATES."""
    if result.score is None:
        return "unknown"
    if result.score >= result.max_score - TINY:
        return "full"
    if result.score > TINY:
        return "partial"
    return "zero" if attempted(result) else "undone"


def student_flags(report: Report, alike: frozenset[str]) -> tuple[str, ...]:
    """Keys of LOOK."""
    reasons = set(flags(report))
    kinds = {note.kind for note in report.notes}
    checks = [check for exercise in report.exercises for check in exercise.checks]
    wrong = [check for check in checks if check.verdict != "passed"]
    points = share(report)
    tests = {
        "technical": bool(reasons & set(TECHNICAL)),
        "help": points is not None and points < LOW_PERCENT - TINY and any(map(attempted, report.exercises)),
        "near": report.status == "graded" and len(wrong) == 1 < len(checks) and wrong[0].verdict != "internal_error",
        "suspected": any(not finding.certain for exercise in report.exercises for finding in exercise.findings),
        "alike": report.submission.id in alike,
        "late": "late" in kinds,
        "adjusted": bool(kinds & {ADJUSTED, COMMENT}),
        "outdated": OUTDATED in kinds,
    }
    return tuple(flag for flag in LOOK if flag in reasons or tests.get(flag))


def parts(check: CheckResult) -> tuple[str, ...]:
    """The names of a check's mistakes: two where two are mixed."""
    return tuple(check.misconception.split("+")) if check.misconception else ()


def _tiles(reports: Sequence[Report], counts: Counter[str], looked: bool) -> Iterator[Tile]:
    scores = [report.score for report in reports if report.score is not None]
    most = max((report.max_score for report in reports), default=0.0)
    yield Tile("submissions", str(len(reports)), query="")
    if scores:
        yield Tile("mean", f"{statistics.fmean(scores):.1f}", f"of {most:g}, ± {statistics.pstdev(scores):.1f}")
        yield Tile("median", f"{statistics.median(scores):g}", f"of {most:g}")
    shares = [percent for report in reports if (percent := share(report)) is not None]
    full = sum(percent >= 100 - TINY for percent in shares)
    low = sum(percent < LOW_PERCENT - TINY for percent in shares)
    yield Tile("full marks", str(full), _of(full, len(reports)), "score>=100%")
    yield Tile(f"below {LOW_PERCENT} %", str(low), _of(low, len(reports)), f"score<{LOW_PERCENT}%")
    yield Tile("technical", str(counts["technical"]), "errors to look at", "is:technical")
    yield Tile("look-alike", str(counts["alike"]) if looked else "–", "" if looked else "not compared", "is:alike")


def _of(count: int, total: int) -> str:
    return f"{100 * count / total:.0f} % of the class" if total else ""


def _bars(shares: Sequence[float | None]) -> tuple[Bar, ...]:
    """How many reached which tenth of the full marks; full marks alone are a bar of their own."""
    known = [share for share in shares if share is not None]
    counts = Counter(min(BARS, int((share + TINY) * BARS / 100)) for share in known)
    highest = max(counts.values(), default=1)
    found = []
    for low in range(BARS + 1):
        start, end = 100 * low // BARS, 100 * (low + 1) // BARS
        label = f"{start}–{end - 1} %" if low < BARS else "100 %"
        query = f"score>={start}%" + (f" score<{end}%" if low < BARS else "")
        found.append(Bar(label, counts[low], 100 * counts[low] / highest, query))
    return tuple(found)


def _topics(reports: Sequence[Report]) -> Iterator[Topic]:
    order: dict[str, list[tuple[Report, ExerciseResult]]] = {}
    for report in reports:
        for result in report.exercises:
            order.setdefault(result.exercise, []).append((report, result))
    for slug, found in order.items():
        results = [result for _, result in found]
        shares = [share(result) for result in results]
        known = [each for each in shares if each is not None]
        counts = Counter(map(state, results))
        yield Topic(
            exercise=slug,
            max_points=max(result.max_score for result in results),
            mean=statistics.fmean(known) if known else None,
            spread=statistics.pstdev(known) if known else 0.0,
            bars=_bars(shares),
            states=tuple((each, counts[each]) for each in STATES),
            discrimination=_discrimination(found),
            mistakes=tuple(_mistakes(slug, results)),
            rates=tuple(_rates(results)),
        )


def _discrimination(found: Sequence[tuple[Report, ExerciseResult]]) -> float | None:
    """Of the points of an exercise with those of all others together."""
    pairs = [
        (result.score, sum(each.score or 0.0 for each in report.exercises if each is not result))
        for report, result in found
        if result.score is not None and report.score is not None
    ]
    own, others = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    if len(pairs) < 3 or statistics.pstdev(own) < TINY or statistics.pstdev(others) < TINY:
        return None
    return statistics.correlation(own, others)


def _rates(results: Sequence[ExerciseResult]) -> Iterator[Rate]:
    counts: dict[str, Counter[str]] = {}
    for result in results:
        for check in result.checks:
            counts.setdefault(check.name, Counter())[check.verdict] += 1
    for name, verdicts in counts.items():
        order = sorted(verdicts.items(), key=lambda each: (each[0] != "passed", -each[1], each[0]))
        yield Rate(name, tuple(order), verdicts.total())


def _mistakes(slug: str, results: Sequence[ExerciseResult]) -> Iterator[Mistake]:
    """The most frequent first; a student who mixes two counts for each. Hint and example are rather of one alone."""
    holders: dict[str, set[int]] = {}
    found: dict[str, list[CheckResult]] = {}
    for index, result in enumerate(results):
        for check in result.checks:
            for part in parts(check):
                holders.setdefault(part, set()).add(index)
                found.setdefault(part, []).append(check)
    for part in sorted(found, key=lambda part: (-len(holders[part]), part)):
        alone = [check for check in found[part] if check.misconception == part]
        best = min(alone or found[part], key=_length)
        yield Mistake(slug, part, len(holders[part]), best.hint or "", best.message, best.counterexample)


def _length(check: CheckResult) -> tuple[float, str]:
    example = check.counterexample
    return (len(example.inputs + example.actual), example.inputs) if example else (float("inf"), check.message)
