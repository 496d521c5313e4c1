"""The maximum that a sheet states, in whatever notation, and scores in the same notation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from grader.batch.cells import number
from grader.batch.marks import Mark
from grader.errors import OutputError

_GROUPS = re.compile(r"\d{1,3}([.,' \u00a0\u202f’])\d{3}(?:\1\d{3})*")
_DIGITS = re.compile(r"\d+(?:[.,]\d*)?")


@dataclass(frozen=True)
class Scale:
    """Points in the sheet per point of ours; `comma`: whether the sheet writes 12,5."""

    factor: float
    comma: bool = False

    def written(self, score: float) -> str:
        """A score as the sheet writes it."""
        return number(score * self.factor, self.comma)


def scale(found: Sequence[Mark], maximum: str, out_of: float | None) -> Scale:
    """How scores become the sheet's points.

    maximum: as the sheet states it, "" where it states none. Raises OutputError where it cannot be read, or is another
    than the reports' and nobody said how to scale.
    """
    ours = max((mark.max_score for mark in found), default=0.0)
    readings = _readings(maximum.strip())
    if maximum.strip() and not readings:
        raise OutputError(
            f"the sheet's maximum {maximum.strip()!r} is no number: is the column read-only or on a scale? "
            "Name another with --column"
        )
    fitting = [reading for reading in readings if abs(reading - ours) <= 1e-6]
    comma = _has_decimal_comma(maximum, (fitting or readings or [0.0])[0])
    if out_of is not None:
        return Scale(out_of / ours if ours else 1.0, comma)
    if ours and any(readings) and not fitting:
        theirs = " or ".join(f"{reading:g}" for reading in readings)
        raise OutputError(
            f"the sheet's maximum is {theirs} and the reports' is {ours:g}; add --out-of {readings[0]:g} to scale the "
            f"scores, or --out-of {ours:g} to write them as they are"
        )
    return Scale(1.0, comma)


def _readings(text: str) -> list[float]:
    """What a number can mean: 100,00 is 100, 1,000.00 is 1000, and 1.000 is 1 or 1000."""
    found: list[float] = []
    if _DIGITS.fullmatch(text):
        found.append(float(text.replace(",", ".")))
    whole, mark, decimals = text, "", ""
    for sign in ".,":
        head, _, tail = text.rpartition(sign)
        if head and tail.isdecimal() and _GROUPS.fullmatch(head) and sign not in head:
            whole, mark, decimals = head, sign, tail
    if grouped := _GROUPS.fullmatch(whole):
        found.append(float(whole.replace(grouped[1], "") + ("." + decimals if mark else "")))
    return found


def _has_decimal_comma(text: str, reading: float) -> bool:
    """Whether the comma in a number is the decimal one, under one reading of it."""
    head, comma, _ = text.rpartition(",")
    return bool(comma) and "." not in text[len(head) :] and float(re.sub(r"\D", "", head) or 0) == float(int(reading))
