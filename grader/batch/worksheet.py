"""Whose the rows of Moodle's grading worksheet are: persons, anonymous persons, or members of teams.

Its headers are in any language, so columns are known by their place and by what stands in them.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from grader.batch.marks import Mark, Matched, Person, folded, match, orders

GROUP = "Group"
"""Moodle's column for teams, in English."""
_LAST_NUMBER = re.compile(r"(\d+)\D*$")
_TAG = re.compile(r"<[^>]*>")


def owners(
    header: Sequence[str], rows: Sequence[Sequence[str]], target: int, found: Sequence[Mark]
) -> tuple[list[Person], Matched]:
    """The person of every row, and which mark is theirs; the column of grades is at `target`."""
    people = list(_people(rows, target))
    found = _without_group(found, people)
    own = {(person.number, name) for person in people for name in person.names}
    if not any(mark.student.email or (mark.student.id, folded(mark.student.name)) in own for mark in found):
        column = _teams_column(header, rows, target, found)
        if column is not None:
            return people, _by_team([row[column].strip() for row in rows], found)
    return people, match(people, _without_role(found, people, rows))


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


def _teams_column(
    header: Sequence[str], rows: Sequence[Sequence[str]], target: int, found: Sequence[Mark]
) -> int | None:
    """The column that names most of the teams that handed in, or None where persons did.

    Moodle names a team's folder with the group's number, which says nothing about participants. In another language
    than English it is known by its names: several of them, and not one for each row, as user names are.
    """
    names = {folded(mark.student.name) for mark in found} - {""}
    for column in range(2, target):
        values = Counter(folded(row[column]) for row in rows)
        named = len(names & values.keys())
        is_clear = header[column] == GROUP if GROUP in header else named > 1 and max(values.values()) > 1
        if is_clear and 2 * named > len(names):
            return column
    return None


def _by_team(teams: Sequence[str], found: Sequence[Mark]) -> Matched:
    """The marks of teams for the rows of their members, by the team's name in each row."""
    names = Counter(folded(mark.student.name) for mark in found)
    spellings: dict[str, set[str]] = defaultdict(set)
    for team in teams:
        spellings[folded(team)].add(team)
    decided: dict[int, Mark] = {}
    absent, refused = [], []
    for mark in found:
        name = folded(mark.student.name)
        if names[name] > 1 or len(spellings[name]) > 1:
            refused.append((mark.label, "several teams have this name, and no number says whose rows these are"))
        elif not name or not spellings[name]:
            absent.append(mark)
        else:
            decided |= {row: mark for row, team in enumerate(teams) if folded(team) == name}
    return Matched(decided, (), tuple(absent), tuple(refused))
