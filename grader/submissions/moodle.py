"""Moodle's "Download all submissions": `<Full name>_<id>_assignsubmission_file/` per student, or, without folders,
the same as a prefix of every file name. The id is the number of the grading worksheet's "Participant N"; where marking
is anonymous the name is "Participant". A team's folder has the team's name and number, that of all who are in no team
the words "Default group" and no number. An online text is `..._assignsubmission_onlinetext...` and no source file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.models import Student
from grader.submissions import plain
from grader.submissions.submission import ARCHIVE, SUFFIXES, Part, Source, is_data
from grader.submissions.tree import Entry, Tree

PLATFORM = "Moodle"

_WHO = r"^(?P<name>.+?)(?:_(?P<id>\d+))?_assignsubmission_(?P<type>[a-z]+)"
_FOLDER = re.compile(_WHO + r"_?(?P<attempt> ?\(\d+\))?$")
_FILE = re.compile(_WHO + r"_(?P<original>.+)$")


def recognises(download: Tree) -> bool:
    """Most of what holds code is named so."""
    fitting = _fitting(download)
    return len(fitting) > len(plain.misnamed(download, fitting, PLATFORM))


def sources(download: Tree, choice: str) -> Iterator[Source]:
    """One source per participant, and one for each entry with another name."""
    fitting = _fitting(download)
    grouped: dict[tuple[str, str], list[Entry]] = {(each["name"], each["id"] or ""): [] for each in fitting.values()}
    for entry in download.entries:
        if match := fitting.get(entry.parts[0]):
            grouped[match["name"], match["id"] or ""].append(entry)
    for (name, number), entries in grouped.items():
        parts = [Part(_name(entry), entry.location) for entry in entries]
        code = tuple(part for part in parts if part.name.lower().endswith((*SUFFIXES, ARCHIVE)))
        data = tuple(part for part in parts if is_data(part.name))
        notes = [("no_source_file", f"Moodle holds {', '.join(p.name for p in parts)}, and no .py or .ipynb file.")]
        student = Student(id=number, name="" if name == "Participant" else name)
        names = tuple(part.name for part in parts)
        identity = "_".join(filter(None, (name, number)))
        yield Source(identity, (*code, *data), (student,), tuple(notes) if parts and not code else (), names)
    yield from plain.misnamed(download, fitting, PLATFORM)


def _fitting(download: Tree) -> dict[str, re.Match[str]]:
    """What lies at the top under Moodle's names."""
    folders = {name: _FOLDER.match(name) for name in download.folders}
    files = {entry.parts[0]: _FILE.match(entry.parts[0]) for entry in download.top_files}
    return {name: match for name, match in {**files, **folders}.items() if match}


def _name(entry: Entry) -> str:
    if len(entry.parts) > 1:
        return "/".join(entry.parts[1:])
    match = _FILE.match(entry.parts[0])
    return match["original"] if match else entry.parts[0]
