"""The outcomes of running student code: plain records that the worker sends and the trusted side judges.

An outcome states what was seen and never whether it is right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Union

Container = Literal["tensor", "array", "list", "number"]
ForeignKind = Literal["none", "text", "array", "tensor", "sequence", "dict", "other"]
MisfitKind = Literal["missing", "attribute", "key", "none", "count", "arguments", "call", "other"]


@dataclass(frozen=True)
class Array:
    """Returned numbers as checked bytes: C order, native byte order.

    dtype is a torch name without prefix: "float32", "float64", "float16", "bfloat16", "int64", ..., "bool".
    container: what held them: a torch tensor, a numpy array, a (nested) list or tuple, or a single Python number.
    """

    dtype: str
    shape: tuple[int, ...]
    data: bytes
    container: Container = "tensor"


NOTHING_DONE, NO_RETURN, NONE_VALUE = "nothing is done yet", "no value is returned", "None is returned"
"""Why a function returned None alone."""


@dataclass(frozen=True)
class Foreign:
    """A returned object that is no array of numbers; `text` says what it was, at most 200 characters.

    kind "none" is None (where it came alone, `text` is a reason above), "text" a string (`text` is that string),
    "array" a numpy array and "tensor" a tensor that cannot be sent (objects, records; sparse, quantised, complex,
    meta), "sequence"/"dict" a container of other things.
    """

    kind: ForeignKind
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
    """The call raised; `frames` are the student's own, outermost first.

    line: of the text of the use that was running, from 1; 0 where a function was called without a use.
    """

    type_name: str
    message: str
    frames: tuple[Frame, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    line: int = 0


@dataclass(frozen=True)
class Stopped:
    """The sandbox ended the call, or the process died; `detail` is a sentence for the student."""

    verdict: Literal["timed_out", "out_of_memory", "output_limit", "errored", "skipped"]
    detail: str


@dataclass(frozen=True)
class NotDefined:
    """The submission does not define a name; `detail` says why when that is known (a syntax error).

    name: which one, where several are used; "" stands for the only one.
    """

    detail: str = ""
    name: str = ""


@dataclass(frozen=True)
class Misfit:
    """The student's code does not fit a line of its use: no exception of the student's own.

    kind: "missing" (`name` is not defined), "attribute" or "key" (`name` is not there), "none" (None where results are
    unpacked), "count" (`got` results where another number is unpacked, -1: unknown), "arguments" (it cannot be called
    like this), "call" (it is no function or class), "other" (an exception named `name`).
    line: of the text of the use, from 1; got_none: True where the object that lacks the attribute or key is None.
    """

    kind: MisfitKind
    line: int
    name: str = ""
    got: int = -1
    got_none: bool = False


Result = Union[Item, Raised, Misfit]


@dataclass(frozen=True)
class Used:
    """What a use yielded until it ended; `end` is None where it came to its last line.

    results: result name -> what came, or why computing it alone failed.
    """

    results: Mapping[str, Union[Result, NotDefined]]
    end: Union[Raised, Misfit, Stopped, NotDefined, None] = None
    inputs_modified: bool = False
    evidence: tuple[Evidence, ...] = ()


Outcome = Union[Returned, Used, Raised, Stopped, NotDefined]


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
