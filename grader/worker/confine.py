"""How a worker confines itself, layer by layer, before it sees a byte of student code.

How it works: a zygote (root, or the ordinary user who grades) forks a worker. The worker keeps one socket and
/dev/null, starts a session of its own, lowers its limits, becomes a user of its own where the zygote is root, asks to
die with the zygote, gives up gaining privileges and being traced, lets Landlock forbid all files except the Python
environment (read-only), and finally lets seccomp forbid every system call that arithmetic does not need: no socket,
no process, no thread, no signal to others, no new executable memory. Landlock rules and the seccomp program are
prepared in the zygote (`ConfinementPlan`), because building them costs more than using them.

Each layer can be left out by name, which only tests do, to show what it alone stops. This file is longer than most:
it is the wall, and reads best in one piece.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import functools
import os
import resource
import signal
import socket
import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import landlockpy
import seccompy
from landlockpy import AccessFS, AccessNet, Scope, net_for_abi
from seccompy import Action, CmpOp, Filter

RLIMITS = "rlimits"
CLOSED_DESCRIPTORS = "closed_descriptors"
UID_POOL = "uid_pool"
NO_NEW_PRIVS = "no_new_privs"
UNDUMPABLE = "undumpable"
LANDLOCK = "landlock"
SECCOMP = "seccomp"
LAYERS = (RLIMITS, CLOSED_DESCRIPTORS, UID_POOL, NO_NEW_PRIVS, UNDUMPABLE, LANDLOCK, SECCOMP)
"""In the order in which a worker puts them on."""

WIRE = 3
"""The worker's only descriptor beside /dev/null on 0, 1 and 2."""

POOL_UID = 64_000
"""The user id of slot 0; Debian hands out 60000 to 64999 to packages on request only."""

POOL_SLOTS = 512
CPU_SECONDS = 3600
"""A last resort, should no process be left to end a worker; the deadline of a call is kept from outside."""

MAX_FILES = 64

_PR_SET_PDEATHSIG = 1
_PR_GET_DUMPABLE = 3
_PR_SET_DUMPABLE = 4
_PR_SET_KEEPCAPS = 8
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
_PR_GET_NO_NEW_PRIVS = 39
_CAP_DAC_READ_SEARCH = 2

SYSTEM_CALLS = (
    "read readv pread64 preadv write writev close dup lseek fstat stat lstat newfstatat statx access faccessat "
    "faccessat2 readlink readlinkat getcwd getdents getdents64 brk munmap mremap sched_yield sched_getaffinity "
    "sched_getparam sched_getscheduler getcpu nanosleep gettimeofday time times getrusage getpid gettid getppid getuid "
    "geteuid getgid getegid getresuid getresgid getgroups getpgrp getpgid getsid uname sysinfo getrlimit rt_sigaction "
    "rt_sigprocmask rt_sigreturn rt_sigpending sigaltstack restart_syscall poll ppoll select pselect6 getrandom "
    "set_robust_list get_robust_list exit exit_group"
).split()
"""What a worker may call whatever the arguments; none of them takes a command."""

COMMANDS: dict[str, tuple[int, int, tuple[int, ...]]] = {
    # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC. F_SETOWN, F_SETSIG, F_SETFL (O_ASYNC) and F_NOTIFY let the
    # kernel send any signal to any process, signal 9 to the worker itself included.
    "fcntl": (1, 0xFFFFFFFF, (0, 1, 2, 3, 1030)),
    "ioctl": (1, 0xFFFFFFFF, (0x5401,)),  # TCGETS, which is isatty()
    # MADV_NORMAL, RANDOM, SEQUENTIAL, WILLNEED, DONTNEED, FREE, HUGEPAGE, NOHUGEPAGE. MADV_MERGEABLE tells what others
    # have in memory.
    "madvise": (2, 0xFFFFFFFF, (0, 1, 2, 3, 4, 8, 14, 15)),
    # WAIT, WAKE, REQUEUE, CMP_REQUEUE, WAKE_OP, WAIT_BITSET, WAKE_BITSET, with FUTEX_PRIVATE and FUTEX_CLOCK_REALTIME;
    # not the priority-inheriting ones, which nothing here needs.
    "futex": (1, 0xFFFFFFFF & ~(128 | 256), (0, 1, 3, 4, 5, 9, 10)),
    # The machine's clocks and the caller's own; the processor time of others is a negative number.
    "clock_gettime": (0, 0xFFFFFFF0, (0,)),
    "clock_getres": (0, 0xFFFFFFF0, (0,)),
    "clock_nanosleep": (0, 0xFFFFFFF0, (0,)),
    "close_range": (2, 0xFFFFFFFF, (0,)),
}
"""Calls that do different things: which argument says what, under which mask, and what it may be."""


