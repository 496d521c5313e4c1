"""The process that starts zygotes and starts dead ones again.

It is forked before the trusted process reads the secret and the solutions, so that neither it nor anything that
descends from it ever has them in memory. Its environment and arguments are wiped for the same reason.
"""

from __future__ import annotations

import ctypes
import faulthandler
import gc
import os
import signal
import socket
import sys
from pathlib import Path

from grader.worker import zygote
from grader.worker.confine import adopt_orphans, close_from, die_with, probe_layers, set_dumpable, silence

CONTROL = 4
"""The descriptor of the spawner's and of a zygote's control socket; 3 is for the wire of a worker."""


def run(control: int, trusted: int) -> None:
    """Serve until the trusted process is gone, then end every descendant; never returns."""
    try:
        wall_off(control)
        adopt_orphans()
        zygote.end_on(signal.SIGTERM)
        die_with(trusted, signal.SIGTERM)
        set_dumpable(False)
        ZygoteSupervisor(socket.socket(fileno=CONTROL)).serve()
    finally:
        zygote.end_descendants()
        os._exit(0)


def wall_off(control: int) -> None:
    """Keep one descriptor and none of the caller's surroundings: terminal, files, environment, arguments, signals."""
    os.setsid()
    os.chdir("/")
    faulthandler.disable()
    silence()
    os.dup2(control, CONTROL)
    close_from(3, (CONTROL,))
    for descriptor, name in enumerate(("stdin", "stdout", "stderr")):
        # On 0, 1 and 2 themselves, because a worker closes every other descriptor.
        stream = os.fdopen(descriptor, "w" if descriptor else "r", closefd=False)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    silence()  # once more: the streams that were there before may have closed theirs
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    for number in (signal.SIGALRM, signal.SIGCHLD, signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(number, signal.SIG_DFL)
    wipe_surroundings()
    gc.freeze()


def wipe_surroundings() -> None:
    """Overwrite the environment and the arguments in memory: student code can read its whole process."""
    for value in os.environ._data.values():  # type: ignore[attr-defined]  # the bytes themselves, not copies
        if len(value) > 1:  # shorter ones are shared by the whole interpreter
            ctypes.memset(id(value) + bytes.__basicsize__ - 1, 0, len(value))
    os.environ.clear()
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(Path(os.__file__).parent)  # torch.func makes it unless it is there
    del sys.argv[1:]
    sys.argv[:1] = [""]
    sys.orig_argv.clear()
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    for start, end in ((45, 46), (47, 48)):  # arg_start, arg_end; env_start, env_end
        if 0 < int(fields[start]) < int(fields[end]):
            ctypes.memset(int(fields[start]), 0, int(fields[end]) - int(fields[start]))


class ZygoteSupervisor:
    """The state of the spawner: the zygote of each slot."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._zygotes: dict[int, int] = {}

    def serve(self) -> None:
        """Answer requests for zygotes until the trusted side is gone."""
        layers = [[layer.name, layer.active, layer.detail] for layer in probe_layers()]
        zygote.reply(self._control, {"layers": layers})
        while request := zygote.ask(self._control):
            self._start(request["slot"], frozenset(request["without"]))

    def _start(self, slot: int, without: frozenset[str]) -> None:
        """Start the zygote of a slot anew, after the end of the one before and of all that it left."""
        self._zygotes.pop(slot, None)
        zygote.end_descendants(frozenset(self._zygotes.values()))
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        spawner = os.getpid()
        child = os.fork()
        if child == 0:
            ours.close()
            os.dup2(theirs.detach(), CONTROL)
            close_from(CONTROL + 1)
            try:
                zygote.run(socket.socket(fileno=CONTROL), spawner, slot, without)
            finally:
                os._exit(0)
        self._zygotes[slot] = child
        zygote.reply(self._control, {"pid": child}, (ours.fileno(),))
        ours.close()
        theirs.close()
