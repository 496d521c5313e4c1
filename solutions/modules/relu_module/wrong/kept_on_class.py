# expected: out=passed; dx=failed
class ReLU:

    def forward(self, x):
        ReLU.positive = x > 0
        return x.clamp(min=0)

    def backward(self, dout):
        return dout * ReLU.positive