@dataclass(frozen=True)
class Layer:
    """One wall: whether it stands on this machine, and what was tried or why it does not."""

    name: str
    active: bool
    detail: str


@dataclass(frozen=True)
class ConfinementPlan:
    """What a zygote prepares once for all of its workers.

    uid: the user to become, None to stay. read_all: keep the right to read what file modes forbid, because the
    Python environment lies where that user cannot look; only ever together with Landlock, which allows nothing else.
    """

    without: frozenset[str]
    uid: int | None
    read_all: bool
    rules: landlockpy.Ruleset | None
    calls: Filter | None

    @classmethod
    def prepare(cls, without: frozenset[str], slot: int) -> ConfinementPlan:
        """The plan for workers of one slot; raises OSError where the kernel refuses."""
        uid = pool_uid(slot) if UID_POOL not in without and os.geteuid() == 0 else None
        rules = None if LANDLOCK in without else file_rules()
        calls = None if SECCOMP in without else call_rules()
        read_all = uid is not None and rules is not None and not _readable_by_all() and _may_read_all()
        return cls(without, uid, read_all, rules, calls)

    def has(self, layer: str) -> bool:
        """Whether a layer is to be put on."""
        return layer not in self.without


def confine(plan: ConfinementPlan, zygote: int, memory_bytes: int) -> None:
    """Put on every layer of the plan; afterwards WIRE is the only way out. Raises OSError if a layer fails.

    zygote: the process id that must still be the parent. memory_bytes: address space beyond today's size.
    """
    if plan.has(CLOSED_DESCRIPTORS):
        _keep_descriptors(plan)
    os.setsid()
    if plan.has(RLIMITS):
        _lower_limits(memory_bytes)
    if plan.uid is not None:
        _become(plan.uid, plan.read_all)
    die_with(zygote, signal.SIGKILL)  # after the change of user, which clears it
    if plan.has(NO_NEW_PRIVS):
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    set_dumpable(not plan.has(UNDUMPABLE))
    if plan.rules is not None:
        plan.rules.restrict(no_new_privs=plan.has(NO_NEW_PRIVS))
        plan.rules.close()
    if plan.calls is not None:
        if plan.rules is None or not plan.rules.scoped & Scope.SIGNAL:
            own_signals().load()
        plan.calls.load()


def confine_check(readable: Iterable[Path]) -> None:
    """Refuse from here on what a worker is refused: files, writing, threads, processes, the network.

    For a student's own check, where nobody is an enemy and the verdict has to be that of hidden grading. readable: what
    the check itself has yet to read. A layer that this machine lacks is left out: reading the source warns as well.
    """
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(Path(os.__file__).parent)  # torch.func makes it unless it is there
    with contextlib.suppress(Exception):
        look_up_libc()
        rules = file_rules()
        for path in readable:
            rules.allow_path(path, AccessFS.READ_FILE | AccessFS.READ_DIR if path.is_dir() else AccessFS.READ_FILE)
        rules.restrict()
        rules.close()
    with contextlib.suppress(Exception):
        call_rules(new_code=True).load()


# Descriptors and limits -------------------------------------------------------------------------------------------


def silence() -> None:
    """Point standard input, output and error at /dev/null."""
    null = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    if null > 2:  # one of the three may have been closed before
        os.close(null)


