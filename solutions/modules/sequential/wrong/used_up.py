# expected: out=passed; dx=failed; dW1=missing; dW2=missing
class Sequential:

    def __init__(self, *layers):
        self.layers = layers
        self.back = reversed(layers)

    def forward(self, x):
        out = x
        for layer in self.layers:
            out = layer.forward(out)
        return out

    def backward(self, dout):
        dx = dout
        for layer in self.back:
            dx = layer.backward(dx)
        return dx
