"""The text form of a breach of the by-hand rule: written by the worker, parsed by the trusted side.

The worker is hostile once student code has run, and what it says ends up before the student's eyes: free text would
carry hidden inputs out. So an evidence text has one form, made of a word of this file, a place and a quoted line:
"loss.backward() or its like, hw.py, line 12: `loss.backward()`". Who reads it checks place and line against the files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

AUTOGRAD = "autograd"
OTHER_FRAMEWORK = "other_framework"
NUMERIC = "numeric_differentiation"
TAMPERING = "tampering"
INTERNALS = "internals"
FORBIDDEN = "forbidden"
KINDS = (AUTOGRAD, OTHER_FRAMEWORK, NUMERIC, TAMPERING, INTERNALS, FORBIDDEN)

LOOP = "loop over "
"""What an exercise does without is a loop, "loop over N", or a dotted name, or an operator."""

ENGINE = "torch.autograd computed gradients"
GRAPH_NODE = "a node of torch.autograd's graph was called"
FORWARD_MODE = "torch's forward-mode differentiation was switched on"
FUNCTION_TRANSFORM = "torch.func differentiated a function"
BACKWARD_OPERATOR = "one of torch's own backward operators was called"
UNHOOKED = "what watches the call was taken away during it"
READS_AUTOGRAD = "the source calls autograd"
READS_PARAMETER = "the source makes an nn.Parameter"
READS_OPERATOR = "the source names one of torch's own backward operators"
READS_FRAMEWORK = "the source uses another framework for gradients"
READS_QUOTIENT = "the source contains a difference quotient"
READS_DIFFERENCES = "the source calls a function that differentiates by differences"
READS_INTERNALS = "the source looks into the process that runs it"
WORDS = (
    ENGINE,
    GRAPH_NODE,
    FORWARD_MODE,
    FUNCTION_TRANSFORM,
    BACKWARD_OPERATOR,
    UNHOOKED,
    READS_AUTOGRAD,
    READS_PARAMETER,
    READS_OPERATOR,
    READS_FRAMEWORK,
    READS_QUOTIENT,
    READS_DIFFERENCES,
    READS_INTERNALS,
)

OPERATORS = ("@", "*", "/", "//", "%", "**", "+", "-")

USES = "the source uses what the exercise does without: "
MAY_USE = "the source may use what the exercise does without: "
"""These two are followed by what that is."""

_FORM = re.compile(r"(?P<word>[^,\n]+)(, (?P<place>[^\n]{1,150}), line (?P<line>\d{1,6}): `(?P<code>[^\n]{1,200})`)?")


@dataclass(frozen=True)
class Sighting:
    """What was seen, and where; place "" and line 0 when that is unknown."""

    word: str
    place: str = ""
    line: int = 0
    code: str = ""

    @property
    def forbidden(self) -> str:
        """What the exercise does without and the source uses, or may use; "" for anything else that was seen."""
        start = next((start for start in (USES, MAY_USE) if self.word.startswith(start)), "")
        return self.word.removeprefix(start) if start else ""

    @property
    def text(self) -> str:
        """The one form."""
        return f"{self.word}, {self.place}, line {self.line}: `{self.code}`" if self.place else self.word


def read(text: str) -> Sighting | None:
    """The mirror image of `Sighting.text`; None for anything else."""
    found = _FORM.fullmatch(text)
    if found is None or not (found["word"] in WORDS or found["word"].startswith((USES, MAY_USE))):
        return None
    return Sighting(found["word"], found["place"] or "", int(found["line"] or 0), found["code"] or "")


def forbidden(rule: str, *, sure: bool) -> str:
    """The word for a use of what an exercise does without."""
    return f"{USES if sure else MAY_USE}{rule}"
