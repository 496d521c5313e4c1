"""The trusted side of the wall: start the spawner first, read the secret after, then run submissions.

    with Spawner.start() as spawner:                      # before any secret is in memory
        with Sandbox(spawner, slot=0) as sandbox:         # one per thread
            with sandbox.session(files, ["backward"], limits) as session:
                session.loaded                            # where the functions were found
                session.call("backward", encoded_inputs, expected_bytes, limits)   # an Outcome

Names are resolved late, because the walls exist on Linux only.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from grader.errors import SandboxError

if TYPE_CHECKING:
    from grader.sandbox.session import Sandbox, WorkerSession
    from grader.sandbox.spawner import Spawner
    from grader.worker.confine import Layer, die_with, probe_layers, set_dumpable
    from grader.worker.preload import preload

__all__ = ["Layer", "Sandbox", "Spawner", "WorkerSession", "die_with", "preload", "probe_layers", "set_dumpable"]

_HOMES = {
    "Layer": "grader.worker.confine",
    "Sandbox": "grader.sandbox.session",
    "WorkerSession": "grader.sandbox.session",
    "Spawner": "grader.sandbox.spawner",
    "die_with": "grader.worker.confine",
    "preload": "grader.worker.preload",
    "probe_layers": "grader.worker.confine",
    "set_dumpable": "grader.worker.confine",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _HOMES:
        if sys.platform != "linux":
            raise SandboxError("the sandbox needs Linux (Landlock, seccomp); here only `grader check` works")
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
