"""Which files belong to whom: bytes that the trusted side neither executes nor parses.

A PATH is a file, a folder whose entries are one submission each, what an LMS gives for download, or any of these
as a .zip. The layout is recognised by its names, or named by the caller. The rules, each with a note in the report:

- several attempts: the latest counts, and the note names the others;
- late: costs nothing here, the LMS knows the policy;
- a group: is graded once, and each member gets the score;
- one name handed in twice: the last one counts; `ana.py` beside `ana.ipynb` are two files of one submission, and
  when both define an entry point the loader's note says from which file it was taken;
- a name that does not fit, among many that do: a submission of its own, and nobody guesses whose;
- an archive that a student handed in is read one level deep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import ModuleType

from grader.errors import SubmissionError
from grader.submissions import canvas, gradescope, moodle, nbgrader, plain, tree
from grader.submissions.submission import ARCHIVE, Part, Source, Submission
from grader.submissions.tree import Tree

__all__ = ["LAYOUTS", "Part", "Source", "Submission", "at", "find", "holds_many", "identity", "layout_of"]

LAYOUTS: dict[str, ModuleType] = {
    "gradescope": gradescope,
    "canvas": canvas,
    "moodle": moodle,
    "nbgrader": nbgrader,
    "plain": plain,
}
"""Layout name -> module with `recognises(tree)` and `sources(tree, choice)`, in the order in which they are tried."""

NAMES_SHOWN = 10
"""Names that a sentence lists; the others are counted."""


def find(
    paths: Iterable[Path],
    layout: str | None = None,
    tell: Callable[[str], object] = lambda sentence: None,
    *,
    named: bool = True,
) -> tuple[Source, ...]:
    """One source per submission, by id.

    layout: a name of LAYOUTS, or "nbgrader:ASSIGNMENT"; recognised per path when None.
    tell: hears which layout was recognised, and what was left out of a download.
    named: whether it may hear the names of files; they can be students'.
    Raises SubmissionError when a path does not exist, cannot be listed, or does not have the layout.
    """
    found: dict[str, Source] = {}
    for path in paths:
        for source in _sources(path, layout, tell, named):
            found[source.id] = found[source.id].joined(source) if source.id in found else source
    return tuple(found[name] for name in sorted(found))


def at(path: Path) -> Source:
    """What lies at a path as one submission, whatever its layout."""
    return plain.one(path, identity(path))


def identity(path: Path) -> str:
    """The id of the submission at a path: a file's name without its suffix, or the folder's name."""
    return tree.readable(path.name if path.is_dir() else path.stem)


def holds_many(path: Path) -> bool:
    """Whether a path is a folder or an archive, and not a single file."""
    return path.is_dir() or path.suffix.lower() == ARCHIVE


def layout_of(path: Path) -> str:
    """The name of the layout that a path is recognised as."""
    if not holds_many(path):
        return "plain"
    return _recognised(_tree(path), path.suffix.lower() == ARCHIVE)[0]


def _sources(path: Path, layout: str | None, tell: Callable[[str], object], named: bool) -> Iterable[Source]:
    if not path.exists() and not path.is_symlink():
        raise SubmissionError(f"{path}: there is no such file or folder; check the spelling")
    if not holds_many(path):
        return [at(path)]
    packed, download = not path.is_dir(), _tree(path)
    shown = tree.readable(str(path))
    for note in download.notes:
        tell(f"{shown}: {note}.")
    if layout is None:
        name, download = _recognised(download, packed)
        found = list(LAYOUTS[name].sources(download, ""))
        tell(f"{shown}: layout {name}, {len(found)} submission{'' if len(found) == 1 else 's'}.")
    else:
        download, found = _in_layout(path, download, layout)
    if odd := [source.id for source in found if _is_misnamed(source)]:
        which = _listed(odd) if named else f"{len(odd)} of its submissions"
        tell(f"{shown}: graded, but their names do not say whose they are: {which}.")
    if left := _left_over(download, found):
        which = _listed(left) if named else f"{len(left)} of its files and folders"
        tell(f"{shown}: no submissions, and not read: {which}.")
    return found


def _in_layout(path: Path, download: Tree, layout: str) -> tuple[Tree, list[Source]]:
    """The sources of the layout that the caller named, and the tree that has it."""
    name, _, choice = layout.partition(":")
    if name not in LAYOUTS or (choice and name != "nbgrader"):
        known = ", ".join(LAYOUTS)
        raise SubmissionError(f"--layout {layout}: there is no such layout; known: {known}, nbgrader:ASSIGNMENT")
    download = _unwrapped(download, name)
    found = list(LAYOUTS[name].sources(download, choice))
    if all(map(_is_misnamed, found)):
        raise SubmissionError(f"{path}: nothing in it has the layout {name}; leave --layout out or name another")
    return download, found


def _is_misnamed(source: Source) -> bool:
    return any(kind == plain.MISNAMED for kind, _ in source.notes)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return ", ".join(names[:NAMES_SHOWN]) + more


def _left_over(download: Tree, found: Sequence[Source]) -> list[str]:
    """What no submission was made from, by name: files at the top, and top folders of which nothing belongs to anybody.

    What lies beside the code inside of somebody's own folder is not named, nor are a platform's own lists.
    """
    used = {part.location for source in found for part in source.parts}
    told = {name for source in found for name in (source.id, *source.names)}
    if nbgrader.recognises(download):
        download = nbgrader.inside(download)
    told |= {entry.parts[0] for entry in download.entries if entry.location in used}
    tops = (*(entry.parts[0] for entry in download.top_files), *download.folders)
    left = [name for name in tops if name not in told and name != gradescope.METADATA]
    ids = tuple(source.id + "_" for source in found)
    return sorted(name for name in left if not name.startswith(ids))


def _tree(path: Path) -> Tree:
    return tree.of_folder(path) if path.is_dir() else tree.of_archive(path)


def _recognised(download: Tree, packed: bool) -> tuple[str, Tree]:
    """The layout's name and the tree that has it: the download, or the one folder that it consists of."""
    for candidate in _wrappings(download):
        for name in ("gradescope", "canvas", "moodle", "nbgrader"):
            if LAYOUTS[name].recognises(candidate):
                return name, candidate
    # Archives are often packed around one folder; a folder that somebody named is meant as it is.
    return "plain", list(_wrappings(download))[-1] if packed else download


def _unwrapped(download: Tree, name: str) -> Tree:
    for candidate in _wrappings(download):
        if LAYOUTS[name].recognises(candidate):
            return candidate
    return download


def _wrappings(download: Tree) -> Iterable[Tree]:
    """The tree and, where it is nothing but one folder, the tree inside."""
    yield download
    if len(download.folders) == 1 and not download.top_files:
        yield download.below(download.folders[0])
