"""Identical and near-identical answers as groups to look at; a resemblance is a question, not a verdict.

Answers are compared function by function: what an exercise asks for, with the helpers that it calls. What stands
around them, such as the demo cells of a notebook, neither hides nor makes a resemblance. Code is compared as sets of
short token sequences, so that names, the spelling of numbers, strings, comments, formatting, parentheses and the order
of functions do not count. Neither do the sequences of the stubs and of the course's own solutions, nor what so many
have that it says nothing. The search for candidates is MinHash with locality-sensitive hashing (datasketch);
candidates are then compared exactly.
"""

from __future__ import annotations

import builtins
import hashlib
import keyword
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from grader.batch.code import MAX_CODE_CHARACTERS, Cell, answer, functions

LENGTH = 7
"""Tokens in a sequence: about a line."""

FEWEST = 20
"""Sequences of its own that an answer must have; of a shorter one only that it is the same from beginning to end."""

FEWEST_SAME = 12
"""The same for an answer that is the same from beginning to end; of a shorter formula nothing can be said."""

ALIKE = 0.75
"""The share of common sequences (Jaccard) from which on two answers are shown together."""

SHORT = 150
ALIKE_SHORT = 0.85
"""The same where one of the two has fewer than SHORT."""

CONTAINED = 0.9
FEWEST_CONTAINED = 60
"""The share of the smaller answer that lies in the larger one, and its least size: a copy with something added."""

COMMON_SHARE = 0.05
COMMON_COUNT = 8
"""A sequence that more than a twentieth of the class and more than 8 submissions have does not count."""

WHOLE = ""
"""In place of an exercise: all answers of a submission together."""

