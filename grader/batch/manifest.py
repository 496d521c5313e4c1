"""What a folder of reports was made from, so that later commands find the submissions again: `.batch.json`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ValidationError

from grader import storage, submissions
from grader.errors import SubmissionError
from grader.submissions import Source

NAME = ".batch.json"


class Manifest(BaseModel):
    """Paths are absolute."""

    paths: tuple[Path, ...]
    layout: str | None = None


def write(folder: Path, paths: Iterable[Path], layout: str | None) -> None:
    """Remember where the submissions lie; raises OutputError."""
    found = Manifest(paths=tuple(path.absolute() for path in paths), layout=layout)
    storage.store(found.model_dump_json() + "\n", folder / NAME)


def sources(folder: Path) -> tuple[Source, ...]:
    """The submissions that the reports of a folder were made from; raises SubmissionError when they are gone."""
    try:
        found = Manifest.model_validate_json((folder / NAME).read_bytes())
    except (OSError, ValidationError) as error:
        raise SubmissionError(f"{folder}: does not say which submissions it was made from; name them") from error
    return submissions.find(found.paths, found.layout)
