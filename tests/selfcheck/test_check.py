"""`grader check` as a student runs it: what is printed where, and with which exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.sandbox import probe_layers
from grader.selfcheck.parent import Request, Stopwatch
from tests.selfcheck.conftest import RIGHT, WRONG, Command

Save = Callable[[str], Path]
SLUG = "vector_matrix_derivative"


def test_right(command: Command, save: Save) -> None:
    """Full marks: status 0, every check, and what to do now; plain text in a pipe."""
    done = command("check", save(RIGHT))
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "vector_matrix_derivative",
        "  ✓ one_observation  4 of 4  Right in all 18 cases.",
        "  ✓ batch  6 of 6  Right in all 21 cases.",
        "10 of 10 points on the public cases.",
        "Everything passes on the public cases: hand it in. It will be graded on hidden cases of the same kind.",
        "Next exercise: The full Jacobian and its compact form. `grader start full_jacobian` puts it here.",
    ]
    assert done.stderr == ""


def test_wrong_without_solutions(command: Command, save: Save, without_solutions: Path) -> None:
    """As a student has it: the example, the next step, and with --hint the first wrong link by its own name; status 1.

    What the student's code prints on the shown example stands there, and what it prints on other cases nowhere.
    """
    done = command("check", save(WRONG), "--exercises", without_solutions, "--hint")
    assert done.returncode == 1
    assert "✗ dloss_dwout  0 of 4  dloss_dwout has the right shape, but wrong values" in done.stdout
    place = (
        "`dprob_dscore` differs from autograd's; with the right value in its place dloss_dwout is right. Start there."
    )
    assert f"    hint: {place}\n" in done.stdout
    assert "try it:" in done.stdout
    assert "difference (yours − expected)" in done.stdout
    assert done.stdout.splitlines()[-1] == (
        "Next: work out the example above with pen and paper, then compare step by step. "
        "Still stuck? Add one more --hint."
    )
    assert "    your code prints there:\n      | hello from the student\n" in done.stdout
    assert done.stdout.count("hello") == 1
    assert done.stderr == ""


def test_crash_names_the_students_line(command: Command, save: Save) -> None:
    """An exception: its text, the student's own line, and no traceback, least of all through our frames."""
    source = "def vector_matrix_derivative(W, x):\n    return helper(W, x)\n\ndef helper(W, x):\n    return W @ W @ x\n"
    done = command("check", save(source))
    assert done.returncode == 1
    assert "hw.py, line 5: `return W @ W @ x`" in done.stdout
    assert "RuntimeError" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert "grader/" not in done.stdout + done.stderr


def test_endless_loop(command: Command, save: Save) -> None:
    """The stopwatch ends a loop; the other exercise is checked all the same, and the prints are kept."""
    loop = "\ndef full_jacobian(x, W, dloss_dh):\n    print('still here')\n    while True: pass\n"
    done = command("check", save(RIGHT + loop), "--timeout", 1)
    assert done.returncode == 1
    assert "It ran longer than 1 s: is there a loop that never ends?" in done.stdout
    assert "✓ batch  6 of 6" in done.stdout
    assert "  | still here" in done.stderr


def test_process_that_ends_itself(command: Command, save: Save) -> None:
    """exit() in the student's function costs that exercise only, and the sentence says what happened."""
    ending = "\nimport os\ndef full_jacobian(x, W, dloss_dh):\n    os._exit(3)\n"
    done = command("check", save(RIGHT + ending))
    assert done.returncode == 1
    assert (
        "The Python process ended by itself (exit status 3): is there an exit() or very deep recursion?" in done.stdout
    )
    assert "✓ batch  6 of 6" in done.stdout


