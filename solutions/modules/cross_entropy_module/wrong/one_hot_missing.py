# expected: loss=passed; dx=failed; dx_scaled=failed
import torch


class CrossEntropy:

    def forward(self, x, y):
        loss = None
        shifted = x - x.max(1, keepdim=True).values
        logprobs = shifted - shifted.exp().sum(1, keepdim=True).log()
        self.probs, self.y = logprobs.exp(), y
        loss = -logprobs[torch.arange(len(y)), y].mean()
        return loss

    def backward(self, dout=1.0):
        dx = None
        dx = self.probs.clone()
        dx = dout * dx / len(self.y)
        return dx
