"""One small forward pass for each operation of the tables, and inputs that its rules fit."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

INDEX = torch.tensor([0, 2, 0, 1])
CLASSES = torch.tensor([1, 0, 2])
MASK = torch.tensor([[True, False, True, False]] * 3)

ONE: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": lambda x: torch.relu(x),
    "sigmoid": lambda x: torch.sigmoid(x),
    "tanh": lambda x: torch.tanh(x),
    "pow": lambda x: x**2,
    "exp": lambda x: x.exp(),
    "log": lambda x: torch.log(x.abs()),
    "sqrt": lambda x: torch.sqrt(x.abs() + 1e-3),
    "rsqrt": lambda x: torch.rsqrt(x.abs() + 1e-3),
    "reciprocal": lambda x: torch.reciprocal(x),
    "softplus": lambda x: F.softplus(x),
    "gelu": lambda x: F.gelu(x),
    "silu": lambda x: F.silu(x),
    "leaky_relu": lambda x: F.leaky_relu(x, 0.2),
    "elu": lambda x: F.elu(x),
    "abs": lambda x: abs(x),
    "neg": lambda x: -x,
    "sin": lambda x: torch.sin(x),
    "cos": lambda x: torch.cos(x),
    "clamp": lambda x: x.clamp(-0.5, 0.5),
    "hardtanh": lambda x: F.hardtanh(x),
    "sum": lambda x: x.sum(1),
    "mean": lambda x: x.mean(1),
    "mean_square": lambda x: (x**2).mean(1),
    "cumsum": lambda x: x.cumsum(0),
    "prod": lambda x: x.prod(1),
    "max": lambda x: x.max(1).values,
    "min": lambda x: x.amin(1),
    "softmax": lambda x: F.softmax(x, 1),
    "log_softmax": lambda x: x.log_softmax(1),
    "logsumexp": lambda x: torch.logsumexp(x, 1),
    "norm": lambda x: x.norm(),
    "var": lambda x: x.var(1),
    "std": lambda x: x.std(1),
    "index": lambda x: x[INDEX],
    "embedding": lambda x: F.embedding(INDEX, x),
    "masked_fill": lambda x: x.masked_fill(MASK, 0.0),
    "tril": lambda x: x.tril(),
    "triu": lambda x: x.triu(),
    "transpose": lambda x: x.transpose(0, 1),
    "permute": lambda x: x.permute(1, 0),
    "max_pool": lambda x: F.max_pool1d(x[None], 3, 1),
    "avg_pool": lambda x: F.avg_pool1d(x[None], 3, 1),
    "cross_entropy": lambda x: F.cross_entropy(x, CLASSES),
    "nll_loss": lambda x: F.nll_loss(x, CLASSES),
}
"""Of one matrix of shape (3, 4)."""

TWO: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "matmul": lambda x, w: x @ w.T,
    "linear": lambda x, w: F.linear(x, w, w[:, 0]),
    "einsum": lambda x, w: torch.einsum("nd,hd->nh", x, w),
    "outer": lambda x, w: torch.outer(x[0], w[0]),
    "conv": lambda x, w: F.conv1d(x[:, None], w[:2, None, :2], w[2, :2]),
    "add": lambda x, w: x + w[0],
    "sub": lambda x, w: x - w[0],
    "mul": lambda x, w: x * w[0],
    "div": lambda x, w: x / w[0],
    "maximum": lambda x, w: torch.maximum(x, w),
    "minimum": lambda x, w: torch.minimum(x, w),
    "where": lambda x, w: torch.where(MASK, x, w),
    "cat": lambda x, w: torch.cat([x, w]),
    "stack": lambda x, w: torch.stack([x, w]),
    "layer_norm": lambda x, w: F.layer_norm(x, (4,), w[0], w[1]),
    "batch_norm": lambda x, w: F.batch_norm(x, None, None, w[0], w[1], training=True),
    "mse_loss": lambda x, w: F.mse_loss(x, w),
    "l1_loss": lambda x, w: F.l1_loss(x, w),
    "binary_cross_entropy_with_logits": lambda x, w: F.binary_cross_entropy_with_logits(x, torch.sigmoid(w)),
    "binary_cross_entropy": lambda x, w: F.binary_cross_entropy(torch.sigmoid(x), torch.sigmoid(w)),
    "kl_div": lambda x, w: F.kl_div(x, torch.sigmoid(w), reduction="sum"),
}
"""Of two matrices of shape (3, 4)."""
