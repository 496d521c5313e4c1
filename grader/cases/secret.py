"""The secret that hidden cases are drawn from: made once, kept in a file of mode 0600, never printed."""

from __future__ import annotations

import hmac
import os
import secrets
from pathlib import Path

from grader.errors import SecretError

PUBLIC = b"public cases of the gradient grader"
"""What the cases of a student's own check are drawn from; it is no secret."""

MIN_BYTES = 32


def read(path: Path) -> bytes:
    """The secret in a file; raises SecretError when it is missing, short, or readable by others."""
    try:
        content = path.read_bytes().strip()
        mode = path.stat().st_mode
    except OSError as error:
        raise SecretError(
            f"{path}: the secret cannot be read ({error.strerror}); name another --secret-file"
        ) from error
    if os.name == "posix" and mode & 0o077:
        raise SecretError(f"{path}: other users of this machine can read the secret; run chmod 600 {path}")
    if len(content) < MIN_BYTES:
        raise SecretError(f"{path}: the secret is shorter than {MIN_BYTES} bytes; delete the file and let one be made")
    return content


def read_or_make(path: Path) -> tuple[bytes, bool]:
    """The secret in a file, and whether it had to be made."""
    if path.exists():
        return read(path), False
    secret = secrets.token_hex(32)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secret + "\n")
    except OSError as error:
        raise SecretError(
            f"{path}: no secret could be written ({error.strerror}); name a writable --secret-file"
        ) from error
    return secret.encode(), True


def default_path() -> Path:
    """Where the secret lies when no file is named: the user's configuration folder."""
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base, "gradient-grader", "secret")


def secret_id(secret: bytes) -> str:
    """Tells secrets apart in reports and says nothing about them."""
    return hmac.new(secret, b"secret_id", "sha256").hexdigest()[:16]
