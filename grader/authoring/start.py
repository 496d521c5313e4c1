"""Puts an exercise into a student's folder, and never touches what is already there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from grader.authoring import FIGURE
from grader.course.catalog import Catalog
from grader.errors import ExerciseError, OutputError
from grader.spelling import instead


@dataclass(frozen=True)
class Started:
    """What was put into the folder, and what was there before and stayed as it was."""

    written: tuple[Path, ...]
    kept: tuple[Path, ...]


def start(catalog: Catalog, slug: str, into: Path, *, notebook: bool = False) -> Started:
    """Copy stub, statement and figure as SLUG.py (or .ipynb), SLUG.md and SLUG.svg.

    Raises ExerciseError for an unknown slug and OutputError for a folder that cannot be written to.
    """
    name = "stub.ipynb" if notebook else "stub.py"
    known = {slug: folder for slug, folder in catalog.folders().items() if (folder / name).is_file()}
    if slug not in known:
        raise ExerciseError(f"there is nothing to start for {slug!r} as {name}; {instead(slug, known)}")
    source = known[slug]
    stub = source / name
    texts = {f"{slug}{stub.suffix}": stub.read_bytes()}
    if (source / "statement.md").is_file():
        statement = catalog.statement(slug)
        texts[f"{slug}.md"] = statement.replace(f"({FIGURE})", f"({slug}.svg)").encode()
    if (source / FIGURE).is_file():
        texts[f"{slug}.svg"] = (source / FIGURE).read_bytes()
    written: list[Path] = []
    kept: list[Path] = []
    try:
        into.mkdir(parents=True, exist_ok=True)
        for name, data in texts.items():
            (written if _written_new(into / name, data) else kept).append(into / name)
    except OSError as error:
        sentence = f"{into}: nothing can be written there ({error.strerror}); name another folder with --into"
        raise OutputError(sentence) from error
    return Started(tuple(written), tuple(kept))


def _written_new(path: Path, data: bytes) -> bool:
    """Whether the file was new: opening in mode x fails where anything exists already, without a gap in between."""
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError:
        return False
    return True
