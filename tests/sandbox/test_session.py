"""What comes of a call: results, crashes, loops, floods, and the sentences that students read about them."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import pytest
import torch

from grader.errors import LayersMissing
from grader.exercise import Limits
from grader.sandbox import Layer, Sandbox, Spawner, WorkerSession
from grader.sandbox.layers import needed
from grader.wire import tensors
from grader.wire.outcome import Array, Loaded, Misfit, NotDefined, Outcome, Raised, Returned, Stopped, Used
from grader.wire.protocol import Target
from grader.worker.confine import LAYERS

Run = Callable[..., list[Outcome]]
Number = Callable[[Outcome], float]
QUICK = Limits(cpu_seconds=0.3, wall_seconds=5.0, memory_bytes=256 * 2**20)
ALIVE = "\ndef alive():\n    return 1.0\n"


def open_session(sandbox: Sandbox, source: str, *names: str, limits: Limits | None = None) -> WorkerSession:
    """A session on one file of source."""
    return sandbox.session(
        [("hw.py", textwrap.dedent(source).encode())], [*map(Target.function, names)], limits or Limits(cpu_seconds=5)
    )


def stopped(outcome: Outcome) -> tuple[str, str]:
    """Verdict and sentence of a Stopped."""
    assert isinstance(outcome, Stopped), outcome
    return outcome.verdict, outcome.detail


def test_results_come_back_as_bytes(sandbox: Sandbox) -> None:
    """Each member of a returned tuple arrives with its dtype, shape and values."""
    source = "def f(x, k):\n    return x * 2, x.sum() > 0, k + 1"
    with open_session(sandbox, source, "f") as session:
        assert session.loaded.places.keys() == {"f"}
        outcome = session.call("f", [tensors.encode(torch.tensor([[1.0, 2.0]])), tensors.encode(3)], 8, Limits())
    assert outcome == Returned(
        (
            Array("float32", (1, 2), torch.tensor([2.0, 4.0]).numpy().tobytes()),
            Array("bool", (), b"\x01"),
            Array("int64", (), (4).to_bytes(8, "little"), "number"),
        ),
        bare=False,
    )


@pytest.mark.parametrize(
    "value",
    [
        torch.arange(6.0).reshape(2, 3).T,
        torch.arange(24.0).reshape(2, 3, 4)[:, ::2, 1:3],
        torch.arange(3.0).expand(4, 3),
        torch.arange(3).bool(),
        torch.empty(0, 3),
        torch.tensor(2.5, dtype=torch.bfloat16),
    ],
    ids=["transposed", "strided", "expanded", "bool", "empty", "bfloat16"],
)
def test_inputs_arrive_as_they_are(sandbox: Sandbox, value: torch.Tensor) -> None:
    """Values, dtype and strides of an input survive the way into the worker."""
    source = f"def f(x):\n    return x, list(x.stride()) == {list(value.stride())}"
    with open_session(sandbox, source, "f") as session:
        outcome = session.call("f", [tensors.encode(value)], 100, Limits())
    assert isinstance(outcome, Returned)
    sent, same_strides = outcome.items
    assert isinstance(sent, Array)
    assert same_strides == Array("bool", (), b"\x01", "number")
    assert (sent.dtype, sent.shape) == (str(value.dtype).removeprefix("torch."), tuple(value.shape))
    assert sent.data == value.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()


def test_each_call_gets_its_own_copy(sandbox: Sandbox) -> None:
    """A modified input is noted, and neither the caller's tensor nor the next call sees it."""
    x = torch.ones(3)
    with open_session(sandbox, "def f(x):\n    x.mul_(0)\n    return x\ndef g(x):\n    return x", "f", "g") as session:
        first, second = (session.call(name, [tensors.encode(x)], 12, Limits()) for name in "fg")
    assert isinstance(first, Returned)
    assert first.inputs_modified
    assert isinstance(second, Returned)
    assert not second.inputs_modified
    assert second.items == (Array("float32", (3,), x.numpy().tobytes()),)


def test_exceptions_are_described(sandbox: Sandbox, run: Run) -> None:
    """What the function raises, sys.exit() included, is an outcome of the call and costs nothing else."""
    source = "import sys\ndef f():\n    return 1 / 0\ndef g():\n    sys.exit(0)\n" + ALIVE
    division, leaving, alive = run(sandbox, source, "f", "g", "alive")
    assert isinstance(division, Raised)
    assert (division.type_name, division.message) == ("ZeroDivisionError", "division by zero")
    assert isinstance(leaving, Raised)
    assert leaving.type_name == "SystemExit"
    assert isinstance(alive, Returned)


