"""Writes what students receive, each file from its one source.

solutions/<slug>/solution.py    -> stub.py and stub.ipynb: the same code without what stands between the marks
exercises/<slug>/statement.md   -> the notebook's text
exercises/<slug>/exercise.py    -> graph.svg, the computation graph; card.json, for whoever reads about it without torch
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grader.authoring import FIGURE
from grader.authoring.figure import figure
from grader.course import card
from grader.course.catalog import Catalog
from grader.errors import ExerciseError
from grader.exercise import Exercise

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
TODO = "# YOUR CODE HERE"
CELL = r"^# %%.*$"
"""Begins a new cell of the notebook; editors know the mark."""


def released(catalog: Catalog, slug: str) -> dict[Path, str]:
    """Path -> text of every generated file of one exercise; raises ExerciseError for a source that is wrong."""
    exercise = catalog.load(slug)
    folder = catalog.folder(slug)
    code = _stub(exercise, without_solution(_read(_solution(catalog, slug)), _solution(catalog, slug)))
    picture = figure(exercise)
    known = card.of(exercise, folder).model_copy(update={"examples": card.examples(exercise)})
    return {
        folder / card.FILE: known.model_dump_json(indent=1) + "\n",
        folder / FIGURE: picture,
        folder / "stub.py": code,
        folder / "stub.ipynb": _text(notebook(exercise, catalog.statement(slug), code, picture)),
    }


def filled(catalog: Catalog, slug: str) -> NotebookNode:
    """The student's notebook with the reference solution in it."""
    exercise = catalog.load(slug)
    return notebook(exercise, catalog.statement(slug), _read(_solution(catalog, slug)), figure(exercise))


def stale(catalog: Catalog, slug: str) -> dict[Path, str]:
    """Of the generated files those that differ from what `release` would write now, with their new text."""
    return {
        path: text
        for path, text in released(catalog, slug).items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    }


def release(catalog: Catalog, slug: str) -> tuple[Path, ...]:
    """Write the generated files of one exercise and say which of them changed."""
    changed = stale(catalog, slug)
    for path, text in changed.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    return tuple(changed)


def without_solution(source: str, path: Path) -> str:
    """The source with every marked block replaced by one line to fill in."""
    return "\n".join(_blanked(source, path)) + "\n"


def notebook(exercise: Exercise, statement: str, code: str, picture: str) -> NotebookNode:
    """Statement, code and check as cells; ids are fixed, so that a release is reproducible."""
    link = "data:image/svg+xml;base64," + base64.b64encode(picture.encode()).decode()
    sections = re.split(r"\n(?=## )", statement.strip())
    cells = [
        new_markdown_cell(section.strip().replace(f"({FIGURE})", f"({link})"), id=f"statement-{number}")
        for number, section in enumerate(sections)
    ]
    parts = [part.strip() for part in re.split(CELL, code, flags=re.MULTILINE) if part.strip()]
    names = ("solution", *(f"solution-{number}" for number in range(1, len(parts))))
    cells += [new_code_cell(part, id=name) for name, part in zip(names, parts, strict=True)]
    variables = exercise.usage is not None and not exercise.usage.names
    checked = f'"{exercise.slug}"' if variables else exercise.names[-1]
    cells.append(new_code_cell(f"from grader import check\n\ncheck({checked})", id="check"))
    python = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": python, "language_info": {"name": "python"}}
    return NotebookNode(new_notebook(cells=cells, metadata=metadata))


def _blanked(source: str, path: Path) -> Iterator[str]:
    inside = found = False
    for number, line in enumerate(source.rstrip("\n").split("\n"), start=1):
        mark = line.strip()
        if mark in {BEGIN, END}:
            if inside == (mark == BEGIN):
                raise ExerciseError(f"{path}, line {number}: {mark!r} has no partner; marks come in pairs")
            inside, found = mark == BEGIN, True
            if inside:
                yield line[: len(line) - len(line.lstrip())] + TODO
        elif not inside:
            yield line
    if inside or not found:
        raise ExerciseError(f"{path}: put the solution between the lines {BEGIN!r} and {END!r}")


def _stub(exercise: Exercise, code: str) -> str:
    raises = "raise NotImplementedError" in code
    done = "" if raises or len(exercise.asks) == 1 else " An output that is not done yet stays None."
    return f'"""{exercise.title}: fill in {exercise.entry_point} and hand in this file.{done}"""\n\n{code}'


def _solution(catalog: Catalog, slug: str) -> Path:
    folder = catalog.solution(slug)
    if folder is None:
        raise ExerciseError(f"{catalog.exercises}: there is no solutions folder beside it, so no stub can be made")
    return folder / "solution.py"


def _read(path: Path) -> str:
    if not path.is_file():
        raise ExerciseError(f"{path}: is missing; write it, or start with `grader new`")
    return path.read_text(encoding="utf-8")


def _text(cells: NotebookNode) -> str:
    nbformat.validate(cells)
    text: str = nbformat.writes(cells, version=4)
    return text.rstrip("\n") + "\n"
