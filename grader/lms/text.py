"""What students wrote, made harmless, and what the grader says, cut to a platform's size."""

from __future__ import annotations

import unicodedata

from grader.models import CheckResult

CUT = "\n[...]"


def check_text(check: CheckResult) -> str:
    """One check in the words of `grader check`: facts, hint, and an example that is public."""
    if check.verdict == "passed":
        return plain(" ".join(part for part in (check.message, check.hint) if part))
    from grader.views import terminal

    return plain(terminal.check_text(check))


def plain(text: str) -> str:
    """Text without characters that steer a terminal or turn the direction of writing; lines stay lines."""
    return "".join(c if c == "\n" or unicodedata.category(c)[0] != "C" else "\ufffd" for c in text)


def shortened(text: str, most: int) -> str:
    """At most so many characters, the beginning of it."""
    return text if len(text) <= most else text[: most - len(CUT)] + CUT
