"""From what the worker saw of the by-hand rule to findings: checked against the files, priced by the policy, in words.

A finding never touches a verdict: a check that autograd got right stays `passed`. What a finding costs is points, and
it costs them of every check of its exercise, so that points, scores and an LMS's columns always add up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from grader.grading.diagnose import Observation
from grader.models import ExerciseResult, Finding
from grader.sandbox.quoting import Quotes
from grader.wire import evidence
from grader.wire.evidence import Seen
from grader.wire.outcome import Evidence, Raised, Returned, Used

MOST_PLACES = 5
"""Places that one finding names."""

COSTLY = frozenset({evidence.AUTOGRAD, evidence.TAMPERING})


def of_calls(observations: Sequence[Observation]) -> tuple[Finding, ...]:
    """What the calls of one exercise showed, as the worker says it: neither checked nor priced yet."""
    outcomes = (observation.outcome for observation in observations)
    return _raw(
        seen for outcome in outcomes if isinstance(outcome, (Returned, Raised, Used)) for seen in outcome.evidence
    )


def judged(
    result: ExerciseResult,
    read: Iterable[Evidence],
    quotes: Quotes,
    *,
    costs: frozenset[str],
    forbids: Sequence[str] = (),
) -> ExerciseResult:
    """The result with its findings in their final words, and without points where a certain one costs them.

    read: what reading the source gave, for all entry points. quotes: the files. costs: the kinds that cost the
    exercise, by the policy. forbids: what the exercise does without; a definite use is certain where it costs
    something, and listed with the suspicions otherwise.
    """
    suspected = _raw(each for each in read if each.entry_point in result.entry_point.split(", ") and not each.certain)
    groups: dict[tuple[str, bool], dict[str, None]] = {}
    for finding in (*result.findings, *suspected):
        seen = evidence.read(finding.evidence)
        rule = seen.forbidden if seen else ""
        ours = (rule in forbids) if rule else finding.kind != evidence.FORBIDDEN
        if seen is None or finding.kind not in evidence.KINDS or not ours:  # our worker never says that
            groups.setdefault((evidence.TAMPERING, True), {})[evidence.UNHOOKED] = None
            continue
        definite = finding.kind in costs and seen.word.startswith(evidence.USES)
        group = groups.setdefault((finding.kind, definite or (finding.certain and finding.kind in COSTLY)), {})
        group[_shown(seen, quotes)] = None
    certain = {kind for kind, known in groups if known}
    findings = tuple(
        Finding(
            kind=kind,
            certain=known,
            evidence="; ".join(list(places)[:MOST_PLACES]),
            message=message(kind, result.entry_point, certain=known, costs=kind in costs),
        )
        for (kind, known), places in sorted(groups.items(), key=lambda item: (not item[0][1], item[0][0]))
        # A suspicion of what was seen anyway says nothing new.
        if known or kind not in certain or kind == evidence.FORBIDDEN
    )
    return _priced(result.model_copy(update={"findings": findings}), costs=bool(certain & costs))


def message(kind: str, entry_point: str, *, certain: bool, costs: bool) -> str:
    """One sentence or two: what was seen, what it costs, how to contest it."""
    if kind == evidence.FORBIDDEN:
        if not certain:
            used = "it uses, or may use, what its exercise does without"
            return f"Reading the source of `{entry_point}`: {used}. This costs nothing."
        return (
            f"`{entry_point}` uses what its exercise does without, so it earns no points. Do it by other means and "
            "hand in again; if this is a mistake, show your instructor this note."
        )
    if not certain:
        return f"Reading the source of `{entry_point}`: {_SUSPECTED[kind]}. This is a suspicion and costs nothing."
    price = "so it earns no points" if costs else "which costs nothing in this assignment"
    if kind == evidence.TAMPERING:
        return (
            f"What watches for autograd was taken away while `{entry_point}` ran, {price}. "
            "If you did not mean to, show your instructor this sentence."
        )
    return (
        f"torch.autograd was at work while `{entry_point}` was graded; the gradients are asked for by hand, {price}. "
        "If you only compare with autograd, do that outside of the function and hand in again; if this is a mistake, "
        "show your instructor this note."
    )


_SUSPECTED = {
    evidence.AUTOGRAD: "it may leave gradients to autograd",
    evidence.OTHER_FRAMEWORK: "it may leave gradients to another framework",
    evidence.NUMERIC: "it may take a difference quotient in place of a derivative",
    evidence.INTERNALS: "it looks into the process that runs it",
    evidence.TAMPERING: "it may take away what watches it",
}


def _raw(seen: Iterable[Evidence]) -> tuple[Finding, ...]:
    unique = dict.fromkeys((each.kind, each.certain, each.text) for each in seen)
    return tuple(
        Finding(kind=kind, certain=certain, evidence=text, message="") for kind, certain, text in list(unique)[:200]
    )


def _shown(seen: Seen, quotes: Quotes) -> str:
    """The evidence, its place and line only where the files bear it out: a worker could write anything there."""
    return seen.text if quotes.has_line(seen.place, seen.line, seen.code.rstrip("…")) else seen.word


def _priced(result: ExerciseResult, *, costs: bool) -> ExerciseResult:
    """Without points; a score that is unknown, for a fault of ours, stays unknown."""
    if not costs:
        return result
    checks = tuple(
        check.model_copy(update={"points": None if check.points is None else 0.0}) for check in result.checks
    )
    return result.model_copy(update={"checks": checks, "score": None if result.score is None else 0.0})
