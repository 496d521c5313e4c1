"""The wire: what is sent arrives, and nothing that a hostile worker sends gets past the checks."""

from __future__ import annotations

import contextlib
import random
from dataclasses import replace

import pytest

from grader.wire.outcome import (
    Array,
    Evidence,
    Foreign,
    Frame,
    Loaded,
    LoadNote,
    Misfit,
    NotDefined,
    Raised,
    Result,
    Returned,
)
from grader.wire.printable import plain
from grader.wire.protocol import (
    HEADER,
    MAX_ENTRY_POINTS,
    MAX_ITEMS,
    MAX_MESSAGE,
    MAX_PRINTED_LINES,
    CallRequest,
    CallResult,
    Done,
    Input,
    Job,
    MessageKind,
    ProtocolError,
    Target,
    TooMuch,
    cap_bytes,
    decode_answer,
    decode_call,
    decode_job,
    decode_loaded,
    decode_part,
    decode_printed,
    decode_read,
    encode_answer,
    encode_call,
    encode_job,
    encode_loaded,
    encode_part,
    encode_printed,
    encode_read,
    frame,
    parse_header,
)

SEEN = (Evidence("autograd", True, "hw.py, line 3: backward()"),)
ANSWERS: tuple[CallResult, ...] = (
    Returned((Array("float32", (2, 1), bytes(8)), Array("bool", (), b"\x01"), Array("int8", (0, 3), b"")), False),
    Returned((Foreign("none", "None"),), True, inputs_modified=True, evidence=SEEN),
    Raised("ValueError", "bad rank: ünïcode", (Frame("hw.ipynb, cell 3", 7, "raise ValueError"),), SEEN),
    NotDefined(),
    TooMuch("out_of_memory"),
    TooMuch("output_limit", 2**40),
    Done(),
    Done(Raised("KeyError", "'x'", (Frame("hw.py", 2, "cache['x']"),), line=4), inputs_modified=True),
    Done(Misfit("attribute", 3, "backward", got_none=True), evidence=SEEN),
)
PART: dict[str, Result] = {
    "out": Array("float64", (2,), bytes(16), "array"),
    "dx": Raised("ValueError", "no", (), line=2),
    "dw": Misfit("count", 7, got=2),
    "db": Foreign("text", "later"),
}
LOADED = Loaded({"f": "hw.py"}, {"g": ""}, (LoadNote("magic", "%time was left out"),), SEEN, "")


def _part_of(result: bytes) -> bytes:
    """A part of one result named "out"."""
    return b"\1\0\0\0" + b"\3" + bytes(7) + b"out" + result


def _twice(part: bytes) -> bytes:
    """The one result of a part once more."""
    return b"\2" + part[1:4] + 2 * part[4:-4] + part[-4:]


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: type(answer).__name__)
def test_answers_arrive(answer: CallResult) -> None:
    """Every kind of answer survives the wire."""
    assert decode_answer(*encode_answer(answer)) == answer


def test_parts_arrive() -> None:
    """What one yield of a use gave, numbers and failures alike, and what was seen until then."""
    assert decode_part(encode_part(PART, SEEN), tuple(PART)) == (PART, SEEN)
    assert decode_part(encode_part({}, ()), ()) == ({}, ())


@pytest.mark.parametrize(
    ("outputs", "payload", "words"),
    [
        (("out", "dx", "dw"), encode_part(PART, ()), "'db' is no result that was asked for"),
        (tuple(PART), _twice(encode_part({"out": PART["out"]}, ())), "'out' is no result that was asked for"),
        (("out",), _part_of(b"\0"), "'out' is no result that was asked for"),
        (("out",), _part_of(b"\4"), "4 is no kind of result"),
        (("out",), _part_of(b"\2\10"), "8 is none of 8 kinds"),
        (("out",), encode_part({}, ()) + b"x", "longer than what it says"),
    ],
    ids=["another name", "a name twice", "no result", "another tag", "another misfit", "too long"],
)
def test_lying_parts_are_refused(outputs: tuple[str, ...], payload: bytes, words: str) -> None:
    """Only results that were asked for, each once and of a known kind."""
    with pytest.raises(ProtocolError, match=words):
        decode_part(payload, outputs)


