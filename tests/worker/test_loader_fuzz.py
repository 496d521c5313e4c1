"""Random damage to real-looking files: whatever arrives, loading ends in functions or a sentence, never in an error.

The short run is part of the tests; the long one (`-m slow`) takes 20,000 seeded examples of damaged files.
"""

from __future__ import annotations

import contextlib
import io
import json
import random
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from grader.wire.outcome import Loaded
from grader.worker.loader import load

SOURCES = (
    "import torch\nimport torch.nn.functional as F\nfrom google.colab import drive\n\n"
    "cfg = {'lr': 0.1}\ncfg['x'] = 2\n\ndef helper(x):\n    return x * cfg['x']\n\n"
    'def f(W, x):\n    """Docs with `code`\n\n    and lines."""\n    h = helper(x)\n    return h\n\n'
    "class Net:\n    def __call__(self, x): return f(0, x)\n\ng = Net()\nprint(g(3))\n"
    "if __name__ == '__main__':\n    raise SystemExit\n",
    "%matplotlib inline\n!pip install torch\n%time k = 3\nfiles = !ls\nf?\n",
    "try:\n    import no_such\nexcept ImportError:\n    no_such = None\nelse:\n    pass\n"
    "with open('x') as h:\n    y = h.read()\nfrom helpers import *\nf = lambda x: g(x)\nf.calls = 0\nf = no_such(f)\n",
    "# -*- coding: latin-1 -*-\ndef f(x):\n\tif x:\n\t\treturn (x +\n1)\n\n@property\nasync def g(x):\n    yield x\n",
    "<<<<<<< HEAD\ndef f(): return 1\n=======\ndef f(): return 2\n>>>>>>> other\n",
    "def f(x):\n    print 'x', x\n    global n\n    n = [i for i in range(3)]\n    return x\n"
    "match n:\n    case [a, *b]: g = a\n",
    "from __future__ import annotations\nx: int = 1; y = x\nfor i in range(3):\n    y += i\ndel x\n"
    "g = globals()\nexec('f = 1')\n",
)
PIECES = (
    *"()[]{}'\"#\\:;,.=@%!?\n\t \r\f\0*-/~`$|&^<>0aé\ufeff\u2028\ud800",
    "'''", '"""', "    ", "\\\n", "\r\n", "def f(", "class g:", "return", "lambda:", "import ", "from . import ",
    "%%bash\n", "%%time\n", "%%writefile helpers.py\n", "%run x.py\n", "await ", "yield ", "global f\n", "if 1:\n",
    "try:\n", "else:\n", "raise SystemExit\n", "1/0\n", "f = None\n", "f.x = 1\n", "# coding: utf-7\n", "<<<<<<< a\n",
)  # fmt: skip
JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.lists(st.text(max_size=3), max_size=3)
)
NAMES = st.sampled_from(
    [
        "hw1.py",
        "hw1.ipynb",
        "torch.py",
        "helpers.py",
        "a/b.py",
        "._hw1.py",
        "x.txt",
        "é \x1b[0m.py",
        "-.ipynb",
        ".py",
        "a..py",
    ]
)


@st.composite
def damaged_source(draw: st.DrawFn) -> str:
    """One or two real-looking sources with a few pieces put in, cut out or doubled."""
    text = "".join(draw(st.lists(st.sampled_from(SOURCES), min_size=1, max_size=2)))
    for _ in range(draw(st.integers(0, 6))):
        begin = draw(st.integers(0, len(text)))
        end = min(len(text), begin + draw(st.sampled_from([0, 0, 1, 5, 40])))
        middle = draw(st.sampled_from(["", text[begin:end] * 2, *PIECES]))
        text = text[:begin] + middle + text[end:]
    return text


