"""Which files belong to whom: bytes that the trusted side neither executes nor parses."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.errors import SubmissionError

SUFFIXES = (".py", ".ipynb")
MAX_FILE_BYTES = 32 * 2**20
MAX_FILES = 200


@dataclass(frozen=True)
class Submission:
    """What one student handed in.

    files: (name, content) in name order; problem: a sentence when nothing in it can be graded, else "".
    """

    id: str
    files: tuple[tuple[str, bytes], ...]
    problem: str = ""
    notes: tuple[tuple[str, str], ...] = ()
    """(kind, sentence) for files that were left out."""

    @property
    def sha256(self) -> str:
        """Of the file names and bytes, in order, each with its length."""
        digest = hashlib.sha256()
        for name, content in self.files:
            encoded = name.encode("utf-8", "surrogateescape")
            digest.update(b"%d:%b%d:" % (len(encoded), encoded, len(content)))
            digest.update(content)
        return digest.hexdigest()


@dataclass(frozen=True)
class Source:
    """Where a submission lies; it is read only when its turn comes."""

    id: str
    paths: tuple[Path, ...]

    def read(self) -> Submission:
        """The submission's bytes; a file that cannot be read becomes a note, and never stops a batch."""
        files: list[tuple[str, bytes]] = []
        notes: list[tuple[str, str]] = []
        for path in self.paths:
            for name, file in _walk(path):
                try:
                    files.append((name, _read(file, name)))
                except SubmissionError as error:
                    notes.append(("unreadable_file", str(error)))
        files.sort()
        problem = "" if files else _nothing(self, notes)
        return Submission(self.id, tuple(files[:MAX_FILES]), problem, tuple(notes))


def find(paths: Iterable[Path]) -> tuple[Source, ...]:
    """One source per submission: a file is one, a folder holds one per entry; `ana.py` and `ana.ipynb` are one.

    Raises SubmissionError when a path does not exist.
    """
    grouped: dict[str, list[Path]] = {}
    for path in paths:
        if not path.exists():
            raise SubmissionError(f"{path}: there is no such file or folder; check the spelling")
        for entry in _entries(path):
            grouped.setdefault(identity(entry), []).append(entry)
    return tuple(Source(name, tuple(sorted(entries))) for name, entries in sorted(grouped.items()))


def identity(path: Path) -> str:
    """The id of the submission at a path: a file's name without its suffix, or the folder's name."""
    return path.name if path.is_dir() else path.stem


def _entries(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    for entry in sorted(path.iterdir()):
        if entry.name.startswith(".") or entry.name == "__pycache__":
            continue
        if entry.is_dir() or entry.suffix in SUFFIXES:
            yield entry


def _walk(path: Path) -> Iterator[tuple[str, Path]]:
    """(name inside the submission, path) of every source file; links are not followed."""
    if not path.is_dir() or path.is_symlink():
        yield path.name, path
        return
    for folder, folders, names in os.walk(path, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "__pycache__")
        for name in sorted(names):
            file = Path(folder, name)
            if file.suffix in SUFFIXES and not name.startswith("."):
                yield file.relative_to(path).as_posix(), file


def _read(path: Path, name: str) -> bytes:
    """A regular file's bytes; links, devices and huge files are refused with a sentence."""
    try:
        # O_NONBLOCK: opening a named pipe must not wait for a writer.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        reason = "it is a link" if path.is_symlink() else (error.strerror or "unknown reason")
        raise SubmissionError(f"{name}: cannot be read ({reason}); hand in the file itself") from error
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise SubmissionError(f"{name}: is no ordinary file; hand in a .py or .ipynb file")
        if status.st_nlink > 1 and os.name == "posix":
            raise SubmissionError(f"{name}: is a hard link to another file; hand in a copy of the file itself")
        if status.st_size > MAX_FILE_BYTES:
            limit = MAX_FILE_BYTES // 2**20
            raise SubmissionError(f"{name}: is larger than {limit} MB; clear the notebook's outputs and save it again")
        return file.read(MAX_FILE_BYTES + 1)


def _nothing(source: Source, notes: list[tuple[str, str]]) -> str:
    if notes:
        return notes[0][1]
    return f"{source.id}: contains no .py or .ipynb file; hand in the file that defines your functions"
