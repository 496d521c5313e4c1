# expected: value=passed; da=passed; db=passed; dc=passed; value_of_quotient=passed; da_of_quotient=passed; db_of_quotient=passed; dc_of_quotient=passed; value_of_functions=passed; da_of_functions=failed; dc_of_functions=passed; da_of_two_graphs=passed; da_of_reuse=failed
import math


class Value:

    def __init__(self, data, parents=()):
        self.data = data
        self.grad = 0.0
        self._parents = parents
        self._backward = lambda: None

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other))

        def step(grad):
            self.grad += grad
            other.grad += grad

        out._step = step
        return out
        raise NotImplementedError

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other))

        def step(grad):
            self.grad += other.data * grad
            other.grad += self.data * grad

        out._step = step
        return out
        raise NotImplementedError

    def __pow__(self, power):
        out = Value(self.data**power, (self,))

        def step(grad):
            self.grad += power * self.data ** (power - 1) * grad

        out._step = step
        return out
        raise NotImplementedError

    def relu(self):
        out = Value(max(0.0, self.data), (self,))

        def step(grad):
            self.grad += (self.data > 0) * grad

        out._step = step
        return out
        raise NotImplementedError

    def tanh(self):
        t = math.tanh(self.data)
        out = Value(t, (self,))

        def step(grad):
            self.grad += (1 - t) * grad

        out._step = step
        return out
        raise NotImplementedError

    def exp(self):
        e = math.exp(self.data)
        out = Value(e, (self,))

        def step(grad):
            self.grad += e * grad

        out._step = step
        return out
        raise NotImplementedError

    def backward(self):
        order, seen = [], set()

        def visit(node):
            if node not in seen:
                seen.add(node)
                for parent in node._parents:
                    visit(parent)
                order.append(node)

        visit(self)
        before = {node: node.grad for node in order}
        for node in order:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(order):
            if node._parents:
                node._step(node.grad)
        for node in order:
            node.grad += before[node]
        return
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
