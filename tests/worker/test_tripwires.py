"""What the by-hand rule's tripwires see during a call, what reading the source suspects, and whom neither accuses."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from grader.wire import evidence, tensors
from grader.wire.evidence import Sighting
from grader.wire.outcome import Evidence, Raised, Returned
from grader.worker import loader
from grader.worker.call import call
from grader.worker.loader import suspicions
from grader.worker.tripwires import Tripwires

ROOT = Path(__file__).parents[2]
W = torch.arange(6.0).reshape(3, 2)
LEAF = "W = W.clone().requires_grad_(True)\n    "
ENGINE, NODE, FORWARD = evidence.ENGINE, evidence.GRAPH_NODE, evidence.FORWARD_MODE
TRANSFORM, OPERATOR, UNHOOKED = evidence.FUNCTION_TRANSFORM, evidence.BACKWARD_OPERATOR, evidence.UNHOOKED

CAUGHT = {
    "backward": (LEAF + "(W * W).sum().backward(); return W.grad", {ENGINE}),
    "backward of a sum, which saves nothing": (LEAF + "W.sum().backward(); return W.grad", {ENGINE}),
    "grad": (LEAF + "return torch.autograd.grad((W * W).sum(), W)[0]", {ENGINE}),
    "the function as it was taken at import": (LEAF + "return TAKEN((W * W).sum(), W)[0]", {ENGINE}),
    "jacobian": ("return torch.autograd.functional.jacobian(lambda w: w * w, W)", {ENGINE}),
    "hessian": ("return torch.autograd.functional.hessian(lambda w: (w ** 3).sum(), W)", {ENGINE}),
    "the engine itself": (
        LEAF
        + "ENGINE = torch.autograd.Variable._execution_engine\n    "
        + "return ENGINE.run_backward((W.sum(),), (torch.ones(()),), False, False, (W,), True, False)[0]",
        {ENGINE},
    ),
    "a node by hand": (LEAF + "y = W * W; return y.grad_fn(torch.ones_like(y))[0]", {NODE}),
    "func.grad": ("return torch.func.grad(lambda w: (w * w).sum())(W)", {ENGINE, TRANSFORM}),
    "func.vjp": ("return torch.func.vjp(lambda w: w * w, W)[1](W)[0]", {ENGINE, TRANSFORM}),
    "func.jacrev": ("return torch.func.jacrev(lambda w: w * w)(W)", {ENGINE, TRANSFORM}),
    "func.jacfwd": ("return torch.func.jacfwd(lambda w: w * w)(W)", {FORWARD, TRANSFORM}),
    "forward mode": (
        "with fw.dual_level():\n        return fw.unpack_dual(fw.make_dual(W, W) * W).tangent",
        {FORWARD},
    ),
    "a backward operator": ("return torch.ops.aten.sigmoid_backward(W, W)", {OPERATOR}),
    "a backward operator from inside": ("return torch.ops.aten.sigmoid_backward.default._op(W, W)", {OPERATOR}),
    "the hooks taken away": ("torch._C._autograd._pop_saved_tensors_default_hooks(); return W", {UNHOOKED}),
    "and it raises afterwards": (LEAF + "(W * W).sum().backward(); raise ValueError", {ENGINE}),
}

INNOCENT = {
    "no_grad": "with torch.no_grad():\n        return W * W",
    "a graph that nobody uses": LEAF + "y = (W * W).sum(); assert y.requires_grad; return W.detach()",
    "an input that requires grad": "return (W.requires_grad_(True) * 2).detach()",
    "its own name and comments": "backward = W * 2  # as loss.backward() and autograd.grad\n    return backward",
    "vmap": "return torch.func.vmap(lambda row: row * 2)(W)",
    "functional_call": "return torch.func.functional_call(torch.nn.Linear(2, 2), {}, (W,)).detach()",
    "an optimiser without gradients": "torch.optim.SGD([W.clone().requires_grad_(True)], 0.1).step(); return W",
    "a comparison outside of the function": "return W * 2",
    "inference_mode": "with torch.inference_mode():\n        return W * 2",
    "copies": "import copy\n    return copy.deepcopy(W).clone()",
}
HEAD = "import torch\nimport torch.autograd.forward_ad as fw\nfrom torch.autograd import grad as TAKEN\n"
ELSEWHERE = """
def check():
    leaf = torch.ones(2, requires_grad=True)
    (leaf * leaf).sum().backward()
