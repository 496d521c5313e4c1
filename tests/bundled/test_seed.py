"""The numbers that the learner's notebook recorded, computed again by the course's reference solutions.

The notebook prints four decimals, so its inputs are known to within half a digit of the last place. The
tolerance of each number is what that can do to it: the sum of the absolute derivatives by all printed
inputs, times half a digit, and half a digit for the printed result itself.
"""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from grader.course.catalog import Catalog

HALF_DIGIT = 0.5e-4
Reference = Callable[[str], Callable[..., object]]


def assert_recorded(actual: Tensor, recorded: object, slack: Tensor | float = 0.0) -> None:
    """Equal to the printed numbers, as far as their digits go."""
    printed = torch.as_tensor(recorded)
    assert actual.shape == printed.shape
    assert bool(((actual - printed).abs() <= slack + HALF_DIGIT).all()), f"{actual} is not {printed}"


def slack(function: Callable[..., Tensor], *printed: Tensor) -> Tensor:
    """What half a digit in each entry of the printed inputs can do to each entry of the result."""
    jacobians = torch.autograd.functional.jacobian(function, printed)
    shape = function(*printed).shape
    return sum((j.abs().reshape(*shape, -1).sum(-1) * HALF_DIGIT for j in jacobians), start=torch.zeros(shape))


def test_the_efficiently_stored_jacobian(reference: Reference) -> None:
    """x = [1, 2] and three hidden units: [[1, 1, 1], [2, 2, 2]]."""
    derivative = reference("vector_matrix_derivative")
    assert_recorded(derivative(torch.zeros(2, 3), torch.tensor([1.0, 2.0])), [[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]])
    J = reference("full_jacobian")(torch.tensor([1.0, 2.0]), torch.zeros(2, 3), torch.ones(3))[1]
    assert_recorded(J, [[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]])


