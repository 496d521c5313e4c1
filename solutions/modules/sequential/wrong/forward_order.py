# expected: out=passed; dx=errored; dW1=errored; dW2=errored
class Sequential:

    def __init__(self, *layers):
        self.layers = layers

    def forward(self, x):
        out = None
        out = x
        for layer in self.layers:
            out = layer.forward(out)
        return out

    def backward(self, dout):
        dx = None
        dx = dout
        for layer in self.layers:
            dx = layer.backward(dx)
        return dx
