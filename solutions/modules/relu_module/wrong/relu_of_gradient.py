# expected: out=passed; dx=failed
class ReLU:

    def forward(self, x):
        out = None
        self.positive = x > 0
        out = x.clamp(min=0)
        return out

    def backward(self, dout):
        dx = None
        dx = dout.clamp(min=0)
        return dx
