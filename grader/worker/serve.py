"""The worker's life after its confinement: load the submission, then answer one call after the other until the end."""

from __future__ import annotations

import os
from collections.abc import Callable

from grader.wire.outcome import Evidence, Loaded, NotDefined
from grader.wire.protocol import (
    HEADER,
    Answer,
    Kind,
    ProtocolError,
    TooMuch,
    decode_call,
    decode_job,
    encode_answer,
    encode_loaded,
    encode_read,
    frame,
    parse_header,
)
from grader.worker import loader
from grader.worker.call import call, is_out_of_memory, settle
from grader.worker.loader import suspicions
from grader.worker.tripwires import Tripwires

Functions = dict[str, Callable[..., object]]


def serve(wire: int, tripwires: Tripwires) -> None:
    """Answer on the descriptor `wire` until the trusted side closes it.

    Nothing of the submission has been in this process before: it arrives here, as bytes.
    """
    functions: Functions = {}
    while (question := _receive(wire)) is not None:
        kind, index, payload = question
        if kind is Kind.LOAD:
            functions, answer = _load(wire, index, payload, tripwires)
        elif kind is Kind.CALL:
            answer = frame_answer(index, _call(functions, payload, tripwires))
        else:
            raise ProtocolError(f"{kind.name} is nothing that a worker is asked")
        _send(wire, answer)


def frame_answer(index: int, answer: Answer) -> bytes:
    """The frame of an answer."""
    kind, payload = encode_answer(answer)
    return frame(kind, index, payload)


def _load(wire: int, index: int, payload: bytes, tripwires: Tripwires) -> tuple[Functions, bytes]:
    """The answer to LOAD; what reading the source gave is on the wire before any code of the submission runs."""

    def tell(read: tuple[Evidence, ...]) -> None:
        _send(wire, frame(Kind.READ, index, encode_read(read)))

    job = decode_job(payload)
    tripwires.wary = suspicions.reaches_for_operators(job.files)
    settle()
    try:
        functions, loaded = loader.load(job.files, job.entry_points, tell)
    except BaseException as error:  # what the loader does not survive is a problem of the submission, not of the batch
        if is_out_of_memory(error):
            return {}, frame_answer(index, TooMuch("out_of_memory"))
        problem = f"The submission could not be loaded ({type(error).__name__})."
        functions, loaded = {}, Loaded({}, dict.fromkeys(job.entry_points, ""), problem=problem)
    return functions, frame(Kind.LOADED, index, encode_loaded(loaded))


def _call(functions: Functions, payload: bytes, tripwires: Tripwires) -> Answer:
    question = decode_call(payload)
    function = functions.get(question.entry_point)
    if function is None:
        return NotDefined()
    return call(function, question.inputs, question.cap_bytes, tripwires)


def _receive(wire: int) -> tuple[Kind, int, bytes] | None:
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
