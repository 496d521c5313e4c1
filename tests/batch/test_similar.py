"""Copies are found whatever was renamed or reformatted; the stub's code and what everybody writes are not copying."""

from __future__ import annotations

import json

from grader.batch.similar import COMMON_COUNT, groups, source, tokens
from grader.submissions import Submission

ORIGINAL = '''
def batched_backward(X, t, W, wout):
    """Gradients of the loss."""
    hidden = X @ W
    active = torch.relu(hidden)
    score = active @ wout
    prob = torch.sigmoid(score)
    dloss_dscore = 2 * (prob - t) * prob * (1 - prob)
    dloss_dwout = (dloss_dscore[:, None] * active).sum(0)
    upstream = dloss_dscore[:, None] * wout[None, :] * (hidden > 0)
    return X.T @ upstream, dloss_dwout
'''
DISGUISED = """
# my own work
def batched_backward(A, y, weights, v):
    h = (
        A @ weights
    )  # first layer
    a = torch.relu(h)
    s = a @ v
    p = torch.sigmoid(s)
    g = 2 * (p - y) * p * (1 - p)
    gv = (g[:, None] * a).sum(0)
    u = g[:, None] * v[None, :] * (h > 0)
    return A.T @ u, gv
"""
OTHER = """
def batched_backward(X, t, W, wout):
    N, D = X.shape
    dW, dw = torch.zeros_like(W), torch.zeros_like(wout)
    for n in range(N):
        h = torch.einsum("d,dh->h", X[n], W)
        p = 1 / (1 + torch.exp(-torch.dot(torch.clamp(h, min=0), wout)))
        back = 2 * (p - t[n]) * p * (1 - p)
        for j in range(len(h)):
            if h[j] > 0:
                dW[:, j] += back * wout[j] * X[n]
        dw += back * torch.clamp(h, min=0)
    return dW, dw
"""


def handed_in(name: str, code: str) -> tuple[str, Submission]:
    return name, Submission(name, (("hw.py", code.encode()),))


def notebook(name: str, code: str) -> tuple[str, Submission]:
    cells = [
        {"cell_type": "markdown", "source": ["# Homework"]},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "!pip install torch\n", *code.splitlines(True)]},
    ]
    return name, Submission(name, (("hw.ipynb", json.dumps({"cells": cells, "nbformat": 4}).encode()),))


def test_other_names_and_formatting_are_the_same() -> None:
    """Renamed, commented, reformatted and put into a notebook, a copy is found, and another solution is not in it."""
    found = groups(
        [handed_in("ana", ORIGINAL), handed_in("bo", DISGUISED), handed_in("cy", OTHER), notebook("di", ORIGINAL)], []
    )
    assert [group.members for group in found] == [("ana", "bo", "di")]


def test_the_stubs_code_does_not_count() -> None:
    """Two who handed in the stub, and nothing of their own, copied nothing."""
    pair = [handed_in("ana", ORIGINAL), handed_in("bo", ORIGINAL)]
    assert len(groups(pair, [])) == 1
    assert groups(pair, [ORIGINAL]) == ()


LECTURE = """
def batched_backward(X, t, W, wout):
    h = X @ W
    hact = torch.relu(h)
    score = hact @ wout
    prob = torch.sigmoid(score)
    dloss_dscore = 2 * (prob - t) * prob * (1 - prob)
    {dwout}
    {dhact}
    {dh}
    dloss_dW = X.T @ dloss_dh
    return dloss_dW, dloss_dwout
"""
WAYS = {
    "dwout": (
        "dloss_dwout = hact.T @ dloss_dscore",
        "dloss_dwout = dloss_dscore @ hact",
        "dloss_dwout = (dloss_dscore[:, None] * hact).sum(0)",
        "dloss_dwout = torch.einsum('n,nh->h', dloss_dscore, hact)",
    ),
    "dhact": (
        "dloss_dhact = dloss_dscore[:, None] * wout",
        "dloss_dhact = torch.outer(dloss_dscore, wout)",
        "dloss_dhact = dloss_dscore.unsqueeze(1) * wout.unsqueeze(0)",
        "dloss_dhact = dloss_dscore.view(-1, 1) * wout.view(1, -1)",
    ),
    "dh": (
        "dloss_dh = dloss_dhact * (h > 0)",
        "mask = (h > 0).float()\n    dloss_dh = dloss_dhact * mask",
        "dloss_dh = dloss_dhact.clone()\n    dloss_dh[h <= 0] = 0",
        "dloss_dh = torch.where(h > 0, dloss_dhact, 0.0)",
    ),
}


def test_independent_answers_to_a_short_exercise_are_not_accused() -> None:
    """Who follows the lecture line by line, and writes three lines in another way, copied nothing."""
    answers = [LECTURE.format(**{part: ways[index] for part, ways in WAYS.items()}) for index in range(4)]
    class_ = [handed_in(f"s{index}", answer) for index, answer in enumerate([*answers, OTHER, ORIGINAL])]
    assert groups(class_, []) == ()
    renamed = (
        answers[1].replace("hact", "a").replace("score", "z").replace("= X @ W", "= (\n        X @ W\n    )  # mine")
    )
    assert [each.members for each in groups([*class_, handed_in("copy", renamed)], [])] == [("copy", "s1")]


def test_what_most_of_a_class_writes_does_not_count() -> None:
    """Code that more than a quarter of a class shares says nothing about any two of them."""
    everybody = [handed_in(f"s{index}", ORIGINAL) for index in range(COMMON_COUNT + 1)]
    assert groups(everybody, []) == ()
    assert len(groups(everybody[:COMMON_COUNT], [])[0].members) == COMMON_COUNT


def test_a_large_class_is_searched_by_hashing() -> None:
    """Among 400 different submissions the two pairs that are alike are found, and nothing else."""

    def own(index: int) -> str:
        lines = [f"    x = x.roll({(index * 7919 + n * 104729) % 99991}) * {index + 3} - {n}" for n in range(30)]
        return "def f(x):\n" + "\n".join(lines) + "\n    return x\n"

    class_ = [handed_in(f"s{index:03}", own(index)) for index in range(400)]
    class_ += [handed_in("copy-of-7", own(7)), handed_in("near-9", own(9) + "print(f(1), f(2), f(3))\n")]
    found = groups(class_, [])
    assert {group.members for group in found} == {("copy-of-7", "s007"), ("near-9", "s009")}


def test_code_that_is_none_has_no_copies() -> None:
    """Broken notebooks, binary files and syntax errors are no reason to fail."""
    broken = [("a", Submission("a", (("x.ipynb", b"{" * 100_000),))), ("b", Submission("b", (("x.py", b"\0\xff((("),)))]
    broken += [("c", Submission("c", (("x.ipynb", b"[1, 2]"),))), ("d", Submission("d", ()))]
    assert groups(broken, []) == ()
    assert source(broken[2][1]) == ""


def test_tokens() -> None:
    """Names are alike, attributes and operators are kept, strings, comments and docstrings are not told apart."""
    assert tokens("a = torch.relu(b)  # c") == tokens("x=torch . relu( y )")
    assert tokens("a.sum()") != tokens("a.mean()")
    assert tokens("a * b") != tokens("a + b")
    assert tokens("print('one')") == tokens('print("another")')
    assert tokens("x = 2.0 * (a +\n  b,)") == tokens("y = 2*(a + b)")
    assert tokens("def f(a):\n    '''what f\n does'''\n    return a[1e-3, .5]") == tokens(
        "def g(b): return b[0.001,0.5]"
    )
    assert tokens('"""never closed') == []
