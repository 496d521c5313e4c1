"""Two functions: the forward function hands a cache to the backward function."""

EXERCISE = '''"""TITLE: say in one sentence what the layer computes."""

from collections.abc import Iterator
from typing import Any

from jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Gradient, Value


def scale(x: Float[Tensor, "N D"], w: Float[Tensor, "D"]) -> Float[Tensor, "N D"]:
    return x * w


def use(student: Any, x: Any, w: Any, dout: Any) -> Iterator[dict[str, Any]]:
    out, cache = student.SLUG_forward(x, w)
    yield {"out": out}
    dx, dw = student.SLUG_backward(dout, cache)
    yield {"dx": dx, "dw": dw}


exercise = Exercise(
    title="TITLE",
    use=use,
FRAMEWORK    forward=scale,
    asks={
        "out": Value(points=1),
        "dx": Gradient("x", upstream="dout", points=2),
        "dw": Gradient("w", upstream="dout", points=2),
    },
    sizes={"N": (1, 8), "D": (1, 16)},
)
'''

STATEMENT = """# TITLE

What the layer computes, and why its gradient is worth knowing.

![Computation graph: say in words what it shows](graph.svg)

## What is given

| name | shape | meaning |
|---|---|---|
| `x` | $(N, D)$ | observations |
| `w` | $(D,)$ | weights |
| `dout` | $(N, D)$ | the gradient that arrives at `out` |

$$\\text{out}_{nd} = x_{nd}\\, w_d$$

## What to write

`SLUG_forward(x, w)` returns `out`, shape $(N, D)$, and `cache`: whatever the backward function needs.

`SLUG_backward(dout, cache)` returns `dx`, shape $(N, D)$, and `dw`, shape $(D,)$.

## By hand

```pycon
>>> out, cache = SLUG_forward(ROW(1.0, 2.0), VECTOR(3.0, 4.0))
>>> out
SHOWNROW(3, 8)
>>> dx, dw = SLUG_backward(ROW(1.0, 2.0), cache)
>>> dx
SHOWNROW(3, 8)
>>> dw
SHOWN(1, 4)
```

## Key idea

One or two sentences that help without giving the answer; `grader check --explain` shows them.
"""

SOLUTION = '''IMPORTdef SLUG_forward(x, w):
    """The forward pass, out = x * w for every row of x.

    Args:
        x: observations, shape (N, D)
        w: weights, shape (D,)

    Returns:
        out: shape (N, D)
        cache: whatever SLUG_backward needs
    """
    out, cache = None, None
    ### BEGIN SOLUTION
    out = PRODUCT(x, w)
    cache = x, w
    ### END SOLUTION
    return out, cache


def SLUG_backward(dout, cache):
    """The gradients of the loss.

    Args:
        dout: the gradient that arrives at out, shape (N, D)
        cache: what SLUG_forward returned

    Returns:
        dx: shape (N, D)
        dw: shape (D,)
    """
    dx, dw = None, None
    ### BEGIN SOLUTION
    x, w = cache
    dx = PRODUCT(dout, w)
    dw = COLUMNS(dout, x)
    ### END SOLUTION
    return dx, dw
'''

WRONG = """# expected: out=passed; dx=passed; dw=failed
IMPORTdef SLUG_forward(x, w):
    return PRODUCT(x, w), (x, w)


def SLUG_backward(dout, cache):
    x, w = cache
    return PRODUCT(dout, w), SUM(x)
"""

TEXTS = {
    "exercises/SLUG/exercise.py": EXERCISE,
    "exercises/SLUG/statement.md": STATEMENT,
    "solutions/SLUG/solution.py": SOLUTION,
    "solutions/SLUG/wrong/upstream_dropped.py": WRONG,
}
