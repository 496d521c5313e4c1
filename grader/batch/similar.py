"""Identical and near-identical submissions as groups to look at; a resemblance is a question, not a verdict.

Code is compared as sets of short token sequences. Names, numbers' spelling apart from their value, strings, comments,
formatting, parentheses and the order of functions do not count. Neither do sequences of the exercises' own stubs, nor
what so many have that it says nothing. The search for candidates is MinHash with locality-sensitive
hashing (datasketch); candidates are then compared exactly.
"""

from __future__ import annotations

import builtins
import hashlib
import json
import keyword
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from grader.submissions import Submission

LENGTH = 7
"""Tokens in a sequence: about a line."""

FEWEST = 25
"""Sequences that a submission must have of its own; of less code nothing can be said."""

ALIKE = 0.75
"""The share of common sequences (Jaccard) from which on two submissions are shown together."""

SHORT = 150
ALIKE_SHORT = 0.85
"""The same where one of the two has fewer than SHORT: independent answers to one exercise come up to 0.7."""

COMMON_SHARE = 0.25
COMMON_COUNT = 8
"""A sequence that more than a quarter of the class and more than 8 submissions have does not count."""

# Python's own tokenizer stops at the first mistake, and a lexer made for colours takes six times as long.
_TOKEN = re.compile(
    r"""
      \#[^\n]*                                                                                     # a comment, or
    | [rbuf]{0,2}(?:\"{3}(?:\\.|[^\\])*?(?:\"{3}|\Z) | '{3}(?:\\.|[^\\])*?(?:'{3}|\Z))           # a text of many lines
    | [rbuf]{0,2}(?:"(?:\\.|[^"\\\n])*"? | '(?:\\.|[^'\\\n])*'?)                                   # or of one: not kept
    | (?P<number>\.?\d(?:[\w.]|(?<=[eE])[+-](?=\d))*)
    | (?P<name>[^\W\d]\w*)
    | (?P<sign>\*\*=? | //=? | << | >> | -> | [-+*/%@&|^<>=!:]= | [^\s(),\\])  # no parentheses
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_KEPT = frozenset({*keyword.kwlist, *dir(builtins)})
"""Names that are everybody's."""

MAX_CODE_CHARACTERS = 400_000
PERMUTATIONS = 128

Shingles = frozenset[bytes]


@dataclass(frozen=True)
class Group:
    """Submissions that resemble each other; `alike` is the smallest resemblance that joined two of them, at most 1."""

    members: tuple[str, ...]
    alike: float


def groups(submissions: Iterable[tuple[str, Submission]], stubs: Iterable[str]) -> tuple[Group, ...]:
    """Groups of two and more, the largest first. submissions: (label, submission); stubs: source code that is given."""
    given = frozenset().union(*(shingles(tokens(stub)) for stub in stubs)) if stubs else frozenset()
    own = {label: shingles(tokens(source(submission))) - given for label, submission in submissions}
    counts = Counter(sequence for found in own.values() for sequence in found)
    most = max(COMMON_COUNT, COMMON_SHARE * len(own))
    common = frozenset(sequence for sequence, count in counts.items() if count > most)
    same: dict[Shingles, list[str]] = {}
    for label, found in own.items():
        if len(found - common) >= FEWEST:
            same.setdefault(found - common, []).append(label)
    return tuple(sorted(_joined(same), key=lambda group: (-len(group.members), group.members)))


def source(submission: Submission) -> str:
    """All code of a submission: Python files, and the code cells of notebooks."""
    parts = []
    for name, content in submission.files:
        text = content.decode("utf-8", "replace")
        parts.append("\n".join(_cells(text)) if name.lower().endswith(".ipynb") else text)
    return "\n".join(parts)[:MAX_CODE_CHARACTERS]


def tokens(code: str) -> list[str]:
    """What the code says, whatever its names and formatting; code that is not valid Python has tokens too."""
    found: list[str] = []
    attribute = False
    for match in _TOKEN.finditer(code):
        word = match["number"] or match["name"] or match["sign"]
        if not word:
            continue
        if match["number"]:
            word = _value(word)
        elif match["name"] and not attribute and word not in _KEPT:
            word = "v"
        found.append(word)
        attribute = word == "."
    return found


def shingles(found: list[str]) -> Shingles:
    """Every run of LENGTH tokens, as 8 bytes."""
    runs = ("\0".join(found[start : start + LENGTH]) for start in range(max(0, len(found) - LENGTH + 1)))
    return frozenset(hashlib.blake2b(run.encode("utf-8", "replace"), digest_size=8).digest() for run in runs)


def _value(number: str) -> str:
    """One spelling of 2, 2. and 2.0."""
    try:
        return f"{float(number):g}"
    except ValueError:
        return number


def _joined(same: Mapping[Shingles, list[str]]) -> Iterator[Group]:
    """Groups of equal and alike submissions, joined over common members."""
    keys = list(same)
    parent = list(range(len(keys)))
    least = [1.0] * len(keys)

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for first, second in _candidates(keys):
        alike = len(keys[first] & keys[second]) / len(keys[first] | keys[second])
        short = min(len(keys[first]), len(keys[second])) < SHORT
        if alike >= (ALIKE_SHORT if short else ALIKE):
            a, b = root(first), root(second)
            parent[b] = a
            least[a] = min(least[a], least[b], alike)
    members: dict[int, list[str]] = {}
    for index, key in enumerate(keys):
        members.setdefault(root(index), []).extend(same[key])
    for index, labels in members.items():
        if len(labels) > 1:
            yield Group(tuple(sorted(labels)), math.floor(least[index] * 100) / 100)


def _candidates(keys: list[Shingles]) -> Iterator[tuple[int, int]]:
    """Pairs that are probably alike."""
    from datasketch import MinHash, MinHashLSH

    if len(keys) < 200:  # all pairs are quicker
        yield from combinations(range(len(keys)), 2)
        return
    index: Any = MinHashLSH(threshold=ALIKE - 0.1, num_perm=PERMUTATIONS)
    for number, signature in enumerate(MinHash.generator((list(key) for key in keys), num_perm=PERMUTATIONS)):
        for other in index.query(signature):
            yield other, number
        index.insert(number, signature)


def _cells(text: str) -> Iterator[str]:
    """The code cells of a notebook (format 3 or 4) without magics; nothing for what is no notebook."""
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError):
        return
    if not isinstance(notebook, dict):
        return
    sheets = [notebook, *(each for each in notebook.get("worksheets") or () if isinstance(each, dict))]
    for cell in (cell for sheet in sheets for cell in sheet.get("cells") or ()):
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            lines = cell.get("source", cell.get("input", ""))
            code = "".join(map(str, lines)) if isinstance(lines, list) else str(lines)
            yield "\n".join(line for line in code.splitlines() if not line.lstrip().startswith(("%", "!")))
