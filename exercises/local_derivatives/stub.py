"""The local derivatives: fill in local_derivatives and hand in this file. An output that is not done yet stays None."""

import torch
from torch import Tensor


def local_derivatives(x: Tensor, t: Tensor, W: Tensor, wout: Tensor) -> tuple[Tensor | None, ...]:
    """Each link of the chain from W to the loss on its own, for one observation.

    The forward pass: h = x @ W, hact = relu(h), score = hact @ wout, prob = sigmoid(score), loss = (prob - t) ** 2.

    Args:
        x: one observation, shape (D,)
        t: its target, shape ()
        W: hidden weights, shape (D, H)
        wout: output weights, shape (H,)

    Returns:
        dloss_dprob, shape ()
        dprob_dscore, shape ()
        dscore_dwout, shape (H,)
        dscore_dhact, shape (H,)
        dhact_dh, shape (H,): the slope of relu at each hidden value
        dh_dW, shape (D, H): the compact Jacobian
    """
    dloss_dprob = dprob_dscore = dscore_dwout = dscore_dhact = dhact_dh = dh_dW = None
    # YOUR CODE HERE
    return dloss_dprob, dprob_dscore, dscore_dwout, dscore_dhact, dhact_dh, dh_dW
