"""Copies are found whatever was renamed, moved or added; the stub's code and what everybody writes are no copies.

The rates are those of the audit's answers, wrong and right ones, which were written independently of each other.
"""

from __future__ import annotations

import ast
import json
import random
import re
from pathlib import Path

import pytest

from grader.batch.code import Cell, answer, cells, functions
from grader.batch.similar import COMMON_COUNT, groups, source, tokens
from grader.course import catalog
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


ASKED = {"batched_backward": "batched_backward"}


def handed_in(name: str, code: str) -> tuple[str, list[Cell]]:
    return name, list(cells(Submission(name, (("hw.py", code.encode()),))))


def notebook(name: str, code: str) -> tuple[str, list[Cell]]:
    sheet = [
        {"cell_type": "markdown", "source": ["# Homework"]},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "!pip install torch\n", *code.splitlines(True)]},
    ]
    content = json.dumps({"cells": sheet, "nbformat": 4}).encode()
    return name, list(cells(Submission(name, (("hw.ipynb", content),))))


def test_other_names_and_formatting_are_the_same() -> None:
    """Renamed, commented, reformatted and put into a notebook, a copy is found, and another solution is not in it."""
    found = groups(
        [handed_in("ana", ORIGINAL), handed_in("bo", DISGUISED), handed_in("cy", OTHER), notebook("di", ORIGINAL)],
        ASKED,
        [],
    )
    assert [group.members for group in found] == [("ana", "bo", "di")]


def test_the_stubs_code_does_not_count() -> None:
    """Two who handed in the stub, and nothing of their own, copied nothing."""
    pair = [handed_in("ana", ORIGINAL), handed_in("bo", ORIGINAL)]
    assert len(groups(pair, ASKED, [])) == 1
    assert groups(pair, ASKED, [ORIGINAL]) == ()


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
    assert groups(class_, ASKED, []) == ()
    renamed = (
        answers[1].replace("hact", "a").replace("score", "z").replace("= X @ W", "= (\n        X @ W\n    )  # mine")
    )
    assert [each.members for each in groups([*class_, handed_in("copy", renamed)], ASKED, [])] == [("copy", "s1")]


def test_what_many_of_a_class_write_does_not_count() -> None:
    """Code that more than eight share, and in a large class more than a twentieth, says nothing about two."""
    everybody = [handed_in(f"s{index}", ORIGINAL) for index in range(COMMON_COUNT + 1)]
    assert groups(everybody, ASKED, []) == ()
    assert len(groups(everybody[:COMMON_COUNT], ASKED, [])[0].members) == COMMON_COUNT
    shared = [handed_in(f"copy{index}", unlike(200)) for index in range(11)]
    others = [handed_in(f"s{index}", unlike(index)) for index in range(190)]
    assert [len(each.members) for each in groups([*others, *shared[:10]], {"f": "f"}, [])] == [10]
    assert groups([*others[:189], *shared], {"f": "f"}, []) == ()


def unlike(index: int) -> str:
    """An answer that nobody with another number has written."""
    lines = [f"    x = x.roll({(index * 7919 + n * 104729) % 99991}) * {index + 3} - {n}" for n in range(30)]
    return "def f(x):\n" + "\n".join(lines) + "\n    return x\n"


def test_a_large_class_is_searched_by_hashing() -> None:
    """Among 400 different submissions the two pairs that are alike are found, and nothing else."""
    class_ = [handed_in(f"s{index:03}", unlike(index)) for index in range(400)]
    class_ += [handed_in("copy-of-7", unlike(7)), handed_in("near-9", unlike(9) + "    print(f(1), f(2), f(3))\n")]
    found = groups(class_, {"f": "f"}, [])
    assert {group.members for group in found} == {("copy-of-7", "s007"), ("near-9", "s009")}


def test_code_that_is_none_has_no_copies() -> None:
    """Broken notebooks, binary files and syntax errors are no reason to fail."""
    files = {"a": ("x.ipynb", b"{" * 100_000), "b": ("x.py", b"\0\xff((("), "c": ("x.ipynb", b"[1, 2]")}
    broken = [(name, list(cells(Submission(name, (file,))))) for name, file in files.items()]
    broken.append(("d", list(cells(Submission("d", ())))))
    assert groups(broken, ASKED, []) == ()
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


