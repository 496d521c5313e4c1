"""The wire between the trusted side and a worker: a small fixed header and flat fields, never pickle.

A message is HEADER (kind, index, length) and a payload of fixed-size numbers and length-prefixed bytes. The worker
is hostile once student code has run, so everything here that reads is bounded: the receiver compares `length` with a
cap before it reads on, `Reader` never goes past the payload, every count and text has a cap, and text loses its
control characters. `index` is the call's number; an answer must carry the number of the question.
Longer than most files: each message's writer stands beside its reader.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Literal, TypeVar, Union, get_args

from grader.wire.outcome import (
    Array,
    Container,
    Evidence,
    Foreign,
    ForeignKind,
    Frame,
    Item,
    Loaded,
    LoadNote,
    Misfit,
    MisfitKind,
    NotDefined,
    Raised,
    Result,
    Returned,
)
from grader.wire.printable import plain

T = TypeVar("T")

HEADER = struct.Struct("<4sBIQ")
"""Magic, kind, index, length of the payload in bytes."""

Framework = Literal["torch", "numpy", "python"]
"""What a course writes in: torch tensors in float32, numpy arrays in float64, or Python's own lists and numbers."""

MAGIC = b"GrW1"
MAX_RANK = 4
MAX_EXTENT = 2**48
"""The product of the axes, empty ones left out: torch computes with it even where there is no entry."""

MAX_ITEMS = 64
MAX_PARTS = 64
"""How often one use may yield."""
MAX_TEXT = 200
MAX_MESSAGE = 4000
MAX_PRINTED_LINES = 20
MAX_FRAMES = 20
MAX_EVIDENCE = 32
"""What the tripwires may say of one call."""
MAX_SUSPICIONS = 256
"""What reading the source may give, of all entry points together: with the most text that fits into one report."""
MAX_NOTES = 200
MAX_ENTRY_POINTS = 256
MAX_REPORT_BYTES = 2**20
"""Largest payload of a frame that carries only text, and the allowance for text beside tensors."""

ITEM_BYTES = {
    "float32": 4,
    "float64": 8,
    "float16": 2,
    "bfloat16": 2,
    "int64": 8,
    "int32": 4,
    "int16": 2,
    "int8": 1,
    "uint8": 1,
    "bool": 1,
}
"""The dtypes that travel, by torch's name, and the bytes of one entry."""

DTYPES = tuple(ITEM_BYTES)
Form = Literal["tensor", "array", "list", "float", "int", "bool"]
"""What an argument is when the student's code receives it."""
FORMS: tuple[Form, ...] = get_args(Form)
CONTAINERS: tuple[Container, ...] = get_args(Container)
MISFITS: tuple[MisfitKind, ...] = get_args(MisfitKind)
FOREIGN: tuple[ForeignKind, ...] = get_args(ForeignKind)


class MessageKind(IntEnum):
    """What a message says; the first three go to the worker, the others come from it.

    PRINTS is a CALL of which only what it prints comes back: it is asked where no hidden input has been seen.
    """

    LOAD = 1
    CALL = 2
    PRINTS = 3
    CONFINED = 10
    BROKEN = 11
    LOADED = 12
    RETURNED = 13
    RAISED = 14
    NOT_DEFINED = 15
    OUT_OF_MEMORY = 16
    OUTPUT_LIMIT = 17
    READ = 18
    PART = 19
    DONE = 20
    PRINTED = 21


class ProtocolError(Exception):
    """A message that breaks the protocol."""


@dataclass(frozen=True)
class Input:
    """One argument on its way to the worker.

    data: the values in C order. strides: in entries; the worker lays a tensor or array out the same way.
    form: what the student's code receives: a torch tensor, a numpy array, nested lists, or a Python number (shape ()).
    """

    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    data: bytes
    form: Form = "tensor"

    @cached_property
    def packed(self) -> bytes:
        """As it stands in a CALL: made once, however often it is sent."""
        out = Writer()
        out.u8(FORMS.index(self.form))
        out.u8(DTYPES.index(self.dtype))
        out.sizes(self.shape)
        out.sizes(self.strides)
        out.blob(self.data)
        return out.done()


