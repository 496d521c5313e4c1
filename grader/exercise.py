"""What an author writes: a forward pass, its shapes, what is asked of the student, and points.

Everything else (cases, oracle, tolerance, stub, local check, LMS package) is derived from an
`Exercise`. Shapes come from the jaxtyping annotations of the forward pass. A little longer than most files: an author
finds every word of the language here.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Literal, Union

from grader.errors import ExerciseError

Axis = Union[str, int]
"""A named size such as "N", or a fixed one such as 1."""

Forward = Callable[..., Any]
"""A differentiable torch function of named inputs."""


@cache
def parameter_names(function: Callable[..., Any]) -> tuple[str, ...]:
    """The names of a function's inputs, in call order; asked for at every evaluation, so looked up once."""
    return tuple(inspect.signature(function).parameters)


@dataclass(frozen=True)
class Normal:
    """Float entries of both signs with the given standard deviation (the default for a float tensor)."""

    scale: float = 1.0


@dataclass(frozen=True)
class Uniform:
    """Float entries, or one Python float, drawn from [low, high]."""

    low: float
    high: float


@dataclass(frozen=True)
class Integers:
    """Whole entries, or one Python int, from low to high, both included; `high` may name a size ("C" means 0..C-1)."""

    low: int
    high: int | str


Distribution = Union[Normal, Uniform, Integers]
Points = Union[float, Mapping[str, float]]
"""Points of a check, or points per variant."""


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One output that the student returns.

    `points` is per check; a check is one output on one variant of the inputs. `of` is the function that
    is asked about when it is not the exercise's forward pass; its parameters are inputs of the exercise.
    """

    points: Points = 1.0
    of: Forward | None = None


@dataclass(frozen=True)
class Gradient(Ask):
    """The gradient of the forward pass with respect to one input, in that input's shape.

    A forward pass that returns more than one number is summed first: the gradient is the vector-Jacobian
    product with an upstream of ones. For another upstream make it an input and let the forward pass use it.
    """

    wrt: str


@dataclass(frozen=True)
class Jacobian(Ask):
    """The full Jacobian with respect to one input: shape of the forward pass's result, then the input's shape."""

    wrt: str


@dataclass(frozen=True)
class Value(Ask):
    """The value of a function of the inputs, a float tensor."""


@dataclass(frozen=True)
class Predicate(Ask):
    """A boolean tensor: gradcheck does not apply and the comparison is exact."""


@dataclass(frozen=True)
class Parameter:
    """One input of the entry point, in call order."""

    name: str
    kind: Literal["float_tensor", "int_tensor", "bool_tensor", "float", "int"]
    axes: tuple[Axis, ...]
    distribution: Distribution

    def shape(self, sizes: Mapping[str, int]) -> tuple[int, ...]:
        """The shape under the given sizes."""
        return tuple(axis if isinstance(axis, int) else sizes[axis] for axis in self.axes)


@dataclass(frozen=True)
class Check:
    """One output on one variant of the inputs: the smallest thing that earns points."""

    name: str
    output: str
    variant: str
    points: float


@dataclass(frozen=True)
class Limits:
    """What one submission may use; the sandbox enforces it.

    cpu_seconds, wall_seconds: per call of an entry point (and for loading). memory_bytes: on top of the
    preloaded process. max_timeouts: after this many in one exercise the remaining cases are `skipped`.
    """

    cpu_seconds: float = 10.0
    wall_seconds: float = 60.0
    memory_bytes: int = 512 * 2**20
    max_timeouts: int = 2
    max_restarts: int = 3


@dataclass(frozen=True)
class Exercise:
    """A forward pass and what is asked about it.

    entry_point: the function that the student writes; it takes the forward pass's inputs in the forward
        pass's order and returns the outputs in the order of `asks` (one output: returned bare).
    forward: a differentiable torch function with jaxtyping annotations, e.g. `X: Float[Tensor, "N D"]`;
        plain `int` and `float` parameters are passed as Python numbers.
    asks: output name -> Gradient | Jacobian | Value | Predicate.
    sizes: axis name -> (smallest, largest) size.
    inputs: input name -> distribution, where the default does not fit.
    variants: variant name -> {input: axes}, e.g. {"one_observation": {"x": "D"}, "batch": {"x": "N D"}};
        an axis that no input of a variant uses does not exist there.
    requires: slugs of exercises that come before this one.
    kink: what another subgradient at a kink costs: "advice" (nothing) or "graded" (the check).
    squeeze: accept results that differ from the right shape by axes of size 1 only.
    slug: the folder's name, set by the catalog.
    """

    entry_point: str
    forward: Forward
    asks: Mapping[str, Ask]
    sizes: Mapping[str, tuple[int, int]]
    title: str = ""
    inputs: Mapping[str, Distribution] = field(default_factory=dict)
    variants: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    requires: tuple[str, ...] = ()
    kink: Literal["advice", "graded"] = "advice"
    squeeze: bool = False
    limits: Limits = field(default_factory=Limits)
    slug: str = ""

    def named(self, slug: str) -> Exercise:
        """The same exercise under its folder's name, with everything checked; raises ExerciseError."""
        exercise = replace(self, slug=slug, title=self.title or slug.replace("_", " "))
        _check(exercise)
        return exercise

    @property
    def variant_names(self) -> tuple[str, ...]:
        """The variants' names in the author's order; one nameless variant where none are given."""
        return tuple(self.variants) or ("",)

    def parameters(self, variant: str = "") -> tuple[Parameter, ...]:
        """The inputs of one variant, in call order."""
        axes = self.variants.get(variant, {})
        hints = _hints(self.forward)
        return tuple(
            _parameter(name, hints.get(name), axes.get(name), self.inputs.get(name))
            for name in parameter_names(self.forward)
        )

    def axis_names(self, variant: str = "") -> tuple[str, ...]:
        """The named sizes that occur in one variant, in order of first use."""
        seen = [axis for parameter in self.parameters(variant) for axis in parameter.axes if isinstance(axis, str)]
        return tuple(dict.fromkeys(seen))

    def function_of(self, output: str) -> Forward:
        """The function that an output is about."""
        return self.asks[output].of or self.forward

    @property
    def checks(self) -> tuple[Check, ...]:
        """All checks, variant by variant, outputs in the author's order."""
        return tuple(
            Check(_check_name(self, output, variant), output, variant, points)
            for variant in self.variant_names
            for output, ask in self.asks.items()
            if (points := _points(ask.points, variant)) is not None
        )

    @property
    def max_score(self) -> float:
        """The sum of the checks' points."""
        return sum(check.points for check in self.checks)


