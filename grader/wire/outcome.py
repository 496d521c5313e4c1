"""What came of running student code: plain records that the worker sends and the trusted side judges.

An outcome states what was seen and never whether it is right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Union


@dataclass(frozen=True)
class Array:
    """A returned tensor (or Python number) as checked bytes: C order, native byte order.

    dtype is a torch name without prefix: "float32", "float64", "float16", "bfloat16", "int64", ..., "bool".
    """

    dtype: str
    shape: tuple[int, ...]
    data: bytes


@dataclass(frozen=True)
class Foreign:
    """A returned object that is not a plain dense tensor; `text` says what it was, at most 200 characters.

    kind "none" is None, "text" a string (`text` is that string), "array" a numpy array, "tensor" a tensor
    that cannot be sent (sparse, quantised, complex, meta), "sequence"/"dict" a nested container.
    """

    kind: Literal["none", "text", "array", "tensor", "sequence", "dict", "other"]
    text: str


Item = Union[Array, Foreign]


@dataclass(frozen=True)
class Frame:
    """One line of the student's own code in a traceback; `place` is e.g. "hw1.py" or "hw1.ipynb, cell 3"."""

    place: str
    line: int
    code: str


@dataclass(frozen=True)
class Evidence:
    """Something that a tripwire or the reading of the source saw; `kind` e.g. "autograd".

    text: in the form of grader.wire.evidence. entry_point: whose source was read; "" for what a call showed.
    """

    kind: str
    certain: bool
    text: str
    entry_point: str = ""


@dataclass(frozen=True)
class Returned:
    """The call came back; `items` holds a returned tuple's or list's members, or the one bare result."""

    items: tuple[Item, ...]
    bare: bool
    """True when the result was not a tuple or list."""
    inputs_modified: bool = False
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Raised:
    """The call raised; `frames` are the student's own, outermost first."""

    type_name: str
    message: str
    frames: tuple[Frame, ...] = ()
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Stopped:
    """The sandbox ended the call, or the process died; `detail` is a sentence for the student."""

    verdict: Literal["timed_out", "out_of_memory", "output_limit", "errored", "skipped"]
    detail: str


@dataclass(frozen=True)
class NotDefined:
    """The submission does not define the entry point; `detail` says why when that is known (a syntax error)."""

    detail: str = ""


Outcome = Union[Returned, Raised, Stopped, NotDefined]


@dataclass(frozen=True)
class LoadNote:
    """Something about the files that costs nothing by itself; one sentence."""

    kind: str
    message: str


@dataclass(frozen=True)
class Loaded:
    """What loading the files gave.

    places: entry point -> where its definition was found, e.g. "ana.ipynb, cell 4".
    missing: entry point -> why it was not found ("" when simply absent).
    problem: a sentence when no file could be read at all, else "".
    """

    places: dict[str, str]
    missing: dict[str, str]
    notes: tuple[LoadNote, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    problem: str = ""
