"""Perturb and see: what a wrong result depends on and should not, or does not and should."""

from __future__ import annotations

from typing import Any

import pytest

SOURCE = """
import torch
calls = []

def vector_matrix_derivative(W, x):
    rows = x.reshape(-1, len(W)).sum(0)
    right = rows[:, None].repeat(1, W.shape[1])
    {}
"""


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        (
            "calls.append(1); return right + len(calls)",
            "dy_dW comes out differently when the function is called again with the same inputs: "
            "is something kept from one call to the next?",
        ),
        ("return right + W", "dy_dW changes when W is made a quarter larger, and the right answer does not."),
        (
            "return torch.arange(1.0, 1 + W.numel()).reshape(W.shape)",
            "dy_dW stays the same when x is made a quarter larger, and the right answer does not.",
        ),
        ("return right + right.sum()", None),
    ],
)
def test_what_a_result_depends_on(grade: Any, line: str, hint: str | None) -> None:
    """A sentence where every example agrees, and silence where the inputs are the right ones."""
    result = grade("vector_matrix_derivative", SOURCE.format(line), with_chain=False)
    assert result.checks[0].hint == hint
