"""The computation graph is what the forward pass did, in the author's own names."""

import re

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


def test_axes_that_may_be_of_one_size_keep_their_names() -> None:
    """Conditions let lengths coincide; a result's axis has the name that is right under other sizes too."""

    def windows(x: Float[Tensor, "N C W"], w: Float[Tensor, "K"]) -> Float[Tensor, "N C W-K+1"]:
        parts = x.unfold(2, w.shape[0], 1)
        flat = parts.flatten(2)
        return parts @ w + 0 * flat.sum()

    exercise = Exercise(
        entry_point="f",
        forward=windows,
        asks={"dx": Gradient("x", upstream="dout")},
        sizes={"N": (1, 3), "C": (1, 3), "W": (1, 4), "K": (1, 4)},
        conditions=("W >= K",),
    ).named("f")
    shapes = {node.name or node.label: node.shape for node in graph(exercise)}
    assert shapes["x"] == "(N, C, W)"
    assert shapes["parts"] == "(N, C, W-K+1, K)"
    assert shapes["flat"] == "(N, C, ·)"
    assert shapes["windows"] == "(N, C, W-K+1)"


def test_each_of_several_results_of_an_operation_is_a_box() -> None:
    """What `max` or `chunk` gives is followed to the end, in boxes as wide as their words."""

    def largest(x: Float[Tensor, "N 2*D"]) -> Float[Tensor, "N"]:
        left, right = x.chunk(2, dim=1)
        a_long_name_for_a_product_of_halves = left * right
        return a_long_name_for_a_product_of_halves.max(dim=1).values

    sizes = {"N": (1, 4), "D": (1, 4)}
    exercise = Exercise(entry_point="f", forward=largest, asks={"dx": Gradient("x")}, sizes=sizes).named("f")
    assert describe(graph(exercise)) == (
        "left (N, D) from x by chunk; right (N, D) from x by chunk; "
        "a_long_name_for_a_product_of_halves (N, D) from left, right by ×; "
        "largest (N,) from a_long_name_for_a_product_of_halves by max."
    )
    wide = re.findall(r'width="([\d.]+)" height="44" .*?class="shape"[^>]*>([^<]*)<', figure(exercise))
    assert all(float(width) > 5.5 * len(text) for width, text in wide)
