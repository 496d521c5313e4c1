"""Conventions: another value of a name in exercise.py, seen by all of its functions, and nothing changed in place."""

from pathlib import Path

import pytest
import torch

from grader.cases.oracle import evaluate
from grader.course import catalog
from grader.errors import ExerciseError

SOURCE = """
from jaxtyping import Float
from torch import Tensor
from grader.convention import Convention
from grader.exercise import Exercise, Gradient, Value

HALF = 0.5


def penalty(w: Float[Tensor, "D"]) -> Float[Tensor, ""]:
    return HALF * squares(w)


def squares(w: Tensor) -> Tensor:
    return (w**2).sum()


exercise = Exercise(
    entry_point="penalty",
    forward=penalty,
    asks={{"loss": Value(), "dw": Gradient("w")}},
    sizes={{"D": (1, 3)}},
    conventions=(Convention("another", {replaces}, "Other courses do."),),
)
"""


def written(folder: Path, replaces: str) -> catalog.Catalog:
    (folder / "exercises" / "penalty").mkdir(parents=True)
    (folder / "exercises" / "penalty" / "exercise.py").write_text(SOURCE.format(replaces=replaces))
    return catalog.at(folder / "exercises")


@pytest.mark.parametrize(
    ("replaces", "loss", "dw"),
    [('{"HALF": 1.0}', 9.0, 6.0), ('{"squares": lambda w: HALF * (w**4).sum()}', 20.25, 27.0)],
)
def test_the_oracle_answers_as_in_another_course(tmp_path: Path, replaces: str, loss: float, dw: float) -> None:
    """A number or a function is another one for every function of the file; the exercise itself is as before."""
    exercise = written(tmp_path, replaces).load("penalty")
    inputs = {"w": torch.tensor([3.0])}
    other = evaluate(exercise.under(exercise.conventions[0]), inputs)
    assert (float(other["loss"]), float(other["dw"])) == (loss, dw)
    own = evaluate(exercise, inputs)
    assert (float(own["loss"]), float(own["dw"])) == (4.5, 3.0)


def test_a_convention_replaces_what_is_there(tmp_path: Path) -> None:
    """A name that exercise.py lacks would change nothing, so it is refused."""
    with pytest.raises(ExerciseError, match=r"replaces .HALVES., which exercise\.py lacks"):
        written(tmp_path, '{"HALVES": 1.0}').load("penalty")
