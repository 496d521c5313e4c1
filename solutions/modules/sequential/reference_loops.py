from functools import reduce


class Sequential:
    def __init__(self, *layers):
        self.layers = list(layers)

    def forward(self, x):
        return reduce(lambda value, layer: layer.forward(value), self.layers, x)

    def backward(self, dout):
        return reduce(lambda value, layer: layer.backward(value), self.layers[::-1], dout)
