"""What the walls refuse, in words: the kernel's own are an error number that says nothing to a student."""

from __future__ import annotations

import errno
import os
import socket

NO_INPUT = "input() has nobody to ask while your work is graded; take the call out or give the value as an argument"
NO_EXIT = "exit(), quit() and sys.exit() end the program; take them out"
NO_THREADS = "the grader runs your function in one thread; thread pools and DataLoader workers are not available there"
NO_PROCESSES = "the grader runs your function in one process: it starts no program or process, and reaches no network"
NO_NETWORK = "there is no network while your work is graded; put what you need into your file"
NO_WRITING = "files cannot be written or changed while your work is graded; return the result instead"
NOT_HANDED_IN = (
    "only files that are handed in together can be read while your work is graded, and of data only small ones such as "
    ".json, .csv and .txt"
)
TOO_MANY_FILES = "your function holds more files open than the grader allows; close each one after reading it"


def explained(error: BaseException, text: str) -> str:
    """The text of an exception, followed by why that does not work here; any exception may be handed in."""
    if type(error) is EOFError and error.args == ("EOF when reading a line",):
        return NO_INPUT
    if type(error) is SystemExit and not isinstance(error.code, str):
        return NO_EXIT
    sentence = _refused_by_system(error) if isinstance(error, OSError) else _refused_in_words(text)
    return f"{text} ({sentence})" if sentence else text


def _refused_by_system(error: OSError) -> str:
    cause = getattr(error, "reason", error)  # urllib wraps what it got
    if isinstance(cause, socket.gaierror) or (cause is not error and isinstance(cause, OSError)):
        return NO_NETWORK
    if error.errno == errno.EMFILE:
        return TOO_MANY_FILES
    if error.errno == errno.EAGAIN:  # what a fork is answered
        return NO_PROCESSES
    if error.errno in (errno.ENOENT, errno.EACCES) and isinstance(error.filename, (str, bytes)):
        return NOT_HANDED_IN
    if error.errno == errno.EPERM and os.name == "posix":
        return NO_WRITING if error.filename else NO_PROCESSES
    return NO_WRITING if "No usable temporary directory" in str(error.strerror) else ""


def _refused_in_words(text: str) -> str:
    """torch and threading say it in a RuntimeError."""
    if "can't start new thread" in text:
        return NO_THREADS
    return NO_WRITING if "Operation not permitted" in text and "file" in text else ""
