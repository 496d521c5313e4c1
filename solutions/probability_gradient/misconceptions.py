"""What students get wrong about the gradient of f = sigmoid(x W v); numbers are those of the catalogue."""

import torch

from grader.misconception import Chain, Misconception

chain = Chain(
    links={
        "h": lambda x, W: x @ W,
        "out": lambda h, v: h @ v,
        "prob": lambda out: torch.sigmoid(out),
        "df_dout": lambda prob: prob * (1 - prob),
        "df_dv": lambda df_dout, h: df_dout * h,
        "df_dh": lambda df_dout, v: df_dout * v,
        "df_dW": lambda x, df_dh: torch.outer(x, df_dh),
    },
    misconceptions=(
        Misconception(
            "sigmoid-of-one-minus-out",  # 36
            {"df_dout": lambda out: torch.sigmoid(out) * torch.sigmoid(1 - out)},
            "1 - s(out) is not s(1 - out): try out = 0.",
        ),
        Misconception(
            "out-for-probability",  # 36
            {"df_dout": lambda out: out * (1 - out)},
            "The pattern is right; which quantity stands in it, out or its sigmoid?",
        ),
        Misconception(
            "sigmoid-of-the-probability",  # 34
            {"df_dout": lambda prob: torch.sigmoid(prob) * (1 - torch.sigmoid(prob))},
            "f is already s(out): another sigmoid on top is one too many.",
        ),
        Misconception(
            "no-sigmoid-derivative",  # 33
            {"df_dout": lambda prob: torch.ones_like(prob)},
            "One link of the chain is missing: between f and out sits sigmoid.",
        ),
        Misconception(
            "only-the-probability",  # 37
            {"df_dout": lambda prob: prob},
            "Half of sigmoid's derivative is missing: where f is 1 the curve is flat.",
        ),
        Misconception(
            "only-one-minus-probability",  # 38
            {"df_dout": lambda prob: 1 - prob},
            "Half of sigmoid's derivative is missing: where f is 0 the curve is flat too.",
        ),
        Misconception(
            "tanh-derivative",  # 39
            {"df_dout": lambda prob: 1 - prob * prob},
            "That is the derivative of tanh; sigmoid's is at most 1/4.",
        ),
        Misconception(
            "relu-where-there-is-none",
            {"df_dh": lambda df_dout, v, h: df_dout * v * (h > 0)},
            "This network has no ReLU: every hidden unit passes its gradient on.",
        ),
        Misconception(
            "no-output-weights",  # 42
            {"df_dh": lambda df_dout, v: df_dout * torch.ones_like(v)},
            "On its way back to h the gradient passes v.",
        ),
        Misconception(
            "v-as-its-own-derivative",  # 70
            {"df_dv": lambda df_dout, v: df_dout * v},
            "The derivative of a product by one factor is the other factor.",
        ),
        Misconception(
            "no-input",  # 43
            {"df_dW": lambda x, df_dh: torch.outer(torch.ones_like(x), df_dh)},
            "The last link is missing: how does h change with W?",
        ),
        Misconception(
            "transposed",  # 62
            {"df_dW": lambda x, df_dh: torch.outer(df_dh, x)},
            "Entry (d, h) pairs input d with hidden unit h: which vector runs down the rows?",
        ),
        Misconception(
            "reshaped-instead-of-transposed",  # 63
            {"df_dW": lambda x, df_dh: torch.outer(df_dh, x).reshape(len(x), -1)},
            "reshape keeps the order of the numbers and only moves the line breaks; it does not transpose.",
        ),
        Misconception(
            "entry-by-entry-instead-of-outer",
            {"df_dW": lambda x, df_dh: x * df_dh},
            "x and v have different lengths: every input meets every hidden unit, which is D times H products.",
        ),
        Misconception(
            "dot-product-instead-of-outer",
            {"df_dW": lambda x, df_dh, W: x.sum() * df_dh.sum() * torch.ones_like(W)},
            "Every weight has a derivative of its own: do not sum over the inputs or the hidden units.",
        ),
        Misconception(
            "one-row",
            {"df_dW": lambda x, df_dh: x.sum() * df_dh},
            "df/dW has W's shape: keep the input's index instead of summing over it.",
        ),
        Misconception(
            "sign-flipped",
            {"df_dW": lambda x, df_dh: -torch.outer(x, df_dh), "df_dv": lambda df_dout, h: -df_dout * h},
            "Every sign is the other way round. A gradient is not yet a step downhill.",
        ),
    ),
)