REFUSED = """
import asyncio, socket, subprocess, threading
from pathlib import Path

async def nothing():
    return None

def is_refused(attempt):
    try:
        attempt()
    except (OSError, RuntimeError):
        return True
    return False

ATTEMPTS = (
    lambda: threading.Thread(target=print).start(), lambda: asyncio.run(nothing()), lambda: subprocess.run(["true"]),
    lambda: open("log.txt", "a"), lambda: Path(__file__).write_text(""), lambda: open("config.json"), socket.socket,
    lambda: open("/etc/passwd"),
)

def vector_matrix_derivative(W, x):
    assert all(is_refused(attempt) for attempt in ATTEMPTS), [is_refused(attempt) for attempt in ATTEMPTS]
    return x[:, None].expand(W.shape)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the walls are those of Linux")
def test_what_hidden_grading_refuses_is_refused(command: Command, save: Save) -> None:
    """Threads, processes, the network, writing, and files that were not handed in: on Linux with every layer."""
    if not {layer.name for layer in probe_layers() if layer.active} >= {"landlock", "seccomp"}:
        pytest.skip("this kernel lacks a layer")
    source = save(REFUSED)
    (source.parent / "config.json").write_text("{}")
    done = command("check", source)
    assert "✓ one_observation" in done.stdout, done.stdout
    assert not (source.parent / "log.txt").exists()


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("while True: pass", "✗ batch  0 of 6  It ran longer than 1 s: is there a loop that never ends?"),
        ("os._exit(3)", "✗ batch  0 of 6  The Python process ended by itself (exit status 3)"),
    ],
)
def test_stop_that_only_a_batch_meets(command: Command, save: Save, body: str, sentence: str) -> None:
    """What ends the calls of one check costs that check, and the sentence stands beside it."""
    source = RIGHT.replace("    ###", f"    if x.ndim == 2:\n        {body}\n    ###").replace(
        "import torch\n", "import os\n\nimport torch\n", 1
    )
    done = command("check", save(source), "--timeout", 1)
    assert done.returncode == 1
    assert "✓ one_observation  4 of 4  Right in all 18 cases." in done.stdout
    assert sentence in done.stdout


def test_loop_outside_of_functions(command: Command, save: Save) -> None:
    """A loop that is needed to define the function: a sentence about loading, status 2."""
    done = command(
        "check",
        save("n = 0\nwhile True:\n    n += 1\n\ndef vector_matrix_derivative(W, x):\n    return n\n"),
        "--timeout",
        1,
    )
    assert done.returncode == 2
    assert "hw.py: loading it did not end well. It ran longer than 1 s: is there a loop that never ends?" in done.stderr


def test_endless_printing(command: Command, save: Save) -> None:
    """A million lines are read, and twenty shown."""
    done = command("check", save(RIGHT.replace("    ###", "    for _ in range(20_000): print('x' * 50)\n    ###")))
    assert len(done.stderr.splitlines()) <= 21


@pytest.mark.parametrize(
    ("source", "arguments", "sentence"),
    [
        ("x = 1\n", (), "hw: defines none of the functions that can be checked (vector_matrix_derivative, "),
        (RIGHT, ("--exercise", "nope"), "there is no exercise 'nope' in"),
    ],
)
def test_usage(command: Command, save: Save, source: str, arguments: tuple[str, ...], sentence: str) -> None:
    """Nothing to check: one sentence on standard error, status 2."""
    done = command("check", save(source), *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("grader: ")
    assert sentence in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("torch", "sentence"),
    [
        (
            "raise ModuleNotFoundError(\"No module named 'torch'\", name='torch')",
            "grader: torch is not installed in this Python, and nothing can be checked without it: "
            "python -m pip install torch (if it is installed elsewhere, activate that environment first)\n",
        ),
        (
            "raise OSError('libcudart.so.12: cannot open shared object file')",
            "grader: torch is installed but cannot be imported (OSError: libcudart.so.12: cannot open shared object "
            "file). Install it again: python -m pip install --force-reinstall torch\n",
        ),
    ],
    ids=["missing", "broken"],
)
def test_torch_that_cannot_be_imported(command: Command, save: Save, tmp_path: Path, torch: str, sentence: str) -> None:
    """The student reads what is wrong with the installation, status 2."""
    (tmp_path / "first").mkdir()
    (tmp_path / "first" / "torch.py").write_text(torch)
    path = os.pathsep.join([str(tmp_path / "first"), str(Path(__file__).parents[2])])
    done = command("check", save(RIGHT), PYTHONPATH=path)
    assert (done.returncode, done.stderr, done.stdout) == (2, sentence, "")


def test_a_file_beside_with_the_name_of_a_library(save: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The student's own random.py does not stand in the way of the check itself."""
    (tmp_path / "random.py").write_text("raise SystemExit('mine')\n")
    monkeypatch.chdir(tmp_path)
    with Stopwatch(Request((save(RIGHT),))) as stopwatch:
        answer = stopwatch.check()
    assert answer is not None
    assert answer.exit_status == 0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"def vector_matrix_derivativ(W, x):\n    return W\n", "yours is called vector_matrix_derivativ; rename"),
        (b"def jacobian(x, W, dloss_dh):\n    return W\n", "function full_jacobian, and yours is called jacobian"),
        (b"def my_derivative(a, b):\n    return a\n", "hw: defines none of the functions that can be checked"),
        (b"\x00\x01\x02\xff" * 50, "grader: hw.py"),
        (("# vector_matrix_derivative\n" + "s = 'def full_jacobian(x)'\n").encode(), "defines none of the functions"),
        ("x = 1  # vector_matrix_derivative".encode("utf-16"), "defines none of the functions"),
    ],
    ids=["another name", "the inputs of one exercise", "a name of its own", "binary", "comment and string", "UTF-16"],
)
def test_nothing_is_defined(command: Command, tmp_path: Path, content: bytes, sentence: str) -> None:
    """Why there is nothing to check, in one sentence; names in comments and strings ask for no exercise."""
    (tmp_path / "hw.py").write_bytes(content)
    done = command("check", "hw.py")
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr


