import torch


class Sigmoid:
    def forward(self, x):
        self.x = x
        return 0.5 * (1 + torch.tanh(x / 2))

    def backward(self, dout):
        return dout * (self.forward(self.x) - self.forward(self.x) ** 2)
