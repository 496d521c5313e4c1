"""What an exercise does without is found in the source that its entry point reaches, and nothing else is."""

import pytest

from grader.course import catalog
from grader.wire import evidence
from grader.wire.protocol import Forbidden
from grader.worker import loader

OVER_N = Forbidden("loop over N", (("loss", "1", 0, 2), ("loss", "2", 0, 1)))
"""loss(W, X, y) with X of shape (N, D) and y of shape (N,)."""


def used(source: str, *rules: Forbidden, name: str = "loss") -> list[str]:
    """Lines of definite uses, and of possible ones with a question mark."""
    _, loaded = loader.load([("hw.py", source.encode())], [name], forbids=lambda _: rules)
    found = [seen for each in loaded.evidence if each.kind == "forbidden" and (seen := evidence.read(each.text))]
    return [f"{seen.line}{'?' if seen.word.startswith(evidence.MAY_USE) else ''}" for seen in found]


def loss(body: str) -> str:
    lines = "".join(f"    {line}\n" for line in body.split("\n"))
    return f"import numpy as np\ndef loss(W, X, y):\n{lines}    return 0\n"


@pytest.mark.parametrize(
    "body",
    [
        "for i in range(X.shape[0]): pass",
        "for i in range(len(X)): pass",
        "for i in range(len(y)): pass",
        "for i in range(0, X.shape[-2]): pass",
        "for row in X: pass",
        "for i, (row, label) in enumerate(zip(X, y)): pass",
        "N, D = X.shape\nfor i in range(N): pass",
        "N = X.shape[0]\ntotal = sum(X[i].sum() for i in range(N))",
        "num_train, _ = X.shape[0], X.shape[1]\nlosses = [0 for i in np.arange(num_train)]",
        "for place in np.ndindex(*X.shape): pass",
        "for place in np.ndindex(X.shape): pass",
        "for i in range(X.size(0)): pass",
        "N = len(X)\nfor j in range(3):\n    for i in range(N): pass",
    ],
)
def test_loops_over_the_axis(body: str) -> None:
    """In whatever way its length or its entries are named."""
    found = used(loss(body), OVER_N)
    assert len(found) == 1
    assert "?" not in found[0]


@pytest.mark.parametrize(
    "body",
    [
        "for j in range(W.shape[1]): pass",
        "for j in range(X.shape[1]): pass",
        "N, D = X.shape\nfor j in range(D): pass",
        "for j in range(X.shape[-1]): pass",
        "for layer in [1, 2, 3]: pass",
        "for t in range(10): pass",
        "grads = {}\nfor key in grads: pass",
        "for place in np.ndindex(X.shape[1:]): pass",
        "picked = X[np.arange(X.shape[0]), y]",
        "N = X.shape[0]\ntotal = X.sum() / N",
        "for column in W: pass",
        "while True: break",
    ],
)
def test_other_loops_never_count(body: str) -> None:
    """Layers, keys, steps, features: not even a suspicion."""
    assert used(loss(body), OVER_N) == []


@pytest.mark.parametrize(
    "body",
    [
        "X = X.T\nfor i in range(X.shape[0]): pass",
        "N = X.shape[0]\nN = N // 2\nfor i in range(N): pass",
        "for i in range(0, X.shape[0], 32): pass",
        "for i in range(X.shape[0] - 1): pass",
        "i = 0\nwhile i < X.shape[0]: i += 1",
        "rows = list(map(sum, X))",
        "np.apply_along_axis(sum, 1, X)",
    ],
)
def test_what_may_be_a_loop_over_the_axis_is_only_suspected(body: str) -> None:
    """Names that are bound twice, steps, conditions, functions that loop."""
    found = used(loss(body), OVER_N)
    assert found
    assert all(line.endswith("?") for line in found)


def test_helpers_are_followed_and_other_code_is_not_read() -> None:
    """A loop in a function that is given the array counts; one in a function that nothing calls does not."""
    source = (
        "def helper(rows, count):\n    for row in rows: pass\n    for i in range(count): pass\n"
        "def unused(X):\n    for row in X: pass\n"
        "def loss(W, X, y):\n    helper(X, len(X))\n    return 0\n"
        "for row in [1, 2]: print(row)\n"
    )
    assert used(source, OVER_N) == ["2", "3"]


