"""Canvas's "Download Submissions": one flat folder of `<lastfirst>_[LATE_]<user id>_<file id>_<original name>`.

Where grading is anonymous there is no name and the user id is `anon_<letters>`; for a group the name is the group's.
A name may end with a number: `team_3_102_9003_hw.py` is user 102's hw.py in Team_3, or user 3's 9003_hw.py. The other
files of the download decide; what they leave open is nobody's where there may be no name at all.
A text entry or a link is `..._text.html` or `..._link.html` without a file id. Canvas packs a student's latest attempt
only; where two downloads were merged, the file with the higher id is the later one. A name that the student used in an
earlier attempt gets "-1", "-2" from Canvas: it has its plain name here, unless another file of the attempt has it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from grader.models import Student
from grader.submissions import plain
from grader.submissions.submission import ARCHIVE, SUFFIXES, Part, Source, is_data
from grader.submissions.tree import Entry, Tree

PLATFORM = "Canvas"

_WHO = r"^(?:(?P<late_anonymous>LATE_)?(?P<anonymous>anon_[^_]+)|(?P<name>.*?)_(?P<late>LATE_)?(?P<user>\d+))"
_UPLOAD = re.compile(_WHO + r"_(?P<file>\d+)_(?P<original>.+)$")
_ENTRY = re.compile(_WHO + r"_(?P<original>(?:text|link)\.html)$")
_AGAIN = re.compile(r"^(?P<stem>.+)-(?P<number>\d+)(?P<suffix>\.\w+)$")


@dataclass(frozen=True)
class Upload:
    """One file name, taken apart."""

    name: str
    late: bool
    user: str
    file: int
    original: str
    entry: Entry


def recognises(download: Tree) -> bool:
    """Most of what holds code is named so, and there is at least one upload; a list of marks may lie beside."""
    uploads = _uploads(download)
    named = {each.entry.parts[0] for each in uploads}
    return any(each.file for each in uploads) and len(named) > len(plain.misnamed(download, named, PLATFORM))


def sources(download: Tree, choice: str) -> Iterator[Source]:
    """One source per user id, and one for each entry with another name."""
    grouped: dict[str, list[Upload]] = {}
    for upload in _uploads(download):
        grouped.setdefault(upload.user, []).append(upload)
    for user, uploads in grouped.items():
        name = max((upload.name for upload in uploads), key=len)
        code = [each for each in uploads if each.original.lower().endswith((*SUFFIXES, ARCHIVE))]
        kept, notes = _latest(code)
        data, _ = _latest([each for each in uploads if is_data(each.original)])
        if any(upload.late for upload in kept or uploads):
            notes.append(("late", "Canvas marks this submission as late; no points were taken off."))
        if not code:
            others = ", ".join(upload.original for upload in uploads)
            notes.append(("no_source_file", f"Canvas holds {others}, and no .py or .ipynb file."))
        identity = "_".join(filter(None, (name, user)))
        parts = tuple(Part(upload.original, upload.entry.location) for upload in (*kept, *data))
        names = tuple(word for upload in uploads for word in (upload.entry.parts[0], upload.original))
        yield Source(identity, parts, (Student(id=user, name=name),), tuple(notes), names)
    yield from plain.misnamed(download, {each.entry.parts[0] for each in _uploads(download)}, PLATFORM)


def _uploads(download: Tree) -> list[Upload]:
    """Every name that is Canvas's, read so that it fits the others: ids of one assignment's files are of one size."""
    found = [upload for entry in download.top_files if (upload := _parse(entry))]
    sizes = [each.file for each in found if each.name and each.file and not _with_number(each)]
    unlikely = _unlikely([each for each in found if each.name and _with_number(each)])

    def read(first: Upload) -> Upload | None:
        second = _with_number(first)
        if second is None:
            return first
        fitting = [each for each in (first, second) if sizes and min(sizes) / 2 <= each.file <= max(sizes) * 2]
        if len(fitting) == 1:
            return fitting[0]
        if not first.name:
            return None
        return second if not sizes and first.entry.parts[0] in unlikely else first

    return [upload for each in found if (upload := read(each))]


def _unlikely(uploads: list[Upload]) -> set[str]:
    """The files whose shorter name is hardly meant: a user has one name, an id is one file's, few are namesakes."""
    users, names = defaultdict(set), defaultdict(set)
    for each in uploads:
        users[each.name].add(each.user)
        names[each.user].add(each.name)
    files = Counter(each.file for each in uploads)
    namesakes = [each for each in uploads if len(users[each.name]) > 1]
    impossible = [each for each in uploads if len(names[each.user]) > 1 or files[each.file] > 1]
    found = [*impossible, *namesakes] if 2 * len(namesakes) > len(uploads) else impossible
    return {each.entry.parts[0] for each in found}


def _with_number(upload: Upload) -> Upload | None:
    """The same file if the number behind the name belongs to the name; Canvas leaves no number within one."""
    more = re.match(r"(\d+)_(.+)$", upload.original)
    if more is None or upload.late or upload.user.startswith("anon_"):
        return None
    name = f"{upload.name}_{upload.user}"
    return replace(upload, name=name, user=str(upload.file), file=int(more[1]), original=more[2])


def _parse(entry: Entry) -> Upload | None:
    match = _UPLOAD.match(entry.parts[0]) or _ENTRY.match(entry.parts[0])
    if match is None:
        return None
    groups = match.groupdict()
    file = int(groups.get("file") or 0)
    late = bool(groups["late"] or groups["late_anonymous"])
    user = groups["user"] or groups["anonymous"]
    return Upload(groups["name"] or "", late, user, file, groups["original"], entry)


def _latest(uploads: list[Upload]) -> tuple[list[Upload], list[tuple[str, str]]]:
    """The last upload of every name, the later ones first, and a note about the others."""
    latest: dict[str, Upload] = {}
    earlier: list[str] = []
    for upload in sorted(uploads, key=lambda each: each.file):
        if upload.original in latest:
            earlier.append(latest[upload.original].entry.parts[0])
        latest[upload.original] = upload
    kept = _plainly_named(list(latest.values()))
    if not earlier:
        return kept, []
    sentence = f"Several attempts: the latest counts; left out: {', '.join(earlier)}."
    return kept, [("earlier_attempt", sentence)]


def _plainly_named(uploads: list[Upload]) -> list[Upload]:
    """Canvas renames `util.py` to `util-1.py` where the student once handed in another: imports need the plain name."""
    plain = [_AGAIN.sub(r"\g<stem>\g<suffix>", upload.original) for upload in uploads]
    stems = Counter(name.rpartition(".")[0] for name in plain)
    return [
        replace(upload, original=name) if stems[name.rpartition(".")[0]] == 1 else upload
        for upload, name in zip(uploads, plain, strict=True)
    ]