def _points(points: Points, variant: str) -> float | None:
    return points.get(variant) if isinstance(points, Mapping) else points


def _check_name(exercise: Exercise, output: str, variant: str) -> str:
    if not variant:
        return output
    return variant if len(exercise.asks) == 1 else f"{output}, {variant}"


def _hints(forward: Forward) -> dict[str, Any]:
    try:
        return typing.get_type_hints(forward, include_extras=True)
    except Exception as error:  # an annotation of the author's that cannot be evaluated
        raise ExerciseError(f"forward: its annotations cannot be read ({error}); import every name they use") from error


def _parameter(name: str, hint: Any, axes: str | None, distribution: Distribution | None) -> Parameter:
    if hint is int:
        return Parameter(name, "int", (), distribution or Integers(1, 5))
    if hint is float:
        return Parameter(name, "float", (), distribution or Uniform(0.0, 1.0))
    if not hasattr(hint, "dim_str"):
        raise ExerciseError(
            f'forward: input {name!r} needs a jaxtyping annotation such as Float[Tensor, "N D"], or int or float'
        )
    text = hint.dim_str if axes is None else axes
    dtypes = set(hint.dtypes)
    if dtypes <= {"bool", "bool_"}:
        return Parameter(name, "bool_tensor", _axes(name, text), distribution or Integers(0, 1))
    if any(dtype.startswith("int") for dtype in dtypes):
        return Parameter(name, "int_tensor", _axes(name, text), distribution or Integers(-3, 3))
    return Parameter(name, "float_tensor", _axes(name, text), distribution or Normal())


def _axes(name: str, text: str) -> tuple[Axis, ...]:
    for axis in text.split():
        if not (axis.isidentifier() or axis.isdigit()):
            raise ExerciseError(
                f"input {name!r}: axis {axis!r} is neither a name nor a number; say in `variants` which axes "
                f'a variant has, for example variants={{"batch": {{"{name}": "N D"}}}}'
            )
    return tuple(int(axis) if axis.isdigit() else axis for axis in text.split())


def _check(exercise: Exercise) -> None:
    """Refuse an exercise that cannot be graded; each sentence names the field and the remedy."""
    names = parameter_names(exercise.forward)
    if not exercise.entry_point.isidentifier():
        raise ExerciseError(f"entry_point: {exercise.entry_point!r} is not a function name; use letters, digits and _")
    if not exercise.asks:
        raise ExerciseError('asks: nothing is asked; name at least one output, for example {"dW": Gradient("W")}')
    for output, ask in exercise.asks.items():
        _check_ask(exercise, output, ask, names)
    for name in (*exercise.inputs, *(n for axes in exercise.variants.values() for n in axes)):
        if name not in names:
            raise ExerciseError(f"inputs/variants: {name!r} is no input of forward; its inputs are {', '.join(names)}")
    for variant in exercise.variant_names:
        for axis in exercise.axis_names(variant):
            if axis not in exercise.sizes:
                raise ExerciseError(f'sizes: axis {axis!r} has no range; add "{axis}": (1, 8) or the like')
    for axis, (low, high) in exercise.sizes.items():
        if not 1 <= low <= high:
            raise ExerciseError(f"sizes: {axis!r} is ({low}, {high}); use (smallest, largest) with 1 <= smallest")
    if exercise.max_score <= 0:
        raise ExerciseError("asks: all points are 0; give at least one check points")


def _check_ask(exercise: Exercise, output: str, ask: Ask, names: tuple[str, ...]) -> None:
    wrt = getattr(ask, "wrt", None)
    used = parameter_names(ask.of) if ask.of else names
    if wrt is not None and wrt not in used:
        raise ExerciseError(
            f"asks: {output!r} differentiates by {wrt!r}, which is no input; choose from {', '.join(used)}"
        )
    for name in used:
        if name not in names:
            raise ExerciseError(
                f"asks: {output!r} uses {name!r}, which is no input of forward; add it there or rename it"
            )
    points = ask.points.values() if isinstance(ask.points, Mapping) else (ask.points,)
    if any(value < 0 for value in points):
        raise ExerciseError(f"asks: {output!r} has negative points; use 0 or more")
    if isinstance(ask.points, Mapping):
        for variant in ask.points:
            if variant not in exercise.variants:
                raise ExerciseError(
                    f"asks: {output!r} gives points to {variant!r}, which is not in variants; rename it"
                )
