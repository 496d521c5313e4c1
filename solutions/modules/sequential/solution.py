class Sequential:
    """Modules one after another; each has `forward` and `backward`."""

    def __init__(self, *layers):
        self.layers = layers

    def forward(self, x):
        """Returns the output of the last module."""
        out = None
        ### BEGIN SOLUTION
        out = x
        for layer in self.layers:
            out = layer.forward(out)
        ### END SOLUTION
        return out

    def backward(self, dout):
        """Returns the gradient with respect to x; dout is the gradient that arrives at the output."""
        dx = None
        ### BEGIN SOLUTION
        dx = dout
        for layer in reversed(self.layers):
            dx = layer.backward(dx)
        ### END SOLUTION
        return dx
