# expected: loss=failed:sum-instead-of-mean; dx=failed:sum-instead-of-mean; dx_scaled=failed:sum-instead-of-mean
import torch


class CrossEntropy:

    def forward(self, x, y):
        loss = None
        shifted = x - x.max(1, keepdim=True).values
        logprobs = shifted - shifted.exp().sum(1, keepdim=True).log()
        self.probs, self.y = logprobs.exp(), y
        loss = -logprobs[torch.arange(len(y)), y].sum()
        return loss

    def backward(self, dout=1.0):
        dx = None
        dx = self.probs.clone()
        dx[torch.arange(len(self.y)), self.y] -= 1
        dx = dout * dx
        return dx
