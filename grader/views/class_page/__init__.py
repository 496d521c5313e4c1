"""A class on one page: a file that needs no network and no server, for a phone or a desk, light or dark."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from importlib import resources

import jinja2
from markupsafe import Markup

from grader.batch.similar import Group
from grader.models import Report
from grader.views.class_page.pages import pages
from grader.views.class_page.summary import summary
from grader.wire.printable import plain

MISCONCEPTIONS_SHOWN = 10
"""The others are folded away."""


def render(reports: Sequence[Report], groups: Sequence[Group] | None, title: str) -> str:
    """The page as HTML. groups: None where the submissions themselves are not at hand."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(__name__, ""),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    script = _file("script.js")
    return environment.get_template("template.html").render(
        title=title,
        summary=summary(reports),
        groups=groups,
        most=MISCONCEPTIONS_SHOWN,
        style=Markup(_file("style.css")),
        script=Markup(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        data=Markup(_json(pages(reports))),  # no tag can begin in it
    )


def _printable(value: object) -> object:
    """No control characters from a name or message."""
    return plain(value, keep_newlines=True) if type(value) is str else value


def _file(name: str) -> str:
    return resources.files(__name__).joinpath(name).read_text(encoding="utf-8")


def _json(value: object) -> str:
    """JSON that can stand inside a script element: nothing in it can end the element or open a comment."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
