"""What an author writes is checked, and every refusal names the field and the remedy."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from jaxtyping import Float, Int
from torch import Tensor

from grader.cases.suite import prepare
from grader.errors import ExerciseError
from grader.exercise import Constant, Exercise, Gradient, Integers, Normal, Uniform, Value
from grader.use import Usage


def linear(W: Float[Tensor, "D H"], x: Float[Tensor, "*N D"]) -> Float[Tensor, "*N H"]:
    return x @ W


def exercise(**changes: object) -> Exercise:
    fields: dict[str, object] = {
        "entry_point": "derivative",
        "forward": linear,
        "asks": {"dW": Gradient("W", points=4)},
        "sizes": {"N": (1, 8), "D": (1, 8), "H": (1, 8)},
        "variants": {"one": {"x": "D"}, "batch": {"x": "N D"}},
    }
    return Exercise(**{**fields, **changes})  # type: ignore[arg-type]


def test_checks_are_outputs_on_variants() -> None:
    """Each variant of a single output is a check under the variant's name, with the output's points."""
    checks = exercise().named("demo").checks
    assert [(check.name, check.points) for check in checks] == [("one", 4), ("batch", 4)]


def test_points_per_variant() -> None:
    """Points may differ per variant, and their sum is the score."""
    demo = exercise(asks={"dW": Gradient("W", points={"one": 1, "batch": 2.5})}).named("demo")
    assert demo.max_score == 3.5


def test_parameters_follow_the_forward_pass() -> None:
    """Names, order, axes and distributions of the entry point's inputs come from the forward pass."""

    def loss(X: Float[Tensor, "N D"], y: Int[Tensor, "N"], lr: float, steps: int) -> Float[Tensor, ""]:
        return (X.sum(1) * y).sum() * lr * steps

    demo = Exercise(
        entry_point="f",
        forward=loss,
        asks={"loss": Value()},
        sizes={"N": (1, 4), "D": (1, 4)},
        inputs={"y": Integers(0, "D")},
    ).named("demo")
    parameters = demo.parameters()
    assert [(p.name, p.kind, p.axes) for p in parameters] == [
        ("X", "float_tensor", ("N", "D")),
        ("y", "int_tensor", ("N",)),
        ("lr", "float", ()),
        ("steps", "int", ()),
    ]
    assert isinstance(parameters[0].distribution, Normal)
    assert isinstance(parameters[2].distribution, Uniform)
    assert parameters[0].shape({"N": 3, "D": 2}) == (3, 2)


def of_other_input(student, y):  # type: ignore[no-untyped-def]
    yield {"dW": student.derivative(y)}


def of_other_result(student, x):  # type: ignore[no-untyped-def]
    yield {"dw": student.derivative(x)}


def of_too_many(student, W, x):  # type: ignore[no-untyped-def]
    yield {"dW": student.derivative(W, x), "dx": W}


def without_student(W, x):  # type: ignore[no-untyped-def]
    yield {"dW": W}


def without_yield(student, W, x):  # type: ignore[no-untyped-def]
    return {"dW": student.derivative(W, x)}


def without_names(student, W, x):  # type: ignore[no-untyped-def]
    yield student.derivative(W, x)


def with_a_helper(student, W, x):  # type: ignore[no-untyped-def]
    yield {"dW": student.derivative(linear(W, x))}


def by_itself(student, W, x):  # type: ignore[no-untyped-def]
    yield {"dW": W}


@pytest.mark.parametrize(
    ("use", "sentence"),
    [
        (without_student, "its first parameter is 'W'; call it 'student', the inputs follow"),
        (without_yield, "write a function that yields results by name, such as yield {'dx': dx}"),
        (without_names, 'line 2 must yield results by name, such as {"dx": dx}'),
        (with_a_helper, "'linear' does not travel to the worker, only the function's own lines do"),
        (by_itself, "nothing of the student's is used; write student.name(...)"),
        (print, "its source cannot be read; write it as a function in exercise.py"),
    ],
)
def test_a_use_that_no_worker_can_run_is_refused(use: Callable[..., Any], sentence: str) -> None:
    """The sentence says what of the function is wrong and what to write."""
    with pytest.raises(ExerciseError) as refusal:
        print(Usage.of(use).results)
    assert sentence in str(refusal.value)


