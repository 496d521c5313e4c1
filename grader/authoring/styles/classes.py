"""A class: an object is made, its parameters are set, its methods are called and its gradients are read."""

EXERCISE = '''"""TITLE: say in one sentence what the module computes."""

from collections.abc import Iterator
from typing import Any

from jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Gradient, Value


def scale(x: Float[Tensor, "N D"], w: Float[Tensor, "D"]) -> Float[Tensor, "N D"]:
    return x * w


def use(student: Any, x: Any, w: Any, dout: Any) -> Iterator[dict[str, Any]]:
    layer = student.CLASS(len(w))
    layer.w = w
    yield {"out": layer.forward(x)}
    yield {"dx": layer.backward(dout)}
    yield {"dw": layer.dw}


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

What the module computes, and why its gradient is worth knowing.

![Computation graph: say in words what it shows](graph.svg)

## What is given

| name | shape | meaning |
|---|---|---|
| `x` | $(N, D)$ | observations |
| `w` | $(D,)$ | weights, set before anything is asked |
| `dout` | $(N, D)$ | the gradient that arrives at the output |

$$\\text{out}_{nd} = x_{nd}\\, w_d$$

## What to write

The class `CLASS(size)` with the attributes `w`, `dw` and the methods

- `forward(x)`, which returns the output, $(N, D)$, and keeps what `backward` needs;
- `backward(dout)`, which returns the gradient with respect to `x`, $(N, D)$, and sets `dw`.

## By hand

```pycon
>>> layer = CLASS(2)
>>> layer.w = VECTOR(3.0, 4.0)
>>> layer.forward(ROW(1.0, 2.0))
SHOWNROW(3, 8)
>>> layer.backward(ROW(1.0, 2.0))
SHOWNROW(3, 8)
>>> layer.dw
SHOWN(1, 4)
```

## Key idea

One or two sentences that help without giving the answer; `grader check --explain` shows them.
"""

SOLUTION = '''IMPORTclass CLASS:
    """out = x * w for every row of x; w: shape (size,); dw: its gradient after `backward`."""

    def __init__(self, size):
        self.w = ONES
        self.dw = None

    def forward(self, x):
        """The output for observations x, shape (N, size); keeps what backward needs."""
        out = None
        ### BEGIN SOLUTION
        self.x = x
        out = PRODUCT(x, self.w)
        ### END SOLUTION
        return out

    def backward(self, dout):
        """The gradient with respect to x; sets dw. dout: the gradient that arrives at the output, shape (N, size)."""
        dx = None
        ### BEGIN SOLUTION
        dx = PRODUCT(dout, self.w)
        self.dw = COLUMNS(dout, self.x)
        ### END SOLUTION
        return dx
'''

WRONG = """# expected: out=passed; dx=passed; dw=failed
IMPORTclass CLASS:
    def __init__(self, size):
        self.w = None

    def forward(self, x):
        self.x = x
        return PRODUCT(x, self.w)

    def backward(self, dout):
        self.dw = SUM(self.x)
        return PRODUCT(dout, self.w)
"""

TEXTS = {
    "exercises/SLUG/exercise.py": EXERCISE,
    "exercises/SLUG/statement.md": STATEMENT,
    "solutions/SLUG/solution.py": SOLUTION,
    "solutions/SLUG/wrong/upstream_dropped.py": WRONG,
}
