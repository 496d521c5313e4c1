"""Reports without their authors: a pseudonym in place of the id, and no names in files and sentences."""

from __future__ import annotations

import hmac
import re
from pathlib import PurePosixPath
from typing import Any

from grader.models import Report


def pseudonym(secret: bytes, identity: str) -> str:
    """A name that stays the same under one secret and says nothing without it."""
    message = b"pseudonym\0" + identity.encode("utf-8", "surrogateescape")
    return "anonymous-" + hmac.new(secret, message, "sha256").hexdigest()[:12]


def without_identity(report: Report, name: str) -> Report:
    """The report under another name; file names become file-1.py, file-2.ipynb, ... wherever they are mentioned.

    What students wrote into their code, such as a variable called after themselves, stays.
    """
    info = report.submission
    files = {old: f"file-{index}{PurePosixPath(old).suffix}" for index, old in enumerate(info.files, 1)}
    people = (text for student in info.students for text in (student.name, student.email))
    names = {text: name for text in (info.id, *people) if len(text) > 2}
    # Whole words only, the longest first: a file "ana.py" must not become "anonymous-….py".
    known = sorted({**names, **files}, key=len, reverse=True)
    pattern = re.compile("|".join(rf"(?<!\w){re.escape(each)}(?!\w)" for each in known)) if known else None
    changed = _replaced(report.model_dump(exclude={"submission"}), pattern, {**names, **files})
    changed["submission"] = {"id": name, "files": tuple(files.values()), "sha256": info.sha256, "students": ()}
    return Report.model_validate(changed)


def _replaced(value: Any, pattern: re.Pattern[str] | None, names: dict[str, str]) -> Any:
    """The sentences inside, with the names replaced; slugs and other contract words hold no names of students."""
    if isinstance(value, dict):
        return {key: each if key in _WORDS else _replaced(each, pattern, names) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_replaced(each, pattern, names) for each in value]
    if isinstance(value, str) and pattern is not None:
        return pattern.sub(lambda match: names[match[0]], value)
    return value


_WORDS = frozenset({"exercise", "entry_point", "name", "verdict", "status", "kind", "misconception", "counterexample"})
"""Fields that are ours or nobody's words."""