def test_missing_function(sandbox: Sandbox, run: Run) -> None:
    """A function that is not there is NotDefined, without asking the worker."""
    assert isinstance(run(sandbox, ALIVE, "backward")[0], NotDefined)


CRASHES = {
    "loop": (
        "while True: pass",
        "timed_out",
        "Your function ran longer than 0.3 s of processor time: is there a loop that never ends?",
    ),
    "loop_that_ignores_signals": (
        "for n in range(1, 32):\n        try: signal.signal(n, signal.SIG_IGN)\n"
        "        except (OSError, ValueError): pass\n"
        "    while True: pass",
        "timed_out",
        "Your function ran longer than 0.3 s of processor time: is there a loop that never ends?",
    ),
    "loop_in_c": (
        "torch.randn(4000, 4000) @ torch.randn(4000, 4000); torch.linalg.svd(torch.randn(2000, 2000))",
        "timed_out",
        "Your function ran longer than 0.3 s of processor time: is there a loop that never ends?",
    ),
    "sleep": (
        "time.sleep(600)",
        "timed_out",
        "Your function took longer than 5 s: does it wait for something, such as input() or sleep()?",
    ),
    "out_of_memory_in_torch": (
        "return torch.zeros(10**12)",
        "out_of_memory",
        "Your function used more than 256 MB of memory: is there an array that is too large?",
    ),
    "out_of_memory_in_python": (
        "return [0] * 10**10",
        "out_of_memory",
        "Your function used more than 256 MB of memory: is there an array that is too large?",
    ),
    "exit": (
        "os._exit(3)",
        "errored",
        "The Python process ended by itself (exit code 3) before there was a result: "
        "remove exit(), quit() and os._exit().",
    ),
    "segmentation_fault": (
        "ctypes.string_at(0)",
        "errored",
        "Your function crashed with a segmentation fault: very deep recursion, or memory that is written from outside "
        "of Python, can do that.",
    ),
    "abort": ("os.abort()", "errored", "Your function made the Python process crash (SIGABRT)."),
    "closed_wire": (
        "os.close(3); time.sleep(600)",
        "errored",
        "Your function ended without a result that can be read: does it write to open files or sockets?",
    ),
    "garbage_on_the_wire": (
        "os.write(3, b'x' * 1000); time.sleep(600)",
        "errored",
        "Your function ended without a result that can be read: does it write to open files or sockets?",
    ),
}


@pytest.mark.parametrize("name", CRASHES)
def test_a_crash_costs_its_call(name: str, sandbox: Sandbox, run: Run, number: Number) -> None:
    """Whatever ends the worker gives a sentence, and the next call runs in a new one."""
    body, verdict, sentence = CRASHES[name]
    source = f"import ctypes, os, signal, time, torch\ndef f():\n    {body}\n" + ALIVE
    crash, alive = run(sandbox, source, "f", "alive", limits=QUICK)
    assert stopped(crash) == (verdict, sentence)
    assert number(alive) == 1.0


FLOODS = {
    "expanded": ("torch.zeros(1).expand(10, 10**9)", "37.3 GB of results"),
    "many_tensors": ("[torch.zeros(300, 300) for _ in range(10)]", "1.03 MB of results"),
}


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_is_refused(name: str, sandbox: Sandbox, run: Run, number: Number) -> None:
    """Results beyond the cap are not read, and the sentence says how large they were."""
    result, words = FLOODS[name]
    flood, alive = run(sandbox, f"import torch\ndef f():\n    return {result}\n" + ALIVE, "f", "alive")
    assert stopped(flood) == (
        "output_limit",
        f"Your function returned {words}, where at most 1 MB are read: compare its shape with the one asked for.",
    )
    assert number(alive) == 1.0


def test_a_forged_length_is_refused(sandbox: Sandbox, run: Run, number: Number) -> None:
    """A worker that announces a gigabyte is stopped before a byte of it is read."""
    source = """
    import os, struct, time
    def f():
        os.write(3, struct.pack("<4sBIQ", b"GrW1", 13, 2, 2**30))
        time.sleep(600)
    """
    flood, alive = run(sandbox, textwrap.dedent(source) + ALIVE, "f", "alive", limits=QUICK)
    assert stopped(flood)[0] == "output_limit"
    assert "1 GB of results" in stopped(flood)[1]
    assert number(alive) == 1.0


