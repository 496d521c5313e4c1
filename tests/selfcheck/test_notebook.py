"""`from grader import check` in a notebook: what is shown, as text and as HTML, and what it leaves alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
import torch
from torch import Tensor

import grader
from grader.course import catalog
from grader.selfcheck.notebook import CheckAnswer, Desk
from grader.views import wording
from tests.selfcheck.conftest import ROOT, WRONG
from tests.selfcheck.test_check import AUTOGRAD

check = Desk(catalog.bundled().kept())


def defined(source: str, name: str) -> object:
    scope: dict[str, object] = {}
    exec(source, scope)  # noqa: S102  # as a notebook's cell does
    return scope[name]


def solution(slug: str) -> object:
    return defined((ROOT / "solutions" / slug / "solution.py").read_text(encoding="utf-8"), slug)


def test_importing_grader_is_light() -> None:
    """`import grader` brings no torch; asking for `check` does."""
    program = "import sys, grader; assert 'torch' not in sys.modules; grader.check; assert 'torch' in sys.modules"
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, timeout=120)
    assert isinstance(grader.check, Desk)
    with pytest.raises(AttributeError, match="has no attribute 'chekc'"):
        grader.chekc  # noqa: B018


def test_right() -> None:
    """Every check has its line, and the last line says where it ran."""
    answer = check(solution("batched_backward"))  # type: ignore[arg-type]
    assert answer.passed
    lines = repr(answer).splitlines()
    assert lines[0] == "batched_backward"
    assert lines[1] == "  ✓ dloss_dW  6 of 6  Right in all 24 cases."
    assert " ".join(lines[-2:]) == wording.IN_KERNEL


def test_wrong() -> None:
    """The example as text and as a table, the hint, the prints, the next step."""
    answer = check(defined(WRONG, "single_observation_backprop"))  # type: ignore[arg-type]
    assert not answer.passed
    assert "difference (yours − expected)" in repr(answer)
    assert "your code prints there:\n      | hello from the student\n" in repr(answer)
    assert repr(answer).count("hello") == 1
    assert "Next: work out the example above" in repr(answer)
    assert "Stuck? check(..., hint=1) says more." in " ".join(repr(answer).split())
    assert "hint:" not in repr(answer)
    source = answer._repr_html_()
    assert "<script" not in source
    assert 'class="wrong"' in source
    assert source.count("<summary>Hint") == len(answer.advice) >= 2
    more = repr(check(defined(WRONG, "single_observation_backprop"), hint=9))  # type: ignore[arg-type]
    assert "dprob_dscore = " in more
    assert "Stuck?" not in more
    assert source.count("hello from the student") == 1


def test_crash_quotes_the_students_line_only(tmp_path: Path) -> None:
    """The frames of the student's own file are named, none of ours, and nothing is raised."""
    path = tmp_path / "own.py"
    path.write_text("def vector_matrix_derivative(W, x):\n    return W @ W @ x\n")
    scope: dict[str, object] = {}
    exec(compile(path.read_text(), str(path), "exec"), scope)  # noqa: S102
    text = repr(check(scope["vector_matrix_derivative"]))  # type: ignore[arg-type]
    assert "own.py, line 2: `return W @ W @ x`" in " ".join(text.split())
    assert "notebook.py" not in text


def test_autograd_is_not_passed() -> None:
    """As in the terminal: right, without points, with the note, as text and as HTML."""
    answer = check(defined(AUTOGRAD, "score_gradient"))  # type: ignore[arg-type]
    assert not answer.passed
    assert "! dscore_dW  0 of 6  Right in all" in repr(answer)
    assert "show your instructor this note" in " ".join(repr(answer).split())
    assert "right, but without points" in answer._repr_html_()
    assert "torch.autograd computed gradients" in answer._repr_html_()


def test_the_kernel_is_as_it_was() -> None:
    """Seeds, dtype, gradient mode and threads of the kernel are put back."""

    def vector_matrix_derivative(W: Tensor, x: Tensor) -> Tensor:
        assert torch.get_default_dtype() == torch.float32
        assert torch.is_grad_enabled()
        return torch.rand_like(W) + float(np.random.rand())

    threads = torch.get_num_threads()
    torch.manual_seed(5)
    np.random.seed(5)
    expected = torch.rand(1), np.random.rand()
    torch.manual_seed(5)
    np.random.seed(5)
    try:
        torch.set_default_dtype(torch.float64)
        with torch.no_grad():
            check(vector_matrix_derivative)
            assert not torch.is_grad_enabled()
        assert torch.get_default_dtype() == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)
    assert (torch.rand(1), np.random.rand()) == expected
    assert torch.get_num_threads() == threads


