"""Source that is no Python: what still loads, and the sentence about what does not."""

from __future__ import annotations

import pytest

from tests.worker.conftest import load_py


@pytest.mark.parametrize(
    "broken",
    [
        "def g(:\n    pass",
        "def g(x):\n    return x +",
        "def g(x):\n    y = (x\n    return y",
        "def g(x):\n    return 'abc",
        "def g(x):\n    '''never closed\n    return x",
        "def g(x)\n    return x",
        "def g(x):\nreturn x",
        "def g(x):\n    if x:\n    return x",
        "def g(x):\n        a = 1\n    return a",
        "def g(x):\n    if x:\n\treturn 1\n        return 2",
        "def g(x):\n    print 'x'\n    return x",
        "@decorated\ndef g(x):\n    return x x",
        "class A:\n    def g(self): return ]\n",
        "def g(x):\n    nonlocal x",
        "g = lambda x: x x",
    ],
)
def test_functions_around_a_broken_one_load(broken: str) -> None:
    """A syntax error costs the top-level statement that it stands in."""
    first, last = "def f(x):\n    return k\n", "k = (1 +\n1)\n"
    for source in (f"{first}{broken}\n{last}", f"{broken}\n{last}{first}", f"{last}{first}{broken}"):
        functions, loaded = load_py(source)
        assert "f" in functions, loaded
        assert functions["f"](0) == 2
        assert any(note.kind == "syntax_error" for note in loaded.notes)
        if "g" in loaded.missing:
            assert not loaded.missing["g"] or "cannot be read. hw1.py, line" in loaded.missing["g"]


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("def f(x):\n    return x x", "hw1.py, line 2: syntax error (invalid syntax) in `return x x`."),
        ("x = 1\ndef f(x:\n    pass", "hw1.py, line 2: syntax error ('(' was never closed) in `def f(x:`."),
        (
            "def f():\n    a = 1\n      b = 2",
            "hw1.py, line 3: wrong indentation (unexpected indent) in `b = 2`.",
        ),
        (
            "def f(x):\n    print 'loss', x",
            "hw1.py, line 2: this is Python 2 (`print 'loss', x`); write it for Python 3.",
        ),
        ("def f(x):\n    print x", "hw1.py, line 2: this is Python 2 (`print x`); write it for Python 3."),
        (
            "def f(x):\n    try: pass\n    except ValueError, e: pass",
            "hw1.py, line 3: this is Python 2 (`except ValueError, e: pass`); write it for Python 3.",
        ),
        (
            "def f(x):\n    if x:\n\treturn 1\n        return 2",
            "hw1.py, line 3: tabs and spaces are mixed in the indentation of `return 1`; use spaces only.",
        ),
        (
            "def f(x):\n    a = 1\n<<<<<<< HEAD\n    b = 1\n=======\n    b = 2\n>>>>>>> mine\n    return b",
            "hw1.py, line 3: a merge conflict was left in the file (`<<<<<<< HEAD`); "
            "choose one version and delete the marks.",
        ),
        ("def f(x):\n    return 1\n  `evil`", "hw1.py, line 3: "),
    ],
)
def test_the_sentence_names_line_and_error(source: str, sentence: str) -> None:
    """Place, what is wrong, and the line itself."""
    functions, loaded = load_py(source, "f")
    assert not functions
    assert loaded.missing["f"].startswith(f"f cannot be read. {sentence}")


def test_the_intact_definition_counts_where_a_later_one_is_broken() -> None:
    """With a note that says so."""
    functions, loaded = load_py("def f(): return 1\ndef f(): return (\n", "f")
    assert functions["f"]() == 1
    assert [note.message for note in loaded.notes if note.kind == "redefined"] == [
        "Another definition of f cannot be read; the one at hw1.py, line 1 was graded."
    ]


def test_a_return_outside_of_a_function_is_said() -> None:
    """The function before it is whole only if it ends in a return of its own."""
    sentence = "hw1.py, line 3: syntax error ('return' outside function) in `return a`."
    functions, loaded = load_py("def f():\n    a = 1\nreturn a\ndef g(): return 1", "f", "g")
    assert set(functions) == {"g"}
    assert loaded.missing == {"f": f"f cannot be read. {sentence}"}
    functions, loaded = load_py("def f():\n    return 1\nreturn a", "f")
    assert set(functions) == {"f"}
    assert [note.message for note in loaded.notes] == [sentence]


def test_a_function_that_is_cut_in_two_is_not_graded_as_half_a_function() -> None:
    """A line that lost its indentation in a cell that does not parse, or a conflict mark."""
    functions, loaded = load_py("def f(x):\n    a = 1\nb = x +\n    return a\ndef g(): return 1", "f", "g")
    assert set(functions) == {"g"}
    assert loaded.missing == {"f": "f cannot be read. hw1.py, line 3: syntax error (invalid syntax) in `b = x +`."}


def test_code_in_a_string_stays_a_string() -> None:
    """Old code that is switched off with triple quotes is not brought back by a syntax error elsewhere."""
    source = "def f(): return 1\n'''\ndef f(): return 2\nx = (\n'''\ny = = 1\n\"\"\"\ndef f(): return 3\n\"\"\""
    assert load_py(source, "f")[0]["f"]() == 1


def test_many_broken_parts_give_few_notes() -> None:
    """Three sentences are enough to start with."""
    _, loaded = load_py("a b\n" * 50 + "def f(): return 1", "f")
    assert len([note for note in loaded.notes if note.kind == "syntax_error"]) == 3
