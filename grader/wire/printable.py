"""Text from outside without characters that cannot be seen, for reports, terminals, pages and files."""

from __future__ import annotations

import unicodedata


def plain(text: str, *, keep: str = "") -> str:
    """The text with U+FFFD for every control, formatting, unassigned and line-separating character but those of `keep`.

    So no name or message can steer a terminal, turn the direction of writing, or begin a line of its own.
    """
    if text.isprintable():
        return text
    return "".join(c if c in keep or not _is_hidden(c) else "\N{REPLACEMENT CHARACTER}" for c in text)


def _is_hidden(char: str) -> bool:
    return unicodedata.category(char)[0] == "C" or char in "\u2028\u2029"
