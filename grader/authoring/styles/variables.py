"""Variables of notebook cells: each is asked by itself, with random gradients in the places of those that arrive."""

EXERCISE = '''"""TITLE: say in one sentence which backward pass the cells compute."""

from collections.abc import Iterator
from typing import Any

from jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Gradient


def forward_pass(x: Float[Tensor, "N D"], w: Float[Tensor, "D"]) -> dict[str, Tensor]:
    y = x * w
    return {"y": y}


def loss_of_y(y: Float[Tensor, "N D"]) -> Float[Tensor, ""]:
    return (y**2).sum()


def y_of_w(x: Float[Tensor, "N D"], w: Float[Tensor, "D"]) -> Float[Tensor, "N D"]:
    return x * w


def use(student: Any, x: Any, w: Any, y: Any, dy: Any) -> Iterator[dict[str, Any]]:
    yield {"dy": lambda: student.run("dy", x=x, w=w, y=y)}
    yield {"dw": lambda: student.run("dw", x=x, w=w, y=y, dy=dy)}


exercise = Exercise(
    title="TITLE",
    use=use,
FRAMEWORK    forward=forward_pass,
    given=("y",),
    asks={
        "dy": Gradient("y", of=loss_of_y, points=2),
        "dw": Gradient("w", of=y_of_w, upstream="dy", points=2),
    },
    sizes={"N": (1, 8), "D": (1, 16)},
)
'''

STATEMENT = """# TITLE

What the forward pass computes, and why its gradient is worth knowing.

![Computation graph: say in words what it shows](graph.svg)

## What is given

| name | shape | meaning |
|---|---|---|
| `x` | $(N, D)$ | observations |
| `w` | $(D,)$ | weights |
| `y` | $(N, D)$ | every row of `x` times `w`, elementwise |

$$\\text{loss} = \\sum_{n,d} y_{nd}^2$$

## What to write

In the cells of the notebook, the derivative of the loss with respect to each variable: `dy`, shape
$(N, D)$, and `dw`, shape $(D,)$.

Each variable is a check of its own. For it your cells run with other sizes and with *random* derivatives in the places
of those that arrive, so a mistake costs its own variable and none of those after it.

## By hand

With one observation $(1, 2)$ and $w = (3, 1)$, $y$ is $(3, 2)$, `dy` is $(6, 4)$ and `dw` is $(6, 8)$.

## Key idea

One or two sentences that help without giving the answer; `grader check --explain` shows them.
"""

CELLS = """# %% The numbers of this run; when your cells are graded, they differ from case to case.
LIBRARYx = ROW(1.0, 2.0)
w = VECTOR(3.0, 1.0)

# %% The forward pass.
y = PRODUCT(x, w)
"""

SOLUTION = f"""{CELLS}
# %% Back through the loss, the sum of squares.
dy = None
### BEGIN SOLUTION
dy = TWICE
### END SOLUTION

# %% Back to the weights.
dw = None
### BEGIN SOLUTION
dw = COLUMNS(dy, x)
### END SOLUTION
"""

WRONG = f"""# expected: dy=passed; dw=failed
{CELLS}
# %%
dy = TWICE
dw = SUM(x)
"""

TEXTS = {
    "exercises/SLUG/exercise.py": EXERCISE,
    "exercises/SLUG/statement.md": STATEMENT,
    "solutions/SLUG/solution.py": SOLUTION,
    "solutions/SLUG/wrong/upstream_dropped.py": WRONG,
}
