"""Names that are nearly right: which one may be meant, or which ones there are."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

ALIKE = 0.7
MAX_SHOWN = 8


def close(name: str, known: Iterable[str], *, alike: float = ALIKE) -> tuple[str, ...]:
    """The known names that are spelled most like a name, at most two."""
    return tuple(difflib.get_close_matches(name, list(known), n=2, cutoff=alike))


def instead(name: str, known: Iterable[str]) -> str:
    """ "did you mean this?" where some name is close, or else "there: the first names and how many more"."""
    known = list(known)
    if found := close(name, known):
        return f"did you mean {' or '.join(found)}?"
    return f"there: {listed(known)}"


def listed(names: Iterable[str]) -> str:
    """The first of many names, and how many more there are."""
    names = list(names)
    more = len(names) - MAX_SHOWN
    shown = ", ".join(names[:MAX_SHOWN]) or "none"
    return f"{shown} and {more} more; `grader list` shows the exercises" if more > 0 else shown
