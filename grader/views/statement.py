"""An exercise's statement (Markdown with formulas between dollars) as HTML, and its key idea for the terminal."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from grader.course.catalog import STATEMENT, Catalog
from grader.errors import ExerciseError
from grader.views import wording

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

KEY_IDEA = "Key idea"
FORMULA = re.compile(r"\$\$(.+?)\$\$|\$([^$]+?)\$", re.DOTALL)
ELSEWHERE = re.compile(r'<img src="(?!data:image/svg)([^"]*)"')
"""A page must not ask any server for anything."""
TEXT = re.compile(r"\\(?:text|mathrm|operatorname)\{[^{}]*\}")
MATHML = "{http://www.w3.org/1998/Math/MathML}m"
FOLDED = re.compile(rf"<h2>{KEY_IDEA}</h2>\n(.*?)(?=<h2>|\Z)", re.DOTALL)
"""The section that gives the idea away: a reader unfolds it."""
BRACKETS = (("{", "}"), (r"\begin", r"\end"), (r"\left", r"\right"))
PICTURE = re.compile(r"(!\[[^\]]*\])\(([\w.-]+\.svg)\)")


def read(catalog: Catalog, slug: str) -> str:
    """The statement as its author wrote it; raises ExerciseError where there is none."""
    folders = catalog.folders()
    known = [each for each, folder in folders.items() if (folder / STATEMENT).is_file()]
    if slug not in known:
        raise ExerciseError(wording.no_statement(slug, known))
    return catalog.statement(slug)


def title(statement: str) -> str:
    """Its first heading."""
    found = re.search(r"^# (.+)$", statement, re.MULTILINE)
    return found[1].strip() if found else ""


def key_idea(statement: str) -> str:
    """The section of that name as Markdown whose formulas are readable text, or "" where it has none."""
    found = re.search(rf"^## {KEY_IDEA}\n(.*?)(?=^## |\Z)", statement, re.MULTILINE | re.DOTALL)
    return readable(found[1].strip()) if found else ""


def readable(markdown: str) -> str:
    r"""Formulas as text: `$\\partial y_h / \\partial W_{dh}$` becomes `∂ y_h / ∂ W_dh`."""
    from pylatexenc.latex2text import LatexNodes2Text

    text = LatexNodes2Text(math_mode="text")
    return FORMULA.sub(lambda formula: f"`{text.latex_to_text(formula[1] or formula[2]).strip()}`", markdown)


def html(statement: str, folder: Path) -> str:
    """The statement as HTML: formulas as MathML, its drawings inside, raw HTML shown and never obeyed.

    folder: where the drawings lie.
    """

    def inside(picture: re.Match[str]) -> str:
        path = folder / picture[2]
        if not path.is_file():
            raise ExerciseError(f"{folder / STATEMENT}: shows {picture[2]}, which is missing; run `grader release`")
        return f"{picture[1]}(data:image/svg+xml;base64,{base64.b64encode(path.read_bytes()).decode()})"

    rendered: str = _markdown().render(PICTURE.sub(inside, statement))
    if found := ELSEWHERE.search(rendered):
        where = folder / STATEMENT
        raise ExerciseError(f"{where}: the picture {found[1]} lies elsewhere; put an .svg into this folder")
    return FOLDED.sub(rf"<details><summary>{KEY_IDEA}</summary>\1</details>\n", rendered)


def _markdown() -> MarkdownIt:
    from latex2mathml.converter import convert
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    def mathml(formula: str, options: dict[str, bool]) -> str:
        parts = _parts(formula) if options["display_mode"] else [formula]
        # The converter shows the backslash of an underscore inside of text.
        parts = [TEXT.sub(lambda text: text[0].replace(r"\_", "_"), part) for part in parts]
        converted = [convert(part, display="block" if options["display_mode"] else "inline") for part in parts]
        if not all(_is_mathml(part) for part in converted):
            raise ExerciseError(
                f"{STATEMENT}: the formula {formula!r} cannot be shown; leave out what is no mathematics"
            )
        return "".join(converted)

    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    markdown.use(dollarmath_plugin, renderer=mathml, allow_space=False, double_inline=True)
    safe = ("https:", "http:", "#", "data:image/svg+xml;base64,")
    markdown.validateLink = lambda url: url.startswith(safe)  # type: ignore[method-assign]
    markdown.add_render_rule("table_open", lambda *_: '<div class="wide"><table>\n')
    markdown.add_render_rule("table_close", lambda *_: "</table></div>\n")
    return markdown


def _parts(formula: str) -> list[str]:
    r"""A displayed formula taken apart at each \\quad, so that a narrow page can break it there."""
    parts = re.split(r"\\q?quad\b", formula)
    whole = all(part.count(a) == part.count(b) for part in parts for a, b in BRACKETS)
    return parts if whole else [formula]


def _is_mathml(text: str) -> bool:
    """Whether the text is well-formed and holds no element beside MathML's: the converter does not escape."""
    try:
        elements = list(ElementTree.fromstring(text).iter())
    except ElementTree.ParseError:
        return False
    return all(element.tag.startswith(MATHML) for element in elements)
