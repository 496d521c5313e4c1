"""Gradescope's export of submissions: folders `submission_<id>/` beside `submission_metadata.yml`, which says whose.

One folder may have several submitters, a group. Where one person occurs in several folders, the latest
`:created_at` counts for everybody in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from grader.errors import SubmissionError
from grader.models import Student
from grader.submissions import plain
from grader.submissions.submission import Source
from grader.submissions.tree import Entry, Tree

METADATA = "submission_metadata.yml"


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # in C where it was built so
    """Safe YAML in which objects with Ruby's tags are plain data."""


def recognises(download: Tree) -> bool:
    """The metadata file lies at the top."""
    return download.file(METADATA) is not None


def sources(download: Tree, choice: str) -> Iterator[Source]:
    """One source per folder that counts, and one for a file beside them; who is unknown is graded too, with a note."""
    metadata = _metadata(download)
    folders: dict[str, list[Entry]] = {name: [] for name in (*download.folders, *metadata)}
    for entry in download.entries:
        if len(entry.parts) > 1:
            folders[entry.parts[0]].append(entry)
    for name, earlier in _counting(list(folders), metadata).items():
        students = _students(metadata.get(name, {}))
        notes = []
        if name not in metadata:
            notes.append(("unknown_student", f"{METADATA} does not say who handed in {name}."))
        if len(students) > 1:
            notes.append(("group", f"Handed in by a group of {len(students)}; every member gets this score."))
        if earlier:
            notes.append(("earlier_attempt", f"Several attempts: the latest counts; left out: {', '.join(earlier)}."))
        yield Source(name, tuple(plain.parts(folders[name], below=True)), students, tuple(notes), tuple(earlier))
    yield from plain.misnamed(download, folders, "Gradescope")


def _metadata(download: Tree) -> dict[str, dict[str, Any]]:
    entry = download.file(METADATA)
    if entry is None:
        raise SubmissionError(f"{download.name}: holds no {METADATA}; name the folder of a Gradescope export")
    try:
        found = yaml.load(entry.location.read(METADATA), _Loader)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise SubmissionError(f"{METADATA}: is no valid YAML; export the submissions again") from error
    if not isinstance(found, dict):
        raise SubmissionError(f"{METADATA}: names no submissions; export them again")
    return {str(name): about for name, about in found.items() if isinstance(about, dict)}


def _plain(loader: Any, suffix: str, node: yaml.Node) -> Any:
    """A node with a tag of Ruby's as what it looks like without."""
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)


_Loader.add_multi_constructor("!", _plain)


def _students(about: dict[str, Any]) -> tuple[Student, ...]:
    submitters = _field(about, "submitters")
    people = [each for each in submitters if isinstance(each, dict)] if isinstance(submitters, list) else []
    return tuple(
        Student(id=_text(each, "sid"), name=_text(each, "name"), email=_text(each, "email")) for each in people
    )


def _counting(names: list[str], metadata: dict[str, dict[str, Any]]) -> dict[str, list[str]]:
    """The folders that count, each with the earlier ones of the same people."""
    latest: dict[str, str] = {}
    ordered = sorted(names, key=lambda name: (_when(metadata.get(name, {})), len(name), name))
    for name in ordered:
        for student in _students(metadata.get(name, {})):
            latest[student.email or student.id or student.name] = name
    counting: dict[str, list[str]] = {}
    for name in reversed(ordered):
        people = [student.email or student.id or student.name for student in _students(metadata.get(name, {}))]
        later = {latest[person] for person in people}
        if not people or name in later:
            counting[name] = []
        else:
            for each in later:
                counting.setdefault(each, []).append(name)
    return {name: counting[name] for name in sorted(counting)}


def _when(about: dict[str, Any]) -> str:
    """The time of a submission as text that sorts; Ruby's time objects hold it in a field."""
    moment = _field(about, "created_at")
    if isinstance(moment, dict):
        moment = moment.get("utc") or moment.get("time")
    return str(moment or "")


def _field(about: dict[str, Any], name: str) -> Any:
    return about.get(f":{name}", about.get(name))


def _text(about: dict[str, Any], name: str) -> str:
    value = _field(about, name)
    return "" if value is None else str(value)