def test_a_constant_is_the_same_in_every_case() -> None:
    """A convention of the course, such as an epsilon, is what the author wrote, also in large and small cases."""

    def shifted(x: Float[Tensor, "D"], eps: float) -> Float[Tensor, "D"]:
        return x + eps

    demo = Exercise(shifted, {"y": Value()}, {"D": (1, 6)}, "f", inputs={"eps": Constant(1e-5)}).named("demo")
    assert {case.inputs["eps"] for case in prepare(demo, b"a secret of the tests").cases} == {1e-5}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"asks": {"dV": Gradient("V")}}, "'dV' differentiates by 'V', which is no input; choose from W, x"),
        ({"asks": {"dW": Gradient("W", points=-1)}}, "'dW' has negative points; use 0 or more"),
        ({"asks": {}}, "nothing is asked"),
        ({"asks": {"dW": Gradient("W", points=0)}}, "all points are 0"),
        ({"asks": {"dW": Gradient("W", points={"two": 1})}}, "'two', which is not in variants"),
        ({"sizes": {"N": (1, 8), "D": (1, 8)}}, "axis 'H' has no range; add \"H\": (1, 8)"),
        ({"sizes": {"N": (1, 8), "D": (4, 2), "H": (1, 2)}}, "'D' is (4, 2); use (smallest, largest)"),
        ({"inputs": {"t": Uniform(0, 1)}}, "'t' is no input of forward; its inputs are W, x"),
        (
            {"forbids": ("loop over Q",)},
            "'loop over Q' names no axis of an input that the student's",
        ),
        ({"forbids": ("np.linalg.",)}, "forbids: 'np.linalg.' is no dotted name such as 'np.linalg.inv'"),
        ({"entry_point": "two words"}, "'two words' is not a function name"),
        ({"variants": {}}, "axis '*N' is neither a name nor a number"),
        ({"forward": lambda W, x: W}, "input 'W' needs a jaxtyping annotation"),
        ({"conditions": ("H >= K",)}, "'H >= K' names 'K', which is not in sizes; add it there"),
        ({"conditions": ("H >=",)}, "'H >=' is no expression of sizes; write it as in Python"),
        ({"conditions": ("exit(H)",)}, "'exit(H)' is more than arithmetic with sizes"),
        ({"conditions": ("H.real",)}, "'H.real' is more than arithmetic with sizes"),
        ({"variants": {"one": {"x": "D[0]"}}}, "'D[0]' is more than arithmetic with sizes"),
        ({"use": of_other_input}, "use: 'y' is no input of forward; its inputs are W, x"),
        ({"use": of_other_result}, "use: never yields 'dW'; add yield {\"dW\": ...}"),
        ({"use": of_too_many}, "use: yields 'dx', which is not asked for; add it to asks or leave it out"),
    ],
)
def test_a_wrong_exercise_is_refused(changes: dict[str, object], sentence: str) -> None:
    """An exercise that cannot be graded is refused with the field and the remedy."""
    with pytest.raises(ExerciseError) as refusal:
        exercise(**changes).named("demo")
    assert sentence in str(refusal.value)


def test_asks_may_be_about_another_function() -> None:
    """An output may be about a function of some of the inputs, which must be inputs of the forward pass."""

    def other(z: Float[Tensor, "D"]) -> Float[Tensor, "D"]:
        return torch.relu(z)

    with pytest.raises(ExerciseError, match="'dW' uses 'z', which is no input of forward"):
        exercise(asks={"dW": Value(of=other)}).named("demo")
