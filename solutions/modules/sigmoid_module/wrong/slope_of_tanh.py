# expected: out=passed; dx=failed
import torch


class Sigmoid:

    def forward(self, x):
        out = None
        out = self.out = 1 / (1 + torch.exp(-x))
        return out

    def backward(self, dout):
        dx = None
        dx = dout * (1 - self.out**2)
        return dx