def test_a_forged_number_of_results_is_not_quoted(sandbox: Sandbox) -> None:
    """A count that no unpacking gives could carry a hidden input, so it is left out of the sentence."""
    source = """
    import os, struct
    def f():
        misfit = struct.pack("<BBqQqB", 2, 4, 2, 0, 12345678, 0)
        payload = misfit + struct.pack("<BI", 0, 0)
        os.write(3, struct.pack("<4sBIQ", b"GrW1", 20, 2, len(payload)) + payload)
        os._exit(0)
    """
    lines = "def use(student):\n    a, b = student.f()\n    yield {'a': a}"
    target, limits = Target("use", ("f",), ("a",), lines), Limits(cpu_seconds=5)
    with sandbox.session([("hw.py", textwrap.dedent(source).encode())], [target], limits) as session:
        outcome = session.call("use", [], 8, limits)
    assert isinstance(outcome, Used)
    assert outcome.end == Misfit("count", 2)


def test_the_parts_of_a_use_share_the_deadline_of_the_call(sandbox: Sandbox) -> None:
    """A use of many yields may compute as long as a function may, and keeps what it has yielded by then."""
    source = "import time\ndef f():\n    end = time.process_time() + 0.15\n    while time.process_time() < end: pass\n"
    names = [f"r{i}" for i in range(8)]
    lines = "def use(student):\n" + "".join(f"    student.f()\n    yield {{'{name}': 1.0}}\n" for name in names)
    with sandbox.session([("hw.py", source.encode())], [Target("use", ("f",), tuple(names), lines)], QUICK) as session:
        outcome = session.call("use", [], 8, QUICK)
    assert isinstance(outcome, Used)
    assert isinstance(outcome.end, Stopped)
    assert outcome.end.verdict == "timed_out"
    assert 1 <= len(outcome.results) <= 2


@pytest.mark.parametrize("ahead", [0, 1, -1], ids=["same_call", "next_call", "earlier_call"])
def test_a_second_frame_is_no_answer(ahead: int, sandbox: Sandbox, run: Run, number: Number) -> None:
    """A frame that is sent early, late or twice never becomes the result of another call."""
    source = f"""
    import os, struct
    calls = [1]
    def f():
        calls[0] += 1
        item = struct.pack("<BBBQd", 1, 0, 0, 8, 7.0)
        payload = struct.pack("<BBII", 1, 0, 0, 1) + item
        os.write(3, struct.pack("<4sBIQ", b"GrW1", 13, calls[0] + {ahead}, len(payload)) + payload)
        return 2.0
    """
    first, second, third = run(sandbox, textwrap.dedent(source) + ALIVE, "f", "alive", "alive")
    if ahead == 0:  # its own words, which it may choose
        assert number(first) == 7.0
        assert stopped(second)[0] == "errored"
    else:
        assert stopped(first)[0] == "errored"
        assert number(second) == 1.0
    assert number(third) == 1.0


def test_forgetting(sandbox: Sandbox, number: Number) -> None:
    """After `forget` a call runs in a worker that knows nothing of earlier ones; that costs no restart."""
    source = "seen = []\ndef f(x):\n    seen.append(x)\n    return float(len(seen))"
    with open_session(sandbox, source, "f") as session:
        limits = Limits(cpu_seconds=5, max_restarts=0)

        def seen() -> float:
            return number(session.call("f", [tensors.encode(torch.ones(2))], 8, limits))

        assert [seen(), seen()] == [1.0, 2.0]
        session.forget()
        assert [seen(), seen()] == [1.0, 2.0]
        session.forget()
        session.forget()
        assert seen() == 1.0


def test_what_a_call_prints(sandbox: Sandbox) -> None:
    """The first lines come back, of a call that raises too; a call that ends its process prints nothing."""
    source = "import os\ndef f(x):\n    print('shape', x.shape)\n    return x.nothing\ndef g(x):\n    os._exit(3)\n"
    source += "def h(x):\n    for _ in range(100):\n        print('again')\n"
    limits, inputs = Limits(cpu_seconds=5), [tensors.encode(torch.ones(2))]
    with open_session(sandbox, source, "f", "g", "h") as session:
        assert session.prints("f", inputs, limits) == "shape torch.Size([2])\n"
        assert session.prints("h", inputs, limits).split("\n") == ["again"] * 20
        assert session.prints("g", inputs, limits) == ""


