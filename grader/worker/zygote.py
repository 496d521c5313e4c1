"""The process that forks one confined worker at a time: torch is imported, no secret is held, no student code runs.

It answers on a SEQPACKET socket, one JSON object per packet: {"op": "fork", ...} gives the process id of a new worker
together with its wire and a pidfd; {"op": "reap"} ends what is left of the worker and tells how it had died. End of
file, or the death of the spawner, ends the zygote and all of its descendants.
"""

from __future__ import annotations

import json
import os
import signal
import socket
from pathlib import Path
from typing import Any

from grader.wire.protocol import MessageKind, frame
from grader.worker import serve
from grader.worker.confine import CPU_SECONDS, WIRE, ConfinementPlan, adopt_orphans, confine, die_with, set_dumpable
from grader.worker.tripwires import Tripwires

PACKET_BYTES = 4096
UNDUMPABLE = "undumpable"


def run(control: socket.socket, spawner: int, slot: int, without: frozenset[str]) -> None:
    """Serve until the control socket closes; does not return to the spawner's code."""
    adopt_orphans()
    end_on(signal.SIGTERM)
    die_with(spawner, signal.SIGTERM)
    set_dumpable(UNDUMPABLE in without)
    os.dup2(0, WIRE)  # keeps the number free for the worker's wire
    try:
        plan = ConfinementPlan.prepare(without, slot)
    except Exception as error:
        reply(control, {"error": f"{type(error).__name__}: {error}"})
        return
    reply(control, {"pid": os.getpid()})
    # Before there is any student code that could get hold of what they replace, and once for all workers.
    Zygote(control, plan, Tripwires()).serve()


class Zygote:
    """The state of a zygote: its plan and its worker, if there is one."""

    def __init__(self, control: socket.socket, plan: ConfinementPlan, tripwires: Tripwires) -> None:
        self._control = control
        self._plan = plan
        self._tripwires = tripwires
        self._worker = 0

    def serve(self) -> None:
        """Answer requests until the trusted side is gone."""
        try:
            while request := ask(self._control):
                if request["op"] == "fork":
                    self._fork(request["memory_bytes"])
                else:
                    reply(self._control, {"status": self._reap()})
        finally:
            end_descendants()

    def _fork(self, memory_bytes: int) -> None:
        self._reap()
        if len(list(Path("/proc/self/task").iterdir())) != 1:
            reply(self._control, {"error": "the zygote has more than one thread, so a fork of it could hang"})
            return
        ours, theirs = socket.socketpair()
        zygote = os.getpid()
        self._worker = os.fork()
        if self._worker == 0:
            work(self._plan, self._tripwires, theirs.fileno(), zygote, memory_bytes)
        pidfd = os.pidfd_open(self._worker)
        reply(self._control, {"pid": self._worker}, (ours.fileno(), pidfd))
        os.close(pidfd)
        ours.close()
        theirs.close()

    def _reap(self) -> int | None:
        """The wait status of the worker, which is dead afterwards, as is everything that it started.

        SIGXCPU stands for the end of its processor time, for which the kernel uses SIGKILL where the program does not
        listen to SIGXCPU.
        """
        if not self._worker:
            return None
        os.kill(self._worker, signal.SIGKILL)  # ours and not waited for: the id cannot be anybody else's
        _, status, used = os.wait4(self._worker, 0)
        self._worker = 0
        end_descendants()
        seconds = 1.1 * (used.ru_utime + used.ru_stime)  # the limit counts by clock ticks, the usage by the scheduler
        out_of_time = status == signal.SIGKILL and seconds >= CPU_SECONDS
        return signal.SIGXCPU if out_of_time else status


def work(plan: ConfinementPlan, tripwires: Tripwires, wire: int, zygote: int, memory_bytes: int) -> None:
    """The worker: confine itself, send CONFINED, serve; never returns."""
    os.dup2(wire, WIRE)
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        confine(plan, zygote, memory_bytes)
    except BaseException as error:
        os.write(WIRE, frame(MessageKind.BROKEN, 0, f"{type(error).__name__}: {error}".encode()[:1000]))
        os._exit(1)
    try:
        os.write(WIRE, frame(MessageKind.CONFINED, 0))
        serve.serve(WIRE, tripwires)
        os._exit(0)
    except BaseException:
        os._exit(70)  # student code reached into ours: no answer, so no points


def end_descendants(spared: frozenset[int] = frozenset()) -> None:
    """Kill and wait for all children, and, this process being a subreaper, for theirs in turn; `spared` live on."""
    while not childless():
        doomed = children() - spared
        for child in doomed:
            os.kill(child, signal.SIGKILL)
        for child in doomed:
            os.waitpid(child, 0)
        if spared and not doomed:
            return


def childless() -> bool:
    """Whether there is no child left, dead or alive."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return True
    return False


def children() -> set[int]:
    """The process ids of this process's children, dead ones that were not waited for included."""
    listed = Path(f"/proc/self/task/{os.getpid()}/children")
    if listed.exists():
        return {int(pid) for pid in listed.read_text().split()}
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:  # gone meanwhile
            continue
        if parent == os.getpid():
            found.add(int(stat.parent.name))
    return found


def end_on(number: signal.Signals) -> None:
    """Let a signal end this process and its descendants, whatever it is doing."""

    def end(*_: object) -> None:
        signal.signal(number, signal.SIG_IGN)
        end_descendants()
        os._exit(1)

    signal.signal(number, end)


def ask(control: socket.socket) -> dict[str, Any]:
    """The next request; empty at the end of file."""
    packet = control.recv(PACKET_BYTES)
    return dict(json.loads(packet)) if packet else {}


def reply(control: socket.socket, answer: dict[str, Any], descriptors: tuple[int, ...] = ()) -> None:
    """Answer a request, passing descriptors along."""
    socket.send_fds(control, [json.dumps(answer).encode()], list(descriptors))
