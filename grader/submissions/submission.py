"""What one student, or one group, handed in: where it lies, and its bytes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from grader.errors import SubmissionError
from grader.models import Student
from grader.submissions import tree
from grader.submissions.tree import Damaged, Location, Zipped

SUFFIXES = (".py", ".ipynb")
ARCHIVE = ".zip"
DATA_SUFFIXES = (".json", ".csv", ".tsv", ".txt", ".toml", ".yaml", ".yml", ".npy", ".npz")
"""Of files that code may open, which travel with it."""
MAX_FILES = 200
MAX_BYTES = 64 * 2**20
"""Of all source files of one submission together."""
MAX_DATA_FILES = 20
MAX_DATA_BYTES = 2**20
"""Of all data files of one submission together: they go to every worker, and no data may take the room of code."""

MAX_DAMAGED = 20
"""After so many damaged files of archives no more are tried: each may cost as much time as a whole one."""

MAX_NOTES = 100

Notes = tuple[tuple[str, str], ...]
"""(kind, sentence) each."""


@dataclass(frozen=True)
class Submission:
    """What one student handed in.

    files: (name, content) in name order; problem: a sentence when nothing in it can be graded, else "".
    """

    id: str
    files: tuple[tuple[str, bytes], ...]
    problem: str = ""
    notes: Notes = ()
    """What was left out or is worth knowing: late, a group, an earlier attempt."""
    students: tuple[Student, ...] = ()
    names: tuple[str, ...] = ()
    """Every name in the download that a sentence may mention, whether the file was read or not."""

    @property
    def sha256(self) -> str:
        """Of the file names and bytes, in order, each with its length."""
        digest = hashlib.sha256()
        for name, content in self.files:
            encoded = name.encode("utf-8", "surrogateescape")
            digest.update(b"%d:%b%d:" % (len(encoded), encoded, len(content)))
            digest.update(content)
        return digest.hexdigest()

    @property
    def student(self) -> str:
        """Whose cases are drawn where every student has their own: stable over attempts, the same for a whole group."""
        return ",".join(sorted(student.id or student.email for student in self.students)) or self.id


@dataclass(frozen=True)
class Part:
    """One file, or one .zip of files, that belongs to a submission; `name` is its name inside it."""

    name: str
    location: Location


@dataclass(frozen=True)
class Source:
    """Where a submission lies; it is read only when its turn comes."""

    id: str
    parts: tuple[Part, ...]
    students: tuple[Student, ...] = ()
    notes: Notes = ()
    names: tuple[str, ...] = ()
    """Names that notes mention and that are no part's."""

    def read(self) -> Submission:
        """The submission's bytes; a file that cannot be read becomes a note, and never stops a batch."""
        reading = _Reading()
        for part in self.parts:
            reading.add(part)
        reading.add_data()
        files = tuple(sorted(reading.files.items()))
        problem = "" if files else _nothing(self, reading.notes)
        notes = (*self.notes, *reading.notes)
        if len(notes) > MAX_NOTES:
            more = len(notes) - MAX_NOTES
            notes = (*notes[:MAX_NOTES], ("unreadable_file", f"{more} more remarks about the files were left out."))
        return Submission(self.id, files, problem, notes, self.students, (*self.names, *reading.names))

    def joined(self, later: Source) -> Source:
        """One submission of both, in the order in which they were named."""
        parts, notes = (*self.parts, *later.parts), tuple(dict.fromkeys((*self.notes, *later.notes)))
        students, names = self.students or later.students, (*self.names, *later.names)
        return replace(self, parts=parts, notes=notes, students=students, names=names)


class _Reading:
    """Collects a submission's files within the caps."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.notes: list[tuple[str, str]] = []
        self.names: list[str] = []
        self._left = MAX_BYTES
        self._entries_left = tree.MAX_NESTED_ENTRIES
        self._damaged = 0
        self._data: list[Part] = []

    def add(self, part: Part) -> None:
        """Read a part; a .zip gives the files in it, one level deep. Data waits until all code is read."""
        self.names.append(part.name)
        if is_data(part.name):
            self._data.append(part)
        elif not part.name.lower().endswith(ARCHIVE):
            self._file(part)
        else:
            self._archive(part)

    def add_data(self) -> None:
        """The data files beside the code, in name order, as far as there is room; none where there is no code."""
        left, out = MAX_DATA_BYTES, 0
        for number, part in enumerate(sorted(self._data, key=lambda each: each.name) if self.files else ()):
            try:
                if number >= MAX_DATA_FILES:
                    raise SubmissionError(f"{part.name}: there are more than {MAX_DATA_FILES} data files")
                content = part.location.read(part.name, left)
            except SubmissionError:
                out += 1
                continue
            left -= len(content)
            self.files[part.name] = content
        if out:
            limit = f"{MAX_DATA_FILES} files and {MAX_DATA_BYTES // 2**20} MB together"
            self.notes.append(("data_left_out", f"Data files left out: {out}; at most {limit} travel with the code."))

    def _archive(self, part: Part) -> None:
        try:
            inside = tree.of_bytes(self._read(part), part.name, self._entries_left)
        except SubmissionError as error:
            self.notes.append(("unreadable_file", str(error)))
            return
        self._entries_left -= len(inside.entries)
        self.notes += [("unreadable_file", f"{part.name}: {note}") for note in inside.notes]
        for name, location in tree.walk(inside, (*SUFFIXES, *DATA_SUFFIXES)):
            self.names.append(name)
            if is_data(name):
                self._data.append(Part(name, location))
            else:
                self._file(Part(name, location))

    def _file(self, part: Part) -> None:
        if len(self.files) >= MAX_FILES and part.name not in self.files:
            sentence = f"More than {MAX_FILES} files: only the first {MAX_FILES} were read."
            if ("too_many_files", sentence) not in self.notes:
                self.notes.append(("too_many_files", sentence))
            return
        try:
            content = self._read(part)
        except SubmissionError as error:
            self.notes.append(("unreadable_file", str(error)))
            return
        if self.files.get(part.name, content) != content:
            self.notes.append(("same_name", f"{part.name}: was handed in more than once; the last one counts."))
        self.files[part.name] = content

    def _read(self, part: Part) -> bytes:
        if self._left <= 0:
            limit = MAX_BYTES // 2**20
            raise SubmissionError(f"{part.name}: was left out, because the files before it are {limit} MB already")
        if self._damaged >= MAX_DAMAGED and isinstance(part.location, Zipped):
            raise SubmissionError(f"{part.name}: was left out, because {MAX_DAMAGED} files before it are damaged")
        try:
            content = part.location.read(part.name)
        except Damaged:
            self._damaged += 1
            raise
        self._left -= len(content)
        return content


def is_data(name: str) -> bool:
    """Whether a file is no code, and may travel with code that opens it."""
    return name.lower().endswith(DATA_SUFFIXES)


def printable(name: str) -> str:
    """A name that is valid Unicode, whatever bytes it came from."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _nothing(source: Source, notes: list[tuple[str, str]]) -> str:
    reasons = [sentence for kind, sentence in notes if kind == "unreadable_file"]
    if reasons:
        return reasons[0]
    return f"{source.id}: contains no .py or .ipynb file; hand in the file that defines your functions"
