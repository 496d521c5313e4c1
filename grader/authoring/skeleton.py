"""The skeleton of a new exercise: a working one, small enough to be replaced line by line."""

from __future__ import annotations

from pathlib import Path

from grader.errors import ExerciseError

EXERCISE = '''"""TITLE: say in one sentence what is differentiated."""

from jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Gradient


def loss(x: Float[Tensor, "D"], w: Float[Tensor, "D"]) -> Float[Tensor, ""]:
    return (x * w).sum() ** 2


exercise = Exercise(
    title="TITLE",
    entry_point="SLUG",
    forward=loss,
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
>>> SLUG(torch.tensor([1.0, 2.0]), torch.tensor([3.0, -1.0]))
tensor([2., 4.])
```

## Key idea

One or two sentences that help without giving the answer; `grader check --explain` shows them.
"""

SOLUTION = '''import torch
from torch import Tensor


def SLUG(x: Tensor, w: Tensor) -> Tensor | None:
    """The gradient of loss = (x @ w) ** 2 with respect to w.

    Args:
        x: inputs, shape (D,)
        w: weights, shape (D,)

    Returns:
        dloss_dw, shape (D,)
    """
    dloss_dw = None
    ### BEGIN SOLUTION
    dloss_dw = 2 * torch.dot(x, w) * x
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
    return (x @ w) * x
"""


def new(slug: str, exercises: Path) -> tuple[Path, ...]:
    """Write the skeleton into `exercises` and the `solutions` beside it; raises ExerciseError where one exists."""
    if not slug.isidentifier():
        raise ExerciseError(f"{slug!r} cannot name an exercise; use letters, digits and _, and begin with a letter")
    solutions = exercises.resolve().parent / "solutions" / slug
    texts = {
        exercises / slug / "exercise.py": EXERCISE,
        exercises / slug / "statement.md": STATEMENT,
        solutions / "solution.py": SOLUTION,
        solutions / "misconceptions.py": MISCONCEPTIONS,
        solutions / "wrong" / "no_factor_two.py": WRONG,
    }
    for folder in (exercises / slug, solutions):
        if folder.exists():
            raise ExerciseError(f"{folder}: is there already; choose another slug or remove the folder first")
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        filled = text.replace("TITLE", slug.replace("_", " ").capitalize()).replace("SLUG", slug)
        path.write_text(filled, encoding="utf-8", newline="\n")
    return tuple(texts)
