"""The reports of a batch on disk: one writer at a time, whole files only, what is finished already, what counts."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError

from grader import storage, submissions
from grader.errors import OutputError, SubmissionError
from grader.models import Report
from grader.submissions import Source
from grader.wire.printable import plain

if TYPE_CHECKING:
    from grader.batch.node import Graded

SUFFIX = ".json"
RECORD = ".batch.json"
NAMES_SHOWN = 10


class Record(BaseModel):
    """What the last grading into a folder was about; a folder of an earlier version knows its paths alone."""

    paths: tuple[Path, ...] = ()
    """Where the submissions lie, absolute; empty where a file's own name would say whose anonymous report it is."""
    layout: str | None = None
    reports: tuple[str, ...] = ()
    """The file names, without suffix, of all reports that belong to it."""
    exercises: tuple[str, ...] = ()
    nameless: tuple[str, ...] = ()
    """The exercises whose misconceptions were not there: mistakes in them are described and not named."""
    anonymous: bool = False
    outcome: str = ""
    """A digest of everything but the submissions and the points that the reports depend on."""
    keys: tuple[str, ...] = ()
    """The class keys under this outcome: under each of them the reports differ in points alone."""

    def sources(self) -> tuple[Source, ...]:
        """The submissions that the reports were made from; raises SubmissionError when they are gone."""
        if not self.paths:
            raise SubmissionError("the folder does not say which submissions it was made from; name them")
        return submissions.find(self.paths, self.layout)


@dataclass(frozen=True)
class Batch:
    """The reports of the last grading into a folder, by name; `aside`: a sentence for each kind of others there."""

    reports: tuple[Report, ...]
    record: Record
    aside: tuple[str, ...] = ()


class ReportFolder:
    """A folder that this process alone writes reports into, as long as it is entered."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = -1

    def __enter__(self) -> ReportFolder:
        self._descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._descriptor)
            raise OutputError(
                f"{self.path}: another grader is writing there; wait for it, or name another --out"
            ) from error
        except OSError:  # a file system without locks
            pass
        for left in self.path.glob(f".*{storage.TEMPORARY}"):  # of a run that was killed while writing
            with contextlib.suppress(OSError):
                left.unlink()
        return self

    def __exit__(self, *error: object) -> None:
        os.close(self._descriptor)

    def finished(self, name: str, key: str) -> Report | None:
        """The report of that name if it was made from the same content and is no internal error."""
        try:
            found = Report.model_validate_json((self.path / (name + SUFFIX)).read_bytes())
        except (OSError, ValidationError):
            return None
        return found if found.grading_key == key and found.status != "internal_error" else None

    def write(self, graded: Graded) -> None:
        """Put a report into its place; raises OutputError."""
        self.store(graded.name, graded.text)

    def store(self, name: str, text: str) -> None:
        """Put a report's text into its place; raises OutputError."""
        storage.store(text, self.path / (name + SUFFIX))

    def record(self, record: Record) -> None:
        """Remember what the reports are about; raises OutputError."""
        storage.store(record.model_dump_json() + "\n", self.path / RECORD)


def last_grading(path: Path) -> Batch:
    """The reports that count: those of the last grading into the folder; raises OutputError.

    A report stays behind where a student is no longer among the submissions, or where other exercises were graded.
    """
    record = read_record(path)
    found = {file.stem: read(file) for file in _files(path)}
    if not record.reports:
        return Batch(tuple(found.values()), record)
    known = {name: found[name] for name in sorted(record.reports) if name in found}
    gone = sorted(found.keys() - known.keys())
    other = [name for name, each in known.items() if tuple(e.exercise for e in each.exercises) != record.exercises]
    missing = sorted(set(record.reports) - known.keys())
    aside = (
        _aside(gone, "of submissions that were not there at the last grading"),
        _aside(other, "of other exercises than the last grading's; grade again to replace them"),
        f"Not graded yet: {shortened(missing)}. Grade again to go on." if missing else "",
    )
    counted = tuple(each for name, each in known.items() if name not in set(other))
    if not counted:
        raise OutputError(f"{path}: holds no report of its last grading; grade again")
    return Batch(counted, record, tuple(filter(None, aside)))


def read_record(path: Path) -> Record:
    """What the last grading into the folder was about; an empty record where nothing says it."""
    try:
        return Record.model_validate_json((path / RECORD).read_bytes())
    except (OSError, ValidationError):
        return Record()


def _aside(names: Sequence[str], which: str) -> str:
    count = "1 report" if len(names) == 1 else f"{len(names)} reports"
    return f"Set aside: {count} {which} ({shortened(names)})." if names else ""


def shortened(names: Sequence[str]) -> str:
    """The first NAMES_SHOWN names, and how many others there are."""
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return plain(", ".join(names[:NAMES_SHOWN]) + more)


def check_writable(path: Path) -> None:
    """Raises OutputError when nothing can be written there, before an hour is spent on it."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / f".probe-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise OutputError(f"{path}: no report can be written there ({error.strerror}); name another --out") from error


def reports(path: Path) -> Iterator[Report]:
    """Every report of a folder in name order; raises OutputError for a file that is none."""
    yield from map(read, _files(path))


def _files(path: Path) -> list[Path]:
    files = sorted(file for file in path.glob(f"*{SUFFIX}") if not file.name.startswith("."))
    if not files:
        raise OutputError(f"{path}: holds no reports; name the folder that `grader grade --out` wrote")
    return files


def read(file: Path) -> Report:
    """One report; raises OutputError."""
    try:
        return Report.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise OutputError(f"{file}: is no report of this version of the grader; move it away or grade again") from error
