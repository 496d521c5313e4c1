"""Code that is used by lines of the exercise's own: caches, classes and variables, graded through a real worker."""

import textwrap
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from jaxtyping import Float
from torch import Tensor

from grader.cases.suite import prepare
from grader.exercise import Exercise, Gradient, Limits, Value
from grader.grading.diagnose import DiagnosisCache
from grader.grading.grade import grade_exercise
from grader.models import CheckResult
from grader.sandbox import Sandbox

SECRET = b"a secret of the tests, at least 32 bytes long"


def affine(x: Float[Tensor, "N D"], w: Float[Tensor, "D M"], b: Float[Tensor, "M"]) -> Float[Tensor, "N M"]:
    return x @ w + b


def use_functions(student: Any, x: Any, w: Any, b: Any, dout: Any) -> Iterator[dict[str, Any]]:
    out, cache = student.affine_forward(x, w, b)
    yield {"out": out}
    dx, dw, db = student.affine_backward(dout, cache)
    yield {"dx": dx, "dw": dw, "db": db}


FUNCTIONS = Exercise(
    use=use_functions,
    framework="numpy",
    forward=affine,
    asks={
        "out": Value(points=1),
        "dx": Gradient("x", upstream="dout", points=2),
        "dw": Gradient("w", upstream="dout", points=2),
        "db": Gradient("b", upstream="dout", points=2),
    },
    sizes={"N": (1, 6), "D": (1, 6), "M": (1, 6)},
).named("affine")

RIGHT = """
import numpy as np

def affine_forward(x, w, b):
    return x @ w + b, (x, w)

def affine_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)
"""


@pytest.fixture(scope="module")
def diagnosis() -> DiagnosisCache:
    return DiagnosisCache(prepare(FUNCTIONS, SECRET))


def graded(sandbox: Sandbox, diagnosis: DiagnosisCache, source: str) -> dict[str, CheckResult]:
    exercise = diagnosis.suite.exercise
    files = [("hw.py", textwrap.dedent(source).encode())]
    with sandbox.session(files, [exercise.target], Limits()) as session:
        result = grade_exercise(session, diagnosis, replace(exercise.limits, cpu_seconds=0.2))
    return {check.name: check for check in result.checks}


def said(checks: dict[str, CheckResult]) -> dict[str, tuple[str, str]]:
    return {name: (check.verdict, check.message) for name, check in checks.items()}


def test_two_functions_with_a_cache(sandbox: Sandbox, diagnosis: DiagnosisCache) -> None:
    """A forward and a backward function share whatever cache they like, and earn every check."""
    for source in (RIGHT, RIGHT.replace("(x, w)", "locals()").replace("x, w = cache", "x, w = cache['x'], cache['w']")):
        assert {check.verdict for check in graded(sandbox, diagnosis, source).values()} == {"passed"}


WATCHED = "import torch; torch.ones(1, requires_grad=True).sum().backward()"
BACK = "dx, dw, db = affine_backward(dout, cache)"
RESULTS = "return dout @ w.T, x.T @ dout, dout.sum(axis=0)"


@pytest.mark.parametrize(
    ("before", "after", "verdict", "message"),
    [
        (
            RESULTS,
            "return None",
            "errored",
            f"`affine_backward` returned None where 3 results are expected: `{BACK}`. Is a `return` missing?",
        ),
        (
            RESULTS,
            "return dout @ w.T, x.T @ dout",
            "errored",
            f"`affine_backward` returned 2 results; 3 are expected: `{BACK}`.",
        ),
        (
            RESULTS,
            "return np.stack([dout.sum(axis=0)] * 4)",
            "errored",
            f"`affine_backward` returned 1 result; 3 are expected: `{BACK}`.",
        ),
        (
            "(dout, cache)",
            "(dout, cache, w)",
            "errored",
            f"`affine_backward` cannot be called like this: `{BACK}`. Compare the parameters in its first line.",
        ),
        (
            "def affine_backward",
            "def backward",
            "missing",
            "`affine_backward` is not defined in your files yet; keep the name that the exercise gives it.",
        ),
        (
            "def affine_backward",
            "affine_backward = 3\ndef backward",
            "errored",
            f"`affine_backward` cannot be called at all: `{BACK}`. Does something else in your code use its name?",
        ),
        (
            "x, w = cache",
            "x, w, b = cache",
            "errored",
            "`affine_backward` raised ValueError at hw.py, line 8: `x, w, b = cache`. On this small example it raises "
            "ValueError: not enough values to unpack (expected 3, got 2).",
        ),
        ("x, w = cache", "raise NotImplementedError", "missing", "`affine_backward` is not implemented yet."),
        ("x, w = cache", "import os; os._exit(0)", "errored", None),
        ("x, w = cache", "while True: pass", "timed_out", None),
    ],
)
def test_what_does_not_fit_the_use(
    sandbox: Sandbox, diagnosis: DiagnosisCache, before: str, after: str, verdict: str, message: str | None
) -> None:
    """A backward function that does not fit costs its own checks, with a sentence about it, and never the forward."""
    checks = said(graded(sandbox, diagnosis, RIGHT.replace(before, after)))
    assert checks.pop("out")[0] == "passed"
    assert {each[0] for each in checks.values()} == {verdict}
    if message:
        assert checks["dx"][1] == message