def test_interrupted() -> None:
    """Interrupting the kernel ends the check with a sentence, not with a traceback."""

    def vector_matrix_derivative(W: Tensor, x: Tensor) -> Tensor:
        raise KeyboardInterrupt

    assert " ".join(repr(check(vector_matrix_derivative)).split()) == wording.INTERRUPTED


@pytest.mark.parametrize(
    ("thing", "sentence"),
    [
        (3, "check takes your function itself, as in check(batched_backward); this is of type int."),
        (print, "No exercise asks for a function print; there: vector_matrix_derivative, "),
    ],
)
def test_not_a_function_of_the_course(thing: object, sentence: str) -> None:
    """A wrong call gets a sentence."""
    assert " ".join(repr(check(thing)).split()).startswith(sentence)  # type: ignore[arg-type]


def test_misspelled_name() -> None:
    """A name that is nearly right gets the right one."""

    def batched_backwards() -> None:
        return None

    assert repr(check(batched_backwards)) == (
        "No exercise asks for a function batched_backwards; did you mean batched_backward or\nbatchnorm_backward?"
    )


def test_exercise_by_name() -> None:
    """A function of another name can be checked for a named exercise."""
    function = solution("vector_matrix_derivative")
    assert check(lambda W, x: function(W, x), exercise="vector_matrix_derivative").passed  # type: ignore[operator]
    assert "there is no exercise 'nope'" in repr(check(print, exercise="nope"))


X = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
t = torch.arange(2)
W = torch.tensor([[1.0, -2.0, 0.5], [0.5, 1.0, -1.0]], requires_grad=True)
wout = torch.tensor([0.5, -1.0, 1.0], requires_grad=True)
h = X @ W
prob = torch.sigmoid(torch.relu(h) @ wout)


def link(name: str, value: object, **changes: object) -> CheckAnswer:
    return check.link(name, value, **{"X": X, "t": t, "W": W, "wout": wout, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("dloss_dprob", 2 * (prob - t)),
        ("dloss/dprob", 2 * (prob - t)),
        ("dprob_dscore", prob * (1 - prob)),
        ("dscore_dwout", torch.relu(h)),
        ("dhact_dh", (h > 0).to(torch.float32)),
        ("prob", prob),
    ],
)
def test_right_link(name: str, value: Tensor) -> None:
    """Links as the backprop exercises write them: tensors of the student's own graph, whole-number targets."""
    answer = link(name, value)
    assert answer.passed
    assert repr(answer) == f"✓ {name} agrees with autograd."


def test_wrong_link() -> None:
    """What is wrong, expected and actual and their difference, and what to do."""
    answer = link("dloss_dprob", prob - t)
    assert not answer.passed
    text = repr(answer)
    assert "✗ dloss_dprob has the right shape, but all 2 values are wrong." in text
    assert "difference (yours − expected)" in text
    assert text.endswith("Next: write down how dloss_dprob depends on the step before it, for one entry, and compare.")
    assert "<table>" in answer._repr_html_()


def test_link_of_another_shape() -> None:
    """The shape is said before any value."""
    assert "should have shape (2, 3), but it has shape (3,)" in repr(link("dscore_dhact", wout))


@pytest.mark.parametrize(
    ("name", "changes", "sentence"),
    [
        ("dfoo_dh", {}, "dfoo_dh is no intermediate result of this forward pass. Write d<result>_d<by> or a result"),
        ("prob", {"bias": 1}, "No exercise's forward pass takes exactly X, t, W, wout, bias. Known are: W, x; "),
        ("prob", {"t": torch.ones(7)}, "The forward pass cannot be computed for these inputs (The size of tensor a"),
    ],
)
def test_link_that_cannot_be_compared(name: str, changes: dict[str, object], sentence: str) -> None:
    """An unknown name, unknown inputs and shapes that do not fit: a sentence each."""
    assert " ".join(repr(link(name, prob, **changes)).split()).startswith(sentence)


def test_in_a_real_notebook(tmp_path: Path) -> None:
    """A kernel runs the cells: text and HTML come as outputs, and the cell of an exception is named."""
    nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed: no notebook is run")
    cells = [
        "from grader import check",
        WRONG,
        "check(single_observation_backprop)",
        "import torch\ncheck.link('dy_dW', torch.zeros(2, 3), W=torch.ones(2, 3), x=torch.ones(2))",
        "def vector_matrix_derivative(W, x):\n    return W @ W @ x",
        "check(vector_matrix_derivative)",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    client = nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(ROOT)}})
    client.execute()
    first, second, third = (notebook.cells[index].outputs[0]["data"] for index in (2, 3, 5))
    assert first["text/plain"].startswith("single_observation_backprop\n  ✗ dloss_dwout  0 of 4")
    assert 'class="grader-desk"' in first["text/html"]
    assert "✗ dy_dW is zero everywhere" in second["text/plain"]
    assert "Cell In[5], line 2: `return W @ W @ x`" in " ".join(third["text/plain"].split())
