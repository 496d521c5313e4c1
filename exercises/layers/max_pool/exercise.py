"""Max pooling: of every window of an image only the largest number stays."""

from collections.abc import Iterator
from typing import Any

from jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Gradient, Size, Value


def max_pool(
    x: Float[Tensor, "N C H W"], height: int, width: int, stride: int
) -> Float[Tensor, "N C (H-K)//S+1 (W-L)//S+1"]:
    windows = x.unfold(2, height, stride).unfold(3, width, stride)
    return windows.flatten(-2).max(dim=-1).values


def use(student: Any, x: Any, height: Any, width: Any, stride: Any, dout: Any) -> Iterator[dict[str, Any]]:
    pool_param = {"pool_height": height, "pool_width": width, "stride": stride}
    out, cache = student.max_pool_forward_naive(x, pool_param)
    yield {"out": out}
    student.max_pool_forward_naive(-x, pool_param)
    yield {"dx": student.max_pool_backward_naive(dout, cache)}


exercise = Exercise(
    title="Max pooling",
    use=use,
    framework="numpy",
    forward=max_pool,
    asks={"out": Value(points=3), "dx": Gradient("x", upstream="dout", points=5)},
    sizes={"N": (1, 3), "C": (1, 3), "H": (1, 10), "W": (1, 10), "K": (1, 3), "L": (1, 3), "S": (1, 3)},
    inputs={"height": Size("K"), "width": Size("L"), "stride": Size("S")},
    conditions=("H >= K", "W >= L", "(H-K) % S == 0", "(W-L) % S == 0"),
)