def test_a_forgotten_cache_is_one_result(sandbox: Sandbox, diagnosis: DiagnosisCache) -> None:
    """It is said as such, also where the array has as many rows as results are taken apart."""
    checks = said(graded(sandbox, diagnosis, RIGHT.replace("x @ w + b, (x, w)", "(x @ w + b)[[0, 0]]")))
    message = "`affine_forward` returned 1 result; 2 are expected: `out, cache = affine_forward(x, w, b)`."
    assert checks == dict.fromkeys(checks, ("errored", message))


def product(x: Float[Tensor, "N"], w: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
    return x * w


def use_two(student: Any, x: Any, w: Any, dout: Any) -> Iterator[dict[str, Any]]:
    dx, dw = student.backward(x, w, dout)
    yield {"dx": dx, "dw": dw}


def test_an_array_of_as_many_results_is_taken_apart(sandbox: Sandbox) -> None:
    """Two gradients of one shape may come in one array, as the course's own line would take them."""
    exercise = Exercise(
        use=use_two,
        framework="numpy",
        forward=product,
        asks={name: Gradient(name[1:], upstream="dout") for name in ("dx", "dw")},
        sizes={"N": (1, 6)},
    ).named("product")
    source = "import numpy as np\ndef backward(x, w, dout):\n    return np.stack([dout * w, dout * x])\n"
    checks = graded(sandbox, DiagnosisCache(prepare(exercise, SECRET)), source)
    assert {check.verdict for check in checks.values()} == {"passed"}


@pytest.mark.parametrize(
    "end",
    ["import os; os._exit(0)", "while True: pass", "raise ValueError", "import os; os.write(3, bytes(99))"],
    ids=["exit", "loop", "exception", "noise on the wire"],
)
def test_autograd_is_told_of_whatever_ends_the_use(sandbox: Sandbox, diagnosis: DiagnosisCache, end: str) -> None:
    """What was seen until the last result that counts does not go with the process."""
    source = RIGHT.replace("    return x @ w", f"    {WATCHED}\n    return x @ w").replace("x, w = cache", end)
    exercise = diagnosis.suite.exercise
    with sandbox.session([("hw.py", source.encode())], [exercise.target], Limits()) as session:
        result = grade_exercise(session, diagnosis, replace(exercise.limits, cpu_seconds=0.2, max_timeouts=1))
    assert result.checks[0].verdict == "passed"
    assert [(seen.kind, seen.certain) for seen in dict.fromkeys(result.evidence)] == [("autograd", True)]


def test_results_in_another_container(sandbox: Sandbox, diagnosis: DiagnosisCache) -> None:
    """Lists and tensors with the right numbers pass."""
    source = RIGHT.replace("dout @ w.T, x.T @ dout", "(dout @ w.T).tolist(), torch.from_numpy(x.T @ dout)")
    checks = graded(sandbox, diagnosis, "import torch\n" + source)
    assert {check.verdict for check in checks.values()} == {"passed"}, said(checks)


def use_layer(student: Any, x: Any, w: Any, b: Any, dout: Any) -> Iterator[dict[str, Any]]:
    layer = student.Affine(w, b)
    yield {"out": layer.forward(x)}
    dx, dw = layer.backward(dout)
    yield {"dx": dx}
    yield {"dw": dw}
    yield {"db": layer.grads["b"]}


LAYER = """
class Affine:
    def __init__(self, w, b):
        self.w, self.b, self.grads = w, b, {}
    def forward(self, x):
        self.x = x
        return x @ self.w + self.b
    def backward(self, dout):
        self.grads["b"] = dout.sum(axis=0)
        return dout @ self.w.T, self.x.T @ dout
"""
LOST = "`layer.forward` returned None where a result is expected:"
BACKWARD = "dx, dw = layer.backward(dout)"
KEPT = 'self.grads["b"] = dout.sum(axis=0)'
RETURNED = "return dout @ self.w.T, self.x.T @ dout"


@pytest.fixture(scope="module")
def of_layer() -> DiagnosisCache:
    return DiagnosisCache(prepare(replace(FUNCTIONS, use=use_layer).named("affine_layer"), SECRET))


@pytest.mark.parametrize(
    ("before", "after", "check", "message"),
    [
        (
            "def backward",
            "def grad",
            "dx",
            f"There is no `.backward` where the exercise looks for it: `{BACKWARD}`.",
        ),
        (
            "class Affine:",
            "def Affine(w, b): return None\nclass Other:",
            "out",
            "`.forward` is looked up on None in `out = layer.forward(x)`: is a `return` missing before that?",
        ),
        (
            KEPT,
            "pass",
            "db",
            "There is no key 'b' where the exercise looks for it: `db = layer.grads['b']`.",
        ),
        (
            KEPT,
            "self.grads = [dout.sum(axis=0)]",
            "db",
            "What your code returns does not fit `db = layer.grads['b']` (TypeError).",
        ),
        (
            RETURNED,
            f"{RETURNED}, 0",
            "dx",
            f"`layer.backward` returned 3 results; 2 are expected: `{BACKWARD}`.",
        ),
        (
            RETURNED,
            "return dout @ self.w.T,",
            "dx",
            f"`layer.backward` returned 1 result; 2 are expected: `{BACKWARD}`.",
        ),
        (RETURNED, "return 0.5", "dx", f"`layer.backward` returned 1 result; 2 are expected: `{BACKWARD}`."),
    ],
    ids=[
        "attribute",
        "attribute of None",
        "key",
        "does not fit",
        "too many",
        "too few",
        "not iterable",
    ],
)
def test_what_does_not_fit_a_class(
    sandbox: Sandbox, of_layer: DiagnosisCache, before: str, after: str, check: str, message: str
) -> None:
    """The line of the exercise is quoted as a student would write it, with what is wrong about it."""
    assert before in LAYER
    checks = said(graded(sandbox, of_layer, LAYER.replace(before, after)))
    assert checks[check] == ("errored", message)


def test_results_in_each_others_place_are_said_before_anything_else(
    sandbox: Sandbox, diagnosis: DiagnosisCache
) -> None:
    """Each of the two may look like a mistake of its own."""
    ordered = RIGHT.replace("dout @ w.T, x.T @ dout", "x.T @ dout, dout @ w.T")
    checks = graded(sandbox, diagnosis, ordered)
    assert checks["dx"].hint == "dx holds the right answer for dw: check the order of the results."
    assert checks["dw"].hint == "dw holds the right answer for dx: check the order of the results."


def test_the_example_has_the_lines_that_it_needs(sandbox: Sandbox, of_layer: DiagnosisCache) -> None:
    """What is looked up for other results, and what comes after the shown one, is left out."""
    checks = graded(sandbox, of_layer, LAYER.replace("self.x.T @ dout", "2 * self.x.T @ dout"))
    assert (shown := checks["dw"].counterexample) is not None
    assert shown.inputs.splitlines()[-3:] == ["layer = Affine(w, b)", "out = layer.forward(x)", BACKWARD]


def test_an_exception_says_what_to_do(sandbox: Sandbox, diagnosis: DiagnosisCache) -> None:
    """Also where code is used by lines of the exercise."""
    checks = graded(
        sandbox, diagnosis, RIGHT.replace("import numpy as np", "").replace("x.T @ dout", "np.dot(x.T, dout)")
    )
    assert checks["dx"].hint == "`np` has no value there: add `import numpy as np` at the top."
    assert checks["dx"].message.endswith("On this small example it raises NameError: name 'np' is not defined.")


def test_an_attribute_that_is_still_none(sandbox: Sandbox, of_layer: DiagnosisCache) -> None:
    """Nothing is said about what there is to implement: the value may have to come from somewhere else."""
    checks = said(graded(sandbox, of_layer, LAYER.replace(KEPT, 'self.grads["b"] = None')))
    assert checks.pop("db") == ("missing", "`db` has no value yet.")
    assert {verdict for verdict, _ in checks.values()} == {"passed"}


@pytest.mark.parametrize(
    ("work", "message"),
    [
        (
            "self.out = x @ self.w + self.b",
            f"{LOST} `out = layer.forward(x)`. Is a `return` missing?",
        ),
        ("return None", "`out` is not implemented yet."),
    ],
)
def test_a_method_without_return_is_no_stub(
    sandbox: Sandbox, of_layer: DiagnosisCache, work: str, message: str
) -> None:
    """What computes and returns nothing is told from what was left as it was; the other results count."""
    checks = said(graded(sandbox, of_layer, LAYER.replace("return x @ self.w + self.b", work)))
    assert checks.pop("out") == ("missing", message)
    assert {verdict for verdict, _ in checks.values()} == {"passed"}


def test_a_class_that_fits(sandbox: Sandbox, of_layer: DiagnosisCache) -> None:
    """The control of the above."""
    assert {verdict for verdict, _ in said(graded(sandbox, of_layer, LAYER)).values()} == {"passed"}


def test_a_result_that_fights_being_read_costs_itself_alone(sandbox: Sandbox, diagnosis: DiagnosisCache) -> None:
    """An object that says it is an array is none, and what is yielded beside it and after it still counts."""
    lying = "class Lying:\n    __class__ = property(lambda self: np.ndarray)\n\ndef affine_backward"
    source = RIGHT.replace("def affine_backward", lying).replace("x.T @ dout, dout", "Lying(), dout")
    found = said(graded(sandbox, diagnosis, source))
    assert {name for name, (verdict, _) in found.items() if verdict == "passed"} == {"out", "dx", "db"}
    assert found["dw"] == ("failed", "dw should be a numpy array, but it is something else than a numpy array.")