check()
torch.autograd.grad((torch.ones(2, requires_grad=True) * 2).sum(), torch.ones(2), allow_unused=True)
"""


@pytest.fixture
def watched() -> Iterator[Tripwires]:
    """Tripwires that are taken down again, because the tests share their process."""
    tripwires = Tripwires(alone=False)
    yield tripwires
    tripwires.remove()


def seen(body: str, tripwires: Tripwires) -> list[Evidence]:
    """The evidence of one call of a function with this body."""
    source = f"{HEAD}\ndef f(W):\n    {body}\n{ELSEWHERE}".encode()
    functions, loaded = loader.load([("hw.py", source)], ["f"])
    assert not loaded.missing, loaded
    tripwires.trace_operators = suspicions.reaches_for_operators([("hw.py", source)])
    answer = call(functions["f"], (tensors.encode(W),), 2**20, tripwires)
    assert isinstance(answer, (Returned, Raised)), answer
    return list(answer.evidence)


@pytest.mark.parametrize("what", CAUGHT)
def test_autograd_during_the_call_is_seen(what: str, watched: Tripwires) -> None:
    """Every way into torch's derivatives leaves certain evidence that names it."""
    body, words = CAUGHT[what]
    found = [evidence.read(each.text) for each in seen(body, watched)]
    assert {each.word for each in found if each} >= words - {TRANSFORM}
    assert {each.word for each in found if each} <= words | {ENGINE, FORWARD, TRANSFORM}


def test_the_evidence_names_the_line(watched: Tripwires) -> None:
    """File, line and the line's text, as handed in."""
    (found,) = seen("W = W.clone().requires_grad_(True)\n    (W * W).sum().backward()\n    return W.grad", watched)
    assert found == Evidence(
        "autograd", True, "torch.autograd computed gradients, hw.py, line 7: `(W * W).sum().backward()`"
    )


@pytest.mark.parametrize("what", INNOCENT)
def test_the_innocent_are_not_accused(what: str, watched: Tripwires) -> None:
    """What honest students do, with autograd in a cell elsewhere, leaves no evidence at all."""
    assert seen(INNOCENT[what], watched) == []


def test_calls_run_as_they_would_unwatched(watched: Tripwires) -> None:
    """Nothing is forbidden: torch.func and graphs within graphs give the same values beside the tripwires."""

    def f() -> torch.Tensor:
        return torch.func.hessian(lambda w: (w**3).sum())(W[0])

    unwatched = f()
    with watched:
        assert torch.equal(f(), unwatched)
    assert torch.equal(unwatched, torch.diag(6 * W[0]))


def test_torch_is_itself_again_afterwards() -> None:
    """remove() puts back what was replaced."""
    before = torch.autograd.graph._engine_run_backward, torch._C._enter_dual_level
    tripwires = Tripwires()
    assert torch.autograd.graph._engine_run_backward is not before[0]
    tripwires.remove()
    assert (torch.autograd.graph._engine_run_backward, torch._C._enter_dual_level) == before


def test_evidence_is_read_as_it_was_written() -> None:
    """The one form is its own inverse, and no other text is taken for it."""
    for one in (Sighting(ENGINE), Sighting(NODE, "hw.ipynb, cell 3", 12, "y.backward()  # a, b: c")):
        assert evidence.read(one.text) == one
    for text in ("", "anything", ENGINE + ", hw.py", "x" + ENGINE, ENGINE + ", hw.py, line 0.123: `a`"):
        assert evidence.read(text) is None


SUSPECT = {
    "autograd": [
        "loss.backward()",
        "g = torch.autograd.grad(y, W)",
        "g = torch.func.jacfwd(f)(W)",
        "p = torch.nn.Parameter(W)",
        "g = torch.ops.aten.sigmoid_backward(a, b)",
    ],
    "other_framework": ["import jax", "from tensorflow import GradientTape", "import sympy as sp"],
    "numeric_differentiation": [
        "d = (loss(W + eps) - loss(W - eps)) / (2 * eps)",
        "d = (float(loss(a)) - float(loss(b))) / 1e-4",
        "up = loss(a); down = loss(b); d = (up - down) / (2 * h)",
        "d = (loss(a).item() - loss(b).item()) / eps",
        "difference = loss(W + k) - loss(W - k); d = difference / (2 * eps)",
        "up = loss(a).item(); down = loss(b).item(); d = up - down; d /= 2 * eps",
        "up, down = loss(a), loss(b); d = 0.5 * (up - down) / eps",
        "d = loss(a); d -= loss(b); g = d / 1e-4",
        "d = (loss(a) - loss(b)) * (1 / eps)",
        "d = torch.div(loss(a) - loss(b), eps)",
        "d = (loss(a) - loss(b)).div(eps)",
        "k = 1e-3; d = (loss(W + k) - loss(W)) / k",
        "d = loss(W + 1j * eps).imag / eps",
        "d = np.imag(loss(W + 1j * eps)) / eps",
        "z = loss(W + 1j * eps); d = z.imag / eps",
        "d = np.gradient(values, axis=0)",
        "d = torch.gradient(values)",
        "from scipy.optimize import approx_fprime",
        "import numdifftools as nd",
    ],
    "internals": ["frame = sys._getframe(1)", "import ctypes", "torch._C._autograd", "f.__globals__"],
}

