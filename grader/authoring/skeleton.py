"""The skeleton of a new exercise: a working one, small enough to be replaced line by line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from grader.authoring.styles import cache, classes, function, variables
from grader.errors import ExerciseError
from grader.wire.protocol import Framework

Style = Literal["function", "cache", "class", "variables"]

STYLES: Mapping[Style, Mapping[str, str]] = {
    "function": function.TEXTS,
    "cache": cache.TEXTS,
    "class": classes.TEXTS,
    "variables": variables.TEXTS,
}

PLACEHOLDERS = (
    "why its gradient is worth knowing.",
    "say in words what it shows",
    "One or two sentences that help without giving the answer",
)
"""What the statement of every style asks its author to replace."""

USE_IMPORTS = "from collections.abc import Iterator\nfrom typing import Any\n\n"
USE_FUNCTION = """def use(student: Any, x: Any, w: Any) -> Iterator[dict[str, Any]]:
    dloss_dw = student.SLUG(x, w)
    yield {"dloss_dw": dloss_dw}


"""

WORDS: Mapping[Framework, Mapping[str, str]] = {
    "torch": {
        "FRAMEWORK": "",
        "USEIMPORTS": "",
        "USEFUNCTION": "",
        "CALLED": '    entry_point="SLUG",\n',
        "TYPED": "import torch\nfrom torch import Tensor\n\n\n",
        "IMPORT": "import torch\n\n\n",
        "LIBRARY": "import torch\n\n",
        "SIGNATURE": "x: Tensor, w: Tensor) -> Tensor | None",
        "GRADIENT": "2 * torch.dot(x, w) * x",
        "HALF": "(x @ w) * x",
        "TWICE": "2 * y",
        "ONES": "torch.ones(size)",
        "PRODUCT": r"\1 * \2",
        "VECTOR": r"torch.tensor([\1, \2])",
        "COLUMNS": r"(\1 * \2).sum(0)",
        "SUM": r"\1.sum(0)",
        "ROW": r"torch.tensor([[\1, \2]])",
        "SHOWN": r"tensor([\1., \2.])",
        "SHOWNROW": r"tensor([[\1., \2.]])",
    },
    "numpy": {
        "FRAMEWORK": '    framework="numpy",\n',
        "USEIMPORTS": USE_IMPORTS,
        "USEFUNCTION": USE_FUNCTION,
        "CALLED": '    use=use,\n    framework="numpy",\n',
        "TYPED": "import numpy as np\n\n\n",
        "IMPORT": "import numpy as np\n\n\n",
        "LIBRARY": "import numpy as np\n\n",
        "SIGNATURE": "x, w)",
        "GRADIENT": "2 * np.dot(x, w) * x",
        "HALF": "(x @ w) * x",
        "TWICE": "2 * y",
        "ONES": "np.ones(size)",
        "PRODUCT": r"\1 * \2",
        "VECTOR": r"np.array([\1, \2])",
        "COLUMNS": r"np.sum(\1 * \2, axis=0)",
        "SUM": r"np.sum(\1, axis=0)",
        "ROW": r"np.array([[\1, \2]])",
        "SHOWN": r"array([\1., \2.])",
        "SHOWNROW": r"array([[\1., \2.]])",
    },
    "python": {
        "FRAMEWORK": '    framework="python",\n',
        "USEIMPORTS": USE_IMPORTS,
        "USEFUNCTION": USE_FUNCTION,
        "CALLED": '    use=use,\n    framework="python",\n',
        "TYPED": "",
        "IMPORT": "",
        "LIBRARY": "",
        "SIGNATURE": "x, w)",
        "GRADIENT": "[2 * sum(a * b for a, b in zip(x, w)) * c for c in x]",
        "HALF": "[sum(a * b for a, b in zip(x, w)) * c for c in x]",
        "TWICE": "[[2 * a for a in row] for row in y]",
        "ONES": "[1.0] * size",
        "PRODUCT": r"[[a * b for a, b in zip(row, \2)] for row in \1]",
        "VECTOR": r"[\1, \2]",
        "COLUMNS": r"[sum(\1[n][d] * \2[n][d] for n in range(len(\1))) for d in range(len(\1[0]))]",
        "SUM": r"[sum(column) for column in zip(*\1)]",
        "ROW": r"[[\1, \2]]",
        "SHOWN": r"[\1.0, \2.0]",
        "SHOWNROW": r"[[\1.0, \2.0]]",
    },
}
"""What the texts say in each framework; those with a backslash take arguments."""


def new(slug: str, exercises: Path, style: Style = "function", framework: Framework = "torch") -> tuple[Path, ...]:
    """Write the skeleton into `exercises` and the `solutions` beside it; raises ExerciseError where one exists."""
    if not slug.isidentifier():
        raise ExerciseError(f"{slug!r} cannot name an exercise; use letters, digits and _, and begin with a letter")
    folders = {"exercises": exercises / slug, "solutions": exercises.resolve().parent / "solutions" / slug}
    for folder in folders.values():
        if folder.exists():
            raise ExerciseError(f"{folder}: is there already; choose another slug or remove the folder first")
    written = []
    for place, text in STYLES[style].items():
        top, _, rest = place.split("/", 2)
        path = folders[top] / rest
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_filled(text, slug, WORDS[framework]), encoding="utf-8", newline="\n")
        written.append(path)
    return tuple(written)


def _filled(text: str, slug: str, words: Mapping[str, str]) -> str:
    for word, replacement in words.items():
        if "\\" in replacement:
            arguments = ", ".join([r"([^,()]*)"] * (2 if r"\2" in replacement else 1))
            text = re.sub(rf"\b{word}\({arguments}\)", replacement, text)
        else:
            text = text.replace(word, replacement)
    title = slug.replace("_", " ").capitalize()
    name = "".join(part.capitalize() for part in slug.split("_"))
    return text.replace("TITLE", title).replace("CLASS", name).replace("SLUG", slug)
