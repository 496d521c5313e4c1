"""An exception of student code -> plain text about it, however hostile the exception is."""

from __future__ import annotations

import functools
import linecache
import os
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from grader.wire.outcome import Frame, Raised
from grader.worker.loader.program import MARK
from grader.worker.loader.refusals import explained
from grader.worker.loader.text import printable, quotable

MAX_MESSAGE = 500
MAX_FRAMES = 20

_TRACEBACK = BaseException.__dict__["__traceback__"]  # a subclass may hide its own behind a property
_NAME = type.__dict__["__name__"]


def describe(error: BaseException) -> Raised:
    """Type, message and the student's own lines of an exception.

    At most 500 characters of message, then why that does not work while one is graded, and 20 frames, outermost first:
    the first and the last ten. An exception that fights being shown is described as far as it lets itself.
    """
    return Raised(_type_name(error), _message(error), _frames(error))


def _type_name(error: BaseException) -> str:
    try:
        return printable(str(_NAME.__get__(type(error))), 100).replace("\n", " ")
    except BaseException:
        return "Exception"


def _message(error: BaseException) -> str:
    try:
        text = without_machine_paths(str.__getitem__(str(error), slice(0, 4 * MAX_MESSAGE)))
        return explained(error, printable(text, MAX_MESSAGE)[:MAX_MESSAGE])
    except BaseException:  # its __str__ raises, exits or recurses
        return "(its message cannot be shown)"


def without_machine_paths(text: str) -> str:
    """The text in which paths of this machine's Python, packages and folders begin below them."""
    for folder, shown in _machine_folders():
        text = text.replace(folder + os.sep, shown)
    return text


@functools.cache
def _machine_folders() -> tuple[tuple[str, str], ...]:
    """Folders of this machine, the longest first, and what is shown in their place."""
    libraries = [f"{prefix}/lib" for prefix in (sys.prefix, sys.base_prefix)]
    folders = [*sys.path, *sysconfig.get_paths().values(), *libraries, sys.prefix, "."]
    shown = dict.fromkeys((str(Path(folder).absolute()) for folder in folders if folder), "")
    shown.setdefault(os.environ.get("HOME") or os.environ.get("USERPROFILE") or os.sep, f"~{os.sep}")
    usual = {os.sep, "/usr", "/usr/local"}
    return tuple(sorted(((k, v) for k, v in shown.items() if k not in usual), key=lambda pair: -len(pair[0])))


def _frames(error: BaseException) -> tuple[Frame, ...]:
    try:
        found = list(_places(_TRACEBACK.__get__(error)))
        if len(found) > MAX_FRAMES:
            found = [*found[: MAX_FRAMES // 2], *found[-MAX_FRAMES // 2 :]]
        return tuple(Frame(place, line, code_line(place, line)) for place, line in found)
    except BaseException:  # what it looks through may have been replaced by the student
        return ()


def _places(trace: TracebackType | None) -> Iterator[tuple[str, int]]:
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name.startswith(MARK):
            yield name[len(MARK) :], trace.tb_lineno or 0
        trace = trace.tb_next


def code_line(place: str, line: int) -> str:
    """The source line at a place, as handed in, as far as it can be quoted."""
    return quotable(linecache.getline(MARK + place, line))
