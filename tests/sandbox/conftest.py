"""One spawner for all sandbox tests, and a sandbox with every layer that this machine has."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from grader.sandbox import Sandbox, Spawner


@pytest.fixture(scope="session")
def spawner() -> Iterator[Spawner]:
    """The spawner; torch is imported once."""
    with Spawner.start() as started:
        yield started


@pytest.fixture(scope="session")
def sandbox(spawner: Spawner) -> Iterator[Sandbox]:
    """A sandbox whose zygote the tests share."""
    with Sandbox(spawner, slot=0) as opened:
        yield opened
