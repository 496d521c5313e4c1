"""Conventions that differ between courses: an exercise takes one, and who follows another is told so by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import update_wrapper
from types import FunctionType
from typing import Any


@dataclass(frozen=True)
class Convention:
    """What another course takes in place of something that exercise.py defines.

    slug: a stable name such as "penalty-with-a-half".
    replaces: name of a number or function in exercise.py -> what stands there in the other course.
    hint: one or two sentences that name the other convention and this course's; never the solution.
    """

    slug: str
    replaces: Mapping[str, Any]
    hint: str

    def followed_by(self, function: Callable[..., Any]) -> Mapping[str, Any]:
        """The names that a function of exercise.py sees, as they are under this convention, the function's own too.

        The functions are copies that see each other and the other values: nothing is changed in place.
        """
        before: Mapping[str, Any] = getattr(function, "__globals__", {})
        after: dict[str, Any] = {}
        for name, value in {**before, **self.replaces}.items():
            own = isinstance(value, FunctionType) and value.__globals__ is before
            after[name] = _moved(value, after) if own else value
        return after


def _moved(function: FunctionType, names: dict[str, Any]) -> FunctionType:
    """A copy of a function that looks its names up elsewhere."""
    moved = FunctionType(function.__code__, names, function.__name__, function.__defaults__, function.__closure__)
    moved.__kwdefaults__ = function.__kwdefaults__
    update_wrapper(moved, function)
    return moved