@st.composite
def notebook(draw: st.DrawFn) -> str:
    """A notebook whose fields may be of any type."""
    cells: list[object] = []
    for _ in range(draw(st.integers(0, 4))):
        source = draw(damaged_source())
        cell: dict[str, object] = {
            "cell_type": draw(st.sampled_from(["code", "code", "code", "markdown", "raw", "?"])),
            draw(st.sampled_from(["source", "source", "input", "code"])): draw(
                st.sampled_from([source, source.splitlines(keepends=True)])
            ),
            "metadata": {},
            "outputs": [],
        }
        if draw(st.booleans()):
            cell[draw(st.sampled_from(sorted(cell)))] = draw(JUNK)
        cells.append(draw(st.sampled_from([cell, cell, cell, draw(JUNK)])))
    whole: dict[str, object] = {"nbformat": 4, "metadata": {}, "cells": cells}
    if draw(st.booleans()):
        whole = {"nbformat": 3, "worksheets": [{"cells": cells}, draw(JUNK)]}
    if draw(st.integers(0, 4)) == 0:
        whole[draw(st.sampled_from(["nbformat", "metadata", "cells", "worksheets"]))] = draw(JUNK)
    return json.dumps(whole, ensure_ascii=draw(st.booleans()))


@st.composite
def file_bytes(draw: st.DrawFn) -> bytes:
    """A file in some encoding, perhaps with broken bytes, perhaps cut off."""
    text = draw(st.one_of(damaged_source(), damaged_source(), notebook(), st.text(max_size=50)))
    encoding = draw(
        st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "latin-1"])
    )
    data = text.encode(encoding, "replace" if encoding != "utf-8" else "surrogatepass")
    if draw(st.integers(0, 5)) == 0:
        at = draw(st.integers(0, len(data)))
        data = data[:at] + draw(st.binary(max_size=3)) + data[at + draw(st.integers(0, 3)) :]
    if draw(st.integers(0, 9)) == 0:
        data = data[: draw(st.integers(0, len(data)))]
    return data


SUBMISSIONS = st.lists(st.tuples(NAMES, file_bytes()), max_size=3)


def check(files: Sequence[tuple[str, bytes]]) -> None:
    """Loading returns, every entry point is found or missing, and all that is said can be shown."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        functions, loaded = load(files, ["f", "g"])
    assert {name for name, value in functions.items() if callable(value)} == set(loaded.places)
    assert set(loaded.places) | set(loaded.missing) == {"f", "g"}
    assert not set(loaded.places) & set(loaded.missing)
    for text in _texts(loaded):
        text.encode()
        assert len(text) <= 1000
        assert "\x1b" not in text
    for sentence in (loaded.problem, *(note.message for note in loaded.notes)):
        assert not sentence or sentence.endswith(".") or sentence.endswith("…"), sentence


def _texts(loaded: Loaded) -> list[str]:
    notes = [note.message for note in loaded.notes]
    return [*loaded.places.values(), *loaded.missing.values(), *notes, loaded.problem]


PROFILE = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck), print_blob=False)


@seed(2)
@settings(PROFILE, max_examples=150)
@given(SUBMISSIONS)
def test_damaged_files_always_load_or_get_a_sentence(files: list[tuple[str, bytes]]) -> None:
    """A short seeded run."""
    check(files)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(40))
def test_twenty_thousand_damaged_submissions(part: int) -> None:
    """A long seeded run, in parts, so that a failure is shrunk quickly."""

    @seed(part)
    @settings(PROFILE, max_examples=500)
    @given(SUBMISSIONS)
    def run(files: list[tuple[str, bytes]]) -> None:
        check(files)

    run()


@pytest.mark.slow
def test_twenty_thousand_files_of_random_damage() -> None:
    """Plain byte damage to good files, many changes at once, without shrinking: 20,000 of them."""
    chance = random.Random(0)
    good = [source.encode() for source in SOURCES]
    good += [json.dumps({"cells": [{"cell_type": "code", "source": text}]}).encode() for text in SOURCES]
    for _ in range(20_000):
        data = bytearray(chance.choice(good))
        for _ in range(chance.randrange(1, 12)):
            at = chance.randrange(len(data) + 1)
            piece = chance.choice(PIECES).encode("utf-8", "surrogatepass")
            data[at : at + chance.randrange(3)] = chance.choice([piece, bytes([chance.randrange(256)]), b""])
        check([(chance.choice(["hw1.py", "hw1.ipynb"]), bytes(data))])
