"""What a worker says about the submitted files, looked up in them before it is shown.

A worker can write anything into a frame or an evidence, a hidden input too, so only what stands in the files is quoted.
The files are the student's, and so are the questions: the search is bounded, whatever both are.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from grader.wire.printable import plain

MAX_SEARCHED_BYTES = 2**29
"""For all questions about one submission together, about a second; each different question is searched for once."""


class Quotes:
    """The files of one submission, (name, bytes) each, and what was found in them so far."""

    def __init__(self, files: Sequence[tuple[str, bytes]]) -> None:
        self._files = {plain(name, keep="\n\t"): content for name, content in files}
        self._lines: dict[str, int] = {}
        self._found: dict[tuple[str, str], bool] = {}
        self._left_bytes = MAX_SEARCHED_BYTES

    def has_line(self, place: str, line: int, code: str) -> bool:
        """Whether a place ("hw.py" or "hw.ipynb, cell 3") can have such a line, and its file this code somewhere."""
        name, _, cell = place.partition(", cell ")
        plausible = not cell or (cell.isascii() and cell.isdigit() and len(cell) <= 4)
        if name not in self._files or not plausible:
            return False
        if name not in self._lines:
            self._lines[name] = self._files[name].count(b"\n") + 1
        return 0 <= line <= self._lines[name] and self._stands(name, code)

    def has_text(self, text: str) -> bool:
        """Whether a text stands in any of the files."""
        return any(self._stands(name, text) for name in self._files)

    def _stands(self, name: str, text: str) -> bool:
        """Whether a file has the text as Python has it, or as a notebook does; False when too much was searched."""
        if (name, text) not in self._found:
            self._found[name, text] = self._search(self._files[name], text)
        return self._found[name, text]

    def _search(self, content: bytes, text: str) -> bool:
        for form in dict.fromkeys((text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1])):
            # Evidence is quoted between backticks, so that its own are told as apostrophes.
            for searched in (content, content.replace(b"`", b"'") if "'" in form and b"`" in content else b""):
                self._left_bytes -= len(searched)
                if self._left_bytes < 0:
                    return False
                if form.encode() in searched:
                    return True
        return False
