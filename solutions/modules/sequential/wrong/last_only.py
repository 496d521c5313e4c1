# expected: out=passed; dx=failed; dW1=missing; dW2=passed
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
        dx = self.layers[-1].backward(dx)
        return dx
