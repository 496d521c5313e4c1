"""A convolution layer: every filter slides over every padded image and gives one number at each place."""

from collections.abc import Iterator
from typing import Any

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Gradient, Limits, Size, Value


def convolution(
    x: Float[Tensor, "N C H W"], w: Float[Tensor, "F C K L"], b: Float[Tensor, "F"], stride: int, pad: int
) -> Float[Tensor, "N F (H+2*P-K)//S+1 (W+2*P-L)//S+1"]:
    return F.conv2d(x, w, b, stride=stride, padding=pad)


def use(student: Any, x: Any, w: Any, b: Any, stride: Any, pad: Any, dout: Any) -> Iterator[dict[str, Any]]:
    out, cache = student.conv_forward_naive(x, w, b, {"stride": stride, "pad": pad})
    yield {"out": out}
    student.conv_forward_naive(-x[:1], -w, b, {"stride": stride, "pad": pad})
    dx, dw, db = student.conv_backward_naive(dout, cache)
    yield {"dx": dx, "dw": dw, "db": db}


exercise = Exercise(
    title="Convolution layer",
    use=use,
    framework="numpy",
    forward=convolution,
    asks={
        "out": Value(points=4),
        "dx": Gradient("x", upstream="dout", points=4),
        "dw": Gradient("w", upstream="dout", points=4),
        "db": Gradient("b", upstream="dout", points=2),
    },
    sizes={
        "N": (1, 3),
        "C": (1, 3),
        "H": (1, 5),
        "W": (1, 5),
        "F": (1, 3),
        "K": (1, 3),
        "L": (1, 3),
        "S": (1, 2),
        "P": (0, 1),
    },
    inputs={"stride": Size("S"), "pad": Size("P")},
    conditions=("H+2*P >= K", "W+2*P >= L", "(H+2*P-K) % S == 0", "(W+2*P-L) % S == 0"),
    limits=Limits(cpu_seconds=20.0),
)
