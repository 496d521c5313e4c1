"""One function that takes the inputs and returns the results."""

EXERCISE = '''"""TITLE: say in one sentence what is differentiated."""

USEIMPORTSfrom jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Gradient


def loss(x: Float[Tensor, "D"], w: Float[Tensor, "D"]) -> Float[Tensor, ""]:
    return (x * w).sum() ** 2


USEFUNCTIONexercise = Exercise(
    title="TITLE",
CALLED    forward=loss,
    asks={"dloss_dw": Gradient("w", points=10)},
    sizes={"D": (1, 32)},
)
'''

STATEMENT = """# TITLE

What is computed, and why its gradient is worth knowing.

![Computation graph: say in words what it shows](graph.svg)

## What is given

| name | shape | meaning |
|---|---|---|
| `x` | $(D,)$ | inputs |
| `w` | $(D,)$ | weights |

$$\\text{loss} = (x \\cdot w)^2$$

## What to write

`SLUG(x, w)` returns `dloss_dw`, shape $(D,)$.

## By hand

```pycon
>>> SLUG(VECTOR(1.0, 2.0), VECTOR(3.0, -1.0))
SHOWN(2, 4)
```

## Key idea

One or two sentences that help without giving the answer; `grader check --explain` shows them.
"""

SOLUTION = '''TYPEDdef SLUG(SIGNATURE:
    """The gradient of loss = (x @ w) ** 2 with respect to w.

    Args:
        x: inputs, shape (D,)
        w: weights, shape (D,)

    Returns:
        dloss_dw, shape (D,)
    """
    dloss_dw = None
    ### BEGIN SOLUTION
    dloss_dw = GRADIENT
    ### END SOLUTION
    return dloss_dw
'''

MISCONCEPTIONS = '''"""The right answer link by link, and what students get wrong as the links that they get wrong."""

from grader.misconception import Chain, Misconception

chain = Chain(
    links={
        "y": lambda x, w: x @ w,
        "dloss_dy": lambda y: 2 * y,
        "dloss_dw": lambda dloss_dy, x: dloss_dy * x,
    },
    misconceptions=(
        Misconception(
            "no-factor-two",
            {"dloss_dy": lambda y: y * 1},
            "What is the derivative of a square?",
        ),
        Misconception(
            "sign-flipped",
            {"dloss_dw": lambda dloss_dy, x: -dloss_dy * x},
            "Every sign is the other way round. A gradient is not yet a step downhill.",
        ),
    ),
)
'''

WRONG = """# expected: dloss_dw=failed:no-factor-two
def SLUG(x, w):
    return HALF
"""


TEXTS = {
    "exercises/SLUG/exercise.py": EXERCISE,
    "exercises/SLUG/statement.md": STATEMENT,
    "solutions/SLUG/solution.py": SOLUTION,
    "solutions/SLUG/misconceptions.py": MISCONCEPTIONS,
    "solutions/SLUG/wrong/no_factor_two.py": WRONG,
}
