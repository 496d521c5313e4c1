"""The parent of a student's own check: a process without torch that starts `child` and ends it in time.

One line of JSON goes to the child per check, lines of JSON come back, and what the student's code prints comes over a
pipe of its own, of which only the beginning is kept. Works alike on Linux, macOS and Windows.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType

START_SECONDS = 300.0
"""How long importing torch may take on a slow machine before we give up."""
PRINTED_BYTES = 16_384
PRINTED_LINES = 20
POLL_SECONDS = 0.1
STALE_SECONDS = 1.0
"""How long a check may go on although its answer is not needed any more: most are done sooner than a new one."""
LISTENING_SECONDS = 2.0
"""How long to wait for the last of what was printed once the check is done."""


@dataclass(frozen=True)
class Request:
    """What is to be checked, and how the answer should look.

    paths: files, or a folder, that are one submission; slugs: exercises, or () for all that they define; width: columns
    to wrap at, or None; folder: of exercises; hints: how much advice is shown, from 0; overview: a line per exercise.
    """

    paths: tuple[Path, ...]
    slugs: tuple[str, ...] = ()
    folder: Path | None = None
    width: int | None = None
    colour: bool = False
    timeout_seconds: float = 10.0
    hints: int = 0
    overview: bool = False


@dataclass(frozen=True)
class ChildAnswer:
    """text: for the terminal; report: as JSON, or "" where nothing could be checked.

    printed: by the student's code, where the text does not show what an example prints.
    """

    text: str
    exit_status: int
    report: str = ""
    printed: str = ""


class ChildEnded(Exception):
    """The child ended, or had to be ended: what it was doing, the verdict, and a detail of that."""

    def __init__(self, doing: str, why: str, printed: str) -> None:
        super().__init__(doing, why)
        self.doing, self.why, self.printed = doing, why, printed


class Dropped(Exception):
    """A check that was under way is of no interest any more."""


class Stopwatch:
    """Keeps a child with torch imported; one check after another, each with its deadline per call."""

    def __init__(self, request: Request, *, stay: bool = False) -> None:
        """stay: keep a warm child between checks; without it the first answer is the last."""
        self._request, self._stay = request, stay
        self._child: _Child | None = None
        self.warm()

    def warm(self) -> None:
        """Start a child unless one is waiting."""
        if self._child is None:
            self._child = _Child(self._request, self._stay)

    def check(self, is_stale: Callable[[], bool] = lambda: False) -> ChildAnswer | None:
        """The answer; None when the check itself ended, which is an internal error.

        is_stale: asked now and then; a check that is still under way STALE_SECONDS later raises Dropped.
        """
        stopped: dict[str, str] = {}
        printed = ""
        while True:
            self.warm()
            assert self._child is not None
            try:
                answer = self._child.ask(stopped, self._request.timeout_seconds, is_stale)
            except Dropped:
                self.close()
                raise
            except ChildEnded as ended:
                self.close()
                printed = printed or ended.printed
                if not ended.doing or ended.doing in stopped:
                    return None
                stopped[ended.doing] = ended.why
                continue
            if not self._child.stays:
                self.close()
            return ChildAnswer(answer.text, answer.exit_status, answer.report, printed or answer.printed)

    def close(self) -> None:
        """End the child and everything that it started."""
        if self._child is not None:
            self._child.kill()
            self._child = None

    def __enter__(self) -> Stopwatch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Child:
    """One process of `grader.selfcheck`."""

    def __init__(self, request: Request, stay: bool) -> None:
        self.stays = stay and sys.platform == "linux"  # elsewhere a fork after importing torch is not safe
        command = [sys.executable, "-m", "grader.selfcheck", *(["--stay"] if self.stays else [])]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=os.name == "posix",
            env={
                **os.environ,
                "OMP_NUM_THREADS": "1",
                "PYTHONIOENCODING": "utf-8",
                "PYTHONSAFEPATH": "1",  # a student's own random.py or torch.py is not the library
            },
        )
        self._events: queue.SimpleQueue[dict[str, str] | None] = queue.SimpleQueue()
        self._printed = _Printed(self._process)
        threading.Thread(target=self._listen, daemon=True).start()
        paths = [str(path) for path in request.paths]
        self._tell({**asdict(request), "paths": paths, "folder": str(request.folder or "")})

    def ask(self, stopped: dict[str, str], timeout_seconds: float, is_stale: Callable[[], bool]) -> ChildAnswer:
        """Go, and listen; raises ChildEnded or Dropped."""
        self._printed.begin()
        self._tell({"stopped": stopped, "mark": self._printed.mark})
        doing, patience = "", START_SECONDS
        while True:
            try:
                event = self._next_event(patience, is_stale)
            except queue.Empty:
                self.kill()
                raise ChildEnded(doing, f"timed_out:{timeout_seconds:g}", self._printed.text()) from None
            if event is None:
                raise ChildEnded(doing, f"errored:{self._process.wait()}", self._printed.text())
            if event["event"] == "done":
                text, status, report = event["text"], int(event["exit_status"]), event["report"]
                return ChildAnswer(text, status, report, "" if event.get("shows_prints") else self._printed.text())
            doing = event["doing"]
            patience = timeout_seconds if doing else START_SECONDS

    def _next_event(self, patience: float, is_stale: Callable[[], bool]) -> dict[str, str] | None:
        """What the child says next; raises queue.Empty, or Dropped."""
        deadline, stale_since = time.monotonic() + patience, None
        while True:
            try:
                return self._events.get(timeout=max(0.0, min(POLL_SECONDS, deadline - time.monotonic())))
            except queue.Empty:
                now = time.monotonic()
                if now >= deadline:
                    raise
                stale_since = (stale_since or now) if is_stale() else None
                if stale_since is not None and now - stale_since >= STALE_SECONDS:
                    self.kill()
                    raise Dropped from None

    def kill(self) -> None:
        """End the process and its descendants; nothing happens where it is gone already."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.name == "posix":
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()
        self._process.wait()
        if self._process.stdin:
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    def _tell(self, message: object) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # a child that is gone is noticed while listening
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._events.put(json.loads(line))
        self._events.put(None)


class _Printed:
    """The beginning of what the child's student code prints, up to the mark that the child sets at the end."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.mark = secrets.token_hex(16)
        self._process = process
        self._kept = b""
        self._complete = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    def begin(self) -> None:
        """Forget what came before."""
        self._kept = b""
        self._complete.clear()

    def text(self) -> str:
        """What was kept, once the mark or the end has come."""
        self._complete.wait(LISTENING_SECONDS)
        return self._kept.decode("utf-8", "replace").replace("\r\n", "\n")

    def _listen(self) -> None:
        assert self._process.stderr is not None
        mark, tail = self.mark.encode(), b""
        while chunk := os.read(self._process.stderr.fileno(), 65_536):
            window = tail + chunk
            if mark in window:
                chunk = chunk[: max(0, window.index(mark) - len(tail))]
                self._keep(chunk)
                self._complete.set()
                tail = b""
                continue
            self._keep(chunk)
            tail = window[-len(mark) :]
        self._complete.set()

    def _keep(self, chunk: bytes) -> None:
        self._kept += chunk[: PRINTED_BYTES - len(self._kept)]
