"""One person's score, and the row of a sheet that is theirs: what is not certain is refused.

The surest evidence decides over all rows: an e-mail address first, then a number. A number can belong to different
people in two columns or on two platforms, so a name that is known on both sides has to agree with it, and

- a name without an address comes from the sheet's own platform: its number counts in the platform's own column alone;
- an address comes from another platform: its number counts in the platform's own column only where nothing speaks
  against it;
- a number alone says nothing about where it is from: it counts in the column that explains most numbers of the class.

The name alone decides only where nothing surer is known on one of the two sides, and only where nobody else has it.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from grader.models import Report, Student

NUMBER = ""
"""The column of a platform's own number, whatever it is called."""


@dataclass(frozen=True)
class Mark:
    """One person's score; `max_score` of what was graded."""

    student: Student
    score: float | None
    max_score: float
    report: Report

    @property
    def label(self) -> str:
        """Who it is, for a sentence."""
        known = [text for text in (self.student.name, self.student.id or self.student.email) if text]
        return known[0] if len(known) == 1 else f"{known[0]} ({known[1]})"

    @property
    def names(self) -> frozenset[str]:
        """The name, or, where a layout knows the submission alone, its id, which is often a name."""
        return frozenset({folded(self.student.name or self.student.id)} - {""})


@dataclass(frozen=True)
class Person:
    """A row of a sheet as far as it says who somebody is.

    number: the platform's own. others: further identifiers by column, such as a login or an e-mail address.
    names: the name as `folded` gives it, in every order in which it may be written.
    """

    row: int
    label: str
    number: str
    others: Mapping[str, str] = field(default_factory=dict)
    names: frozenset[str] = frozenset()

    @property
    def identifiers(self) -> dict[str, str]:
        """What is known by column, as `identifier` gives it; the platform's own number is in the column NUMBER."""
        known = {NUMBER: self.number, **self.others}
        return {column: identifier(text) for column, text in known.items() if identifier(text)}


