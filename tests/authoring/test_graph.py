"""The computation graph is what the forward pass did, in the author's own names."""

import torch
from jaxtyping import Float
from torch import Tensor

from grader.authoring.figure import figure
from grader.authoring.graph import describe, graph
from grader.exercise import Exercise, Gradient


def loss(
    X: Float[Tensor, "N D"], W: Float[Tensor, "D H"], b: Float[Tensor, "H"], unused: Float[Tensor, "D"], lr: float
) -> Float[Tensor, ""]:
    h = X @ W + b
    hact = torch.relu(h)
    return (2 * hact - b).pow(3).sum() * lr


EXERCISE = Exercise(
    entry_point="f", forward=loss, asks={"dW": Gradient("W")}, sizes={"N": (1, 4), "D": (1, 4), "H": (1, 4)}
).named("f")


def test_nodes_have_names_and_shapes() -> None:
    """Local variables name results, axes are called by their names, and an unused input is left out."""
    words = describe(graph(EXERCISE))
    assert words == (
        "step 4 (N, H) from X, W by matmul; h (N, H) from step 4, b by +; hact (N, H) from h by relu; "
        "step 7 (N, H) from hact by × 2; step 8 (N, H) from step 7, b by −; step 9 (N, H) from step 8 by power 3; "
        "step 10 () from step 9 by sum; loss () from step 10 by × lr."
    )


def test_the_side_of_a_number_is_kept() -> None:
    """`1 - p` and `p - 1` look different, and so do `2 / p` and `p / 2`."""

    def sides(p: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
        return (1 - p) * (p - 1) + 2 / p + p / 2

    exercise = Exercise(entry_point="f", forward=sides, asks={"dp": Gradient("p")}, sizes={"N": (1, 4)}).named("f")
    labels = {node.label for node in graph(exercise)}
    assert {"1 −", "− 1", "2 ÷", "÷ 2"} <= labels


def test_an_input_used_twice_has_two_arrows() -> None:
    """The figure has one box per node and one arrow per use; long arrows bend around the boxes between."""
    drawn = figure(EXERCISE)
    nodes = graph(EXERCISE)
    assert drawn.count('class="input"') + drawn.count('class="step"') == len(nodes)
    assert drawn.count('class="edge"') == sum(len(node.parents) for node in nodes)


def test_boxes_do_not_overlap() -> None:
    """Every box has a place of its own."""
    places = [part.split(" width")[0] for part in figure(EXERCISE).split("<rect ")[2:]]
    assert len({part[part.index("x=") :] for part in places}) == len(graph(EXERCISE))


def test_the_same_exercise_gives_the_same_bytes() -> None:
    """A release is reproducible."""
    assert figure(EXERCISE) == figure(EXERCISE)
