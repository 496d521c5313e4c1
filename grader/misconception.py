"""Known mistakes, written as wrong links of the exercise's chain of derivatives.

An author writes the right answer once, link by link, and each misconception as the link that it gets
wrong. Two mistakes at once are then two replaced links, and "the first wrong link" has a meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.exercise import parameter_names

Link = Callable[..., Any]
"""A function of torch tensors; its parameters name inputs of the exercise or other links."""


@dataclass(frozen=True)
class Misconception:
    """One way to be wrong.

    slug: a stable name such as "mean-instead-of-sum".
    replaces: link name -> what the student computes instead.
    hint: one or two sentences a good teacher says; never the solution.
    advice: True when it costs nothing (a matter of convention or of numerical stability).
    same_as: slugs that no case of this exercise can tell from this one, with the reason in `why_same`.
    constant: a number that the student chose, as usual; a replacing link gets it by a parameter of this name, and the
        diagnosis finds out which other one a student took.
    """

    slug: str
    replaces: Mapping[str, Link]
    hint: str
    advice: bool = False
    same_as: tuple[str, ...] = ()
    why_same: str = ""
    constant: float | None = None


@dataclass(frozen=True)
class Chain:
    """The right answer as named links, in the order in which a student meets them.

    links: name -> function; the exercise's outputs are links too.
    misconceptions: the known ways to get a link wrong.
    """

    links: Mapping[str, Link]
    misconceptions: tuple[Misconception, ...] = field(default=())

    def evaluate(self, outputs: tuple[str, ...], inputs: Mapping[str, Any], *wrong: Misconception) -> tuple[Any, ...]:
        """The named outputs (or links) for these inputs, with the given misconceptions in place.

        Raises whatever a wrong link raises: a mistake may well crash on some shapes.
        """
        links, constants = dict(self.links), dict[str, float]()
        for misconception in wrong:
            links.update(misconception.replaces)
            if misconception.constant is not None:
                constants.update(dict.fromkeys(misconception.replaces, misconception.constant))
        known = dict(inputs)

        def value(name: str) -> Any:
            if name not in known:
                link = links[name]
                own = {"constant": constants[name]} if name in constants else {}
                known[name] = link(*(own[each] if each in own else value(each) for each in parameter_names(link)))
            return known[name]

        return tuple(value(output) for output in outputs)

    def first_link(self, *wrong: Misconception) -> str:
        """The earliest link that these misconceptions replace."""
        replaced = {link for misconception in wrong for link in misconception.replaces}
        return next(link for link in self.links if link in replaced)
