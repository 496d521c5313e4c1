"""Text from outside without control characters, for terminals, pages and files."""

from __future__ import annotations


def plain(text: str, *, keep_newlines: bool = False) -> str:
    """Text without control characters, so that no name or message can steer a terminal."""
    return "".join(c if c.isprintable() or (keep_newlines and c == "\n") else "�" for c in text)