def test_a_use_does_not_end_with_a_result() -> None:
    """Results come in parts."""
    kind, payload = encode_answer(Done())
    foreign = encode_part({"out": Foreign("none", "")}, ())[4 + 8 + 3 : -4]
    with pytest.raises(ProtocolError, match="a use does not end with a result"):
        decode_answer(kind, foreign + payload[1:])


def test_questions_arrive() -> None:
    """Submissions and calls survive the wire, and so does what loading gave."""
    job = Job(
        (("hw.py", b"x = 1\0\xff"), ("a/b.ipynb", b"")),
        (Target.function("f"), Target("g", ("G", "h"), ("dx",), "def use(student): ...")),
    )
    call = CallRequest(
        "f", (Input("float32", (2, 3), (1, 2), bytes(24)), Input("int64", (), (), bytes(8), "int")), 2**20
    )
    assert decode_job(encode_job(job)) == job
    assert decode_call(encode_call(call)) == call
    assert decode_loaded(encode_loaded(LOADED)) == LOADED


def test_suspicions_of_many_functions_arrive() -> None:
    """One of each entry point, as many as a submission may have."""
    read = tuple(Evidence("autograd", False, "the source calls autograd", f"f{i}") for i in range(MAX_ENTRY_POINTS))
    assert decode_read(encode_read(read)) == read
    assert decode_loaded(encode_loaded(replace(LOADED, evidence=(*read, *SEEN)))).evidence == read


def test_what_was_printed_arrives() -> None:
    """The first lines, each without control characters; more of them than are sent are refused."""
    assert decode_printed(encode_printed("h: \x1b[2Jtensor\n\nprob")) == "h: \ufffd[2Jtensor\n\nprob"
    assert decode_printed(encode_printed("line\n" * 99)).count("line") == MAX_PRINTED_LINES
    with pytest.raises(ProtocolError, match="at most 20 are allowed"):
        decode_printed(b"\xff\0\0\0")


def test_headers() -> None:
    """A header gives kind, index and length, and anything else than one is refused."""
    header = frame(MessageKind.RETURNED, 7, b"abc")[: HEADER.size]
    assert parse_header(header) == (MessageKind.RETURNED, 7, 3)
    with pytest.raises(ProtocolError, match="does not begin like one"):
        parse_header(b"HTTP" + header[4:])
    with pytest.raises(ProtocolError, match="99 is no kind of message"):
        parse_header(HEADER.pack(b"GrW1", 99, 0, 0))


def test_every_truncation_is_refused() -> None:
    """A payload that ends early, and one that goes on, are refused."""
    for answer in ANSWERS:
        kind, payload = encode_answer(answer)
        for length in range(len(payload)):
            with pytest.raises(ProtocolError):
                decode_answer(kind, payload[:length])
        with pytest.raises(ProtocolError, match="longer than what it says"):
            decode_answer(kind, payload + b"x")
    part = encode_part(PART, SEEN)
    for length in range(len(part)):
        with pytest.raises(ProtocolError):
            decode_part(part[:length], tuple(PART))