# Python's own tokenizer stops at the first mistake, and a lexer made for colours takes six times as long.
_TOKEN = re.compile(
    r"""
      \#[^\n]*                                                                                     # a comment, or
    | [rbuf]{0,2}(?:\"{3}(?:\\.|[^\\])*?(?:\"{3}|\\?\Z) | '{3}(?:\\.|[^\\])*?(?:'{3}|\\?\Z))     # a text of many lines
    | [rbuf]{0,2}(?:"(?:\\.|[^"\\\n])*"? | '(?:\\.|[^'\\\n])*'?)                                   # or of one: not kept
    | (?P<number>\.?\d(?:[\w.]|(?<=[eE])[+-](?=\d))*)
    | (?P<name>[^\W\d]\w*)
    | (?P<sign>\*\*=? | //=? | << | >> | -> | [-+*/%@&|^<>=!:]= | [^\s(),\\])  # no parentheses
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_KEPT = frozenset({*keyword.kwlist, *dir(builtins)})
"""Names that are everybody's."""

PERMUTATIONS = 128

Shingles = frozenset[bytes]


@dataclass(frozen=True)
class Group:
    """Submissions that resemble each other in an exercise (slug), or as a whole (""); the more they share, the better.

    alike: the smallest share of common code that joined two of them, at most 1. code: the answers, member by member.
    """

    members: tuple[str, ...]
    alike: float
    exercise: str = WHOLE
    code: tuple[str, ...] = field(default=(), compare=False)


def groups(
    submissions: Iterable[tuple[str, Sequence[Cell]]], entry_points: Mapping[str, str], given: Iterable[str]
) -> tuple[Group, ...]:
    """Groups of two and more, the largest first.

    submissions: (label, code). entry_points: slug -> function. given: source code that everybody may have, such
    as stubs and right solutions.
    """
    answers: dict[str, dict[str, str]] = {}
    for label, cells in submissions:
        code = functions(source(cells))
        found_in = answers[label] = {}
        left = MAX_CODE_CHARACTERS  # for all exercises together: a helper is part of every answer that names it
        for slug, name in entry_points.items():
            if text := answer(code, name)[:left]:
                found_in[slug] = text
                left -= len(text)
    known = frozenset().union(*(shingles(tokens(text)) for text in given))
    written = {
        label: {slug: shingles(tokens(text)) for slug, text in parts.items()} for label, parts in answers.items()
    }
    found: list[Group] = []
    for slug in (WHOLE, *entry_points) if len(entry_points) > 1 else tuple(entry_points):
        compared = {
            label: frozenset().union(*parts.values()) if slug == WHOLE else parts.get(slug, frozenset())
            for label, parts in written.items()
        }
        found += _groups(compared, known, slug)
    ordered = sorted(_largest(found), key=lambda group: (-len(group.members), group.members, group.exercise))
    return tuple(_with_code(group, answers) for group in ordered)


def source(cells: Iterable[Cell]) -> str:
    """All code of a submission: Python files, and the code cells of notebooks without their magics."""
    parts: list[str] = []
    for cell in cells:
        lines = cell.text.splitlines()
        parts += [line for line in lines if not line.lstrip().startswith(("%", "!"))] if cell.number else lines
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


def _groups(written: Mapping[str, Shingles], known: Shingles, slug: str) -> Iterator[Group]:
    """The groups of one exercise, or of the whole; sequences that are known or common do not count."""
    counts = Counter(sequence for found in written.values() for sequence in found)
    most = max(COMMON_COUNT, COMMON_SHARE * len(written))
    idle = known | {sequence for sequence, count in counts.items() if count > most}
    same: dict[Shingles, list[str]] = {}
    short: dict[Shingles, list[str]] = {}
    for label, found in written.items():
        own = found - idle
        if len(own) >= FEWEST:
            same.setdefault(own, []).append(label)
        elif len(own) >= FEWEST_SAME:
            short.setdefault(found, []).append(label)
    yield from _joined(same, slug)
    yield from (Group(tuple(sorted(labels)), 1.0, slug) for labels in short.values() if len(labels) > 1)


def _largest(found: Sequence[Group]) -> Iterator[Group]:
    """Without the groups of one exercise whose members are together as a whole already."""
    whole = [set(group.members) for group in found if group.exercise == WHOLE]
    for group in found:
        if group.exercise == WHOLE or not any(set(group.members) <= members for members in whole):
            yield group


def _with_code(group: Group, answers: Mapping[str, Mapping[str, str]]) -> Group:
    def text(label: str) -> str:
        parts = answers[label]
        return "\n\n\n".join(parts.values()) if group.exercise == WHOLE else parts[group.exercise]

    return Group(group.members, group.alike, group.exercise, tuple(map(text, group.members)))


def _joined(same: Mapping[Shingles, list[str]], slug: str) -> Iterator[Group]:
    """Groups of equal and alike answers, joined over common members."""
    keys = list(same)
    parent = list(range(len(keys)))
    least = [1.0] * len(keys)

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for first, second in _candidates(keys):
        alike = _alike(keys[first], keys[second])
        if alike:
            a, b = root(first), root(second)
            parent[b] = a
            least[a] = min(least[a], least[b], alike)
    members: dict[int, list[str]] = {}
    for index, key in enumerate(keys):
        members.setdefault(root(index), []).extend(same[key])
    for index, labels in members.items():
        if len(labels) > 1:
            yield Group(tuple(sorted(labels)), math.floor(least[index] * 100) / 100, slug)


def _alike(first: Shingles, second: Shingles) -> float:
    """How alike two answers are where that is enough to show them, and 0 where it is not."""
    common, smaller = len(first & second), min(len(first), len(second))
    if not smaller:
        return 0.0
    overlap, contained = common / len(first | second), common / smaller
    if overlap >= (ALIKE_SHORT if smaller < SHORT else ALIKE):
        return overlap
    return contained if contained >= CONTAINED and smaller >= FEWEST_CONTAINED else 0.0


def _candidates(keys: Sequence[Shingles]) -> Iterator[tuple[int, int]]:
    """Pairs that are probably alike, or of which one probably contains the other."""
    from datasketch import MinHash, MinHashLSHEnsemble

    if len(keys) < 400:  # all pairs are quicker
        yield from combinations(range(len(keys)), 2)
        return
    index: Any = MinHashLSHEnsemble(threshold=ALIKE - 0.1, num_perm=PERMUTATIONS, num_part=8)
    signatures = list(MinHash.generator((list(key) for key in keys), num_perm=PERMUTATIONS))
    index.index(
        (number, signature, len(key)) for number, (signature, key) in enumerate(zip(signatures, keys, strict=True))
    )
    for number, (signature, key) in enumerate(zip(signatures, keys, strict=True)):
        for other in index.query(signature, len(key)):
            if other != number:
                yield other, number
