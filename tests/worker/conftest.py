"""What tests of the loader share."""

from __future__ import annotations

from typing import Any

from grader.wire.outcome import Loaded
from grader.worker.loader import load


def load_py(source: str, *names: str) -> tuple[dict[str, Any], Loaded]:
    """The objects of these names, or of `f`, in a file hw1.py of this source."""
    return load([("hw1.py", source.encode())], names or ("f",))