def test_noise_is_refused_or_harmless() -> None:
    """Whatever bytes arrive, reading them ends in an answer or in ProtocolError."""
    noise = random.Random(7)
    payloads = [encode_answer(answer)[1] for answer in ANSWERS] + [encode_loaded(LOADED), encode_part(PART, SEEN)]
    for _ in range(20_000):
        payload = bytearray(noise.choice(payloads) if noise.random() < 0.8 else noise.randbytes(noise.randrange(80)))
        for _ in range(noise.randrange(4)):
            if payload:
                payload[noise.randrange(len(payload))] = noise.choice((0, 1, 127, 128, 255, noise.randrange(256)))
        for kind in MessageKind:
            with contextlib.suppress(ProtocolError):
                decode_answer(kind, bytes(payload))
        with contextlib.suppress(ProtocolError):
            decode_part(bytes(payload), tuple(PART))
        with contextlib.suppress(ProtocolError):
            decode_loaded(bytes(payload))


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (Array("float32", (3,), bytes(8)), r"shape \(3,\) does not fit 8 bytes of float32"),
        (Array("float32", (-1, -2), bytes(8)), r"shape \(-1, -2\) does not fit"),
        (Array("float64", (2**40, 2**40, 0), b"x"), "does not fit 1 bytes"),
        (Array("bool", (1,) * 5, b"x"), "5 axes where at most 4 are allowed"),
    ],
)
def test_lying_shapes_are_refused(item: Array, words: str) -> None:
    """Shape, dtype and bytes of a result must agree."""
    with pytest.raises(ProtocolError, match=words):
        decode_answer(*encode_answer(Returned((item,), True)))


def test_a_million_items_are_refused_at_once() -> None:
    """The number of results is capped before any of them is read."""
    _, payload = encode_answer(Returned((), True))
    flood = payload[:-4] + (10**6).to_bytes(4, "little") + bytes(10**6)
    with pytest.raises(ProtocolError, match=f"1000000 values where at most {MAX_ITEMS} are allowed"):
        decode_answer(MessageKind.RETURNED, flood)


@pytest.mark.parametrize("shape", [(0, 2**62, 2**62), (0, 2**63 - 1), (2**32, 0, 2**32, 1)])
def test_empty_tensors_have_shapes_that_torch_can_have(shape: tuple[int, ...]) -> None:
    """Sizes whose product overflows would make the trusted side raise; no tensor has them."""
    kind, payload = encode_answer(Returned((Array("float32", shape, b""),), True))
    with pytest.raises(ProtocolError, match="beyond what a tensor can have"):
        decode_answer(kind, payload)


@pytest.mark.parametrize("count", [0, 2])
def test_a_bare_result_is_one(count: int) -> None:
    """No bare result, or two, is nothing that a function returns."""
    kind, payload = encode_answer(Returned((Foreign("none", ""),) * count, True))
    with pytest.raises(ProtocolError, match=f"{count} bare results where one is meant"):
        decode_answer(kind, payload)


def test_a_function_that_is_not_there_has_no_words() -> None:
    """Why it is missing is known from loading; a sentence of a call could be made of its inputs."""
    assert encode_answer(NotDefined("0.25")) == (MessageKind.NOT_DEFINED, b"")
    with pytest.raises(ProtocolError, match="longer than what it says"):
        decode_answer(MessageKind.NOT_DEFINED, b"0.25")


def test_what_was_read_travels() -> None:
    """Evidence that is found before any code runs has a message of its own."""
    assert decode_read(encode_read(LOADED.evidence)) == LOADED.evidence
    with pytest.raises(ProtocolError):
        decode_read(encode_read(LOADED.evidence) + b"x")


def test_output_cap() -> None:
    """At least 1 MiB of results may come back, and 128 times what is right."""
    assert cap_bytes(8) == 2**20
    assert cap_bytes(2**20) == 2**27


def test_text_is_tamed() -> None:
    """Text keeps letters, newlines and tabs, loses terminal and direction controls, and is cut."""
    hostile = "\x1b[31mred\x1b[0m\x00 \u202eback\u2028 ok\n\ttäb\xa0\ud800"
    assert plain(hostile, keep="\n\t") == "\ufffd[31mred\ufffd[0m\ufffd \ufffdback\ufffd ok\n\ttäb\xa0\ufffd"
    assert plain("two\nlines") == "two\ufffdlines"
    kind, payload = encode_answer(Raised("E" * 10_000, "m" * 10_000))
    raised = decode_answer(kind, payload)
    assert isinstance(raised, Raised)
    assert (len(raised.type_name), len(raised.message)) == (200, MAX_MESSAGE)
    lost = b"\x03" + bytes(7) + b"\xff\xfe\x1b"
    assert decode_loaded(bytes(16) + lost).problem == "\ufffd" * 3  # no places, missing, notes or evidence
