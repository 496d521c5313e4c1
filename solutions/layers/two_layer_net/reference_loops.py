import numpy as np


class TwoLayerNet:
    def __init__(self, input_dim, hidden_dim, num_classes, weight_scale, reg):
        self.params, self.reg = {}, reg

    def forward(self, row):
        h = np.array([row.dot(self.params["W1"][:, k]) + b for k, b in enumerate(self.params["b1"])])
        a = np.where(h > 0, h, 0)
        return h, a, np.array([a.dot(self.params["W2"][:, c]) + b for c, b in enumerate(self.params["b2"])])

    def loss(self, X, y=None):
        results = [self.forward(row) for row in X]
        if y is None:
            return np.array([scores for _, _, scores in results])
        grads = {name: np.zeros_like(value) for name, value in self.params.items()}
        total = 0.0
        for row, label, (h, a, scores) in zip(X, y, results, strict=True):
            probs = np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum()
            total -= np.log(probs[label]) / len(X)
            for c in range(len(scores)):
                d = (probs[c] - (1 if c == label else 0)) / len(X)
                grads["b2"][c] += d
                grads["W2"][:, c] += d * a
                for k in range(len(h)):
                    if h[k] > 0:
                        grads["b1"][k] += d * self.params["W2"][k, c]
                        grads["W1"][:, k] += d * self.params["W2"][k, c] * row
        for name in ("W1", "W2"):
            total += self.reg / 2 * np.sum(self.params[name] ** 2)
            grads[name] += self.reg * self.params[name]
        return total, grads
