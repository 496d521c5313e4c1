"""A download as a list of files that are not read yet: a folder, or a .zip that is never unpacked to disk.

What lies in a download was named and packed by students. Links and devices are refused, names that lead out of the
download are left out, and no file is read or inflated beyond its cap.
"""

from __future__ import annotations

import errno
import io
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from grader.errors import SubmissionError

MAX_FILE_BYTES = 32 * 2**20
MAX_ARCHIVE_ENTRIES = 200_000
MAX_NESTED_ENTRIES = 2_000
"""In all archives of one submission together."""

MAX_NAME_CHARACTERS = 1_000
"""Of a path in an archive; a sentence may quote it."""

SKIPPED = frozenset({"__pycache__", "__MACOSX"})

_ENTRY_SIGNATURE = b"PK\x01\x02"
_UNREADABLE = (OSError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, struct.error)
"""What zipfile raises for damaged archives; places before the beginning and names that are no UTF-8 are ValueErrors."""


class Damaged(SubmissionError):
    """A member of an archive that cannot be inflated, which may have taken as long as inflating it."""


class Location(Protocol):
    """Where a file's bytes are."""

    def read(self, name: str, most: int = MAX_FILE_BYTES) -> bytes:
        """At most so many bytes; raises SubmissionError, which calls the file `name`."""
        ...


@dataclass(frozen=True)
class OnDisk:
    """A file below a folder that the instructor has named; no link is followed on the way from that folder.

    parts: the folders and the name below `root`.
    """

    root: Path
    parts: tuple[str, ...]

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return self.root.joinpath(*self.parts)

    def read(self, name: str, most: int = MAX_FILE_BYTES) -> bytes:
        """A regular file's bytes; links, devices and huge files are refused with a sentence."""
        try:
            descriptor = self._open()
        except OSError as error:
            linked = error.errno in (errno.ELOOP, errno.ENOTDIR) or self.path.is_symlink()
            reason = "it is a link" if linked else (error.strerror or "unknown reason")
            raise SubmissionError(f"{name}: cannot be read ({reason}); hand in the file itself") from error
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise SubmissionError(f"{name}: is no ordinary file; hand in a .py or .ipynb file")
            if status.st_nlink > 1 and os.name == "posix":
                raise SubmissionError(f"{name}: is a hard link to another file; hand in a copy of the file itself")
            if status.st_size > most:
                raise _too_large(name)
            return file.read(most)

    def _open(self) -> int:
        """A descriptor, reached folder by folder: one that was swapped for a link meanwhile is not followed."""
        # O_NONBLOCK: opening a named pipe must not wait for a writer.
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        if os.open not in os.supports_dir_fd:
            return os.open(self.path, flags)
        folder = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            for part in self.parts[:-1]:
                inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
                os.close(folder)
                folder = inner
            return os.open(self.parts[-1], flags, dir_fd=folder)
        finally:
            os.close(folder)


@dataclass(frozen=True)
class Zipped:
    """A member of an open archive."""

    archive: zipfile.ZipFile
    member: zipfile.ZipInfo

    def read(self, name: str, most: int = MAX_FILE_BYTES) -> bytes:
        """The inflated bytes; links, encryption, rare methods and huge members are refused with a sentence."""
        if stat.S_IFMT(self.member.external_attr >> 16) not in (0, stat.S_IFREG):
            raise SubmissionError(f"{name}: is a link inside the archive; hand in the file itself")
        if self.member.flag_bits & 0x1:
            raise SubmissionError(f"{name}: is encrypted; hand in an archive without a password")
        if self.member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise SubmissionError(f"{name}: is packed with a rare method; pack it again as an ordinary .zip")
        if self.member.file_size > most:
            raise _too_large(name)
        try:
            with self.archive.open(self.member) as file:
                return file.read(most)  # no more than the announced size, which was checked
        except _UNREADABLE as error:
            raise Damaged(f"{name}: the archive is damaged there; pack it again") from error


@dataclass(frozen=True)
class Entry:
    """A file of a download; `parts` is its path below the download's top."""

    parts: tuple[str, ...]
    location: Location


@dataclass(frozen=True)
class Tree:
    """A download: its name, its files in name order, its top-level folders (empty ones too), and what was left out."""

    name: str
    entries: tuple[Entry, ...]
    folders: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def top_files(self) -> tuple[Entry, ...]:
        """The files that lie in no folder."""
        return tuple(entry for entry in self.entries if len(entry.parts) == 1)

    def file(self, name: str) -> Entry | None:
        """A file at the top, by name."""
        return next((entry for entry in self.entries if entry.parts == (name,)), None)

    @property
    def tops(self) -> tuple[str, ...]:
        """What lies at the top, by name: files and folders."""
        return (*(entry.parts[0] for entry in self.top_files), *self.folders)

    def only(self, names: Collection[str]) -> Tree:
        """The tree of some of what lies at the top."""
        entries = tuple(entry for entry in self.entries if entry.parts[0] in names)
        return replace(self, entries=entries, folders=tuple(name for name in self.folders if name in names))

    def below(self, folder: str) -> Tree:
        """The tree inside one of its top-level folders."""
        inside = tuple(Entry(e.parts[1:], e.location) for e in self.entries if e.parts[0] == folder and e.parts[1:])
        folders = sorted({entry.parts[0] for entry in inside if len(entry.parts) > 1})
        return Tree(folder, inside, tuple(folders), self.notes)


