"""Reports without their authors: a pseudonym in place of the id, and no names in files and sentences."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Any

from grader.errors import OutputError
from grader.models import Report
from grader.submissions import Source, Submission
from grader.submissions.submission import printable


def pseudonym(secret: bytes, identity: str) -> str:
    """A name that stays the same under one secret and says nothing without it."""
    message = b"pseudonym\0" + identity.encode("utf-8", "surrogateescape")
    return "anonymous-" + hmac.new(secret, message, "sha256").hexdigest()[:12]


def joined(reports: Sequence[Report], sources: Iterable[Source], secret: bytes) -> list[Report]:
    """Anonymous reports with the ids and people of their submissions; raises OutputError for one that fits nobody."""
    people = {pseudonym(secret, source.id): source for source in sources}
    found = []
    for report in reports:
        source = people.get(report.submission.id)
        if source is None:
            raise OutputError(
                f"{report.submission.id}: fits none of the submissions under this secret; name the secret and the "
                "submissions that the reports were made with"
            )
        info = report.submission.model_copy(update={"id": printable(source.id), "students": source.students})
        found.append(report.model_copy(update={"submission": info}))
    return found


class Mask:
    """Puts a pseudonym in the place of a submission's people, and file-1.py, file-2.ipynb, ... in that of its files.

    What students wrote into their code, such as a variable called after themselves, stays.
    """

    def __init__(self, submission: Submission, name: str) -> None:
        self.name = name
        mentioned = dict.fromkeys((*(file for file, _ in submission.files), *submission.names))
        files = {old: f"file-{index}{PurePosixPath(old).suffix}" for index, old in enumerate(mentioned, 1)}
        people = {text: name for who in submission.students for text in (who.name, who.email) if text}
        self._replacements = {printable(old): new for old, new in {submission.id: name, **people, **files}.items()}
        # The longest first: a file "ana.py" must not become "anonymous-….py".
        words = sorted(map(printable, (*people, *files)), key=len, reverse=True)
        whole = (rf"(?<!\w){re.escape(word)}(?!\w)" for word in words)
        # An id may be any word, such as "loss": as an id it stands at the beginning.
        self._pattern = re.compile("|".join((rf"\A{re.escape(printable(submission.id))}(?=: )", *whole)))

    def text(self, value: str) -> str:
        """A sentence, with whole names in it replaced."""
        return self._pattern.sub(lambda match: self._replacements[match[0]], value)

    def report(self, report: Report) -> Report:
        """The report under the pseudonym."""
        info = report.submission
        changed = self._replaced(report.model_dump(exclude={"submission"}))
        files = tuple(self._replacements.get(name, name) for name in info.files)
        changed["submission"] = {"id": self.name, "files": files, "sha256": info.sha256, "students": ()}
        return Report.model_validate(changed)

    def _replaced(self, value: Any) -> Any:
        """The sentences inside, with the names replaced; slugs and other contract words hold no names of students."""
        if isinstance(value, dict):
            return {key: each if key in _WORDS else self._replaced(each) for key, each in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._replaced(each) for each in value]
        return self.text(value) if isinstance(value, str) else value


_OURS = ("exercise", "entry_point", "name", "verdict", "status", "kind", "misconception")
_NUMBERS = ("inputs", "expected", "actual")
_WORDS = frozenset({*_OURS, *_NUMBERS})
"""Fields that are ours or nobody's words."""
