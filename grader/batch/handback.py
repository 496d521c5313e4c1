"""Files that hand every student's page back in one upload: the names by which Canvas and Moodle know whose each is.

Canvas ("Upload submissions" in the gradebook) takes the first two numbers of a name for the user and the file that was
handed in, so it needs the names of its own download. Moodle ("Upload multiple feedback files in a zip") takes the
participant's number between the full name and the kind of file, and looks at no name; the flat form is read by every
version.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.batch import gradebook, worksheet
from grader.batch.exported import Exported
from grader.models import Report, Student
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


def archive(reports: Iterable[Report], names: Mapping[str, Sequence[str]], page: Callable[[Report], str]) -> Archive:
    """The pages of all reports, one for each person of a group.

    names: those of a report's page in the archive, by the submission's id. page: what a report's page is.
    """
    without, files = [], 0
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as written:
        for report in reports:
            found = names.get(report.submission.id, ())
            text = page(report) if found else ""
            for name in found:
                written.writestr(zipfile.ZipInfo(name, _EPOCH), text, zipfile.ZIP_DEFLATED)
            files += len(found)
            if not found:
                without.append(report.submission.id)
    return Archive(packed.getvalue(), files, tuple(without))


def moodle(reports: Sequence[Report], sheet: Exported, column: str | None = None) -> dict[str, list[str]]:
    """The names of every page for Moodle, by the worksheet: the number in a team's folder is no participant's.

    column: that of the grades, in another language than English. Raises OutputError.
    """
    rows = [sheet.values(row) for row in range(len(sheet.rows))]
    target = gradebook.grades_column(sheet, column)
    people, matched = worksheet.owners(sheet.header, rows, target, list(gradebook.marks(reports)))
    names: dict[str, list[str]] = defaultdict(list)
    for person in people:
        if person.row in matched.marks and person.row not in matched.by_name and person.number:
            label = re.sub(r"[_/\\]", " ", person.label)
            name = f"{label}_{person.number}_assignfeedback_file_{PAGE}"
            names[matched.marks[person.row].report.submission.id].append(name)
    return names


def canvas(reports: Iterable[Report], sources: Iterable[Source]) -> dict[str, list[str]]:
    """The names of every page for Canvas, beside the last file that was handed in: without its number none is taken.

    sources: the submissions as they were downloaded.
    """
    uploaded = {source.id: source.names for source in sources}
    return {
        report.submission.id: list(_beside(report.submission.students, uploaded.get(report.submission.id, ())))
        for report in reports
    }


def _beside(students: Iterable[Student], names: Sequence[str]) -> Iterator[str]:
    for student in students:
        upload = re.compile(rf"(?P<name>(?:.*_)?){re.escape(student.id)}_(?P<file>\d+)_.+")
        uploads = [found for name in names if (found := upload.fullmatch(name))]
        if uploads and student.id.isdigit():
            last = max(uploads, key=lambda found: int(found["file"]))
            words = [word for word in last["name"].split("_") if not word.isdigit()]  # Team_3 is not user 3
            yield "_".join((*words[:-1], student.id, last["file"], PAGE))
