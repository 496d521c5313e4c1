"""`torch.compile` that returns the function as it is written: compiling takes seconds and needs to write files."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def uncompiled(model: Any = None, **_: object) -> Any:
    """The function or module itself; a decorator that returns it when called without one."""
    return (lambda model: model) if model is None else model


@contextmanager
def without_compiler() -> Iterator[None]:
    """What is decorated meanwhile stays as it is written; nothing happens where torch is not imported."""
    torch: Any = sys.modules.get("torch")
    if torch is None:
        yield
        return
    before, torch.compile = torch.compile, uncompiled
    try:
        yield
    finally:
        torch.compile = before
