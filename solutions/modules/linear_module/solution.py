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
        ### BEGIN SOLUTION
        self.dW = torch.zeros_like(self.W)
        self.db = torch.zeros_like(self.b)
        ### END SOLUTION

    def forward(self, x):
        """Returns the output for observations x of shape (N, in_features), and keeps what backward needs."""
        out = None
        ### BEGIN SOLUTION
        self.x = x
        out = x @ self.W + self.b
        ### END SOLUTION
        return out

    def backward(self, dout):
        """Returns the gradient with respect to x, and adds those of W and b to dW and db.

        dout: the gradient that arrives at the output, shape (N, out_features)
        """
        dx = None
        ### BEGIN SOLUTION
        self.dW += self.x.T @ dout
        self.db += dout.sum(0)
        dx = dout @ self.W.T
        ### END SOLUTION
        return dx
