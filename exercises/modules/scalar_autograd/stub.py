"""A scalar autograd engine: fill in Value and hand in this file."""

import math


class Value:
    """A number in a graph.

    data: the number; grad: the derivative of the result of the last backward passes with respect to it.
    """

    def __init__(self, data, parents=()):
        self.data = data
        self.grad = 0.0
        self._parents = parents
        self._backward = lambda: None

    def __add__(self, other):
        # YOUR CODE HERE
        raise NotImplementedError

    def __mul__(self, other):
        # YOUR CODE HERE
        raise NotImplementedError

    def __pow__(self, power):
        # YOUR CODE HERE
        raise NotImplementedError

    def relu(self):
        # YOUR CODE HERE
        raise NotImplementedError

    def tanh(self):
        # YOUR CODE HERE
        raise NotImplementedError

    def exp(self):
        # YOUR CODE HERE
        raise NotImplementedError

    def backward(self):
        """Adds the derivatives of this number to the `grad` of every number that it was made of."""
        # YOUR CODE HERE
        raise NotImplementedError

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + (-other)

    def __truediv__(self, other):
        return self * other**-1

    def __radd__(self, other):
        return self + other

    def __rsub__(self, other):
        return other + (-self)

    def __rmul__(self, other):
        return self * other

    def __rtruediv__(self, other):
        return other * self**-1
