"""The session without a wall: the same interface and the same outcomes, in this process."""

from __future__ import annotations

import subprocess
import sys

import torch

from grader.exercise import Limits
from grader.sandbox import Sandbox
from grader.selfcheck.session import LocalSession
from grader.wire import tensors
from grader.wire.outcome import Outcome
from grader.wire.protocol import Target

SOURCE = b"""
import torch
def good(x):
    return x * 2
def modifies(x):
    return x.mul_(2)
def raises(x):
    raise ValueError("no")
def floods(x):
    return x.new_zeros(1).expand(10**9)
def fills(x):
    return torch.zeros(10**15)
def exits(x):
    raise SystemExit
"""
TARGETS = [*map(Target.function, ("good", "modifies", "raises", "floods", "fills", "exits", "absent"))]


def test_both_sessions_agree(sandbox: Sandbox) -> None:
    """Every outcome that does not need a wall is the same with and without one."""
    x, limits = torch.arange(6.0).reshape(2, 3).T, Limits()
    with (
        LocalSession([("hw.py", SOURCE)], TARGETS) as local,
        sandbox.session([("hw.py", SOURCE)], TARGETS, limits) as walled,
    ):
        assert local.loaded == walled.loaded

        def outcomes(session: LocalSession | object) -> list[Outcome]:
            return [session.call(each.name, [tensors.encode(x)], 24, limits) for each in TARGETS]  # type: ignore[attr-defined]

        assert outcomes(local) == outcomes(walled)


def test_students_machines_need_no_walls() -> None:
    """The local session imports nothing that only Linux has."""
    program = """if True:
    import sys
    for name in ("fcntl", "resource", "landlockpy", "seccompy"):
        sys.modules[name] = None
    import grader.selfcheck.session, grader.worker.call, grader.wire.tensors
    """
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
