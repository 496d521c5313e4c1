# expected: out=passed; new_running_mean=passed; new_running_var=passed; dx=passed; dgamma=passed; dbeta=passed; dgamma_of_two_calls=passed; dbeta_of_two_calls=passed; dgamma_after_zero_grad=passed; out_in_evaluation=failed
import torch


class BatchNorm1d:

    eps = 1e-5
    momentum = 0.1

    def __init__(self, num_features):
        self.gamma, self.beta = torch.ones(num_features), torch.zeros(num_features)
        self.running_mean, self.running_var = torch.zeros(num_features), torch.ones(num_features)
        self.training = True
        self.dgamma, self.dbeta = None, None
        self.zero_grad()

    def zero_grad(self):
        self.dgamma, self.dbeta = torch.zeros_like(self.gamma), torch.zeros_like(self.beta)

    def forward(self, x):
        out = None
        old_mean, old_var = self.running_mean, self.running_var
        mean, var = x.mean(0), x.var(0, unbiased=False)
        self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
        self.running_var = (1 - self.momentum) * self.running_var + self.momentum * var
        if not self.training:
            return self.gamma * (x - old_mean) / torch.sqrt(old_var + self.eps) + self.beta
        self.std = torch.sqrt(var + self.eps)
        self.xhat = (x - mean) / self.std
        out = self.gamma * self.xhat + self.beta
        return out

    def backward(self, dout):
        dx = None
        self.dgamma += (dout * self.xhat).sum(0)
        self.dbeta += dout.sum(0)
        dxhat = dout * self.gamma
        dx = (dxhat - dxhat.mean(0) - self.xhat * (dxhat * self.xhat).mean(0)) / self.std
        return dx
