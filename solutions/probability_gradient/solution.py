import torch
from torch import Tensor


def probability_gradient(x: Tensor, W: Tensor, v: Tensor) -> tuple[Tensor | None, Tensor | None]:
    """The gradients of the probability f = sigmoid(x @ W @ v).

    Args:
        x: one observation, shape (D,)
        W: hidden weights, shape (D, H)
        v: output weights, shape (H,)

    Returns:
        df_dW, shape (D, H)
        df_dv, shape (H,)
    """
    df_dW = df_dv = None
    ### BEGIN SOLUTION
    h = x @ W
    f = torch.sigmoid(h @ v)
    df_dout = f * (1 - f)
    df_dW = df_dout * torch.outer(x, v)
    df_dv = df_dout * h
    ### END SOLUTION
    return df_dW, df_dv
