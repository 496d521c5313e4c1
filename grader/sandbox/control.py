"""Questions to our own processes (spawner, zygotes): JSON packets, with descriptors passed along."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from typing import Any

from grader.errors import SandboxError
from grader.worker.zygote import PACKET_BYTES

PATIENCE_SECONDS = 60.0
"""How long an answer may take; these processes run no student code."""


class ProcessGone(SandboxError):
    """One of our own processes has died; a zygote can be started again."""


class Control:
    """The control socket of one process; `who` is its name in sentences."""

    def __init__(self, control: socket.socket, who: str) -> None:
        self._socket = control
        self._who = who
        control.settimeout(PATIENCE_SECONDS)

    def ask(self, request: dict[str, Any], descriptors: int = 0) -> tuple[dict[str, Any], list[int]]:
        """Send a request and return its answer; raises ProcessGone or SandboxError."""
        try:
            self._socket.sendall(json.dumps(request).encode())
        except OSError as error:
            raise self._gone() from error
        return self.answer(descriptors)

    def answer(self, descriptors: int = 0) -> tuple[dict[str, Any], list[int]]:
        """The next answer, with exactly `descriptors` descriptors; raises ProcessGone or SandboxError."""
        try:
            packet, received, _, _ = socket.recv_fds(self._socket, PACKET_BYTES, max(descriptors, 1))
        except TimeoutError as error:
            raise SandboxError(f"the sandbox's {self._who} does not answer; is the machine overloaded?") from error
        except OSError as error:
            raise self._gone() from error
        if not packet:
            raise self._gone()
        answer = json.loads(packet)
        if "error" in answer or len(received) != descriptors:
            for descriptor in received:
                os.close(descriptor)
            raise SandboxError(f"the sandbox's {self._who} could not do its work: {answer.get('error', answer)}")
        return answer, received

    def close(self) -> None:
        """End the conversation, which ends the process at the other end."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _gone(self) -> ProcessGone:
        return ProcessGone(f"the sandbox's {self._who} has ended unexpectedly; run the command again")
