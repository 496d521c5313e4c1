"""Bytes of a handed-in file -> text, or a sentence that says what is wrong with the file and what to do about it."""

from __future__ import annotations

import ast
import codecs
import contextlib
import re
import sys

from grader.wire.printable import plain

CODING = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]{1,40})", re.ASCII)
CODECS = "utf ascii iso8859 cp koi8 mac gb big5 shift_jis euc_ iso2022".split()  # the ones that people save source in
BOMS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",  # after UTF-32, whose mark begins with the same bytes
    codecs.BOM_UTF16_BE: "utf-16-be",
}
FORMATS = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a zip archive or an Office document",
    b"\x1f\x8b": "a compressed archive",
    b"\xd0\xcf\x11\xe0": "a Word document",
    b"{\\rtf": "a rich-text document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\x7fELF": "a program",
    b"\x00\x05\x16\x07": "a file that macOS made beside the real one",
}


MAX_QUOTED = 200


class Unreadable(Exception):
    """A file that cannot be used; the message is one sentence that names it and the remedy."""


def decode(name: str, data: bytes) -> tuple[str, str]:
    """The text with plain newlines and without byte-order mark, and a remark about its encoding or ""."""
    if not data.strip(b" \t\r\n\f"):
        raise Unreadable(f"{name} is empty; save your work and hand the file in again.")
    bom = next((mark for mark in BOMS if data.startswith(mark)), b"")
    encoding = BOMS.get(bom) or _utf16_without_mark(data)
    if not encoding:
        _refuse_binary(name, data)
    text, remark = _decode(name, data[len(bom) :], encoding or _declared(data))
    if "\0" in text:
        raise Unreadable(f"{name} contains NUL characters, it is damaged; save it again as UTF-8 text.")
    return text.replace("\r\n", "\n").replace("\r", "\n"), remark


def _decode(name: str, data: bytes, encoding: str) -> tuple[str, str]:
    try:
        return data.decode(encoding or "utf-8"), ""
    except UnicodeError:
        if encoding.startswith(("utf-16", "utf-32")):
            raise Unreadable(f"{name} is damaged UTF-16 text; save it again as UTF-8.") from None
    remark = f"{name} is not UTF-8 text; it was read as Latin-1. Save it as UTF-8 to be safe."
    return data.decode("latin-1"), remark


def _utf16_without_mark(data: bytes) -> str:
    """Mostly ASCII in UTF-16 has a zero in every second byte."""
    head = data[: min(len(data), 400) & ~1]
    if len(head) < 4 or len(data) % 2 or data.startswith(tuple(FORMATS)):
        return ""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd > 0.7 * len(head) / 2 and even == 0:
        return "utf-16-le"
    return "utf-16-be" if even > 0.7 * len(head) / 2 and odd == 0 else ""


def _refuse_binary(name: str, data: bytes) -> None:
    remedy = "hand in the .py or .ipynb file itself."
    for magic, what in FORMATS.items():
        if data.startswith(magic):
            raise Unreadable(f"{name} is {what}, not source code; {remedy}")
    if data[2:4] == b"\r\n" and b"\0" in data[:32]:
        raise Unreadable(
            f"{name} is compiled Python (.pyc), not source code; hand in the .py file that it was made from."
        )
    if b"\0" in data:
        raise Unreadable(f"{name} is binary data, not source code; {remedy}")


def _declared(data: bytes) -> str:
    """The encoding that one of the first two lines declares, where it is one that text is saved in."""
    for line in data[:400].splitlines()[:2]:
        if found := CODING.match(line):
            try:
                name = codecs.lookup(found[1].decode("ascii")).name
            except (LookupError, ValueError):
                return ""
            return name if name.replace("-", "_").startswith(tuple(CODECS)) else ""
    return ""


def printable(text: str, limit: int) -> str:
    """The text without characters that cannot be seen (newline and tab stay), at most `limit` long."""
    return plain(text if len(text) <= limit else text[: limit - 1] + "…", keep="\n\t")


def syntax_tree(text: str) -> list[ast.stmt]:
    """The statements of a Python text; raises SyntaxError, ValueError, RecursionError or MemoryError."""
    if sys.version_info < (3, 11):  # there ast.parse overflows the C stack where compile raises RecursionError
        with contextlib.suppress(SyntaxError):
            compile(text, "", "exec", dont_inherit=True)
    return ast.parse(text).body


def quotable(line: str) -> str:
    """The part of a source line that is found again in the file: the line itself, or its longest plain stretch.

    At most 200 characters; "" where nothing can be shown.
    """
    line = line.strip()
    if len(line) <= MAX_QUOTED and printable(line, MAX_QUOTED) == line:
        return line
    return max(re.findall(r"[\t -~]+", line), key=len, default="").strip()[:MAX_QUOTED].strip()


def quote(line: str) -> str:
    """A source line as it is quoted in a sentence: one line, between backticks."""
    return f"`{printable(' '.join(line.split()), 120).replace('`', chr(39))}`"
