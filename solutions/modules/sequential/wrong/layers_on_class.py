# expected: out=failed; dx=failed; dW1=failed; dW2=failed
class Sequential:
    layers = []

    def __init__(self, *layers):
        self.layers.extend(layers)

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dout):
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        return dout
