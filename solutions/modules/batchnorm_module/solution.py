import torch


class BatchNorm1d:
    """Normalises every feature over the batch, then scales and shifts it.

    gamma, beta, running_mean, running_var: shape (num_features,); dgamma, dbeta: gradients; training: the mode.
    """

    eps = 1e-5
    momentum = 0.1

    def __init__(self, num_features):
        self.gamma, self.beta = torch.ones(num_features), torch.zeros(num_features)
        self.running_mean, self.running_var = torch.zeros(num_features), torch.ones(num_features)
        self.training = True
        self.dgamma, self.dbeta = None, None
        self.zero_grad()

    def zero_grad(self):
        """Forgets the gradients."""
        ### BEGIN SOLUTION
        self.dgamma, self.dbeta = torch.zeros_like(self.gamma), torch.zeros_like(self.beta)
        ### END SOLUTION

    def forward(self, x):
        """Returns the output for x of shape (N, num_features); updates the running statistics in training."""
        out = None
        ### BEGIN SOLUTION
        if not self.training:
            return self.gamma * (x - self.running_mean) / torch.sqrt(self.running_var + self.eps) + self.beta
        mean, var = x.mean(0), x.var(0, unbiased=False)
        self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
        self.running_var = (1 - self.momentum) * self.running_var + self.momentum * var
        self.std = torch.sqrt(var + self.eps)
        self.xhat = (x - mean) / self.std
        out = self.gamma * self.xhat + self.beta
        ### END SOLUTION
        return out

    def backward(self, dout):
        """Returns the gradient with respect to x in training, and adds those of gamma and beta to dgamma and dbeta."""
        dx = None
        ### BEGIN SOLUTION
        self.dgamma += (dout * self.xhat).sum(0)
        self.dbeta += dout.sum(0)
        dxhat = dout * self.gamma
        dx = (dxhat - dxhat.mean(0) - self.xhat * (dxhat * self.xhat).mean(0)) / self.std
        ### END SOLUTION
        return dx
