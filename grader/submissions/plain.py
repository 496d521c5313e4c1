"""A folder whose entries are one submission each: a file, a folder, or a student's .zip.

The same for what lies in a platform's download and does not have the platform's names: it is graded, and nobody guesses
whose it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path, PurePath

from grader.submissions import tree
from grader.submissions.submission import ARCHIVE, SUFFIXES, Part, Source, is_data
from grader.submissions.tree import Entry, OnDisk, Tree

MISNAMED = "misnamed"
"""Kind of the note of a submission that a platform's download holds under another name than the platform's."""


def recognises(download: Tree) -> bool:
    """Anything is a plain folder."""
    return True


def sources(download: Tree, choice: str) -> Iterator[Source]:
    """One source per name: `ana/`, `ana.py`, `ana.ipynb` and `ana.zip` are all ana's."""
    grouped: dict[str, list[Part]] = {folder: [] for folder in download.folders}
    for entry in download.entries:
        if not entry.parts[-1].lower().endswith((*SUFFIXES, ARCHIVE)) and entry.parts[0] not in grouped:
            continue
        owner = entry.parts[0] if len(entry.parts) > 1 or entry.parts[0] in grouped else PurePath(entry.parts[0]).stem
        grouped.setdefault(owner, []).extend(parts([entry], below=len(entry.parts) > 1))
    for name in sorted(grouped):
        yield Source(name, tuple(grouped[name]))


def misnamed(download: Tree, fitting: Collection[str], platform: str) -> list[Source]:
    """What holds code beside the fitting names of a platform's download, as submissions under its own names."""
    rest = download.only(set(download.tops) - set(fitting))
    sentence = f"Its name is none that {platform} gives, so the grader does not know whose this submission is."
    return [replace(source, notes=((MISNAMED, sentence),)) for source in sources(rest, "")]


def parts(entries: list[Entry], below: bool) -> Iterator[Part]:
    """The entries that hold source code, or data for it.

    below: their top-level folder is the student's and no part of the name.
    """
    for entry in entries:
        name = "/".join(entry.parts[1:] if below else entry.parts)
        linked_folder = isinstance(entry.location, OnDisk) and entry.location.path.is_symlink()
        if name.lower().endswith((*SUFFIXES, ARCHIVE)) or is_data(name) or linked_folder:
            yield Part(name, entry.location)


def one(path: Path, identity: str) -> Source:
    """A file, or all files of a folder, as one submission."""
    if not path.is_dir():
        return Source(identity, (Part(tree.readable(path.name), OnDisk(path.parent, (path.name,))),))
    entries = list(tree.of_folder(path).entries)
    return Source(identity, tuple(parts(entries, below=False)))
