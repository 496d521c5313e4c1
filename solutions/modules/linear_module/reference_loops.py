import torch


class Linear:
    def __init__(self, in_features, out_features):
        self.W, self.b = torch.ones(in_features, out_features), torch.zeros(out_features)
        self.dW, self.db = 0, 0

    def zero_grad(self):
        self.dW, self.db = 0, 0

    def forward(self, x):
        self.rows = x.clone()
        out = torch.zeros(len(x), self.W.shape[1])
        for n, row in enumerate(x):
            for h in range(self.W.shape[1]):
                out[n, h] = (row * self.W[:, h]).sum() + self.b[h]
        return out

    def backward(self, dout):
        dx, dW, db = torch.zeros_like(self.rows), torch.zeros_like(self.W), torch.zeros_like(self.b)
        for n, row in enumerate(self.rows):
            for h in range(len(db)):
                dW[:, h] += dout[n, h] * row
                db[h] += dout[n, h]
                dx[n] += dout[n, h] * self.W[:, h]
        self.dW, self.db = self.dW + dW, self.db + db
        return dx
