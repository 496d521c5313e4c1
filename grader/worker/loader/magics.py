"""IPython's additions to Python (% %% ! ?) -> plain Python with the same number of lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal

OTHER_LANGUAGES = frozenset(
    "bash sh script cmd system sx html HTML svg SVG javascript js latex markdown perl ruby R sql cython pypy "
    "writefile file cu".split()
)
RUNS_ITS_LINE = ("%time", "%prun", "%memit", "%mprun", "%lprun")
FIRST_LINE = re.compile(r"^(?:[ \t\f]*(?:#[^\n]*)?\n)*[ \t]*(%%[^\n]*)")
ASSIGNMENT = re.compile(r"^([A-Za-z_][\w., \[\]'\"*]*)=\s*([!%])")
HELP = re.compile(r"^\??\??[\w.*%]+\?{1,2}\s*$")
RUN = re.compile(r"^%run\s+(?:-\w+\s+)*[\"']?(?:\./)?([A-Za-z_]\w*)(?:\.py|\.ipynb)?[\"']?\s*$")
TOKENS = re.compile(r"\\.|\"\"\"|'''|[\"'#()\[\]{}]", re.DOTALL)


def cell_magic(text: str) -> list[str]:
    """The words of a %% line that opens the cell, or []."""
    found = FIRST_LINE.match(text)
    return found[1][2:].split() if found else []


def neutralised(text: str) -> str:
    """The cell with every magic and shell line replaced, line by line, by Python that does no harm.

    A cell in another language becomes empty; %time keeps its statement; `files = !ls` becomes an empty list.
    """
    if magic := cell_magic(text):
        if magic[0] in OTHER_LANGUAGES or magic[0].startswith("!"):
            return "\n" * text.count("\n")
        text = re.sub(r"^([ \t]*)%%[^\n]*", r"\1", text, count=1, flags=re.MULTILINE)
    out: list[str] = []
    shell_continues = False
    for line, begins in _lines(text):
        if shell_continues:
            out.append("")
            shell_continues = line.rstrip().endswith("\\")
            continue
        new = _plain(line) if begins else line
        shell_continues = new is not line and line.rstrip().endswith("\\")
        out.append(new)
    return "\n".join(out)


def _plain(line: str) -> str:
    """One line at the start of a statement; the same object when it needs no change."""
    code = line.strip()
    indent = line[: len(line) - len(line.lstrip())]
    if found := RUN.match(code):
        return f"{indent}from {found[1]} import *"
    if code.startswith(RUNS_ITS_LINE):
        rest = code.partition(" ")[2].strip()
        return indent + (rest if rest and not rest.startswith("-") else "pass")
    if code.startswith(("%", "!", "?")) or HELP.match(code):
        return indent + "pass"
    if found := ASSIGNMENT.match(code):
        return f"{indent}{found[1]}= {'[]' if found[2] == '!' else 'None'}"
    return line


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it begins a statement: not inside a string, a bracket or a continuation."""
    string, depth, continued = "", 0, False
    for line in text.split("\n"):
        begins = not (string or depth or continued)
        yield line, begins
        if begins and line.lstrip().startswith(("%", "!", "?")):
            continue  # quotes and brackets of a shell line mean nothing here
        string, depth = _scan(line, string, depth)
        continued = not string and line.endswith("\\")


def ends_inside(lines: Iterable[str]) -> Literal["string", "bracket", ""]:
    """What is still open at the end of the lines."""
    string, depth = "", 0
    for line in lines:
        string, depth = _scan(line, string, depth)
    return "string" if string else "bracket" if depth else ""


def _scan(line: str, string: str, depth: int) -> tuple[str, int]:
    """The open triple quote and the bracket depth after a line."""
    for found in TOKENS.finditer(line):
        token = found[0]
        if string:
            string = "" if token == string else string
        elif token == "#":
            break
        elif token[0] in "\"'":
            string = token
        elif token in "([{":
            depth += 1
        elif token in ")]}":
            depth = max(0, depth - 1)
    return (string if len(string) == 3 else ""), depth  # a plain string ends with its line