AUTOGRAD = """import torch

def score_gradient(X, W, wout):
    W, wout = W.clone().requires_grad_(), wout.clone().requires_grad_()
    (torch.relu(X @ W) @ wout).sum().backward()
    return W.grad, wout.grad
"""


def test_autograd_is_not_green(command: Command, save: Save) -> None:
    """What autograd computed is right, earns nothing, and names its line; status 1."""
    done = command("check", save(AUTOGRAD))
    assert done.returncode == 1
    assert "! dscore_dW  0 of 6  Right in all" in done.stdout
    assert "show your instructor this note. Seen: torch.autograd computed gradients, hw.py, line 5: `" in done.stdout
    assert "Next: the values are right, but they were not made by hand; see the note above." in done.stdout


def test_without_a_file(command: Command, save: Save, tmp_path: Path) -> None:
    """What lies here, how much of the course that is, and what to do next; in an empty folder where to begin."""
    empty = command("check")
    assert empty.returncode == 2
    assert "No .py or .ipynb file lies here. `grader list` shows the exercises" in empty.stderr
    save(WRONG)
    (tmp_path / "first.py").write_text(RIGHT)
    done = command("check")
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "✓ vector_matrix_derivative     10 of 10",
        "✗ single_observation_backprop  0 of 10  dloss_dwout: not right yet",
        "Backpropagation by hand: 1 of 14 exercises done.",
        "Next: `grader check hw.py` shows more.",
    ]


def test_explain(command: Command) -> None:
    """The key idea with readable formulas, without a file, status 0; an unknown name gets the known ones."""
    done = command("check", "--explain", SLUG)
    assert done.returncode == 0
    assert done.stdout.startswith("Vector-matrix derivative\n\nA weight is multiplied by exactly one input")
    assert "∂y_h / ∂W_dh = x_d" in done.stdout
    unknown = command("check", "--explain", "nope")
    assert unknown.returncode == 2
    assert "there is no statement for 'nope'; there: adam, " in unknown.stderr


@pytest.mark.skipif(os.name != "posix", reason="a pseudo-terminal needs a POSIX system")
@pytest.mark.parametrize(("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colour_on_a_terminal(save: Save, environment: dict[str, str], coloured: bool) -> None:
    """Colour on a terminal, none when NO_COLOR asks for that; the words are the same."""
    import pty

    path = save(RIGHT)
    child, terminal = pty.fork()
    if child == 0:
        os.execve(sys.executable, [sys.executable, "-m", "grader", "check", str(path)], {**os.environ, **environment})
    output = b""
    try:
        while chunk := os.read(terminal, 4096):
            output += chunk
    except OSError:  # how Linux says that the other side has closed
        pass
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert (b"\x1b[" in output) is coloured
    assert "✓ batch  6 of 6".encode() in output
