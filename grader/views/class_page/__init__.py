"""A class on one page: a file that needs no network and no server, for a phone or a desktop, light or dark."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib import resources

import jinja2
from markupsafe import Markup

from grader.batch.code import Cell
from grader.batch.similar import Group, tokens
from grader.models import Report
from grader.views.class_page.pages import display_names, pages
from grader.views.class_page.summary import LOOK, STATES, summary, word
from grader.wire.printable import plain

MISTAKES_SHOWN = 5
"""Of each exercise; the others are folded away."""

MAX_CODE_CHARACTERS = 60_000
"""Of one student."""

FEWEST_TOKENS = 5
"""A line with fewer is not marked as common to two answers."""


def render(
    reports: Sequence[Report],
    groups: Sequence[Group] | None,
    title: str,
    code: Mapping[str, Sequence[Cell]] | None = None,
    remarks: Sequence[str] = (),
) -> str:
    """The page as HTML.

    groups: None where the submissions themselves are not at hand. code: by submission id, for the students' pages.
    remarks: sentences about the batch, such as what was set aside.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(__name__, ""),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    script = _file("script.js")
    alike = None if groups is None else [label for group in groups for label in group.members]
    places = {report.submission.id: index for index, report in enumerate(reports)}
    return environment.get_template("template.html").render(
        title=title,
        summary=summary(reports, alike),
        groups=groups,
        names=display_names(reports),
        places=places,
        remarks=remarks,
        most=MISTAKES_SHOWN,
        states=STATES,
        look=LOOK,
        word=word,
        style=Markup(_file("style.css")),
        script=Markup(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        data=Markup(_json(pages(reports, frozenset(alike or ())))),  # no tag can begin in it
        code=Markup(_packed(reports, groups or (), code or {})),
    )


def _printable(value: object) -> object:
    """No control characters from a name or message."""
    return plain(value, keep="\n") if type(value) is str else value


def _file(name: str) -> str:
    return resources.files(__name__).joinpath(name).read_text(encoding="utf-8")


def _json(value: object) -> str:
    """JSON that can stand inside a script element: nothing in it can end the element or open a comment."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _packed(reports: Sequence[Report], groups: Sequence[Group], code: Mapping[str, Sequence[Cell]]) -> str:
    """{"students": [[[file, cell, text], ...], ...], "alike": [[[text, marked lines], ...], ...]}, gzip in base64.

    It is unpacked when the first student is looked at.
    """
    students = [_shortened(code.get(report.submission.id, ())) for report in reports]
    found = {"students": students, "alike": [_marked(group.code) for group in groups]}
    content = json.dumps(found, ensure_ascii=True, separators=(",", ":")).encode()
    return base64.b64encode(gzip.compress(content, mtime=0)).decode()


def _shortened(cells: Sequence[Cell]) -> list[tuple[str, int, str]]:
    left, shown = MAX_CODE_CHARACTERS, []
    for cell in cells:
        text = plain(cell.text, keep="\n")
        shown.append((plain(cell.file), cell.number, text if len(text) <= left else text[:left] + "\n…"))
        left -= len(text)
        if left <= 0:
            break
    return shown


def _marked(answers: Sequence[str]) -> list[tuple[str, list[int]]]:
    """Each answer with the numbers of its lines that another one has too, whatever the names are."""
    lines = [[tuple(tokens(line)) for line in answer.splitlines()] for answer in answers]
    found = []
    for index, answer in enumerate(answers):
        others = {line for place, each in enumerate(lines) if place != index for line in each}
        common = [n for n, line in enumerate(lines[index]) if len(line) >= FEWEST_TOKENS and line in others]
        found.append((plain(answer, keep="\n"), common))
    return found
