"""A chain of modules: fill in Sequential and hand in this file. An output that is not done yet stays None."""

class Sequential:
    """Modules one after another; each has `forward` and `backward`."""

    def __init__(self, *layers):
        self.layers = layers

    def forward(self, x):
        """Returns the output of the last module."""
        out = None
        # YOUR CODE HERE
        return out

    def backward(self, dout):
        """Returns the gradient with respect to x; dout is the gradient that arrives at the output."""
        dx = None
        # YOUR CODE HERE
        return dx
