"""Dropout: in training every entry is kept with a chance and scaled up, in test mode nothing happens."""

from collections.abc import Iterator
from typing import Any

from jaxtyping import Float
from torch import Tensor

from grader.convention import Convention
from grader.exercise import Drawn, Exercise, Gradient, Integers, Normal, Uniform, Value


def kept(p: float) -> float:
    """The chance that an entry is kept: the one line that differs where a course's p is the chance to drop, 1 - p."""
    return p


def divisor(p: float) -> float:
    """Inverted dropout: training divides by this, so that test mode has nothing to do."""
    return kept(p)


def dropout(x: Float[Tensor, "N D"], mask: Float[Tensor, "N D"], p: float) -> Float[Tensor, "N D"]:
    return x * mask / divisor(p)


def again(x: Float[Tensor, "N D"], mask2: Float[Tensor, "N D"], p: float) -> Float[Tensor, "N D"]:
    return x * mask2 / divisor(p)


def seeded(x: Float[Tensor, "N D"], seeded_mask: Float[Tensor, "N D"], p: float) -> Float[Tensor, "N D"]:
    return x * seeded_mask / divisor(p)


def tested(x: Float[Tensor, "N D"]) -> Float[Tensor, "N D"]:
    return x


def forward(
    x: Float[Tensor, "N D"],
    mask: Float[Tensor, "N D"],
    mask2: Float[Tensor, "N D"],
    seeded_mask: Float[Tensor, "N D"],
    p: float,
    seed: int,
) -> Float[Tensor, "N D"]:
    return dropout(x, mask, p)


def use(student: Any, x: Any, p: Any, seed: Any, dout: Any) -> Iterator[dict[str, Any]]:
    out, cache = student.dropout_forward(x, {"mode": "train", "p": p})
    yield {"out": out}
    again, _ = student.dropout_forward(x, {"mode": "train", "p": p})
    yield {"again": again}
    yield {"dx": student.dropout_backward(dout, cache)}
    seeded, _ = student.dropout_forward(x, {"mode": "train", "p": p, "seed": seed})
    seeded_again, _ = student.dropout_forward(x, {"mode": "train", "p": p, "seed": seed})
    yield {"seeded": seeded, "seeded_again": seeded_again}
    out_in_test, cache = student.dropout_forward(x, {"mode": "test", "p": p})
    yield {"out_in_test": out_in_test}
    yield {"dx_in_test": student.dropout_backward(dout, cache)}


exercise = Exercise(
    title="Dropout",
    use=use,
    framework="numpy",
    forward=forward,
    asks={
        "out": Value(points=3, of=dropout),
        "again": Value(points=1, of=again),
        "dx": Gradient("x", upstream="dout", points=3, of=dropout),
        "seeded": Value(points=1, of=seeded),
        "seeded_again": Value(points=1, of=seeded),
        "out_in_test": Value(points=1, of=tested),
        "dx_in_test": Gradient("x", upstream="dout", points=1, of=tested),
    },
    sizes={"N": (1, 128), "D": (3, 128)},
    inputs={
        "x": Normal(zeros=False),
        "p": Uniform(0.6, 0.9),
        "seed": Integers(0, 9999),
        "mask": Drawn("out", keeps=kept),
        "mask2": Drawn("again", keeps=kept),
        "seeded_mask": Drawn("seeded", keeps=kept),
    },
    conventions=(
        Convention(
            "chance-to-drop",
            {"kept": lambda p: 1 - p},
            "Here p is the chance to drop an entry, as in torch; in this course it is the chance to keep one.",
        ),
        Convention(
            "scaled-in-test",
            {"divisor": lambda p: 1.0, "tested": lambda x, p: x * kept(p)},
            "Without a factor in training, test mode has to multiply by p; in this course training divides by p.",
        ),
    ),
)