@pytest.mark.parametrize(
    ("x", "recorded"),
    [
        ([[1.0, 2.0], [10.0, 20.0]], [[11.0] * 3, [22.0] * 3]),
        ([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [[5.0] * 4, [7.0] * 4, [9.0] * 4]),
        ([[1.0, 2.0], [3.0, 4.0]], [[4.0] * 3, [6.0] * 3]),
    ],
)
def test_sums_of_jacobians(reference: Reference, x: list[list[float]], recorded: list[list[float]]) -> None:
    """[[11, 11, 11], [22, 22, 22]], [[5..], [7..], [9..]] and the batch's [[4..], [6..]]."""
    W = torch.zeros(len(recorded), len(recorded[0]))
    assert_recorded(reference("vector_matrix_derivative")(W, torch.tensor(x)), recorded)


def test_the_hidden_states_of_two_observations(reference: Reference) -> None:
    """H = XW for the printed W."""
    X = torch.tensor([[1.0, 2.0], [10.0, 20.0]])
    W = torch.tensor([[0.4463, -0.7549, -0.3479], [-0.3383, 2.6471, -0.3953]])
    h = reference("forward_pass")(X, torch.zeros(2), W, torch.zeros(3))[0]
    recorded = [[-0.2304, 4.5393, -1.1385], [-2.3036, 45.3927, -11.3849]]
    assert_recorded(h, recorded, slack(lambda W: X @ W, W))


def test_the_score_through_relu(reference: Reference) -> None:
    """dscore_dW from the printed output weights and mask; any W with that mask gives the same."""
    X = torch.tensor([[1.0, 2.0], [10.0, 20.0]])
    W = torch.tensor([[-1.0, 1.0, 1.0], [0.0, 0.0, 0.0]])
    wout = torch.tensor([-1.3943, -1.8474, 1.7084])
    dscore_dW = reference("score_gradient")(X, W, wout)[0]
    recorded = [[0.0, -20.3211, 18.7920], [0.0, -40.6421, 37.5840]]
    assert_recorded(dscore_dW, recorded, slack(lambda w: X.T @ (w * (X @ W > 0)), wout))


def test_the_links_of_the_score(courses: Catalog) -> None:
    """The mask that the printed W gives, and the output weights once per observation."""
    chain = courses.chain("score_gradient")
    assert chain is not None
    wout = torch.tensor([-1.3943, -1.8474, 1.7084])
    inputs = {
        "X": torch.tensor([[1.0, 2.0], [10.0, 20.0]]),
        "W": torch.tensor([[-1.0, 1.0, 1.0], [0.0] * 3]),
        "wout": wout,
    }
    dhact_dh, dscore_dhact = chain.evaluate(("dhact_dh", "dscore_dhact"), inputs)
    assert_recorded(dhact_dh, [[0.0, 1.0, 1.0]] * 2)
    assert_recorded(dscore_dhact, [[-1.3943, -1.8474, 1.7084]] * 2)


X1, T1 = torch.tensor([1.0, 2.0]), torch.tensor([1.0])
H1 = torch.tensor([-1.0, 1.9175, -1.0])
"""Printed: hact = [0, 1.9175, 0]; what the units that are off hold does not matter."""
W1, WOUT1 = torch.stack([H1, torch.zeros(3)]), torch.tensor([0.7842, -1.0667, -0.1411])


def of_one(part: str) -> Callable[[Tensor, Tensor], Tensor]:
    """A printed quantity of the single observation, from the first row of W and from wout."""

    def function(h: Tensor, wout: Tensor) -> Tensor:
        prob = torch.sigmoid(torch.relu(h) @ wout)
        dloss_dscore = 2 * (prob - 1) * prob * (1 - prob)
        parts = {
            "dloss_dprob": 2 * (prob - 1),
            "dprob_dscore": prob * (1 - prob),
            "dloss_dwout": dloss_dscore * torch.relu(h),
            "dloss_dW": torch.outer(X1, dloss_dscore * wout * (h > 0)),
        }
        return parts[part]

    return function


def test_the_local_derivatives_of_one_observation(reference: Reference) -> None:
    """dloss/dprob, dprob/dscore, dscore/dwout, dscore/dhact, dhact/dh and dh/dW as printed."""
    found = reference("local_derivatives")(X1, T1[0], W1, WOUT1)
    assert_recorded(found[0], -1.7710, slack(of_one("dloss_dprob"), H1, WOUT1))
    assert_recorded(found[1], 0.10139695554971695, slack(of_one("dprob_dscore"), H1, WOUT1))
    assert_recorded(found[2], [0.0, 1.9175, 0.0])
    assert_recorded(found[3], [0.7842, -1.0667, -0.1411])
    assert_recorded(found[4], [0.0, 1.0, 0.0])
    assert_recorded(found[5], [[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]])


def test_the_gradients_of_one_observation(reference: Reference) -> None:
    """dloss/dwout and dloss/dW as printed, and as torch printed them."""
    dloss_dwout, dloss_dW = reference("single_observation_backprop")(X1, T1, W1, WOUT1)
    assert_recorded(dloss_dwout, [0.0, -0.3443, 0.0], slack(of_one("dloss_dwout"), H1, WOUT1))
    assert_recorded(dloss_dW, [[0.0, 0.1916, 0.0], [0.0, 0.3831, 0.0]], slack(of_one("dloss_dW"), H1, WOUT1))


X2, T2 = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([0.0, 1.0])
HACT2 = torch.tensor([[0.7286, 0.0, 0.7915], [1.0827, 0.0, 1.6188]])
WOUT2 = torch.tensor([-0.6984, 0.4187, 0.2163])


def weights_of(hact: Tensor) -> Tensor:
    """The W that gives these hidden values; the second unit, off for both observations, gets a negative column."""
    return torch.linalg.solve(X2, hact) - torch.tensor([[0.0, 1.0, 0.0], [0.0, 1.0, 0.0]])


def of_batch(part: str) -> Callable[[Tensor, Tensor], Tensor]:
    """A printed quantity of the batch, from the printed hidden values and output weights."""

    def function(hact: Tensor, wout: Tensor) -> Tensor:
        prob = torch.sigmoid(hact @ wout)
        dloss_dscore = 2 * (prob - T2) * prob * (1 - prob)
        parts = {
            "dloss_dprob": 2 * (prob - T2),
            "dprob_dscore": prob * (1 - prob),
            "dloss_dwout": dloss_dscore @ hact,
            "dloss_dW": X2.T @ (dloss_dscore[:, None] * wout * (hact > 0)),
        }
        return parts[part]

    return function


def test_the_links_of_the_batch(courses: Catalog) -> None:
    """dscore/dwout (the hidden values), dloss/dprob, dprob/dscore and the mask, as links of the course's own chain."""
    chain = courses.chain("batched_backward")
    assert chain is not None
    inputs = {"X": X2, "t": T2, "W": weights_of(HACT2), "wout": WOUT2}
    links = ("hact", "dloss_dprob", "dprob_dscore", "dhact_dh")
    hact, dloss_dprob, dprob_dscore, dhact_dh = chain.evaluate(links, inputs)
    assert_recorded(hact, HACT2)
    assert_recorded(dloss_dprob, [0.8328, -1.2002], slack(of_batch("dloss_dprob"), HACT2, WOUT2))
    assert_recorded(dprob_dscore, [0.2430, 0.2400], slack(of_batch("dprob_dscore"), HACT2, WOUT2))
    assert_recorded(dhact_dh, [[1.0, 0.0, 1.0], [1.0, 0.0, 1.0]])


def test_the_gradients_of_the_batch(reference: Reference) -> None:
    """dloss/dwout, and the W.grad that the notebook could not reach by hand."""
    dloss_dW, dloss_dwout = reference("batched_backward")(X2, T2, weights_of(HACT2), WOUT2)
    assert_recorded(dloss_dwout, [-0.1644, 0.0, -0.3061], slack(of_batch("dloss_dwout"), HACT2, WOUT2))
    recorded = [[0.4621, 0.0, -0.1432], [0.5220, 0.0, -0.1617]]
    assert_recorded(dloss_dW, recorded, slack(of_batch("dloss_dW"), HACT2, WOUT2))


def test_the_line_at_which_the_notebook_broke_off(courses: Catalog, reference: Reference) -> None:
    """The (3, 3) "derivative" of the output layer, and torch's own words about multiplying everything."""
    helper = reference("vector_matrix_derivative")(torch.zeros(3, 3), WOUT2)
    assert_recorded(helper, [[-0.6984] * 3, [0.4187] * 3, [0.2163] * 3])
    chain = courses.chain("batched_backward")
    assert chain is not None
    (mistake,) = (known for known in chain.misconceptions if known.slug == "everything-multiplied")
    inputs = {"X": X2, "t": T2, "W": weights_of(HACT2), "wout": WOUT2}
    with pytest.raises(RuntimeError, match=r"size of tensor a \(2\) must match the size of tensor b \(3\)"):
        chain.evaluate(("dloss_dW",), inputs, mistake)
