"""Results that are right for something else: a step on the way, another input, the right answer times an input."""

from __future__ import annotations

from typing import Any

RELU = """
import numpy as np
kept = {}
def relu_forward(x):
    kept["mask"] = x > 0
    return np.maximum(x, 0), kept
def relu_backward(dout, cache):
    return dout * cache["mask"]
"""
SOFTMAX = """
import numpy as np
def softmax_loss(x, y):
    with np.errstate(all="ignore"):
        p = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
    rows = np.arange(len(y))
    loss = -np.log(p[rows, y]).mean()
    p[rows, y] -= 1
    return loss, p / len(y)
"""
RMSPROP = """
import numpy as np
def rmsprop(w, dw, config):
    cache = config["decay_rate"] * config["cache"] + (1 - config["decay_rate"]) * dw**2
    step = config["learning_rate"] * dw / {root}
    return w - step, {{**config, "cache": {kept}}}
"""
ADAM = """
import numpy as np
def adam(w, dw, config=None):
    c = dict(config)
    c["t"] = {t}
    c["m"] = c["beta1"] * c["m"] + (1 - c["beta1"]) * dw
    c["v"] = c["beta2"] * c["v"] + (1 - c["beta2"]) * {square}
    m, v = c["m"] / (1 - c["beta1"] ** c["t"]), c["v"] / (1 - c["beta2"] ** c["t"])
    return w - c["learning_rate"] * m / (np.sqrt(v) + c["epsilon"]), c
"""


def names(grade: Any, slug: str, source: str) -> dict[str, tuple[str | None, str | None]]:
    """Names and hints of the checks that fail, without an author's list."""
    result = grade(slug, source, with_chain=False)
    return {check.name: (check.misconception, check.hint) for check in result.checks if check.verdict != "passed"}


def test_a_mask_that_is_inverted_and_one_that_another_call_left_look_alike(grade: Any) -> None:
    """The grader calls the function with -x in between: what is said is true of both mistakes."""
    hint = (
        "dx is what belongs to -x in place of x: is a sign or a mask turned round, "
        "or is something kept from another call?"
    )
    assert names(grade, "relu_layer", RELU) == {"dx": ("of-the-negated-input", hint)}


def test_right_wherever_it_is_a_number(grade: Any) -> None:
    """An overflow is called one where everything else is right."""
    found = names(grade, "softmax_loss", SOFTMAX)
    assert found.keys() == {"large_loss", "dx_of_large"}
    assert found["dx_of_large"][0] == "not-finite"


def test_a_small_step_is_not_half_precision_nor_another_step(grade: Any) -> None:
    """A wrong step changes a large weight little: near to the right result is no explanation."""
    found = names(grade, "adam", ADAM.format(t='c["t"] + 1', square='c["m"] ** 2'))
    assert found.keys() == {"next_w", "v", "after_two_steps"}
    assert not {"half-precision", "value-of-a-step"} & {slug for slug, _ in found.values()}
    found = names(grade, "rmsprop", RMSPROP.format(root='np.sqrt(cache + config["epsilon"])', kept="cache"))
    assert not {"half-precision", "value-of-a-step"} & {slug for slug, _ in found.values()}


def test_a_step_on_the_way_is_kept_in_place_of_the_result(grade: Any) -> None:
    """The root of the average is what the forward pass computes next."""
    found = names(grade, "rmsprop", RMSPROP.format(root='(np.sqrt(cache) + config["epsilon"])', kept="np.sqrt(cache)"))
    assert found["cache"][0] == "value-of-a-step"
    assert "torch.sqrt(cache)" in (found["cache"][1] or "")


def test_an_input_that_is_not_read(grade: Any) -> None:
    """Counting from 0 at every call gives what an input of 0 gives."""
    found = names(grade, "adam", ADAM.format(t="1", square="dw**2"))
    assert found["next_w"] == ("input-not-read", "next_w is what comes out where t is 0, whatever t is: is it read?")


def test_the_right_answer_times_an_input(grade: Any) -> None:
    """A factor of the chain that enters twice has a name where it is an input."""
    source = "def f(v, W, dloss_dy):\n    return {}, torch.outer(v, dloss_dy)\nvector_times_matrix = f"
    found = names(grade, "vector_times_matrix", source.format("v * (W @ dloss_dy)"))
    assert [slug for slug, _ in found.values()] == ["times-another"]


def test_a_gradient_that_is_made_of_the_state_after_the_step(grade: Any) -> None:
    """The weights of a recurrence meet the state before the step; the next state has the same shape."""
    source = """
import numpy as np
def rnn_step_forward(x, prev_h, Wx, Wh, b):
    h = np.tanh(x @ Wx + prev_h @ Wh + b)
    return h, (x, prev_h, Wx, Wh, h)
def rnn_step_backward(dh, cache):
    x, prev_h, Wx, Wh, h = cache
    da = dh * (1 - h * h)
    return da @ Wx.T, {dprev}, x.T @ da, {dWh}, da.sum(0)
"""
    found = names(grade, "rnn_step", source.format(dprev="da @ Wh.T", dWh="h.T @ da"))
    assert [(name, slug) for name, (slug, _) in found.items()] == [("dWh", "made-of-another")]
    found = names(grade, "rnn_step", source.format(dprev="dh @ Wh.T", dWh="prev_h.T @ da"))
    assert [name for name, (slug, _) in found.items() if slug] == ["dprev_h"]


def test_one_term_that_is_off_by_a_size(grade: Any) -> None:
    """The probabilities are not divided by N, and the labels are: one of two terms is N times too large."""
    source = """
import numpy as np
def softmax_loss(x, y):
    x = x - x.max(axis=1, keepdims=True)
    p = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
    rows = np.arange(len(y))
    loss = -np.log(p[rows, y]).mean()
    p[rows, y] -= 1 / len(y)
    return loss, p
"""
    found = names(grade, "softmax_loss", source)
    assert found["dx"] == (
        "term-off-by-a-factor",
        "One term on the way to dx is N times what it should be; everything else is right.",
    )


def test_a_small_number_below_the_root(grade: Any) -> None:
    """Two places change, and it is one mistake."""
    found = names(grade, "rmsprop", RMSPROP.format(root='np.sqrt(cache + config["epsilon"])', kept="cache"))
    assert found["next_w"][0] == "epsilon-inside-of-the-root"