UNSUSPECTED = [
    "layer.backward(upstream)",  # own layers, with an argument
    "z = (x - mean) / (std + eps)",
    "z = (torch.exp(a) - torch.exp(b)) / 2",
    "z = (a - b) / n",
    "d = loss(a) - loss(b)",
    "d = abs(loss(a) - loss(b)) / max(eps, scale)",
    "d = (loss(a) - right(b)) / eps",
    "d = (loss(a) - loss(b)) / (norm + eps)",
    "z = x.imag / eps",
    "gradient = self.gradient(x)",
    "z = (a.sum() - b.sum()) / eps",
    "d = np.diff(a)",
    "b = b - rate * eps; b /= n",
    "s = f(x) / f(y)",
    "W.requires_grad_(True)",
    "grad = W @ x; jacobian = grad.T; backward = jacobian",
    "x = 'loss.backward()'  # torch.autograd.grad(y, W)",
]


def suspected(line: str, rest: str = "") -> list[str]:
    """Kinds of suspicion about a function that holds the line."""
    source = f"import torch\n{rest}\ndef f(W):\n    if W is None:\n        {line}\n    return W\n"
    _, loaded = loader.load([("hw.py", source.encode())], ["f"])
    assert all(not each.certain and each.entry_point == "f" for each in loaded.evidence)
    return [each.kind for each in loaded.evidence]


@pytest.mark.parametrize(("kind", "line"), [(kind, line) for kind, lines in SUSPECT.items() for line in lines])
def test_the_source_is_suspected(kind: str, line: str) -> None:
    """Autograd, other frameworks, difference quotients and looks into the process, each under its name."""
    assert suspected(line) == [kind]


@pytest.mark.parametrize("line", UNSUSPECTED)
def test_the_source_is_not_suspected(line: str) -> None:
    """Layers with a backward of their own, normalisation, strings, comments and names."""
    assert suspected(line) == []


def test_a_layer_with_its_own_backward_is_not_suspected() -> None:
    """A call of a method that the submission defines is the student's own work."""
    layer = "class Layer:\n    def backward(self):\n        return 1\n"
    assert suspected("Layer().backward()", layer) == []
    assert suspected("loss.backward()") == ["autograd"]


def test_only_what_the_entry_point_needs_is_read() -> None:
    """A comparison, a training loop and an import that the function does not reach are nobody's business."""
    source = textwrap.dedent(
        """
        import torch, jax
        def f(W):
            return W
        def check(W):
            loss = f(W).sum()
            loss.backward()
        loss = f(torch.ones(2, requires_grad=True)).sum()
        loss.backward()
        """
    )
    _, loaded = loader.load([("hw.py", source.encode())], ["f"])
    assert loaded.evidence == ()


def test_own_methods_and_a_step_of_the_module_count() -> None:
    """As functions do."""
    rest = "tiny_step = 1e-4\nclass Net:\n    def loss(self, W): return W.sum()\n"
    assert suspected("net = Net(); d = (net.loss(W + tiny_step) - net.loss(W)) / tiny_step", rest) == [
        "numeric_differentiation"
    ]


@pytest.mark.parametrize(
    "line",
    [
        "x = x * x; y = x / eps",
        "x = y; y = x; z = (x - y) / eps",
        "z = " + "a * " * 2000 + "a / (" + "h * " * 2000 + "h)",
    ],
)
def test_names_that_lead_in_circles_and_long_products_are_read_to_an_end(line: str) -> None:
    """And suspect nobody."""
    assert suspected(line) == []


def test_a_helper_file_is_read_as_well() -> None:
    """What an imported neighbour does for the entry point counts like the entry point's own lines."""
    files = [
        ("hw.py", b"from helpers import slope\ndef f(W):\n    return slope(W)\n"),
        ("helpers.py", b"def slope(W):\n    y = W.sum()\n    y.backward()\n    return W.grad\n"),
    ]
    _, loaded = loader.load(files, ["f"])
    assert [each.text for each in loaded.evidence] == ["the source calls autograd, helpers.py, line 3: `y.backward()`"]


CORRECT = sorted(
    [*ROOT.glob("tests/audit/correct/*.py"), *ROOT.glob("solutions/*/wrong/*.py"), *ROOT.glob("exercises/*/stub.*")]
)


@pytest.mark.parametrize("path", CORRECT, ids=lambda path: f"{path.parent.parent.name}-{path.name}")
def test_nobody_in_the_corpus_is_suspected(path: Path) -> None:
    """Correct and wrong solutions and stubs, none of which cheats, raise no suspicion."""
    names = [folder.name for folder in (ROOT / "solutions").iterdir()]
    text = path.read_text()
    wanted = sorted({*names, *[line[4:].partition("(")[0] for line in text.splitlines() if line.startswith("def ")]})
    _, loaded = loader.load([(path.name, path.read_bytes())], wanted)
    assert loaded.evidence == ()