@dataclass(frozen=True)
class Matched:
    """Row -> its mark, the rows found by a name alone, marks that have no row, and (who, why) for what is uncertain."""

    marks: dict[int, Mark] = field(default_factory=dict)
    by_name: tuple[int, ...] = ()
    absent: tuple[Mark, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()


def marks(reports: Iterable[Report]) -> Iterator[Mark]:
    """One mark per person; where a layout names nobody, the submission's id stands for the person."""
    for report in reports:
        info = report.submission
        for student in info.students or (Student(id=info.id),):
            yield Mark(student, report.score, report.max_score, report)


def folded(name: str) -> str:
    """A name without case, spaces and punctuation, as platforms write it into file names: "Doe, Jane" is doejane."""
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
    return "".join(c for c in text if unicodedata.category(c)[0] in "LM" or c.isdecimal())


def orders(name: str) -> frozenset[str]:
    """A folded name, and the same with the last name first: platforms write "Kim Lee", "Lee, Kim" and leekim."""
    words = name.replace(",", " ").split()
    return frozenset(folded(" ".join(words[place:] + words[:place])) for place in range(len(words))) - {""}


def identifier(text: str) -> str:
    """An id, a login or an e-mail address, for comparison."""
    return text.strip().casefold()


def match(people: Sequence[Person], found: Sequence[Mark]) -> Matched:
    """At most one mark for every row and one row for every mark."""
    matcher = _Matcher(people, found)
    claims: dict[int, list[Mark]] = defaultdict(list)
    by_name: list[int] = []
    absent: list[Mark] = []
    refused: list[tuple[str, str]] = []
    for mark in found:
        person, why = matcher.person(mark)
        if person is not None:
            claims[person.row].append(mark)
            if why:
                by_name.append(person.row)
        elif why:
            refused.append((mark.label, why))
        else:
            absent.append(mark)
    labels = {person.row: person.label for person in people}
    for row, rivals in claims.items():
        if len(rivals) > 1:
            ids = ", ".join(mark.report.submission.id for mark in rivals)
            refused.append((labels[row], f"{len(rivals)} reports belong to this row: {ids}"))
    decided = {row: rivals[0] for row, rivals in claims.items() if len(rivals) == 1}
    return Matched(decided, tuple(row for row in by_name if row in decided), tuple(absent), tuple(refused))


class _Matcher:
    """The rows of a sheet by identifier and by name."""

    def __init__(self, people: Sequence[Person], found: Sequence[Mark]) -> None:
        self._identified: dict[str, list[tuple[Person, str]]] = defaultdict(list)
        self._named: dict[str, list[Person]] = defaultdict(list)
        for person in people:
            for column, key in person.identifiers.items():
                self._identified[key].append((person, column))
            for name in person.names:
                self._named[name].append(person)
        self._bearers = Counter(name for mark in found for name in mark.names)
        local = [mark for mark in found if mark.student.id.isdecimal() and not mark.student.email]
        explained = Counter(column for mark in local for column in {column for _, column in self._rows(mark)})
        most = max(explained.values(), default=0)
        self._columns_of_numbers = {column for column, count in explained.items() if count == most}

    def person(self, mark: Mark) -> tuple[Person | None, str]:
        """Whose mark it is, with a remark where the name alone says so; or nobody, with the reason if there is one."""
        addressed = _distinct(person for person, column in self._having(mark.student.email) if column != NUMBER)
        if len(addressed) == 1:
            return addressed[0], ""
        rows = self._rows(mark)
        identified = _distinct([*addressed, *(person for person, _ in rows)])
        namesakes = _distinct(person for name in mark.names for person in self._named.get(name, ()))
        certain = [person for person in identified if person in addressed or not _contradicts(mark, person)]
        if not mark.student.name:  # the id may be an identifier or a name
            certain = _distinct([*certain, *namesakes]) if certain else certain
        if len(certain) == 1:
            doubt = self._doubt(mark, certain[0], {column for person, column in rows if person in certain}, namesakes)
            return (None, doubt) if doubt else (certain[0], "")
        if certain:
            return None, f"fits several rows: {_labels(certain)}"
        if identified:
            return None, (
                f"the sheet has this number or login for {_labels(identified)}; "
                "is it the sheet of another assignment, or of a group?"
            )
        return self._by_name(mark, namesakes)

    def _having(self, text: str) -> list[tuple[Person, str]]:
        """The rows that have an identifier, each with the column."""
        return self._identified.get(identifier(text), [])

    def _rows(self, mark: Mark) -> list[tuple[Person, str]]:
        """The rows that have a mark's id, each with the column, as far as an id of its origin may be meant."""
        own_download = bool(mark.student.name) and not mark.student.email
        return [(person, column) for person, column in self._having(mark.student.id) if not own_download or not column]

    def _doubt(self, mark: Mark, person: Person, columns: set[str], namesakes: Sequence[Person]) -> str:
        """Why the one row that has a mark's id may be somebody else's all the same, or ""."""
        if mark.student.email and columns == {NUMBER}:
            if addresses := [text for text in person.others.values() if "@" in text]:
                return f"the number is that of {_labels([person])}, and the address there is {', '.join(addresses)}"
            if len(namesakes) > 1:
                return f"several rows have this name: {_labels(namesakes)}"
        bare = mark.student.id.isdecimal() and not mark.student.name and not mark.student.email
        if bare and not self._columns_of_numbers <= columns:
            return f"its number is that of {_labels([person])} in another column than most numbers of this class"
        return ""

    def _by_name(self, mark: Mark, namesakes: list[Person]) -> tuple[Person | None, str]:
        if not namesakes:
            return None, ""
        if len(namesakes) > 1:
            return None, f"several rows have this name: {_labels(namesakes)}"
        person = namesakes[0]
        if sum(self._bearers[name] for name in person.names) > 1:  # also one that has the two names turned round
            return None, "several reports have this name, and no number or address says whose row it is"
        if surer := _other_identity(mark, person):
            return None, f"the sheet knows {person.label} by {surer}: it may be somebody else of that name"
        return person, "by name"


def _contradicts(mark: Mark, person: Person) -> bool:
    """Whether the identifiers agree and the names say that it is somebody else; a login is proof."""
    name = folded(mark.student.name)
    return mark.student.id.isdecimal() and bool(name and person.names) and name not in person.names


def _other_identity(mark: Mark, person: Person) -> str:
    """The identifier of the row that could be compared with the mark's and is another one, or ""."""
    if mark.student.email:
        return ", ".join(sorted(filter(None, person.others.values())))
    return person.number if mark.student.id.isdecimal() else ""


def _distinct(people: Iterable[Person]) -> list[Person]:
    return list({person.row: person for person in people}.values())


def _labels(people: Sequence[Person]) -> str:
    return "; ".join(f"{person.label} ({person.number})" if person.number else person.label for person in people)
