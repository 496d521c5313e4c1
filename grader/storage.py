"""Files that are written as a whole or not at all, and safe names for them; it needs no torch, so reading is quick."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from grader.errors import OutputError

TEMPORARY = ".tmp"
"""How the name of a file ends that is being written."""


def store(content: str | bytes, path: Path) -> Path:
    """Write a file of mode 0600 as a whole or not at all; raises OutputError and leaves what was there."""
    folder = path.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=folder, prefix=".", suffix=TEMPORARY)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise OutputError(
            f"{path}: the report cannot be written ({error.strerror}); free some space or name another --out"
        ) from error
    return path


def file_name(identity: str) -> str:
    """A safe file name for a submission id: no separators or control characters, at most 200 bytes, still distinct."""
    safe = "".join(c if c.isprintable() and c not in '/\\:*?"<>|' else "_" for c in identity).strip(". ") or "_"
    encoded = safe.encode("utf-8", "surrogateescape")
    if safe == identity and len(encoded) <= 200:
        return safe
    digest = hashlib.sha256(identity.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return f"{encoded[:180].decode('utf-8', 'ignore')}-{digest}"
