"""An affine layer: every observation, flattened to a row, times a matrix, plus a vector."""

from collections.abc import Iterator
from typing import Any

from jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Gradient, Value


def affine(x: Float[Tensor, "N D1 D2"], w: Float[Tensor, "D1*D2 M"], b: Float[Tensor, "M"]) -> Float[Tensor, "N M"]:
    rows = x.reshape(len(x), -1)
    return rows @ w + b


def use(student: Any, x: Any, w: Any, b: Any, dout: Any) -> Iterator[dict[str, Any]]:
    out, cache = student.affine_forward(x, w, b)
    yield {"out": out}
    student.affine_forward(-x, -w, b)
    dx, dw, db = student.affine_backward(dout, cache)
    yield {"dx": dx, "dw": dw, "db": db}


exercise = Exercise(
    title="Affine layer",
    use=use,
    framework="numpy",
    forward=affine,
    asks={
        "out": Value(points=1),
        "dx": Gradient("x", upstream="dout", points=3),
        "dw": Gradient("w", upstream="dout", points=3),
        "db": Gradient("b", upstream="dout", points=3),
    },
    sizes={"N": (1, 6), "D1": (1, 4), "D2": (1, 4), "M": (1, 6)},
    variants={
        "rows": {"x": "N D1", "w": "D1 M"},
        "images": {"x": "N D1 D2", "w": "D1*D2 M"},
    },
)