def test_the_source_is_read_before_it_runs(sandbox: Sandbox) -> None:
    """A file that takes the wire over while it is loaded cannot keep its suspicious lines, or a helper's, to itself."""
    loaded = "(1).to_bytes(4, 'little') + bytes(0) + b'\\x01' + bytes(7) + b'f' + bytes(8 + 4 + 4 + 4 + 8)"
    source = f"""
    import os, struct, helper
    body = {loaded}
    TAKEN = os.write(3, struct.pack("<4sBIQ", b"GrW1", 12, 1, len(body)) + body)
    def f():
        loss.backward()
        return helper.g(TAKEN)
    """
    helper = b"import torch\ndef g(x):\n    return torch.func.grad(x)\ndef unused(x):\n    return torch.func.vjp(x)\n"
    files = [("hw.py", textwrap.dedent(source).encode()), ("helper.py", helper)]
    with sandbox.session(files, [Target.function("f")], Limits(cpu_seconds=5)) as session:
        assert session.loaded.places == {"f": ""}  # its own words
        assert [each.text for each in session.loaded.evidence] == [
            "the source calls autograd, hw.py, line 6: `loss.backward()`",
            "the source calls autograd, helper.py, line 3: `return torch.func.grad(x)`",
        ]


def test_restarts_are_bounded(sandbox: Sandbox, run: Run) -> None:
    """After `max_restarts` new workers a function's remaining calls are skipped, with the reason; others still run."""
    limits = Limits(cpu_seconds=5, max_restarts=2)
    outcomes = run(sandbox, "import os\ndef f():\n    os._exit(1)\n" + ALIVE, *["f"] * 4, "alive", limits=limits)
    assert [stopped(outcome)[0] for outcome in outcomes[:-1]] == ["errored", "errored", "errored", "skipped"]
    assert stopped(outcomes[-2])[1] == (
        "Not run: the Python process was started again 2 times already, because earlier calls crashed or were stopped."
    )
    assert isinstance(outcomes[-1], Returned)


@pytest.mark.parametrize(
    ("line", "verdict", "sentence"),
    [
        (
            "while True: f = 1",
            "timed_out",
            "Loading your file ran longer than 0.3 s of processor time: is there a loop outside of the functions that "
            "never ends?",
        ),
        (
            "import os; f = os._exit(0)",
            "errored",
            "The Python process ended by itself (exit code 0) before there was a result: "
            "remove exit(), quit() and os._exit().",
        ),
    ],
)
def test_a_file_that_cannot_be_loaded(sandbox: Sandbox, line: str, verdict: str, sentence: str) -> None:
    """A file that loops or crashes while it is loaded gives every call the same answer."""
    source = f"def g(x=[]):\n    return f\n{line}\n"
    with open_session(sandbox, source, "f", limits=QUICK) as session:
        assert session.loaded == Loaded({}, {})
        assert {stopped(session.call("f", [], 8, QUICK)) for _ in range(3)} == {(verdict, sentence)}


def test_what_honest_code_uses_works(sandbox: Sandbox, run: Run) -> None:
    """Arithmetic of every kind, autograd, numpy, random numbers, time, files of the Python environment, printing."""
    source = """
    import random, time, json, math, decimal, statistics, collections
    import numpy as np
    import torch
    def f():
        a = torch.randn(60, 60, requires_grad=True)
        b = torch.sigmoid(torch.einsum("ij,jk->ik", a, a)) @ torch.linalg.inv(a) + torch.relu(a)
        b.sum().backward()
        torch.func.vmap(torch.func.grad(lambda v: v.sin().sum()))(torch.randn(3, 4))
        torch.nn.functional.conv2d(torch.randn(1, 3, 20, 20), torch.randn(4, 3, 5, 5))
        torch.linalg.svd(torch.randn(40, 40, dtype=torch.float64)), torch.fft.fft(torch.randn(64)), torch.cumsum(a, 0)
        np.linalg.eigh(np.eye(50)), np.random.default_rng().normal(size=(200, 200)) @ np.ones((200, 200))
        np.einsum("ij,ij->i", np.ones((3, 3)), np.ones((3, 3))), np.random.randn(3)
        import fractions, bisect, wave
        print("hello", random.random(), time.time(), time.perf_counter(), json.dumps({}), flush=True)
        time.sleep(0.001)
        return torch.nn.Linear(3, 2)(torch.randn(5, 3)).sum(), statistics.mean([1, 2]), math.pi
    """
    (outcome,) = run(sandbox, source, "f")
    assert isinstance(outcome, Returned), outcome


