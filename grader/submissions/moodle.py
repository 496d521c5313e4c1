"""Moodle's "Download all submissions": `<Full name>_<id>_assignsubmission_file/` per student, or, without folders,
the same as a prefix of every file name. The id is the number of the grading worksheet's "Participant N"; where marking
is anonymous the name is "Participant". An online text is `..._assignsubmission_onlinetext...` and no source file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.models import Student
from grader.submissions.submission import ARCHIVE, SUFFIXES, Part, Source
from grader.submissions.tree import Entry, Tree

_FOLDER = re.compile(r"^(?P<name>.+)_(?P<id>\d+)_assignsubmission_(?P<type>[a-z]+)_?(?P<attempt> ?\(\d+\))?$")
_FILE = re.compile(r"^(?P<name>.+)_(?P<id>\d+)_assignsubmission_(?P<type>[a-z]+)_(?P<original>.+)$")


def recognises(download: Tree) -> bool:
    """Every folder, or, without folders, every file at the top is named so."""
    if download.folders:
        return all(_FOLDER.match(folder) for folder in download.folders)
    return bool(download.top_files) and all(_FILE.match(entry.parts[0]) for entry in download.top_files)


def sources(download: Tree, choice: str) -> Iterator[Source]:
    """One source per participant."""
    grouped: dict[tuple[str, str], list[Entry]] = {}
    for folder in download.folders:
        if match := _FOLDER.match(folder):
            grouped.setdefault((match["name"], match["id"]), [])
    for entry in download.entries:
        match = (_FOLDER if len(entry.parts) > 1 else _FILE).match(entry.parts[0])
        if match:
            grouped.setdefault((match["name"], match["id"]), []).append(entry)
    for (name, number), entries in grouped.items():
        parts = [Part(_name(entry), entry.location) for entry in entries]
        code = tuple(part for part in parts if part.name.lower().endswith((*SUFFIXES, ARCHIVE)))
        notes = [("no_source_file", f"Moodle holds {', '.join(p.name for p in parts)}, and no .py or .ipynb file.")]
        student = Student(id=number, name="" if name == "Participant" else name)
        names = tuple(part.name for part in parts)
        yield Source(f"{name}_{number}", code, (student,), tuple(notes) if parts and not code else (), names)


def _name(entry: Entry) -> str:
    if len(entry.parts) > 1:
        return "/".join(entry.parts[1:])
    match = _FILE.match(entry.parts[0])
    return match["original"] if match else entry.parts[0]
