"""Two gradings compared, for people at a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rich.console import Console
from rich.text import Text

from grader.batch.difference import Change
from grader.wire.printable import plain


def show(found: Sequence[Change], console: Console) -> None:
    """One paragraph per submission, then a line of counts."""
    if not found:
        console.print("No score changed.")
        return
    up = down = 0
    for identity, group in groupby(found, key=lambda change: change.id):
        changes = list(group)
        first = changes[0]
        points = first.points
        up += points is not None and points > 0
        down += points is not None and points < 0
        colour = "" if not points else ("green" if points > 0 else "red")
        signed = "" if points is None else f"  ({points:+g})"
        scores = f"{_score(first.old_score)} -> {_score(first.new_score)}{signed}"
        console.print(Text.assemble((plain(identity), "bold"), "  ", (scores, colour)))
        for change in changes:
            where = f"{change.exercise} · {change.check}: " if change.check else ""
            console.print(Text(f"  {plain(where)}{change.old or 'none'} -> {change.new or 'none'}"))
            console.print(Text(f"    {plain(change.why)}", style="dim"))
    total = len({change.id for change in found})
    console.print(f"{total} submissions changed: {up} gained, {down} lost.", highlight=False)


def _score(score: float | None) -> str:
    return "–" if score is None else f"{score:g}"
