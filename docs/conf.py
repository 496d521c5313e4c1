"""How Sphinx builds the documentation: `make docs`, or `sphinx-build docs site`."""

import re

from sphinx.application import Sphinx

import grader

project = "gradient-grader"
author = "The gradient-grader authors"
release = grader.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_click"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"gradient-grader {release}"
html_show_copyright = False

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_preserve_defaults = True

FIELD = re.compile(r"^(\w+(?:, \w+)*): (?=\S)")


def as_rst(app: object, what: str, name: str, subject: object, options: object, lines: list[str]) -> None:
    """Our docstrings are prose with lines such as `name: what it is`; of a module only the first paragraph is kept."""
    if what == "module":
        del lines[lines.index("") if "" in lines else len(lines) :]
    made: list[str] = []
    for line in lines:
        field = FIELD.match(line)
        if field:
            line = f"* **{field[1]}**: {line[field.end() :]}"
            if made and made[-1] and not made[-1].startswith(("* ", "  ")):
                made.append("")
        elif line.strip() and made and made[-1].startswith(("* ", "  ")):
            line = f"  {line.strip()}"
        made.append(re.sub(r"(?<!`)`([^`]+)`(?![`_])", r"``\1``", line))
    lines[:] = made


def setup(app: Sphinx) -> None:
    """Sphinx calls this."""
    app.connect("autodoc-process-docstring", as_rst)