def readable(name: str) -> str:
    r"""A name as valid Unicode, still distinct: a byte that is none, as from a wrong unpacking, is "\xe9"."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def of_folder(root: Path) -> Tree:
    """Every file below a folder; hidden ones, caches and what links lead to are left out. Raises SubmissionError."""

    def refuse(error: OSError) -> None:
        if Path(error.filename) == root:
            raise SubmissionError(f"{root}: cannot be listed ({error.strerror}); check its permissions") from error

    entries: list[Entry] = []
    top: list[str] = []
    for folder, folders, names in os.walk(root, followlinks=False, onerror=refuse):
        inside = Path(folder).relative_to(root).parts
        folders[:] = sorted(name for name in folders if not _skipped(name))
        if not inside:
            top = list(folders)
        linked = [name for name in folders if os.path.islink(os.path.join(folder, name))]  # noqa: PTH114, PTH118  # hot
        for name in sorted([*names, *linked]):
            if not _skipped(name):
                parts = (*inside, name)
                entries.append(Entry(tuple(map(readable, parts)), OnDisk(root, parts)))
    ordered = tuple(sorted(entries, key=lambda entry: entry.parts))
    return Tree(readable(root.resolve().name), ordered, tuple(map(readable, top)))


def of_archive(path: Path) -> Tree:
    """Every member of a .zip, which stays open while anything refers to it; raises SubmissionError."""
    try:
        return _members(path.open("rb"), readable(path.stem), MAX_ARCHIVE_ENTRIES)
    except OSError as error:
        raise SubmissionError(f"{path}: cannot be read ({error.strerror}); name another file") from error


def of_bytes(content: bytes, name: str, most: int = MAX_NESTED_ENTRIES) -> Tree:
    """Every member of a .zip that a student handed in, at most `most`; raises SubmissionError."""
    if content.count(_ENTRY_SIGNATURE) > most:  # before zipfile makes an object of each
        besides = "" if most == MAX_NESTED_ENTRIES else " together with the archives before it"
        raise SubmissionError(
            f"{name}: holds more than {MAX_NESTED_ENTRIES} files{besides}; hand in only what defines functions"
        )
    return _members(io.BytesIO(content), name, most)


def _members(file: IO[bytes], name: str, most: int) -> Tree:
    try:
        archive = zipfile.ZipFile(file)
    except _UNREADABLE as error:
        raise SubmissionError(f"{name}: is no .zip archive that can be read; pack it again") from error
    members = archive.infolist()
    if len(members) > most:
        raise SubmissionError(f"{name}: holds more than {most} files; pack less into one archive")
    entries: dict[tuple[str, ...], Entry] = {}
    folders: set[str] = set()
    outside = too_long = 0
    for member in members:
        if len(member.filename) > MAX_NAME_CHARACTERS:
            too_long += 1
            continue
        parts = _inside(_name(member))
        if parts is None:
            outside += 1
            continue
        if not parts or any(map(_skipped, parts)):
            continue
        if len(parts) > 1 or member.is_dir():
            folders.add(parts[0])
        if not member.is_dir():
            entries[parts] = Entry(parts, Zipped(archive, member))  # of two with one name the last counts
    counted = (
        (outside, "lead out of the archive"),
        (too_long, f"are longer than {MAX_NAME_CHARACTERS} characters"),
    )
    notes = tuple(f"{count} of its names {fault} and were left out" for count, fault in counted if count)
    return Tree(name, tuple(entries[parts] for parts in sorted(entries)), tuple(sorted(folders)), notes)


def _name(member: zipfile.ZipInfo) -> str:
    """The name as it was packed: `zip -r` writes UTF-8 without saying so, and zipfile then reads it as cp437."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return member.filename


def _inside(filename: str) -> tuple[str, ...] | None:
    """The parts of a member's name, or None when it is absolute or climbs."""
    name = filename.replace("\\", "/")
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:", name):
        return None
    return parts


def _skipped(name: str) -> bool:
    return name.startswith(".") or name in SKIPPED


def _too_large(name: str) -> SubmissionError:
    limit = MAX_FILE_BYTES // 2**20
    return SubmissionError(f"{name}: is larger than {limit} MB; clear the notebook's outputs and save it again")


def walk(tree: Tree, suffixes: tuple[str, ...]) -> Iterator[tuple[str, Location]]:
    """(name, location) of every file with one of the suffixes."""
    for entry in tree.entries:
        if entry.parts[-1].lower().endswith(suffixes):
            yield "/".join(entry.parts), entry.location
