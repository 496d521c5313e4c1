"""Each layer taken away in turn: the named attack that then succeeds, and that fails with the layer."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import landlockpy
import pytest

from grader.exercise import Limits
from grader.sandbox import Sandbox, Spawner
from grader.wire.outcome import Outcome, Stopped
from grader.worker.confine import LAYERS

Run = Callable[..., list[Outcome]]
Number = Callable[[Outcome], float]
Setting = Callable[[], None]
Forked = Callable[[Callable[[], Any]], Any]

HEADER = """
import ctypes, os, resource, signal, socket, stat, subprocess, sys, threading, time
import torch

def attack():
    try:
        return float(attempt())
    except (OSError, MemoryError, RuntimeError, subprocess.SubprocessError):
        return 0.0

"""


@dataclass(frozen=True)
class Attack:
    """layers: the ones in its way; any of them stops it. source: attempt() is true when it has succeeded."""

    name: str
    layers: tuple[str, ...]
    source: str
    root_only: str = ""


ATTACKS = (
    Attack(
        "reads_a_file_of_the_instructor", ("landlock",), "def attempt(): return open('{public}').read() == 'canary'"
    ),
    Attack("lists_the_folder_of_reports", ("landlock",), "def attempt(): return len(os.listdir('{folder}')) > 0"),
    Attack(
        "writes_where_the_next_student_reads",
        ("landlock", "seccomp"),
        "def attempt(): return os.open('{writable}', os.O_WRONLY) > 0",
    ),
    Attack("opens_a_socket", ("seccomp",), "def attempt(): return socket.socket().fileno() > 0"),
    Attack(
        "connects_to_a_server",
        ("landlock", "seccomp"),
        "def attempt(): return socket.socket().connect((b'127.0.0.1', {port})) is None",  # bytes need no codec
    ),
    Attack(
        "signals_its_zygote",
        ("seccomp", "landlock", "uid_pool"),
        "def attempt(): os.kill(os.getppid(), 0); return True",
    ),
    Attack(
        "forks",
        ("seccomp", "rlimits"),
        """
        def attempt():
            child = os.fork()
            if child == 0:
                os._exit(0)
            return child > 0
        """,
    ),
    Attack(
        "starts_a_thread_that_goes_on_after_the_return",
        ("seccomp", "rlimits"),
        """
        def attempt():
            threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
            return True
        """,
    ),
    Attack(
        "runs_a_program",
        ("seccomp", "rlimits", "landlock"),
        "def attempt(): return subprocess.run(['{program}', '-u']).returncode == 0",
    ),
    Attack(
        "maps_new_machine_code",
        ("seccomp",),
        """
        def attempt():
            import mmap
            return len(mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC)) == 4096
        """,
    ),
    Attack("makes_memory_that_outlives_it", ("seccomp",), "def attempt(): return os.memfd_create('left') > 0"),
    Attack("takes_all_memory", ("rlimits",), "def attempt(): return torch.ones(2**26).numel() > 0"),
    Attack(
        "finds_descriptors_of_the_zygote",
        ("closed_descriptors",),
        """
        def attempt():
            found = 0
            for descriptor in range(64):
                try:
                    found += stat.S_ISSOCK(os.fstat(descriptor).st_mode)
                except OSError:
                    pass
            return found > 1
        """,
    ),
    Attack(
        "reads_what_only_root_may_read",
        ("landlock", "uid_pool"),
        "def attempt(): return open('{private}').read() == 'canary'",
        root_only="an ordinary user's workers are that user",
    ),
    Attack(
        "gains_rights_from_a_setuid_program",
        ("landlock", "seccomp", "rlimits", "no_new_privs"),
        "def attempt(): return subprocess.run(['{program}', '-u'], capture_output=True).stdout.strip() == b'0'",
        root_only="only root can make a setuid program of root for the test",
    ),
    Attack(
        "opens_the_memory_of_its_zygote",
        ("landlock", "uid_pool", "undumpable"),
        "def attempt(): return os.open('/proc/%d/mem' % os.getppid(), os.O_RDONLY) > 0",
    ),
    Attack(
        "reads_the_environment_of_its_zygote",
        ("landlock", "uid_pool", "undumpable"),
        "def attempt(): return os.open('/proc/%d/environ' % os.getppid(), os.O_RDONLY) > 0",
    ),
)


@pytest.fixture
def places(public_folder: Path) -> Iterator[dict[str, str]]:
    """What the attacks are after, by the names in their sources."""
    made = {name: public_folder / name for name in ("public", "private", "writable", "program")}
    for name, mode in (("public", 0o644), ("private", 0o600), ("writable", 0o666)):
        made[name].write_text("canary")
        made[name].chmod(mode)
    shutil.copy(shutil.which("id") or "/usr/bin/id", made["program"])
    made["program"].chmod(0o755 | stat.S_ISUID)
    with socket.create_server(("127.0.0.1", 0)) as server:
        others = {"folder": str(public_folder), "port": str(server.getsockname()[1])}
        yield {**{name: str(path) for name, path in made.items()}, **others}


def holes(attack: Attack, spawner: Spawner, places: dict[str, str], run: Run, number: Number) -> list[str]:
    """Where an attack and the layers behave other than the table says, in words."""
    source = textwrap.dedent(attack.source)
    for name, place in places.items():
        source = source.replace("{" + name + "}", place)
    active = {layer.name for layer in spawner.layers if layer.active}
    if may_trace_everybody():
        active.discard("undumpable")
    in_the_way = frozenset(attack.layers) & active

    def succeeds(without: frozenset[str]) -> bool:
        with Sandbox(spawner, slot=7, without=without, insist=True) as sandbox:
            limits = Limits(cpu_seconds=10, memory_bytes=128 * 2**20)
            (outcome,) = run(sandbox, HEADER + source, "attack", limits=limits)
            return not isinstance(outcome, Stopped) and number(outcome) == 1.0

    found = [] if succeeds(in_the_way) else [f"{attack.name} fails even without {sorted(in_the_way)}"]
    for layer in sorted(in_the_way):
        with_it = {layer, "no_new_privs"} if layer in ("landlock", "seccomp") else {layer}  # the kernel insists
        if succeeds(in_the_way - with_it):
            found.append(f"{layer} alone does not stop {attack.name}")
    return [*found, f"{attack.name} succeeds against all layers"] if succeeds(frozenset()) else found


def may_trace_everybody() -> bool:
    """Whether this process has CAP_SYS_PTRACE, which no layer of a process takes from others."""
    status = Path("/proc/self/status").read_text()
    return bool(int(status.partition("CapEff:")[2].split()[0], 16) >> 19 & 1)


def impossible(attack: Attack, places: dict[str, str]) -> str:
    """Why an attack cannot be tried here, or ""."""
    if os.geteuid() != 0 and attack.root_only:
        return f"needs root: {attack.root_only}"
    if "setuid" in attack.name and os.statvfs(places["program"]).f_flag & os.ST_NOSUID:
        return "the temporary folder is mounted nosuid, so there is no setuid program to try"
    if "server" in attack.name and landlockpy.abi_version() < 4:
        return "Landlock refuses TCP from ABI 4 on, Linux 6.7"
    return ""


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_each_layer_alone_stops_the_attack(
    attack: Attack, spawner: Spawner, places: dict[str, str], run: Run, number: Number
) -> None:
    """The attack succeeds without all layers in its way, and fails as soon as any one of them is there."""
    if reason := impossible(attack, places):
        pytest.skip(reason)
    assert holes(attack, spawner, places, run, number) == []


def test_the_table_holds_in_every_setting(
    spawner: Spawner, setting: Setting, forked: Forked, places: dict[str, str], run: Run, number: Number
) -> None:
    """For an ordinary user, and for root of an unprivileged container, the same layers stop the same attacks."""

    def all_holes() -> list[str]:
        setting()
        with Spawner.start() as other:
            tried = [attack for attack in ATTACKS if not impossible(attack, places)]
            return [hole for attack in tried for hole in holes(attack, other, places, run, number)]

    assert forked(all_holes) == []


def test_every_layer_is_needed_by_some_attack() -> None:
    """No layer is in the list without an attack that shows what it is for."""
    assert {layer for attack in ATTACKS for layer in attack.layers} == set(LAYERS)
