"""Files that hand every student's page back in one upload: the names by which Canvas and Moodle know whose each is.

Canvas ("Upload submissions" in the gradebook) takes the first two numbers of a name for the user and the file that was
handed in, so it needs the names of its own download. Moodle ("Upload multiple feedback files in a zip") takes the
participant's number between the full name and the kind of file; the flat form is read by every version.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.models import Report
from grader.submissions import Source

PAGE = "feedback.html"

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every file in an archive, so that the same reports give the same bytes."""


@dataclass(frozen=True)
class Archive:
    """A .zip to upload, how many files it holds, and the ids of reports that have no place in it."""

    content: bytes
    files: int
    without: tuple[str, ...]


def archive(
    platform: str, reports: Iterable[Report], sources: Sequence[Source], page: Callable[[Report], str]
) -> Archive:
    """The pages of all reports, one for each person of a group.

    sources: the submissions as they were downloaded, for Canvas. page: what a report's page is.
    """
    by_id = {source.id: source for source in sources}
    without, files = [], 0
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as written:
        for report in reports:
            names = list(_moodle(report) if platform == "moodle" else _canvas(report, by_id))
            text = page(report) if names else ""
            for name in names:
                written.writestr(zipfile.ZipInfo(name, _EPOCH), text, zipfile.ZIP_DEFLATED)
            files += len(names)
            if not names:
                without.append(report.submission.id)
    return Archive(packed.getvalue(), files, tuple(without))


def _moodle(report: Report) -> Iterator[str]:
    for student in report.submission.students:
        if student.id.isascii() and student.id.isdigit():
            name = re.sub(r"[_/\\]", " ", student.name or "Participant")
            yield f"{name}_{student.id}_assignfeedback_file_{PAGE}"


def _canvas(report: Report, sources: Mapping[str, Source]) -> Iterator[str]:
    """Beside the last file that was handed in: only with its number does Canvas take another one."""
    names = sources[report.submission.id].names if report.submission.id in sources else ()
    for student in report.submission.students:
        upload = re.compile(rf"(?P<start>(?:.*_)?{re.escape(student.id)}_(?P<file>\d+))_.+")
        uploads = [found for name in names if (found := upload.fullmatch(name))]
        if uploads and student.id.isdigit():
            yield f"{max(uploads, key=lambda found: int(found['file']))['start']}_{PAGE}"
