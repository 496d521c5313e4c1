"""Whose the rows of Moodle's grading worksheet are: persons, anonymous persons, or members of teams.

Its headers are in any language, so columns are known by their place and by what stands in them.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from grader.batch.marks import Mark, Matched, Person, folded, match, orders

_LAST_NUMBER = re.compile(r"(\d+)\D*$")
_TAG = re.compile(r"<[^>]*>")


def owners(rows: Sequence[Sequence[str]], target: int, found: Sequence[Mark]) -> tuple[list[Person], Matched]:
    """The person of every row, and which mark is theirs; the column of grades is at `target`."""
    people = list(_people(rows, target))
    found = _without_group(found, people)
    return people, _by_team(rows, target, people, found) or match(people, _without_role(found, people, rows))


def _people(rows: Sequence[Sequence[str]], target: int) -> Iterator[Person]:
    """The rows with the participant's number, the name, and what else is different for everybody before the grade."""
    unique = [c for c in range(2, target) if len({row[c] for row in rows} - {""}) == sum(bool(row[c]) for row in rows)]
    for index, row in enumerate(rows):
        numbered = _LAST_NUMBER.search(row[0])
        name = _TAG.sub("", row[1]).strip() if target > 2 else ""  # anonymous: the state follows at once
        others = {str(column): row[column] for column in unique}
        yield Person(index, name or row[0], numbered[1] if numbered else "", others, orders(name))


def _without_role(found: Sequence[Mark], people: Sequence[Person], rows: Sequence[Sequence[str]]) -> Sequence[Mark]:
    """The marks without names, where an anonymous download calls everybody "Participant", in whatever language."""
    called = {folded(_LAST_NUMBER.sub("", row[0])) for row in rows}
    nameless = not any(person.names for person in people)
    roles = {folded(mark.student.name) for mark in found}
    if len(roles) == 1 and (nameless or roles == called):
        return [replace(mark, student=mark.student.model_copy(update={"name": ""})) for mark in found]
    return found


def _without_group(found: Sequence[Mark], people: Sequence[Person]) -> list[Mark]:
    """The marks under people's own names: older versions write "Team A-Ana Diaz" before the number that is hers."""
    names = {person.number: person.names for person in people}
    own = []
    for mark in found:
        words = mark.student.name.split("-")
        rests = ("-".join(words[place:]) for place in range(1, len(words)))
        name = next((rest for rest in rests if folded(rest) in names.get(mark.student.id, ())), mark.student.name)
        own.append(replace(mark, student=mark.student.model_copy(update={"name": name})))
    return own


def _by_team(
    rows: Sequence[Sequence[str]], target: int, people: Sequence[Person], found: Sequence[Mark]
) -> Matched | None:
    """Where teams handed in, their members' rows by the column that names the team; None where persons did.

    Moodle names a team's folder with the group's number, which says nothing about participants.
    """
    own = {(person.number, name) for person in people for name in person.names}
    names = Counter(folded(mark.student.name) for mark in found if mark.student.name)
    if any((mark.student.id, folded(mark.student.name)) in own for mark in found) or not names:
        return None
    columns = [{folded(row[column]) for row in rows} for column in range(2, target)]
    best = max(range(len(columns)), key=lambda index: len(columns[index] & names.keys()), default=None)
    if best is None or 2 * len(columns[best] & names.keys()) <= len(names):
        return None
    spellings: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        spellings[folded(row[best + 2])].add(row[best + 2].strip())
    decided: dict[int, Mark] = {}
    absent, refused = [], []
    for mark in found:
        name = folded(mark.student.name)
        if names[name] > 1 or len(spellings[name]) > 1:
            refused.append((mark.label, "several teams have this name, and no number says whose rows these are"))
        elif not spellings[name]:
            absent.append(mark)
        else:
            decided |= {index: mark for index, row in enumerate(rows) if folded(row[best + 2]) == name}
    return Matched(decided, (), tuple(absent), tuple(refused))
