# expected: out=passed; dx=passed; dW=passed; db=failed; dW_of_two_calls=passed; db_of_two_calls=failed; dW_after_zero_grad=passed
import torch


class Linear:

    def __init__(self, in_features, out_features):
        self.W = torch.randn(in_features, out_features) / in_features**0.5
        self.b = torch.zeros(out_features)
        self.dW, self.db = None, None
        self.zero_grad()

    def zero_grad(self):
        self.dW = torch.zeros_like(self.W)
        self.db = torch.zeros_like(self.b)

    def forward(self, x):
        out = None
        self.x = x
        out = x @ self.W + self.b
        return out

    def backward(self, dout):
        dx = None
        self.dW += self.x.T @ dout
        self.db += dout.mean(0)
        dx = dout @ self.W.T
        return dx
