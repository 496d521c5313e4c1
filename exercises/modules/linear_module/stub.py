"""A linear module: fill in Linear and hand in this file. An output that is not done yet stays None."""

import torch


class Linear:
    """y = x W + b.

    W: shape (in_features, out_features); b: shape (out_features,); dW, db: their gradients, which add up over calls of
    `backward` until `zero_grad`.
    """

    def __init__(self, in_features, out_features):
        self.W = torch.randn(in_features, out_features) / in_features**0.5
        self.b = torch.zeros(out_features)
        self.dW, self.db = None, None
        self.zero_grad()

    def zero_grad(self):
        """Forgets the gradients."""
        # YOUR CODE HERE

    def forward(self, x):
        """Returns the output for observations x of shape (N, in_features), and keeps what backward needs."""
        out = None
        # YOUR CODE HERE
        return out

    def backward(self, dout):
        """Returns the gradient with respect to x, and adds those of W and b to dW and db.

        dout: the gradient that arrives at the output, shape (N, out_features)
        """
        dx = None
        # YOUR CODE HERE
        return dx