NO_THREADS = "the grader runs your function in one thread; thread pools and DataLoader workers are not available there"
NO_PROCESSES = "the grader runs your function in one process: it starts no program or process, and reaches no network"
NO_NETWORK = "there is no network while your work is graded; put what you need into your file"
NO_WRITING = "files cannot be written or changed while your work is graded; return the result instead"
TOO_MANY_FILES = "your function holds more files open than the grader allows; close each one after reading it"
REFUSALS = {
    "thread": ("threading.Thread(target=print).start()", NO_THREADS),
    "thread_pool": ("concurrent.futures.ThreadPoolExecutor().submit(abs, 1)", NO_THREADS),
    "fork": ("os.fork()", NO_PROCESSES),
    "program": ("subprocess.run(['ls'])", NO_PROCESSES),
    "process_pool": ("multiprocessing.Pool(2)", NO_PROCESSES),
    "a_socket": ("socket.socket()", NO_PROCESSES),
    "download": ("urllib.request.urlopen('http://example.org')", NO_NETWORK),
    "written_file": ("open('/tmp/out.txt', 'w')", NO_WRITING),
    "temporary_file": ("tempfile.TemporaryFile()", NO_WRITING),
    "saved_tensor": ("torch.save(torch.ones(2), '/tmp/out.pt')", NO_WRITING),
    "removed_file": ("os.remove('/tmp/out.txt')", NO_WRITING),
    "open_files": ("[open(torch.__file__) for _ in range(100)]", TOO_MANY_FILES),
}


def test_what_the_walls_refuse_is_explained(sandbox: Sandbox, run: Run) -> None:
    """Threads, processes, the network, files written and files open: each has a sentence, and costs only its call."""
    source = "import concurrent.futures, multiprocessing, os, socket, subprocess, tempfile, threading, urllib.request\n"
    source += "import torch\n" + "".join(f"def {name}():\n    {line}\n" for name, (line, _) in REFUSALS.items())
    for (name, (_, sentence)), outcome in zip(REFUSALS.items(), run(sandbox, source, *REFUSALS), strict=True):
        assert isinstance(outcome, Raised), name
        assert outcome.message.endswith(f" ({sentence})"), (name, outcome)


def test_calls_begin_with_a_settled_state(sandbox: Sandbox, run: Run, number: Number) -> None:
    """Seeds, default dtype and gradient mode do not leak from one call to the next."""
    source = """
    import random, numpy as np, torch
    def f():
        torch.set_default_dtype(torch.float64)
        torch.set_grad_enabled(False)
        return torch.rand(()).item() + np.random.rand() + random.random()
    def g():
        assert torch.get_default_dtype() is torch.float32 and torch.is_grad_enabled()
        return torch.rand(()).item() + np.random.rand() + random.random()
    """
    first, second, third = run(sandbox, source, "f", "g", "g")
    assert isinstance(first, Returned)
    assert number(second) == number(third)


def test_missing_layers_are_refused(spawner: Spawner) -> None:
    """Without a required layer there is no sandbox, unless somebody insists."""
    lame = Spawner.__new__(Spawner)
    lame.layers = tuple(Layer(name, name != "landlock", "the kernel is too old") for name in LAYERS)
    with pytest.raises(LayersMissing) as raised:
        Sandbox(lame)
    assert str(raised.value) == (
        "hidden grading needs isolation layers that this machine lacks: landlock (the kernel is too old). Grade on a "
        "machine that has them (`grader doctor` shows them), or insist, knowing that student code is walled off less."
    )
    insisted = Sandbox(lame, insist=True)
    assert "landlock" not in insisted.layers
    assert insisted.missing == ("landlock",)


def test_layers_of_this_machine(spawner: Spawner) -> None:
    """Every layer is tried, and those that grading needs stand where the tests run."""
    assert [layer.name for layer in spawner.layers] == list(LAYERS)
    assert all(layer.detail for layer in spawner.layers)
    lacking = needed(frozenset(LAYERS)) - {layer.name for layer in spawner.layers if layer.active}
    if lacking:
        pytest.skip(f"this machine lacks {', '.join(sorted(lacking))}: the attacks that they stop succeed here")