def close_from(first: int, keep: tuple[int, ...] = ()) -> None:
    """Close every descriptor from `first` on except `keep`."""
    edges = [*sorted(keep), os.sysconf("SC_OPEN_MAX")]
    for descriptor in edges:
        os.closerange(first, descriptor)
        first = descriptor + 1


def _keep_descriptors(plan: ConfinementPlan) -> None:
    silence()
    close_from(WIRE + 1, () if plan.rules is None else (plan.rules.fileno(),))


def _lower_limits(memory_bytes: int) -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    for kind, most in {
        resource.RLIMIT_AS: pages * resource.getpagesize() + memory_bytes,
        resource.RLIMIT_CPU: CPU_SECONDS,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: MAX_FILES,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NPROC: 1,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
    }.items():
        _, hard = resource.getrlimit(kind)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))


# Users ------------------------------------------------------------------------------------------------------------


def pool_uid(slot: int) -> int:
    """The user id of a slot."""
    return POOL_UID + slot % POOL_SLOTS


def _become(uid: int, read_all: bool) -> None:
    if read_all:
        _prctl(_PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    if read_all:
        _keep_only(_CAP_DAC_READ_SEARCH)


def _keep_only(capability: int) -> None:
    """Drop every capability but one that is below 32."""
    version_3 = 0x20080522
    header = (ctypes.c_uint32 * 2)(version_3, 0)
    bits = 1 << capability
    data = (ctypes.c_uint32 * 6)(bits, bits, 0, 0, 0, 0)
    _checked(_libc().capset(header, data))


def _readable_by_all() -> bool:
    """Whether the Python environment can be read by a user without any rights."""
    roots = {Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "purelib", "platlib")}
    return all(
        root.stat().st_mode & 0o005 == 0o005 and all(parent.stat().st_mode & 0o001 for parent in root.parents)
        for root in roots
        if root.exists()  # some systems name a folder that is only made when something is installed into it
    )


def _may_read_all() -> bool:
    """Whether this process has that right to give away; root of an unprivileged container has not."""
    status = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return bool(int(status["CapPrm"], 16) >> _CAP_DAC_READ_SEARCH & 1)


# Files ------------------------------------------------------------------------------------------------------------


def file_rules() -> landlockpy.Ruleset:
    """Read the Python environment, the system's libraries and /dev/urandom; write /dev/null; no TCP; nothing else.

    The grader's own package is left out: what a worker needs of it is imported before. Of the network, Landlock knows
    bind and connect of TCP (ABI 4, Linux 6.7); UDP, multipath TCP and fast open are left to seccomp.
    """
    network = net_for_abi(landlockpy.abi_version())  # all that this kernel can refuse; no port is allowed
    rules = landlockpy.Ruleset(handled_net=network, scoped=Scope.ABSTRACT_UNIX_SOCKET | Scope.SIGNAL)
    read = AccessFS.READ_FILE | AccessFS.READ_DIR
    hidden = Path(__file__).resolve().parents[1]
    for path in environment_paths():
        for part, whole in _around(path, hidden):
            rules.allow_path(part, (read if part.is_dir() else AccessFS.READ_FILE) if whole else AccessFS.READ_DIR)
    for device in ("/dev/urandom", "/dev/random", "/dev/zero"):
        with contextlib.suppress(FileNotFoundError):
            rules.allow_path(device, AccessFS.READ_FILE)
    with contextlib.suppress(FileNotFoundError):
        rules.allow_path(os.devnull, AccessFS.READ_FILE | AccessFS.WRITE_FILE)
    return rules


