"""The secret is made once, kept from others, and never shown."""

import os
import stat
from pathlib import Path

import pytest

from grader.cases import secret
from grader.errors import SecretError


def test_a_secret_is_made_once(tmp_path: Path) -> None:
    """The first call writes 32 random bytes as text with mode 0600, the second reads the same."""
    path = tmp_path / "folder" / "secret"
    first, made = secret.read_or_make(path)
    again, made_again = secret.read_or_make(path)
    assert made
    assert not made_again
    assert first == again
    assert len(bytes.fromhex(first.decode())) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """A readable secret is no secret; the sentence says how to mend it and not what it is."""
    path = tmp_path / "secret"
    path.write_text("x" * 64)
    path.chmod(0o644)
    with pytest.raises(SecretError, match="other users of this machine can read the secret; run chmod 600") as refusal:
        secret.read(path)
    assert "xxx" not in str(refusal.value)


def test_a_short_secret_is_refused(tmp_path: Path) -> None:
    """Less than 32 bytes could be guessed."""
    path = tmp_path / "secret"
    path.write_text("short")
    path.chmod(0o600)
    with pytest.raises(SecretError, match="shorter than 32 bytes"):
        secret.read(path)


def test_a_missing_secret_is_named(tmp_path: Path) -> None:
    """A file that is not there is named with the remedy."""
    with pytest.raises(SecretError, match="name another --secret-file"):
        secret.read(tmp_path / "none")


def test_the_id_tells_secrets_apart_and_nothing_else() -> None:
    """Two secrets have two ids, and an id does not contain its secret."""
    one, two = os.urandom(32), os.urandom(32)
    assert secret.secret_id(one) != secret.secret_id(two)
    assert one.hex() not in secret.secret_id(one)
    assert len(secret.secret_id(one)) == 16
