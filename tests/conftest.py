"""What many tests share: one spawner with torch imported once, and a sandbox on it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from grader.sandbox import Sandbox, Spawner
from grader.selfcheck.session import LocalSession


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Cases that a machine keeps between runs lie in a folder of the tests, here and in the commands that are run."""
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def spawner() -> Iterator[Spawner]:
    """The real spawner, started once per test session."""
    with Spawner.start() as running:
        yield running


@pytest.fixture(scope="session")
def sandbox(spawner: Spawner) -> Iterator[Sandbox]:
    """A real sandbox with every layer that this machine offers."""
    with Sandbox(spawner, slot=60, insist=True) as walled:
        yield walled


class InThisProcess:
    """The sandbox of a student's own check; opened: its last session."""

    opened: LocalSession

    @contextmanager
    def session(self, files: Any, targets: Any, limits: Any) -> Iterator[LocalSession]:
        """One session, kept for the look into the function."""
        self.opened = LocalSession(files, targets)
        yield self.opened
