"""From what the worker saw of the by-hand rule to findings: checked against the files, in words.

A finding never touches a verdict: a check that autograd got right stays `passed`. What a finding costs is points
(`scoring.exercise_result`), and it costs them of every check of its exercise, so that points, scores and an LMS's
columns always add up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from grader.models import Finding
from grader.sandbox.quoting import Quotes
from grader.wire import evidence
from grader.wire.evidence import Sighting
from grader.wire.outcome import Evidence

MAX_PLACES = 5
"""Places that one finding names."""
MAX_EVIDENCE = 200
"""Pieces of evidence that are looked at."""

COSTLY = frozenset({evidence.AUTOGRAD, evidence.TAMPERING})


def judged(
    entry_point: str,
    during: Iterable[Evidence],
    read: Iterable[Evidence],
    quotes: Quotes,
    *,
    costs: frozenset[str],
    forbids: Sequence[str] = (),
) -> tuple[Finding, ...]:
    """The findings of one exercise in their final words, certain ones first.

    during: what its calls showed. read: what reading the source gave, for all entry points. quotes: the files. costs:
    the kinds that cost the exercise, by the policy. forbids: what the exercise does without; a definite use is certain
    where it costs something, and listed with the suspicions otherwise.
    """
    suspected = (each for each in read if each.entry_point in entry_point.split(", ") and not each.certain)
    groups: dict[tuple[str, bool], dict[str, None]] = {}
    for kind, certain, text in (*_distinct(during), *_distinct(suspected)):
        seen = evidence.read(text)
        rule = seen.forbidden if seen else ""
        ours = (rule in forbids) if rule else kind != evidence.FORBIDDEN
        if seen is None or kind not in evidence.KINDS or not ours:  # our worker never says that
            groups.setdefault((evidence.TAMPERING, True), {})[evidence.UNHOOKED] = None
            continue
        definite = kind in costs and seen.word.startswith(evidence.USES)
        group = groups.setdefault((kind, definite or (certain and kind in COSTLY)), {})
        group[_shown(seen, quotes)] = None
    kinds_known = {kind for kind, known in groups if known}
    return tuple(
        Finding(
            kind=kind,
            certain=known,
            evidence="; ".join(list(places)[:MAX_PLACES]),
            message=message(kind, entry_point, certain=known, costs=kind in costs),
        )
        for (kind, known), places in sorted(groups.items(), key=lambda item: (not item[0][1], item[0][0]))
        # A suspicion of what was seen anyway says nothing new.
        if known or kind not in kinds_known or kind == evidence.FORBIDDEN
    )


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


def _distinct(seen: Iterable[Evidence]) -> list[tuple[str, bool, str]]:
    """Kind, certain and text of each piece of evidence once; a worker may send any number of them."""
    return list(dict.fromkeys((each.kind, each.certain, each.text) for each in seen))[:MAX_EVIDENCE]


def _shown(seen: Sighting, quotes: Quotes) -> str:
    """The evidence, its place and line only where the files bear it out: a worker could write anything there."""
    return seen.text if quotes.has_line(seen.place, seen.line, seen.code.rstrip("…")) else seen.word