@dataclass(frozen=True)
class Forbidden:
    """What an exercise does without: a dotted name, an operator, or "loop over N".

    along: for a loop, where its axis is: function or method (or "" for cells), position of the parameter (or the name
    of the variable), axis, number of axes.
    """

    text: str
    along: tuple[tuple[str, str, int, int], ...] = ()


@dataclass(frozen=True)
class Target:
    """What is called: one function under its name, or, where there is a `use`, the lines that use several names.

    names: what the loader looks for in the files; outputs: the names of the results, in order. variables: of notebook
    cells, which a use computes from given ones; given: their names, which no cell is needed for. forbids: what is
    looked for in the source.
    """

    name: str
    names: tuple[str, ...]
    outputs: tuple[str, ...] = ()
    use: str = ""
    variables: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    forbids: tuple[Forbidden, ...] = ()

    @classmethod
    def function(cls, name: str, outputs: Iterable[str] = (), forbids: tuple[Forbidden, ...] = ()) -> Target:
        """One function that is called with the inputs in order."""
        return cls(name, (name,), tuple(outputs), forbids=forbids)


@dataclass(frozen=True)
class Job:
    """Files to load, (name, bytes) each, and what will be called of them."""

    files: tuple[tuple[str, bytes], ...]
    targets: tuple[Target, ...]
    everything: bool = False
    """Whether all of the files runs, and not only what the targets need."""

    @property
    def names(self) -> tuple[str, ...]:
        """All names to look for in the files."""
        return tuple(dict.fromkeys(name for target in self.targets for name in target.names))

    @property
    def cells(self) -> dict[str, tuple[str, ...]]:
        """All variables of cells, with the names that are given where they are computed."""
        return {name: target.given for target in self.targets for name in target.variables}

    def forbids(self, name: str) -> tuple[Forbidden, ...]:
        """What the exercises that look for a name, or compute a variable of that name, do without."""
        asking = (target for target in self.targets if name in (*target.names, *target.variables))
        return tuple(dict.fromkeys(rule for target in asking for rule in target.forbids))


@dataclass(frozen=True)
class CallRequest:
    """One call of a target.

    cap_bytes: how many bytes of results may come back; seed: of random numbers; parts: how many yields of a use run.
    """

    target: str
    inputs: tuple[Input, ...]
    cap_bytes: int
    seed: int = 0
    parts: int = MAX_PARTS


@dataclass(frozen=True)
class TooMuch:
    """The worker's word that memory or the output limit ended a call; `size_bytes` is of the output, or 0."""

    verdict: Literal["out_of_memory", "output_limit"]
    size_bytes: int = 0


@dataclass(frozen=True)
class Done:
    """How a use ended, after the parts that it yielded; `end` is None where it came to its last line."""

    end: Union[Raised, Misfit, None] = None
    inputs_modified: bool = False
    evidence: tuple[Evidence, ...] = ()


CallResult = Union[Returned, Raised, NotDefined, TooMuch, Done]


PAST_THE_END = "a field reaches past the end of its message"


