"""What can be said about wrong results without an author's list of mistakes, as in the student's own copy."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from jaxtyping import Float, Int
from torch import Tensor

from grader.cases import suite as cases
from grader.exercise import Exercise, Gradient, Integers, Size
from grader.grading.diagnose import DiagnosisCache
from grader.grading.grade import grade_exercise
from grader.sandbox import Sandbox

RIGHT = """
def right(X, t, W, wout):
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    g = 2 * (prob - t) * prob * (1 - prob)
    return X.T @ (g[:, None] * wout * (h > 0)), g @ hact


def batched_backward(X, t, W, wout):
    dW, dwout = right(X, t, W, wout)
    N, D = X.shape
    H = len(wout)
"""


def hints(grade: Any, lines: str) -> list[tuple[str | None, str | None]]:
    body = "".join(f"    {line}\n" for line in lines.splitlines())
    result = grade("batched_backward", RIGHT + body, with_chain=False)
    return [(check.misconception, check.hint) for check in result.checks]


def test_zeros_are_no_multiple_of_the_right_answer(grade: Any) -> None:
    """A placeholder is called one, and not "0 times the right answer divided by N"."""
    assert hints(grade, "return 0 * dW, 0 * dwout") == [(None, None), (None, None)]


@pytest.mark.parametrize("factor", ["1.0004", "0.9995"])
def test_nearly_the_right_answer_is_not_one_times_the_right_answer(grade: Any, factor: str) -> None:
    """A factor that reads as 1 is no mistake that can be named."""
    (slug, hint), _ = hints(grade, f"return {factor} * dW, dwout")
    assert slug != "constant-factor"
    assert "times" not in (hint or "")


@pytest.mark.parametrize(
    ("lines", "slug", "hint"),
    [
        (
            "return dW.T, dwout",
            "transposed",
            "dloss_dW is the transpose of the right answer: a gradient has the shape of what it is taken by.",
        ),
        (
            "return dW.T.reshape(D, H), dwout",
            "reshaped-instead-of-transposed",
            "dloss_dW holds the right numbers in the wrong places: reshape keeps their order, it does not transpose.",
        ),
        (
            "return -dW, dwout",
            "sign-flipped",
            "Every sign of this gradient is the other way round.",
        ),
        (
            "return dW.abs(), dwout",
            "absolute-values",
            "dloss_dW has lost its minus signs: is there an abs() (or a square and a root) too many?",
        ),
        (
            "return dW.clamp(min=0), dwout",
            "relu-on-the-result",
            "dloss_dW is right where it is positive and 0 elsewhere: may a derivative be negative?",
        ),
        (
            "out = torch.zeros_like(dW); out[-1] = dW[-1]; return out, dwout",
            "only-last-row",
            "Only the last row of dloss_dW is filled: is something overwritten in a loop?",
        ),
        (
            "out = torch.zeros_like(dW); out[0] = dW[0]; return out, dwout",
            "only-first-row",
            "Only the first row of dloss_dW is filled: does a loop return or stop too early?",
        ),
        (
            "out = torch.zeros_like(dW); out[:, -1] = dW[:, -1]; return out, dwout",
            "only-last-column",
            "Only the last column of dloss_dW is filled: is something overwritten in a loop?",
        ),
        (
            "out = torch.zeros_like(dW); out[:, 0] = dW[:, 0]; return out, dwout",
            "only-first-column",
            "Only the first column of dloss_dW is filled: does a loop return or stop too early?",
        ),
        (
            "return dW[None], dwout",
            "extra-axis-in-front",
            "dloss_dW has an axis of size 1 too many in front: [0] or squeeze(0) takes it away.",
        ),
        (
            "return dW[..., None], dwout",
            "extra-axis-at-the-end",
            "dloss_dW has an axis of size 1 too many at the end: squeeze(-1) takes it away.",
        ),
        (
            "return dwout, dwout",
            "result-of-another",
            "dloss_dW holds the right answer for dloss_dwout: how does the statement tell the two apart?",
        ),
        (
            "return dW / 2, dwout",
            "constant-factor",
            "dloss_dW is half the right answer in every case: a factor is missing or too many.",
        ),
        (
            "return dW / N, dwout",
            "mean-instead-of-sum",
            "The observations' contributions to the gradient of W are added, not averaged.",
        ),
        (
            "return dW * H, dwout",
            "factor-of-a-size",
            "dloss_dW is the right answer multiplied by H: is something counted H times?",
        ),
        (
            "return dW / N**0.5 / 2, dwout",
            "factor-of-a-size",
            "dloss_dW is half the right answer divided by the square root of N: "
            "is a mean taken where a sum is asked for?",
        ),
        (
            "return torch.stack([right(X[n:n+1], t[n:n+1], W, wout)[0] for n in range(N)]), dwout",
            "not-summed-over-the-batch",
            "dloss_dW holds one result for each of the N entries along axis N: what is asked for is their sum.",
        ),
        (
            "return right(X[-1:], t[-1:], W, wout)[0], dwout",
            "last-observation-only",
            "Every observation contributes to the gradient of W, but only the last one does here: is += missing?",
        ),
        (
            "return right(X[:1], t[:1], W, wout)[0], dwout",
            "first-observation-only",
            "Every observation contributes to the gradient of W, and here only the first one does.",
        ),
        (
            "return right(X[1:], t[1:], W, wout)[0], dwout",
            "all-but-the-first-counts",
            "dloss_dW leaves out the first of the N entries along axis N: where does the loop start and end?",
        ),
        (
            "dW[-1] = 0; return dW, dwout",
            "last-row-missing",
            "dloss_dW is right but for its last row, which is 0: where does the loop end?",
        ),
        (
            "return dW * N / H, dwout",
            "another-size",
            "dloss_dW is the right answer times N over H: does one size stand in the place of the other?",
        ),
        (
            "return dW.half().float(), dwout",
            "half-precision",
            "dloss_dW is right to two or three digits only: half precision, or a difference quotient?",
        ),
        (
            "return torch.where(dW > -0.01, dW, torch.zeros(())), dwout",
            None,
            "dloss_dW is right except for entries that are 0 and should not be: which step of yours makes them 0?",
        ),
    ],
)
def test_value_patterns(grade: Any, lines: str, slug: str | None, hint: str) -> None:
    """A relation to the right answer that holds in every case is said in one sentence."""
    assert hints(grade, lines) == [(slug, hint), (None, None)]


@pytest.mark.parametrize(
    ("lines", "hint"),
    [
        (
            "return dW + (N > 1), dwout",
            "dloss_dW is right only when N = 1: what happens along axis N when there is more than one entry?",
        ),
        (
            "return (dW if H > 1 else dW + 1), dwout",
            "dloss_dW is wrong only when H = 1: does a squeeze() remove an axis that is needed?",
        ),
        (
            "return (dW if D == H else dW + 1), dwout",
            "dloss_dW is right only when D = H: are axes mixed up that happen to be equally long?",
        ),
        (
            "return (dW if X.is_contiguous() else dW + 1), dwout",
            "dloss_dW is wrong only for an input that is a transpose or a slice: use reshape instead of view.",
        ),
        (
            "return (dW if N < 40 else dW + 1), dwout",
            "dloss_dW is wrong only for the largest input: is a size written into the code?",
        ),
    ],
)
def test_case_patterns(grade: Any, lines: str, hint: str) -> None:
    """What the failing cases have in common is said where the values have no pattern: a hint without a name."""
    assert hints(grade, lines) == [(None, hint), (None, None)]


def test_missing_mask(grade: Any) -> None:
    """Where only the entries that should be 0 are wrong, a mask is missing."""
    lines = "return torch.where(dW == 0, torch.ones(()), dW), dwout"
    assert hints(grade, lines)[0] == (
        None,
        "dloss_dW is right except for entries that should be 0: which step makes them 0?",
    )


def test_no_pattern_no_sentence(grade: Any) -> None:
    """Silence where nothing holds in every case."""
    assert hints(grade, "return dW + X.sum() ** 2, dwout")[0] == (None, None)


def test_a_claim_about_a_size_of_one_is_tried_with_negated_inputs(grade: Any) -> None:
    """Without ReLU a lone hidden unit is right in every case that is drawn, since it is never dead: no claim."""
    source = (
        "import torch\ndef forward_pass(x, t, W, wout):\n    h = x @ W\n    score = h @ wout\n"
        "    prob = torch.sigmoid(score)\n    return h, torch.relu(h), score, prob, ((prob - t) ** 2).sum()\n"
    )
    result = grade("forward_pass", source, with_chain=False)
    assert not any("only when H = 1" in (check.hint or "") for check in result.checks)


def test_a_label_of_a_class_that_is_left_out_is_no_crash() -> None:
    """Where the forward pass cannot do without a part of an axis, that part explains nothing."""

    def loss(z: Float[Tensor, "N C"], labels: Int[Tensor, " N"]) -> Float[Tensor, ""]:
        return z[torch.arange(len(labels)), labels].sum()

    asked = Exercise(
        entry_point="f",
        forward=loss,
        asks={"dz": Gradient(wrt="z")},
        sizes={"N": (2, 4), "C": (2, 4)},
        inputs={"labels": Integers(0, "C")},
    ).named("labels")
    diagnosis = DiagnosisCache(cases.prepare(asked, b"a secret of the tests, at least 32 bytes long"))
    found = [diagnosis.with_part(case, "C", slice(0, 1), "only-the-first") for case in diagnosis.suite.cases]
    assert {} in found


def test_a_padding_of_nothing_is_no_factor(sandbox: Sandbox) -> None:
    """A size may be 0 in some cases; an answer that is off by another factor in each is explained all the same."""

    def padded(x: Float[Tensor, " N"], pad: int) -> Float[Tensor, " N+2*P"]:
        return torch.nn.functional.pad(3 * x, (pad, pad))

    asked = Exercise(
        entry_point="f",
        forward=padded,
        asks={"dx": Gradient("x", upstream="dout")},
        sizes={"N": (1, 4), "P": (0, 2)},
        inputs={"pad": Size("P")},
    ).named("padded")
    source = b"def f(x, pad, dout):\n    return (3 + len(x) ** 2 + pad ** 3) * dout[pad:len(dout) - pad]\n"
    diagnosis = DiagnosisCache(cases.prepare(asked, b"a secret of the tests, at least 32 bytes long"), strict=True)
    with sandbox.session([("hw.py", source)], [asked.target], asked.limits) as session:
        checks = grade_exercise(session, diagnosis, asked.limits).checks
    assert [(check.verdict, check.misconception) for check in checks] == [("failed", None)]
