"""Notebooks as they really come: every format version, magics, broken metadata, huge outputs."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest

from grader.wire.outcome import Loaded
from grader.worker.loader import load

DEFINITION = "k = 3\ndef f(x):\n    return k * x"


def notebook_of(*cells: str, minor: int = 5) -> nbformat.NotebookNode:
    v4 = nbformat.v4
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell("# Title"), *(v4.new_code_cell(cell) for cell in cells)])
    notebook.nbformat_minor = minor
    return notebook


def load_cells(*cells: str, names: tuple[str, ...] = ("f",)) -> tuple[dict[str, Any], Loaded]:
    return load([("hw1.ipynb", nbformat.writes(notebook_of(*cells)).encode())], names)


def in_version(major: int, minor: int) -> str:
    notebook = notebook_of("print('first')", DEFINITION, minor=5 if major == 4 else 0)
    if major == 4:
        notebook.nbformat_minor = minor
        if minor < 5:
            for cell in notebook.cells:
                del cell["id"]
    else:
        notebook = nbformat.convert(notebook, major)
    return json.dumps(notebook)


@pytest.mark.parametrize(("major", "minor"), [(1, 0), (2, 0), (3, 0), (4, 0), (4, 1), (4, 2), (4, 4), (4, 5)])
def test_every_version_of_the_format_is_read(major: int, minor: int) -> None:
    """From the worksheets of nbformat 1 to 3 to the cell ids of 4.5."""
    if major == 1:
        cells = [{"cell_type": "code", "code": "print('first')"}, {"cell_type": "code", "code": DEFINITION}]
        text = json.dumps({"cells": cells})
    elif major == 2:
        cells = [{"cell_type": "code", "input": ["print('first')"]}, {"cell_type": "code", "input": DEFINITION}]
        text = json.dumps({"nbformat": 2, "worksheets": [{"cells": cells}]})
    else:
        text = in_version(major, minor)
    functions, loaded = load([("hw1.ipynb", text.encode())], ["f"])
    assert functions["f"](2) == 6
    assert loaded == Loaded({"f": "hw1.ipynb, cell 2"}, {})


def broken_in(change: str) -> str:
    notebook = json.loads(in_version(4, 5))
    cells = notebook["cells"]
    match change:
        case "duplicate ids":
            for cell in cells:
                cell["id"] = "same"
        case "bad ids":
            cells[0]["id"], cells[1]["id"], cells[2]["id"] = 7, None, "a b" * 100
        case "no metadata":
            del notebook["metadata"]
            for cell in cells:
                del cell["metadata"]
        case "odd metadata":
            notebook["metadata"] = {"kernelspec": None, "language_info": [1], "colab": {"provenance": []}}
            cells[1]["metadata"] = "none"
        case "no format number":
            del notebook["nbformat"], notebook["nbformat_minor"]
        case "widgets":
            notebook["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {"a": {"model": 1}}}
            cells[1]["outputs"] = [{"output_type": "display_data", "data": {"text/plain": {"not": "a string"}}}]
        case "huge output":
            cells[1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["x" * 100 + "\n"] * 100_000}]
        case "wrong outputs":
            cells[1]["outputs"], cells[2]["outputs"] = "none", {"a": 1}
        case "foreign cells":
            notebook["cells"] = ["text", None, 3, {}, {"cell_type": []}, *cells]
        case "source of mixed types":
            cells[2]["source"] = [1, None, *cells[2]["source"].splitlines(keepends=True), {}]
        case "no source":
            del cells[0]["source"], cells[1]["source"]
        case "no cell type":
            del cells[2]["cell_type"]
        case "CRLF in cells":
            cells[2]["source"] = cells[2]["source"].replace("\n", "\r\n")
    text = json.dumps(notebook)
    return {
        "trailing junk": text + "\n>>> {",
        "raw control characters": text.replace("\\n", "\n"),
        "huge number": text.replace('"nbformat": 4', '"nbformat": ' + "9" * 100_000),
        "not a number": text.replace('"nbformat": 4', '"nbformat": NaN'),
        "byte-order mark": "\ufeff" + text,
    }.get(change, text)


CHANGES = (
    "duplicate ids|bad ids|no metadata|odd metadata|no format number|widgets|huge output|wrong outputs|foreign cells|"
    "source of mixed types|no source|no cell type|CRLF in cells|trailing junk|raw control characters|huge number|"
    "not a number|byte-order mark"
).split("|")


@pytest.mark.parametrize("change", CHANGES)
def test_a_notebook_that_breaks_the_rules_is_read_all_the_same(change: str) -> None:
    """What nbformat refuses or warns about costs nothing as long as the code is there."""
    functions, loaded = load([("hw1.ipynb", broken_in(change).encode())], ["f"])
    assert "f" in functions, loaded
    assert functions["f"](2) == 6
    assert loaded.notes == ()


@pytest.mark.parametrize(
    "cell",
    [
        "%matplotlib inline\n!pip install torch\n%load_ext autoreload\n%autoreload 2\n",
        "!pip install torch \\\n    numpy 'it''s\n",
        '!ls $(echo "(\n',
        "?print\nprint?\nprint??\nfoo.bar?\n",
        "files = !ls\nnow = %time\nprint(files)\n",
        "if True:\n    !ls\n    %cd ..\n",
        "import os; os.getcwd()\n%env A=1\n",
        "### BEGIN SOLUTION\n",
        "text = '''\n%not a magic\n!neither\n'''\n%pwd\n",
        "b = 7\na = (b\n% 3)\n%pwd\n",
        "from google.colab import files\nfiles.upload()\n%tensorflow_version 2.x\n",
    ],
)
def test_magics_and_shell_lines_cost_nothing(cell: str) -> None:
    """In the very cell of the entry point, before and after it, without a note about syntax."""
    for source in (cell + DEFINITION, DEFINITION + "\n" + cell):
        functions, loaded = load_cells(source)
        assert functions["f"](2) == 6
        assert not [note for note in loaded.notes if note.kind != "missing_import"]


@pytest.mark.parametrize("magic", ["%%time", "%%timeit -n 1", "%%capture out", "# a remark\n%%time", "%%unheard_of x"])
def test_a_cell_magic_around_python_keeps_the_python(magic: str) -> None:
    """The function is defined by the cell under it, and its lines keep their numbers."""
    functions, loaded = load_cells(f"{magic}\n{DEFINITION}")
    assert functions["f"](2) == 6
    assert not loaded.notes


@pytest.mark.parametrize(
    "magic", ["%%bash", "%%html", "%%javascript", "%%latex", "%%!", "%%R", "%%markdown", "%%sh -x"]
)
def test_a_cell_in_another_language_is_left_out(magic: str) -> None:
    """What stands in it is no Python, even where it looks like it."""
    functions, loaded = load_cells(DEFINITION, f"{magic}\nk = 0\nfor x in (\n")
    assert functions["f"](2) == 6
    assert not loaded.notes


def test_time_keeps_the_statement_that_it_times() -> None:
    """`%time k = 5` defines k, as in a notebook."""
    assert load_cells("%time k = 5\ndef f(): return k")[0]["f"]() == 5


def test_a_module_that_a_cell_writes_is_importable() -> None:
    """%%writefile helpers.py, then import it; `%run helpers.py` defines its names."""
    write = "%%writefile helpers.py\ndef g(): return 41"
    assert load_cells(write, "from helpers import g\ndef f(): return g() + 1")[0]["f"]() == 42
    assert load_cells(write, "%run ./helpers.py\ndef f(): return g() + 2")[0]["f"]() == 43


def test_an_indented_cell_is_read_as_in_a_notebook() -> None:
    """IPython takes away the indentation of the first line."""
    assert load_cells("    k = 1\n    def f():\n        return k")[0]["f"]() == 1


def test_definitions_are_spread_over_cells_and_the_last_counts() -> None:
    """A later cell's helper is seen by an earlier cell's function."""
    functions, loaded = load_cells("def f(): return g()", "def g(): return 1", "1/0", "def g(): return 2")
    assert functions["f"]() == 2
    assert loaded.places == {"f": "hw1.ipynb, cell 1"}


def test_a_broken_cell_costs_only_itself() -> None:
    """The other cells' functions are graded, and the entry point in the broken cell names cell, line and text."""
    functions, loaded = load_cells("def f(): return 1", "def g(x):\n    h = x @\n    return h", names=("f", "g"))
    assert functions["f"]() == 1
    sentence = "hw1.ipynb, cell 2, line 2: syntax error (invalid syntax) in `h = x @`."
    assert loaded.missing == {"g": f"g cannot be read. {sentence}"}
    assert [(note.kind, note.message) for note in loaded.notes] == [("syntax_error", sentence)]


def test_a_solution_in_a_text_cell_is_pointed_out() -> None:
    """The remedy is to change the cell's type."""
    notebook = notebook_of("x = 1")
    notebook.cells.append(nbformat.v4.new_raw_cell(DEFINITION))
    _, loaded = load([("hw1.ipynb", nbformat.writes(notebook).encode())], ["f"])
    assert loaded.missing["f"] == (
        "f stands in a text cell (hw1.ipynb, the text cell after cell 1); change the cell's type to code."
    )
