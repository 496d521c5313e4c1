"""`grader check --watch`: checks on every save, stays warm, survives what the student's code does."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.selfcheck.conftest import RIGHT, ROOT

pytest.importorskip("watchfiles", reason="watchfiles is not installed: --watch cannot be tried")

LISTENING = "save it to check again, Ctrl+C to stop."


class Watching:
    """A running `--watch`, read check by check."""

    def __init__(self, path: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "grader", "check", "--watch", "--timeout", "2", str(path)],
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        self.lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line)

    def next(self) -> str:
        """What one check printed."""
        text = ""
        while LISTENING not in text:
            text += self.lines.get(timeout=60)
        return text


@pytest.fixture
def watching(save: Callable[[str], Path]) -> Iterator[Watching]:
    """`--watch` on a file that is not right yet."""
    running = Watching(save("def vector_matrix_derivative(W, x):\n    return None\n"))
    yield running
    running.process.kill()
    running.process.wait()


def test_every_save_is_checked(watching: Watching, save: Callable[[str], Path], tmp_path: Path) -> None:
    """Now, after a save, after an editor replaced the file, after a crash, and after a loop."""
    assert "not implemented yet" in watching.next()
    save(RIGHT)
    assert "10 of 10 points" in watching.next()
    (tmp_path / "new.tmp").write_text("import os\n\ndef vector_matrix_derivative(W, x):\n    os._exit(3)\n")
    (tmp_path / "new.tmp").replace(tmp_path / "hw.py")
    assert "ended by itself (exit status 3)" in watching.next()
    save("def vector_matrix_derivative(W, x):\n    while True: pass\n")
    assert "It ran longer than 2 s" in watching.next()
    save("def vector_matrix_derivative(W, x):\n    while True: pass\n")
    time.sleep(0.5)
    save(RIGHT)
    shown = watching.next()
    assert "10 of 10 points" in shown
    assert "Saved while a check was still running: that one was dropped." in shown or "It ran longer" in shown


@pytest.mark.skipif(os.name != "posix", reason="Ctrl+C is sent as a signal, which needs a POSIX system")
def test_ctrl_c_ends_everything(watching: Watching) -> None:
    """Ctrl+C ends it without a traceback and leaves no warm process behind."""
    import psutil

    watching.next()
    children = psutil.Process(watching.process.pid).children(recursive=True)
    assert children
    watching.process.send_signal(signal.SIGINT)
    watching.process.wait(timeout=30)
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive
    rest = ""
    while not watching.lines.empty():
        rest += watching.lines.get()
    assert "Traceback" not in rest
