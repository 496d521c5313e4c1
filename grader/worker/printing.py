"""What the student's code prints, of which the beginning is enough."""

from __future__ import annotations

import io

MAX_CHARACTERS = 4_000


class Beginning(io.StringIO):
    """Keeps the beginning of what is written to it."""

    def write(self, text: str, /) -> int:
        super().write(text[: max(0, MAX_CHARACTERS - self.tell())])
        return len(text)
