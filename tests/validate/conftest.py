"""A small course of one exercise that can be broken in many ways."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from grader.course.catalog import Catalog, at

EXERCISE = """
import torch
from jaxtyping import Float
from torch import Tensor
from grader.exercise import Exercise, Gradient

def loss(x: Float[Tensor, "N D"], w: Float[Tensor, "D"]) -> Float[Tensor, ""]:
    return torch.relu(x @ w).sum()

exercise = Exercise(loss, {"dw": Gradient("w")}, {"N": (1, 12), "D": (1, 12)}, entry_point="dloss")
"""
SOLUTION = '''
def dloss(x, w):
    """The gradient."""
    active = x @ w > 0
    return x.T @ active.float()
'''
MISCONCEPTIONS = """
from grader.misconception import Chain, Misconception

chain = Chain(
    {"h": lambda x, w: x @ w, "mask": lambda h: (h > 0).to(h.dtype), "dw": lambda x, mask: x.T @ mask},
    (
        Misconception("no-mask", {"mask": lambda h: h * 0 + 1}, "Where is ReLU?"),
        Misconception("mask-at-zero", {"mask": lambda h: (h >= 0).to(h.dtype)}, "A convention.", advice=True),
        # more
    ),
)
"""
STUB = """
def dloss(x, w):
    dw = None
    return dw
"""

DEAD = """
from jaxtyping import Float
from torch import Tensor
from grader.exercise import Exercise, Gradient

def f(x: Float[Tensor, "D"]) -> Float[Tensor, ""]:
    return (x * 0).sum()

exercise = Exercise(f, {"dx": Gradient("x")}, {"D": (1, 4)}, entry_point="g")
"""
"""An exercise that loads and has no case from which anything could be learnt."""

Make = Callable[..., Catalog]


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """As the command does it: many small operations gain nothing from threads that wait for each other."""
    torch.set_num_threads(1)


@pytest.fixture
def course(tmp_path: Path) -> Make:
    """Writes the course, with some text of one file replaced."""

    def make(changed: str = "", before: str = "", after: str = "") -> Catalog:
        files = {
            "exercises/small/exercise.py": EXERCISE,
            "exercises/small/stub.py": STUB,
            "solutions/small/solution.py": SOLUTION,
            "solutions/small/misconceptions.py": MISCONCEPTIONS,
        }
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.replace(before, after) if path.name == changed else text, encoding="utf-8")
        return at(tmp_path / "exercises")

    return make
