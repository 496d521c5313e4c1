"""One spawner for all sandbox tests, a sandbox with every layer that this machine has, and the settings to test in."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.exercise import Limits
from grader.sandbox import Sandbox, Spawner
from grader.wire.outcome import Outcome, Returned
from grader.wire.protocol import Target

NOBODY = 65534
DOCKER_CAPABILITIES = 0xA80425FB
"""What an unprivileged container leaves to its root."""

Run = Callable[..., list[Outcome]]


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


@pytest.fixture(scope="session")
def run() -> Run:
    """run(sandbox, source, *entry_points, limits, expected_bytes): the outcome of calling each, without inputs."""

    def run(
        sandbox: Sandbox, source: str, *names: str, limits: Limits | None = None, expected_bytes: int = 8
    ) -> list[Outcome]:
        limits = limits or Limits(cpu_seconds=5)
        files = [("hw.py", textwrap.dedent(source).encode())]
        with sandbox.session(files, [*map(Target.function, sorted(set(names)))], limits) as session:
            return [session.call(name, [], expected_bytes, limits) for name in names]

    return run


@pytest.fixture(scope="session")
def number() -> Callable[[Outcome], float]:
    """number(outcome): the one Python float that was returned."""
    import numpy as np

    def number(outcome: Outcome) -> float:
        assert isinstance(outcome, Returned), outcome
        (item,) = outcome.items
        return float(np.frombuffer(item.data, item.dtype)[0])

    return number


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that every user of the machine can read, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def forked() -> Callable[[Callable[[], Any]], Any]:
    """forked(function): what the function returns (JSON) in a child process, which may change its user first."""

    def forked(function: Callable[[], Any]) -> Any:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                answer = {"value": function()}
            except BaseException as error:
                answer = {"error": f"{type(error).__name__}: {error}"}
            os.write(writing, json.dumps(answer).encode())
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            answer = json.loads(pipe.read())
        os.waitpid(child, 0)
        assert "value" in answer, answer["error"]
        return answer["value"]

    return forked


def become_ordinary_user() -> None:
    """Leave root for good; nothing to do for who is an ordinary user already."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)


def become_root_of_a_container() -> None:
    """Stay root with no more rights than an unprivileged container leaves."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    data = (ctypes.c_uint32 * 6)(DOCKER_CAPABILITIES, DOCKER_CAPABILITIES, 0, 0, 0, 0)
    assert ctypes.CDLL(None).capset(header, data) == 0


SETTINGS = {
    "ordinary_user": become_ordinary_user,
    "root_of_a_container": become_root_of_a_container,
}


@pytest.fixture(params=SETTINGS)
def setting(request: pytest.FixtureRequest) -> Callable[[], None]:
    """setting(): turn this process, a forked one, into what the setting is about."""
    if os.geteuid() != 0 and request.param == "root_of_a_container":
        pytest.skip("needs root: an ordinary user cannot emulate the root of a container")
    return SETTINGS[request.param]