AUDIT = Path(__file__).parents[1] / "audit"
BUNDLED = catalog.bundled()
SLUGS = ("batched_backward", "vector_matrix_derivative", "single_observation_backprop", "local_derivatives")


def answers(slug: str) -> list[str]:
    """The audit's answers to an exercise under its entry point, each with the helpers that it calls."""
    found = []
    for kind in ("students", "correct"):
        code = functions((AUDIT / kind / f"{slug}.py").read_text(encoding="utf-8"))
        for name in code:
            own = answer(code, name)
            found.append(re.sub(rf"\bdef {name}\b", f"def {BUNDLED.load(slug).entry_point}", own))
    return found


def given(slug: str) -> list[str]:
    """What everybody may have: the stub and the course's own solutions."""
    assert BUNDLED.solutions is not None
    paths = (BUNDLED.exercises / slug / "stub.py", *(BUNDLED.solutions / slug).glob("[rs]*.py"))
    return [path.read_text(encoding="utf-8") for path in paths]


@pytest.mark.parametrize("slug", SLUGS)
def test_independent_answers_are_not_accused(slug: str) -> None:
    """None of the audit's answers is shown beside another one."""
    class_ = [handed_in(f"s{number:02}", code) for number, code in enumerate(answers(slug))]
    assert groups(class_, {slug: BUNDLED.load(slug).entry_point}, given(slug)) == ()


def renamed(code: str) -> str:
    """The code with every variable called something else, and laid out anew."""
    tree = ast.parse(code)
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    stored |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    names = {name: f"own{number}" for number, name in enumerate(sorted(stored))}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = names.get(node.id, node.id)
        elif isinstance(node, ast.arg):
            node.arg = names[node.arg]
    return ast.unparse(tree)


def test_planted_copies_are_all_found() -> None:
    """Other names, another order of functions, and a notebook full of demo cells hide no copy of a homework."""
    chance = random.Random(0)
    pools = {slug: answers(slug) for slug in SLUGS}
    homework = [[code, *(chance.choice(pools[slug]) for slug in SLUGS[1:])] for code in pools["batched_backward"]]
    class_ = [handed_in(f"s{number:02}", "\n\n".join(parts)) for number, parts in enumerate(homework)]
    victims = chance.sample(range(len(homework)), 10)
    for number in victims:
        copied = [renamed(part) for part in homework[number]]
        chance.shuffle(copied)
        demo = "".join(f"x{n} = torch.randn({n}, 3)\nplt.plot(x{n}.sum(0))\n" for n in range(chance.randrange(60)))
        class_.append(notebook(f"c{number:02}", "\n\n".join([demo, *copied, demo])))
    entry_points = {slug: BUNDLED.load(slug).entry_point for slug in SLUGS}
    found = groups(class_, entry_points, [text for slug in SLUGS for text in given(slug)])
    assert {f"c{number:02}" for number in victims} <= {name for group in found for name in group.members}
    whole = {group.members for group in found if group.exercise == ""}
    assert whole == {(f"c{number:02}", f"s{number:02}") for number in victims}


def test_a_copy_with_something_added_is_found() -> None:
    """An answer that lies within a longer one is a copy, although the longer one has much of its own."""
    twice = ORIGINAL.replace(
        "    return",
        OTHER_LINES + "    return",
    )
    assert [group.members for group in groups([handed_in("a", ORIGINAL), handed_in("b", twice)], ASKED, [])] == [
        ("a", "b")
    ]


OTHER_LINES = """    for step in range(1, len(t)):
        if step % 3 == 1 and not torch.isnan(score[step]):
            extra.append(score[step - 1] / max(step, 2) - W[0, 0] ** 3)
        elif prob[step] < 0.5:
            extra += [hidden[step].argmax().item() // 2, -7]
"""


def test_groups_carry_the_answers_to_look_at() -> None:
    """Each member's own answer, without what stands around it; the exercise is named where one alone is alike."""
    entry_points = {"batched_backward": "batched_backward", "other": "f"}
    own = "def f(x):\n    return x.{}()\n"
    pair = [
        handed_in("a", "import torch\n" + ORIGINAL + own.format("sum")),
        handed_in("b", DISGUISED + own.format("mean")),
    ]
    found = groups(pair, entry_points, [])
    assert [(group.members, group.exercise) for group in found] == [(("a", "b"), "")]
    assert found[0].code[0].startswith("def batched_backward(X, t, W, wout):")
    assert "import" not in found[0].code[0]
