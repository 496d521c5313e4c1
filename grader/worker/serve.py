"""The worker's life after its confinement: load the submission, then answer one call after the other until the end."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from grader.wire.outcome import Evidence, Loaded, NotDefined, Result
from grader.wire.protocol import (
    HEADER,
    CallResult,
    MessageKind,
    ProtocolError,
    Target,
    TooMuch,
    decode_call,
    decode_job,
    encode_answer,
    encode_loaded,
    encode_part,
    encode_printed,
    encode_read,
    frame,
    parse_header,
)
from grader.worker import loader, use
from grader.worker.call import call, is_out_of_memory, settle
from grader.worker.loader import suspicions
from grader.worker.printing import Beginning
from grader.worker.student import StudentNames
from grader.worker.tripwires import Tripwires


@dataclass
class Loading:
    """What is loaded: the files as the lines of a use see them, and what will be called of them."""

    targets: Mapping[str, Target] = field(default_factory=dict)
    student: StudentNames = field(default_factory=lambda: StudentNames({}))
    uses: dict[str, use.Lines] = field(default_factory=dict)


def serve(wire: int, tripwires: Tripwires) -> None:
    """Answer on the descriptor `wire` until the trusted side closes it.

    Nothing of the submission has been in this process before: it arrives here, as bytes.
    """
    loaded = Loading()
    while (question := _receive(wire)) is not None:
        kind, index, payload = question
        if kind is MessageKind.LOAD:
            loaded, answer = _load(wire, index, payload, tripwires)
        elif kind is MessageKind.CALL:
            answer = frame_answer(index, _call(loaded, payload, tripwires, partial(_part, wire, index)))
        elif kind is MessageKind.PRINTS:
            with contextlib.redirect_stdout(Beginning()) as printed:
                _call(loaded, payload, tripwires, lambda results, evidence: None)
            answer = frame(MessageKind.PRINTED, index, encode_printed(printed.getvalue()))
        else:
            raise ProtocolError(f"{kind.name} is nothing that a worker is asked")
        _send(wire, answer)


def frame_answer(index: int, answer: CallResult) -> bytes:
    """The frame of an answer."""
    kind, payload = encode_answer(answer)
    return frame(kind, index, payload)


def _load(wire: int, index: int, payload: bytes, tripwires: Tripwires) -> tuple[Loading, bytes]:
    """The answer to LOAD; what reading the source gave is on the wire before any code of the submission runs."""

    def tell(read: tuple[Evidence, ...]) -> None:
        _send(wire, frame(MessageKind.READ, index, encode_read(read)))

    job = decode_job(payload)
    tripwires.trace_operators = suspicions.reaches_for_operators(job.files)
    settle()
    try:
        names, loaded = loader.load(
            job.files, job.names, tell, everything=job.everything, cells=job.cells, forbids=job.forbids
        )
    except BaseException as error:  # what the loader does not survive is a problem of the submission, not of the batch
        if is_out_of_memory(error):
            return Loading(), frame_answer(index, TooMuch("out_of_memory"))
        problem = f"The submission could not be loaded ({type(error).__name__})."
        names, loaded = {}, Loaded({}, dict.fromkeys(job.names, ""), problem=problem)
    targets = {target.name: target for target in job.targets}
    student = StudentNames(dict(names), loader.current_runs(), tuple(job.cells))
    return Loading(targets, student), frame(MessageKind.LOADED, index, encode_loaded(loaded))


def _part(wire: int, index: int, results: Mapping[str, Result], evidence: tuple[Evidence, ...]) -> None:
    _send(wire, frame(MessageKind.PART, index, encode_part(results, evidence)))


def _call(loaded: Loading, payload: bytes, tripwires: Tripwires, send: use.Send) -> CallResult:
    """The answer to a call; send: takes what a use yields before that."""
    question = decode_call(payload)
    target = loaded.targets[question.target]
    if target.use:
        if target.name not in loaded.uses:
            loaded.uses[target.name] = use.compiled(target)
        lines = loaded.uses[target.name]
        return use.run(lines, loaded.student, question, tripwires, send)
    function = loaded.student.names.get(target.names[0])
    if not callable(function):
        return NotDefined()
    outputs = len(target.outputs)
    return call(function, question.inputs, question.cap_bytes, tripwires, seed=question.seed, outputs=outputs)


def _receive(wire: int) -> tuple[MessageKind, int, bytes] | None:
    header = _read(wire, HEADER.size)
    if len(header) < HEADER.size:
        return None
    kind, index, length = parse_header(header)
    return kind, index, _read(wire, length)


def _read(wire: int, count: int) -> bytes:
    data = bytearray()
    while len(data) < count and (part := os.read(wire, min(count - len(data), 2**20))):
        data += part
    return bytes(data)


def _send(wire: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(wire, view) :]