def environment_paths() -> tuple[Path, ...]:
    """Folders and files that Python and its packages are made of; never a whole home, checkout or prefix."""
    prefixes = {Path(prefix) for prefix in (sys.prefix, sys.base_prefix, sys.exec_prefix)}
    found = {prefix / lib for prefix in prefixes for lib in ("lib", "lib64")}
    found |= {Path(path) for path in sysconfig.get_paths().values() if "python" in Path(path).name}
    found |= {Path(path) for path in sys.path if Path(path).name in ("site-packages", "dist-packages")}
    found |= {Path(path) for path in ("/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib")}
    found |= {Path("/usr/share/zoneinfo"), Path("/etc/ld.so.cache"), Path("/etc/localtime")}
    return tuple(sorted({path.resolve() for path in found if os.access(path, os.F_OK)}))


def _around(path: Path, hidden: Path) -> Iterator[tuple[Path, bool]]:
    """The path as a whole, or, where it contains the hidden folder, its parts without it; True for a whole."""
    if path == hidden:
        return
    if path not in hidden.parents:
        yield path, True
        return
    yield path, False
    for part in path.iterdir():
        if part.is_symlink() and not part.exists():
            continue
        yield from _around(part.resolve() if part.is_symlink() else part, hidden)


# System calls -----------------------------------------------------------------------------------------------------


def call_rules(*, new_code: bool = False) -> Filter:
    """The allow-list; everything else fails with EPERM, so that Python raises an ordinary OSError.

    new_code: executable memory may be mapped, where libraries are yet to be imported.
    """
    rules = Filter(default=Action.ERRNO | errno.EPERM)
    for name in SYSTEM_CALLS:
        _allow(rules, name)
    for name, (argument, mask, commands) in COMMANDS.items():
        for command in commands:
            _allow(rules, name, (argument, CmpOp.MASKED_EQ, command, mask))
    for name in ("mmap", "mprotect"):
        _allow(rules, name, *(() if new_code else ((2, CmpOp.MASKED_EQ, 0, 0x4),)))  # PROT_EXEC
    writing = os.O_ACCMODE | os.O_CREAT | os.O_TRUNC | os.O_APPEND | (os.O_TMPFILE & ~os.O_DIRECTORY)
    _allow(rules, "open", (1, CmpOp.MASKED_EQ, 0, writing))
    _allow(rules, "openat", (2, CmpOp.MASKED_EQ, 0, writing))
    _allow(rules, "prlimit64", (0, CmpOp.EQ, 0), (2, CmpOp.EQ, 0))  # asking only
    _allow(rules, "setitimer", (0, CmpOp.EQ, signal.ITIMER_PROF))  # how the loader stops what computes too long
    _allow(rules, "kill", (1, CmpOp.EQ, signal.SIGABRT))  # abort(); to whom: Landlock or own_signals
    _allow(rules, "tgkill", (2, CmpOp.EQ, signal.SIGABRT))
    rules.errno("clone3", errno.ENOSYS)  # its flags lie in memory, where a filter cannot look
    rules.errno("clone", errno.EAGAIN)
    return rules


def own_signals() -> Filter:
    """Signals to the own process only, where Landlock is too old to see to that; the zygote does not know the id."""
    rules = Filter(default=Action.ALLOW)
    for name in ("kill", "tgkill"):
        rules.errno(name, errno.EPERM, args=[(0, CmpOp.NE, os.getpid())])
    return rules


def _allow(rules: Filter, name: str, *conditions: tuple[int, int, int] | tuple[int, int, int, int]) -> None:
    with contextlib.suppress(KeyError, ValueError):  # some names exist on one processor only
        seccompy.syscall_nr(name)
        rules.allow(name, args=conditions or None)


# One line each ----------------------------------------------------------------------------------------------------


def die_with(parent: int, with_signal: int) -> None:
    """Receive a signal when the parent dies; ends this process at once if that happened already."""
    _prctl(_PR_SET_PDEATHSIG, with_signal)
    if os.getppid() != parent:
        os._exit(1)


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent is gone, so that none escapes."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def set_dumpable(dumpable: bool) -> None:
    """Whether processes of the same user may trace this one, read its memory and see its environment."""
    _prctl(_PR_SET_DUMPABLE, int(dumpable))


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _prctl(option: int, value: int) -> int:
    return _checked(_libc().prctl(option, value, 0, 0, 0))


