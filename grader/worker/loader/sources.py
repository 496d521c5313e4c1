"""Handed-in files as bytes -> sources: cells of code, each with the place that a student knows it by.

Notebooks are read by hand, not with nbformat: real ones break its rules (duplicate ids, missing metadata, widgets)
without losing any code, and it costs a schema validation per submission. What is read: `source` (nbformat 4),
`input` inside worksheets (2 and 3), `code` (1). Cell n is the n-th code cell.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from grader.wire.outcome import LoadNote
from grader.worker.loader.magics import cell_magic
from grader.worker.loader.text import Unreadable, decode, printable, quote, syntax_tree

SUFFIXES = (".py", ".ipynb")
MAX_SOURCE = 2 * 2**20  # characters of code in one file; the largest real one of 596 has a tenth of a percent of it
SKIPPED_FOLDERS = frozenset({"__MACOSX", "__pycache__", ".ipynb_checkpoints", ".git"})
AGAIN = "save it in Jupyter or download it again as .ipynb, and hand that in."
CONFLICT = re.compile(r"^(<<<<<<<|>>>>>>>)( |$)", re.MULTILINE)
JSON = json.JSONDecoder(strict=False, parse_int=float)  # a huge int would raise


@dataclass(frozen=True)
class Cell:
    """A .py file, or one code cell of a notebook."""

    place: str
    text: str


@dataclass(frozen=True)
class SourceFile:
    """A file that could be read.

    name: as handed in, safe to print. module: dotted name by which a neighbour imports it, "" for none.
    prose: text cells, where a solution sometimes stands by mistake.
    """

    name: str
    module: str
    cells: tuple[Cell, ...]
    prose: tuple[Cell, ...] = ()
    is_notebook: bool = False

    @property
    def is_package(self) -> bool:
        return PurePosixPath(self.name).name == "__init__.py"


@dataclass(frozen=True)
class Reading:
    """All files: the sources, remarks, and one sentence per file that could not be used."""

    sources: tuple[SourceFile, ...]
    notes: tuple[LoadNote, ...]
    unreadable: tuple[str, ...]
    contents: Mapping[str, bytes]
    """What was handed in, by name below the folder that all files share; of any kind."""


def read_all(files: Sequence[tuple[str, bytes]]) -> Reading:
    """Every .py and .ipynb among the files; never raises for what a file contains."""
    sources: list[SourceFile] = []
    notes: list[LoadNote] = []
    unreadable: list[str] = []
    others: list[str] = []
    folder = _common_folder([name for name, _ in files if PurePosixPath(name).suffix.lower() in SUFFIXES])
    waiting = list(files)
    for name, data in waiting:  # grows by what %%writefile cells write
        if PurePosixPath(name).suffix.lower() not in SUFFIXES:
            others.append(printable(name, 100))
        elif not SKIPPED_FOLDERS.intersection(PurePosixPath(name).parts):
            try:
                source, remarks = _read(name, data, folder)
            except Unreadable as error:
                unreadable.append(str(error))
                continue
            sources.append(source)
            notes += remarks
            waiting += _written(source, folder, {other for other, _ in waiting})
    if not sources and not unreadable:
        unreadable.append(_nothing(others))
    return Reading(tuple(sources), tuple(notes), tuple(unreadable), dict(waiting))


def _nothing(others: Sequence[str]) -> str:
    if not others:
        return "No file was handed in; hand in your .py or .ipynb file."
    return f"{', '.join(others[:3])} is neither .py nor .ipynb; hand in your Python file or notebook under such a name."


def _common_folder(names: Iterable[str]) -> tuple[str, ...]:
    """The folders that all files share; imports are relative to the last of them."""
    parents = [PurePosixPath(name).parts[:-1] for name in names]
    shared: list[str] = []
    for parts in zip(*parents, strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    return tuple(shared)


def _read(name: str, data: bytes, folder: tuple[str, ...]) -> tuple[SourceFile, list[LoadNote]]:
    shown = printable(name, 100).replace("\n", " ")
    if PurePosixPath(name).name.startswith("._"):
        raise Unreadable(f"{shown} is a file that macOS made beside the real one; hand in the one without `._`.")
    try:
        return _parse(shown, _module(name, folder), data, name.lower().endswith(".ipynb"))
    except RecursionError:
        raise Unreadable(f"{shown} is nested too deeply to be read; hand in ordinary code.") from None
    except MemoryError:
        raise Unreadable(f"{shown} is too large to be read; clear all outputs and hand it in again.") from None


def _parse(shown: str, module: str, data: bytes, is_notebook: bool) -> tuple[SourceFile, list[LoadNote]]:
    if PurePosixPath(shown).name == "__init__.py" and not data.strip():
        return SourceFile(shown, module, ()), []
    text, remark = decode(shown, data)
    notes = [LoadNote("encoding", remark)] if remark else []
    looks_like_notebook = text.lstrip().startswith("{") and '"cells"' in text
    if is_notebook and not looks_like_notebook and _is_python(text):
        notes.append(LoadNote("not_a_notebook", f"{shown} is Python source, not a notebook; it was read as such."))
        is_notebook = False
    elif not is_notebook and looks_like_notebook and not _is_python(text):
        notes.append(LoadNote("is_a_notebook", f"{shown} is a notebook; it was read as such. Name it .ipynb."))
        is_notebook = True
    if is_notebook:
        code, prose = _cells(shown, text)
    else:
        code, prose = (Cell(shown, text),), ()
    if sum(len(cell.text) for cell in code) > MAX_SOURCE:
        raise Unreadable(
            f"{shown} contains more than {MAX_SOURCE // 2**20} MB of source code; take out data that is pasted into it."
        )
    return SourceFile(shown, module, code, prose, is_notebook), notes


def _is_python(text: str) -> bool:
    """Whether a text that should be a notebook, or looks like one, is a program all the same."""
    if len(text) > MAX_SOURCE or "def " not in text:
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return any(isinstance(node, (ast.FunctionDef, ast.ClassDef)) for node in syntax_tree(text))
    except (SyntaxError, ValueError):
        return False


def _module(name: str, folder: tuple[str, ...]) -> str:
    parts = PurePosixPath(name).with_suffix("").parts[len(folder) :]
    if len(parts) > 1 and parts[-1] == "__init__":
        parts = parts[:-1]
    return ".".join(parts) if all(part.isidentifier() for part in parts) else ""


def _cells(shown: str, text: str) -> tuple[tuple[Cell, ...], tuple[Cell, ...]]:
    """Code cells and text cells of a notebook of any version."""
    notebook = _json(shown, text)
    cells = list(_all_cells(notebook))
    if not cells:
        raise Unreadable(f"{shown} is a notebook without any cell; {AGAIN}")
    if (language := _language(notebook)) not in ("", "python"):
        raise Unreadable(
            f"{shown} is a notebook in {printable(language, 30)}, not in Python; hand in a Python notebook."
        )
    code: list[Cell] = []
    prose: list[Cell] = []
    for cell in cells:
        text = _text(cell)
        if cell.get("cell_type") == "code" or ("cell_type" not in cell and "outputs" in cell):
            code.append(Cell(f"{shown}, cell {len(code) + 1}", text))
        else:
            prose.append(Cell(f"{shown}, the text cell after cell {len(code)}", text))
    return tuple(code), tuple(prose)


def _json(shown: str, text: str) -> dict[str, Any]:
    if CONFLICT.search(text):
        raise Unreadable(
            f"{shown} contains a merge conflict (<<<<<<<) and is no valid notebook; resolve it, then {AGAIN}"
        )
    try:
        notebook, _ = JSON.raw_decode(text.lstrip())  # what follows a complete notebook is ignored
    except ValueError as error:
        raise Unreadable(_not_json(shown, text, getattr(error, "pos", 0))) from None
    if not isinstance(notebook, dict) or not ("cells" in notebook or "worksheets" in notebook):
        raise Unreadable(f"{shown} is JSON, but no notebook: it has no cells; {AGAIN}")
    return notebook


def _not_json(shown: str, text: str, position: int) -> str:
    start = text.lstrip()
    if start[:15].lower().startswith(("<!doctype", "<html", "<?xml")):
        return f"{shown} is a web page, not a notebook; download the raw file as .ipynb and hand that in."
    if not start.startswith("{"):
        kind = "Markdown text" if start.startswith(("#", "```", "---", "*", "- ")) else "plain text"
        return f"{shown} is {kind}, not a notebook; {AGAIN}"
    if position >= len(start) - 1 or '"' not in start[position + 1 :]:
        return f"{shown} is cut off in the middle; {AGAIN}"
    line = start.count("\n", 0, position)
    quoted = quote(start.split("\n")[line])
    return f"{shown} is damaged: it stops being a notebook in line {line + 1}, at {quoted}; {AGAIN}"


def _all_cells(notebook: dict[str, Any]) -> Iterator[dict[str, Any]]:
    sheets = notebook.get("worksheets")
    for holder in (notebook, *(sheets if isinstance(sheets, list) else ())):
        cells = holder.get("cells") if isinstance(holder, dict) else None
        yield from (cell for cell in (cells if isinstance(cells, list) else ()) if isinstance(cell, dict))


def _text(cell: dict[str, Any]) -> str:
    source = next((cell[key] for key in ("source", "input", "code") if key in cell), "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    text = source if isinstance(source, str) else ""
    return text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")


def _language(notebook: dict[str, Any]) -> str:
    metadata = notebook.get("metadata")
    for key, field in (("language_info", "name"), ("kernelspec", "language")):
        entry = metadata.get(key) if isinstance(metadata, dict) else None
        name = entry.get(field) if isinstance(entry, dict) else None
        if isinstance(name, str) and name:
            return "python" if "python" in name.lower() else name
    return ""


def _written(source: SourceFile, folder: tuple[str, ...], known: set[str]) -> Iterator[tuple[str, bytes]]:
    """The Python files that %%writefile cells of a notebook would have written beside it."""
    for cell in source.cells:
        magic = cell_magic(cell.text)
        if len(magic) > 1 and magic[0] in ("writefile", "file") and magic[-1].endswith(".py"):
            name = str(PurePosixPath(*folder, magic[-1]))
            if name not in known:
                yield name, cell.text.partition("\n")[2].encode("utf-8", "replace")
