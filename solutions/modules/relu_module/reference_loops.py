import torch


class ReLU:
    def forward(self, x):
        self.x = x
        return torch.where(x > 0, x, torch.zeros_like(x))

    def backward(self, dout):
        return torch.where(self.x > 0, dout, torch.zeros_like(dout))