class Writer:
    """Collects fields; the mirror image of Reader."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def u8(self, value: int) -> None:
        """One byte."""
        self._parts.append(struct.pack("<B", value))

    def u32(self, value: int) -> None:
        """Four bytes, unsigned."""
        self._parts.append(struct.pack("<I", value))

    def i64(self, value: int) -> None:
        """Eight bytes, signed."""
        self._parts.append(struct.pack("<q", value))

    def sizes(self, sizes: tuple[int, ...]) -> None:
        """A count of one byte and that many numbers of eight bytes, signed."""
        self._parts.append(struct.pack(f"<B{len(sizes)}q", len(sizes), *sizes))

    def blob(self, data: bytes) -> None:
        """A length of eight bytes and the bytes."""
        self._parts.append(struct.pack("<Q", len(data)))
        self._parts.append(data)

    def text(self, text: str, cap: int = MAX_TEXT) -> None:
        """UTF-8, cut after `cap` characters."""
        self.blob(text[:cap].encode("utf-8", "replace"))

    def many(self, values: Sequence[T], cap: int, write: Callable[[T], None]) -> None:
        """A count of at most `cap`, then that many values; what is beyond the cap is dropped."""
        kept = values[:cap]
        self.u32(len(kept))
        for value in kept:
            write(value)

    def done(self) -> bytes:
        """The payload."""
        return b"".join(self._parts)


class Reader:
    """Takes fields off a payload; raises ProtocolError rather than read past its end or beyond a cap."""

    def __init__(self, payload: bytes) -> None:
        self._payload = payload
        self._at = 0

    def _take(self, fields: str, size: int) -> tuple[int, ...]:
        try:
            values = struct.unpack_from(fields, self._payload, self._at)
        except struct.error:
            raise ProtocolError(PAST_THE_END) from None
        self._at += size
        return values

    def u8(self) -> int:
        """One byte."""
        try:
            value = self._payload[self._at]
        except IndexError:
            raise ProtocolError(PAST_THE_END) from None
        self._at += 1
        return value

    def u32(self) -> int:
        """Four bytes, unsigned."""
        return self._take("<I", 4)[0]

    def i64(self) -> int:
        """Eight bytes, signed."""
        return self._take("<q", 8)[0]

    def sizes(self) -> tuple[int, ...]:
        """A count of one byte and that many numbers of eight bytes, signed."""
        count = self.u8()
        return self._take(f"<{count}q", 8 * count)

    def blob(self) -> bytes:
        """A length of eight bytes and the bytes."""
        size = self._take("<Q", 8)[0]
        end = self._at + size
        if end > len(self._payload):
            raise ProtocolError(PAST_THE_END)
        data = self._payload[self._at : end]
        self._at = end
        return data

    def text(self, cap: int = MAX_TEXT) -> str:
        """UTF-8 of at most `cap` characters, without control characters."""
        return plain(self.blob().decode("utf-8", "replace")[:cap], keep="\n\t")

    def many(self, cap: int, read: Callable[[], T]) -> tuple[T, ...]:
        """A count and that many values."""
        count = self.u32()
        if count > cap:
            raise ProtocolError(f"{count} values where at most {cap} are allowed")
        return tuple([read() for _ in range(count)])

    def end(self) -> None:
        """Nothing may be left."""
        if self._at != len(self._payload):
            raise ProtocolError("a message is longer than what it says")


def cap_bytes(expected_bytes: int) -> int:
    """How many bytes of results are read where this many are right: room for a wrong shape, not for a flood."""
    return max(2**20, 128 * expected_bytes)


def frame(kind: MessageKind, index: int, payload: bytes = b"") -> bytes:
    """One message, header and payload."""
    return HEADER.pack(MAGIC, kind, index, len(payload)) + payload


def parse_header(header: bytes) -> tuple[MessageKind, int, int]:
    """Kind, index and payload length of a header; raises ProtocolError."""
    magic, kind, index, length = HEADER.unpack(header)
    if magic != MAGIC:
        raise ProtocolError("a message does not begin like one")
    try:
        return MessageKind(kind), index, length
    except ValueError:
        raise ProtocolError(f"{kind} is no kind of message") from None


# To the worker ----------------------------------------------------------------------------------------------------


def encode_job(job: Job) -> bytes:
    """The payload of LOAD."""
    out = Writer()
    out.u32(len(job.files))
    for name, data in job.files:
        out.text(name, MAX_MESSAGE)
        out.blob(data)
    out.u32(len(job.targets))
    for target in job.targets:
        out.text(target.name)
        for names in (target.names, target.outputs, target.variables, target.given):
            out.u32(len(names))
            for name in names:
                out.text(name)
        out.blob(target.use.encode())
        out.u32(len(target.forbids))
        for rule in target.forbids:
            out.text(rule.text)
            out.u32(len(rule.along))
            for function, parameter, axis, count in rule.along:
                out.text(function)
                out.text(parameter)
                out.sizes((axis, count))
    out.u8(job.everything)
    return out.done()


def decode_job(payload: bytes) -> Job:
    """The mirror image of encode_job."""
    fields = Reader(payload)
    files = tuple((fields.text(MAX_MESSAGE), fields.blob()) for _ in range(fields.u32()))
    return Job(files, tuple(_read_target(fields) for _ in range(fields.u32())), bool(fields.u8()))


def _read_target(fields: Reader) -> Target:
    name = fields.text()
    names, outputs, variables, given = (tuple(fields.text() for _ in range(fields.u32())) for _ in range(4))
    use = fields.blob().decode()
    return Target(name, names, outputs, use, variables, given, tuple(_read_rule(fields) for _ in range(fields.u32())))


def _read_rule(fields: Reader) -> Forbidden:
    return Forbidden(fields.text(), tuple(_read_place(fields) for _ in range(fields.u32())))


def _read_place(fields: Reader) -> tuple[str, str, int, int]:
    function, parameter = fields.text(), fields.text()
    axis, count = fields.sizes()
    return function, parameter, axis, count


def encode_call(call: CallRequest) -> bytes:
    """The payload of CALL."""
    out = Writer()
    out.text(call.target)
    out.i64(call.cap_bytes)
    out.i64(call.seed)
    out.i64(call.parts)
    out.u32(len(call.inputs))
    return out.done() + b"".join(value.packed for value in call.inputs)


def decode_call(payload: bytes) -> CallRequest:
    """The mirror image of encode_call."""
    fields = Reader(payload)
    target, cap_bytes, seed, parts = fields.text(), fields.i64(), fields.i64(), fields.i64()
    return CallRequest(target, tuple(_read_input(fields) for _ in range(fields.u32())), cap_bytes, seed, parts)


def _read_input(fields: Reader) -> Input:
    form, dtype = FORMS[fields.u8()], DTYPES[fields.u8()]
    shape, strides = fields.sizes(), fields.sizes()
    return Input(dtype, shape, strides, fields.blob(), form)


# From the worker --------------------------------------------------------------------------------------------------


def encode_loaded(loaded: Loaded) -> bytes:
    """The payload of LOADED."""
    out = Writer()
    for table in (loaded.places, loaded.missing):
        out.u32(len(table))
        for name, text in table.items():
            out.text(name)
            out.text(text, MAX_MESSAGE)
    out.many(loaded.notes, MAX_NOTES, lambda note: _write_note(out, note))
    _write_evidence(out, loaded.evidence, MAX_SUSPICIONS)
    out.text(loaded.problem, MAX_MESSAGE)
    return out.done()


def _write_note(out: Writer, note: LoadNote) -> None:
    out.text(note.kind)
    out.text(note.message, MAX_MESSAGE)


def decode_loaded(payload: bytes) -> Loaded:
    """What loading gave; raises ProtocolError."""
    fields = Reader(payload)
    places, missing = (
        dict(fields.many(MAX_ENTRY_POINTS, lambda: (fields.text(), fields.text(MAX_MESSAGE)))) for _ in range(2)
    )
    notes = fields.many(MAX_NOTES, lambda: LoadNote(fields.text(), fields.text(MAX_MESSAGE)))
    loaded = Loaded(places, missing, notes, _read_evidence(fields, MAX_SUSPICIONS), fields.text(MAX_MESSAGE))
    fields.end()
    return loaded


def encode_read(found: tuple[Evidence, ...]) -> bytes:
    """The payload of READ, which a worker sends before it runs any code of the submission."""
    out = Writer()
    _write_evidence(out, found, MAX_SUSPICIONS)
    return out.done()


def decode_read(payload: bytes) -> tuple[Evidence, ...]:
    """What reading the source gave; raises ProtocolError."""
    fields = Reader(payload)
    found = _read_evidence(fields, MAX_SUSPICIONS)
    fields.end()
    return found


def encode_answer(answer: CallResult) -> tuple[MessageKind, bytes]:
    """Kind and payload of the answer to a call."""
    out = Writer()
    if isinstance(answer, TooMuch):
        out.i64(min(answer.size_bytes, 2**62))
        return MessageKind.OUT_OF_MEMORY if answer.verdict == "out_of_memory" else MessageKind.OUTPUT_LIMIT, out.done()
    if isinstance(answer, NotDefined):
        return (
            MessageKind.NOT_DEFINED,
            b"",
        )  # without words: why is known from loading, and words could carry hidden inputs
    if isinstance(answer, Raised):
        _write_raised(out, answer)
        return MessageKind.RAISED, out.done()
    if isinstance(answer, Done):
        _write_result(out, answer.end)
        out.u8(answer.inputs_modified)
        _write_evidence(out, answer.evidence)
        return MessageKind.DONE, out.done()
    out.u8(answer.bare)
    out.u8(answer.inputs_modified)
    _write_evidence(out, answer.evidence)
    out.many(answer.items, MAX_ITEMS, lambda item: _write_item(out, item))
    return MessageKind.RETURNED, out.done()


def decode_answer(kind: MessageKind, payload: bytes) -> CallResult:
    """The answer to a call, every field checked; raises ProtocolError."""
    fields = Reader(payload)
    answer = _read_answer(kind, fields)
    fields.end()
    return answer


def encode_printed(text: str) -> bytes:
    """The payload of PRINTED: the first lines of a text."""
    out = Writer()
    out.many(text.split("\n"), MAX_PRINTED_LINES, out.text)
    return out.done()


def decode_printed(payload: bytes) -> str:
    """What a call printed; raises ProtocolError."""
    fields = Reader(payload)
    lines = fields.many(MAX_PRINTED_LINES, fields.text)
    fields.end()
    return "\n".join(lines)


def _read_answer(kind: MessageKind, fields: Reader) -> CallResult:
    if kind is MessageKind.RETURNED:
        bare, modified, evidence = bool(fields.u8()), bool(fields.u8()), _read_evidence(fields)
        items = fields.many(MAX_ITEMS, lambda: _read_item(fields))
        if bare and len(items) != 1:
            raise ProtocolError(f"{len(items)} bare results where one is meant")
        return Returned(items, bare, modified, evidence)
    if kind is MessageKind.RAISED:
        return _read_raised(fields)
    if kind is MessageKind.DONE:
        return Done(_read_end(fields), bool(fields.u8()), _read_evidence(fields))
    if kind is MessageKind.NOT_DEFINED:
        return NotDefined()
    if kind is MessageKind.OUT_OF_MEMORY:
        return TooMuch("out_of_memory", fields.i64())
    if kind is MessageKind.OUTPUT_LIMIT:
        return TooMuch("output_limit", fields.i64())
    raise ProtocolError(f"{kind.name} does not answer a call")


def _write_item(out: Writer, item: Item) -> None:
    if isinstance(item, Foreign):
        out.u8(len(DTYPES) + FOREIGN.index(item.kind))
        out.text(item.text)
        return
    out.u8(DTYPES.index(item.dtype))
    out.u8(CONTAINERS.index(item.container))
    out.sizes(item.shape)
    out.blob(item.data)


def _read_item(fields: Reader) -> Item:
    code = fields.u8()
    if code >= len(DTYPES) + len(FOREIGN):
        raise ProtocolError(f"{code} is no kind of result")
    if code >= len(DTYPES):
        return Foreign(FOREIGN[code - len(DTYPES)], fields.text())
    container = _one_of(CONTAINERS, fields.u8())
    shape = fields.sizes()
    if len(shape) > MAX_RANK:
        raise ProtocolError(f"{len(shape)} axes where at most {MAX_RANK} are allowed")
    data = fields.blob()
    if min(shape, default=0) < 0 or math.prod(shape) * ITEM_BYTES[DTYPES[code]] != len(data):
        raise ProtocolError(f"shape {shape} does not fit {len(data)} bytes of {DTYPES[code]}")
    if math.prod(max(size, 1) for size in shape) > MAX_EXTENT:
        raise ProtocolError(f"shape {shape} is beyond what a tensor can have, even an empty one")
    return Array(DTYPES[code], shape, data, container)


def encode_part(results: Mapping[str, Result], evidence: tuple[Evidence, ...]) -> bytes:
    """The payload of PART: what one `yield` of a use gave, and what was seen so far, however the use will end."""
    out = Writer()
    out.u32(len(results))
    for name, result in results.items():
        out.text(name)
        _write_result(out, result)
    _write_evidence(out, evidence)
    return out.done()


def decode_part(payload: bytes, outputs: tuple[str, ...]) -> tuple[dict[str, Result], tuple[Evidence, ...]]:
    """Results by name, each one of `outputs`, and evidence; raises ProtocolError."""
    fields = Reader(payload)
    found: dict[str, Result] = {}
    for _ in range(fields.u32()):
        name, result = fields.text(), _read_result(fields)
        if name not in outputs or name in found or result is None:
            raise ProtocolError(f"{name!r} is no result that was asked for")
        found[name] = result
    evidence = _read_evidence(fields)
    fields.end()
    return found, evidence


def _write_result(out: Writer, result: Union[Result, None]) -> None:
    if result is None:
        out.u8(0)
    elif isinstance(result, Raised):
        out.u8(1)
        _write_raised(out, result)
    elif isinstance(result, Misfit):
        out.u8(2)
        out.u8(MISFITS.index(result.kind))
        out.i64(result.line)
        out.text(result.name)
        out.i64(result.got)
        out.u8(result.got_none)
    else:
        out.u8(3)
        _write_item(out, result)


def _read_result(fields: Reader) -> Union[Result, None]:
    tag = fields.u8()
    if tag == 0:
        return None
    if tag == 1:
        return _read_raised(fields)
    if tag == 2:
        kind, line = _one_of(MISFITS, fields.u8()), fields.i64()
        return Misfit(kind, line, fields.text(), fields.i64(), bool(fields.u8()))
    if tag == 3:
        return _read_item(fields)
    raise ProtocolError(f"{tag} is no kind of result")


def _read_end(fields: Reader) -> Union[Raised, Misfit, None]:
    end = _read_result(fields)
    if isinstance(end, (Array, Foreign)):
        raise ProtocolError("a use does not end with a result")
    return end


def _one_of(values: Sequence[T], position: int) -> T:
    if position >= len(values):
        raise ProtocolError(f"{position} is none of {len(values)} kinds")
    return values[position]


def _write_raised(out: Writer, raised: Raised) -> None:
    out.text(raised.type_name)
    out.text(raised.message, MAX_MESSAGE)
    out.many(raised.frames, MAX_FRAMES, lambda frame: _write_frame(out, frame))
    _write_evidence(out, raised.evidence)
    out.i64(raised.line)


def _read_raised(fields: Reader) -> Raised:
    name, message = fields.text(), fields.text(MAX_MESSAGE)
    frames = fields.many(MAX_FRAMES, lambda: _read_frame(fields))
    return Raised(name, message, frames, _read_evidence(fields), fields.i64())


def _write_frame(out: Writer, frame: Frame) -> None:
    out.text(frame.place)
    out.i64(frame.line)
    out.text(frame.code)


def _read_frame(fields: Reader) -> Frame:
    return Frame(fields.text(), fields.i64(), fields.text())


def _write_evidence(out: Writer, evidence: tuple[Evidence, ...], cap: int = MAX_EVIDENCE) -> None:
    out.many(evidence, cap, lambda seen: _write_seen(out, seen))


def _write_seen(out: Writer, seen: Evidence) -> None:
    out.text(seen.kind)
    out.u8(seen.certain)
    out.text(seen.text, MAX_MESSAGE)
    out.text(seen.entry_point)


def _read_evidence(fields: Reader, cap: int = MAX_EVIDENCE) -> tuple[Evidence, ...]:
    return fields.many(cap, lambda: Evidence(fields.text(), bool(fields.u8()), fields.text(MAX_MESSAGE), fields.text()))
