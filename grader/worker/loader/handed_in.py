"""`open` and `np.load` for student code: the files that were handed in can be read wherever it runs, from memory."""

from __future__ import annotations

import functools
import io
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any

READERS = ("load", "loadtxt", "genfromtxt")
OWN = "numpys_own"


def opener(files: Mapping[str, bytes], folder: str) -> Callable[..., Any]:
    """The function that student code finds under the name `open`.

    files: content by name, "/" between folders. folder: where the file that opens lies. A name is looked for beside
    that file, then from the top, then on disk, and at last, wherever its folder may be, by its own name alone.
    """
    by_name = {PurePosixPath(name).name: content for name, content in reversed(list(files.items()))}

    def open(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        if isinstance(file, int) or {*str(mode)} & {*"wax+"}:
            return io.open(file, mode, *args, **kwargs)  # noqa: UP020 - the builtin's name is taken here
        name = os.fsdecode(file).replace("\\", "/")
        for path in (os.path.normpath(f"{folder}/{name}"), os.path.normpath(name)):
            if path.lstrip("/") in files and not name.startswith("/"):
                return _opened(files[path.lstrip("/")], mode, *args, **kwargs)
        try:
            return io.open(file, mode, *args, **kwargs)  # noqa: UP020
        except OSError:
            if PurePosixPath(name).name not in by_name:
                raise
            return _opened(by_name[PurePosixPath(name).name], mode, *args, **kwargs)

    return open


def let_numpy_open(files: Mapping[str, bytes]) -> None:
    """Let numpy's readers find files of a submission by name; without files they are numpy's own again."""
    numpy = sys.modules.get("numpy")
    for name in READERS if numpy is not None else ():
        own = getattr(numpy, name)
        reader = getattr(own, OWN, own)
        setattr(numpy, name, _reading(reader, opener(files, "")) if files else reader)


def _reading(reader: Callable[..., Any], open: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(reader)
    def read(file: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(file, (str, os.PathLike)):
            return reader(file, *args, **kwargs)
        return reader(open(file, "rb"), *args, **kwargs)  # left open: an .npz is read later

    setattr(read, OWN, reader)
    return read


def _opened(
    content: bytes,
    mode: str,
    buffering: int = -1,
    encoding: str | None = None,
    errors: str | None = None,
    newline: str | None = None,
    **_: Any,
) -> io.BytesIO | io.TextIOWrapper:
    data = io.BytesIO(content)
    return data if "b" in mode else io.TextIOWrapper(data, encoding or "utf-8", errors, newline)