def _checked(result: int) -> int:
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


# Which layers stand on this machine -------------------------------------------------------------------------------


def look_up_libc() -> None:
    """Let both bindings find libc: they do it on first use, with a temporary file and a process, as no worker can."""
    landlockpy.supported()
    seccompy.supported()


def probe_layers() -> tuple[Layer, ...]:
    """Try each layer in a throwaway child and say which of them hold here."""
    look_up_libc()
    return tuple(_probe(name, attempt) for name, attempt in _attempts().items())


def _attempts() -> dict[str, Callable[[], str]]:
    return {
        RLIMITS: _try_rlimits,
        CLOSED_DESCRIPTORS: _try_closed_descriptors,
        UID_POOL: _try_uid_pool,
        NO_NEW_PRIVS: _try_no_new_privs,
        UNDUMPABLE: _try_undumpable,
        LANDLOCK: _try_landlock,
        SECCOMP: _try_seccomp,
    }


def _probe(name: str, attempt: Callable[[], str]) -> Layer:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, b"1" + attempt().encode())
        except BaseException as error:
            os.write(writing, b"0" + str(error or type(error).__name__).encode("utf-8", "replace")[:500])
        finally:
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    answer = os.read(reading, 4096)
    os.close(reading)
    return Layer(name, answer[:1] == b"1", answer[1:].decode() or "the attempt crashed")


def _denied(attempt: Callable[[], object], what: str) -> None:
    try:
        attempt()
    except (OSError, MemoryError):
        return
    raise OSError(f"{what} was still possible")


def _try_rlimits() -> str:
    _lower_limits(64 * 2**20)
    _denied(lambda: bytearray(256 * 2**20), "allocating more than the limit")
    return "memory, processor time, file size, open files and core dumps are limited"


def _try_closed_descriptors() -> str:
    stray = os.open(os.devnull, os.O_RDONLY)
    os.closerange(stray, stray + 1)
    _denied(lambda: os.fstat(stray), "using an inherited descriptor")
    return "a worker inherits one socket and nothing else"


def _try_uid_pool() -> str:
    if os.geteuid() != 0:
        raise OSError("not needed: the grader does not run as root, and workers are its own user")
    readable, may_read_all = _readable_by_all(), _may_read_all()
    _become(pool_uid(0), read_all=False)
    _denied(lambda: os.setuid(0), "becoming root again")
    users = f"workers run as users {POOL_UID} and up"
    if readable:
        return users
    if may_read_all:
        return f"{users} and keep the right to read the Python environment, which is closed to other users"
    return (
        f"{users}; the Python environment is closed to them, so rarer imports fail: make {sys.prefix} readable to all"
    )


def _try_no_new_privs() -> str:
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    if _prctl(_PR_GET_NO_NEW_PRIVS, 0) != 1:
        raise OSError("the kernel did not keep it")
    return "no program can give a worker more rights"


def _try_undumpable() -> str:
    set_dumpable(False)
    if _prctl(_PR_GET_DUMPABLE, 0) != 0:
        raise OSError("the kernel did not keep it")
    return "memory and environment are closed to other processes of the user"


def _try_landlock() -> str:
    readable = [path for path in environment_paths() if os.access(path, os.R_OK)]
    rules = file_rules()
    rules.restrict()
    _denied(lambda: next(Path("/").iterdir()), "reading outside of the Python environment")
    for path in readable:
        os.close(os.open(path, os.O_RDONLY))
    network = ", and so is TCP" if rules.handled_net & AccessNet.CONNECT_TCP else ""
    scopes = "" if rules.scoped & Scope.SIGNAL else "; signals and abstract sockets are left to seccomp before ABI 6"
    return f"files outside of the Python environment are closed{network} (Landlock ABI {rules.abi_version}{scopes})"


def _try_seccomp() -> str:
    call_rules().load()
    _denied(socket.socket, "opening a socket")
    _denied(_fork, "starting a process")
    return "system calls that arithmetic does not need are refused"


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)
