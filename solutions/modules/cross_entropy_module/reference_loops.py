import torch


class CrossEntropy:
    def forward(self, x, y):
        self.x, self.y = x, y
        losses = [torch.logsumexp(row, 0) - row[int(label)] for row, label in zip(x, y, strict=True)]
        return sum(losses) / len(losses)

    def backward(self, dout=1.0):
        rows = []
        for row, label in zip(self.x, self.y, strict=True):
            probs = torch.exp(row - torch.logsumexp(row, 0))
            one = torch.zeros_like(row)
            one[label] = 1.0
            rows.append((probs - one) * dout / len(self.x))
        return torch.stack(rows)