def test_a_definition_that_is_replaced_further_down_is_only_suspected() -> None:
    """The naive version above the final one is not what is graded."""
    naive, final = loss("for row in X: pass"), loss("total = X.sum()")
    assert used(naive + final, OVER_N) == ["3?"]
    assert used(final + naive, OVER_N) == ["7"]


def test_methods_and_cells() -> None:
    """The parameters of a method begin after `self`; in cells variables have their names."""
    method = Forbidden("loop over N", (("forward", "0", 0, 2),))
    source = "class Layer:\n    def forward(self, x):\n        for row in x: pass\n        return x\n"
    assert used(source, method, name="Layer") == ["3"]
    cells = Forbidden("loop over N", (("", "x", 0, 2),))
    _, loaded = loader.load(
        [("hw.py", b"# %%\ndx = [2 * row for row in x]\n")], [], cells={"dx": ("x",)}, forbids=lambda _: (cells,)
    )
    assert [each.text for each in loaded.evidence if each.kind == "forbidden"] == [
        "the source uses what the exercise does without: loop over N, hw.py, line 2: `dx = [2 * row for row in x]`"
    ]


@pytest.mark.parametrize(
    ("rule", "source", "found"),
    [
        ("np.linalg.inv", "import numpy as np\ndef loss(A):\n    return np.linalg.inv(A)\n", ["3"]),
        ("np.linalg.inv", "import numpy as np\ndef loss(A):\n    return np.linalg.pinv(A)\n", []),
        ("np.linalg.inv", "from numpy.linalg import inv as f\ndef loss(A):\n    return f(A)\n", ["3"]),
        ("np.linalg.inv", "import numpy.linalg as la\ndef loss(A):\n    return la.inv(A)\n", ["3"]),
        ("np.linalg.inv", "def loss(A):\n    from numpy.linalg import inv\n    return inv(A)\n", ["3"]),
        ("np.linalg.inv", "import numpy as np\nla = np.linalg\ndef loss(A):\n    return la.inv(A)\n", ["4?"]),
        ("np.linalg.inv", "import numpy as np\ndef loss(A):\n    return getattr(np.linalg, 'inv')(A)\n", ["3?"]),
        ("np.linalg.inv", "def inv(A):\n    return A\ndef loss(A):\n    return inv(A)\n", []),
        ("np.linalg.inv", "import numpy as np\ndef loss(A):\n    np = A\n    return np.linalg.inv(A)\n", ["4?"]),
        ("torch.nn.functional", "import torch.nn.functional as F\ndef loss(A):\n    return F.relu(A)\n", ["3"]),
        ("torch.nn.functional", "import torch\ndef loss(A):\n    return torch.nn.functional.relu(A)\n", ["3"]),
        ("torch.nn.functional", "import torch\ndef loss(A):\n    return torch.relu(A)\n", []),
        ("scipy", "import numpy, scipy\ndef loss(A):\n    return numpy.exp(A)\n", []),
        ("sorted", "def loss(A):\n    return sorted(A)\n", ["2"]),
        ("@", "def loss(A, B):\n    A @= B\n    return A @ B\n", ["2", "3"]),
        ("@", "def loss(A, B):\n    return A * B  # not @\n", []),
        ("**", "def loss(A, B):\n    return f(**B) * A**2\n", ["2"]),
    ],
)
def test_names_and_operators(rule: str, source: str, found: list[str]) -> None:
    """By what a name is imported as; a name that something else binds is only suspected."""
    assert used(source, Forbidden(rule)) == found


def test_right_and_wrong_solutions_of_the_course() -> None:
    """The vectorised references use no loop over observations, the ones with loops do."""
    courses = catalog.bundled()
    for slug in ("linear_softmax", "linear_svm"):
        target = courses.load(slug).target
        folder = courses.solution(slug)
        assert folder is not None
        found = {
            path.name: used(path.read_text(), *target.forbids, name=target.names[0]) for path in folder.glob("*.py")
        }
        assert found["solution.py"] == []
        assert all("?" not in line for line in found["reference_loops.py"])
        assert found["reference_loops.py"]
