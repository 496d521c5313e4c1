"""The reports of a batch on disk: one writer at a time, whole files only, and what is finished already."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from grader import storage
from grader.errors import OutputError
from grader.models import Report

if TYPE_CHECKING:
    from grader.batch.node import Graded

SUFFIX = ".json"


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
        """The report of that name if it was made from the same content and is no fault of ours."""
        try:
            found = Report.model_validate_json((self.path / (name + SUFFIX)).read_bytes())
        except (OSError, ValidationError):
            return None
        return found if found.grading_key == key and found.status != "internal_error" else None

    def write(self, graded: Graded) -> None:
        """Put a report into its place; raises OutputError."""
        storage.store(graded.text, self.path / (graded.name + SUFFIX))


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
    """The reports of a folder in name order; raises OutputError for a file that is none."""
    files = sorted(file for file in path.glob(f"*{SUFFIX}") if not file.name.startswith("."))
    if not files:
        raise OutputError(f"{path}: holds no reports; name the folder that `grader grade --out` wrote")
    for file in files:
        yield read(file)


def read(file: Path) -> Report:
    """One report; raises OutputError."""
    try:
        return Report.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise OutputError(f"{file}: is no report of this version of the grader; move it away or grade again") from error
