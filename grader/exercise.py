"""What an author writes: a forward pass, its shapes, what is asked of the student, and points.

Everything else (cases, oracle, tolerance, stub, local check, LMS package) is derived from an
`Exercise`. Shapes come from the jaxtyping annotations of the forward pass. A little longer than most files: an author
finds every word of the language here.
"""

from __future__ import annotations

import ast
import inspect
import math
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any, Literal, Union

from grader.convention import Convention
from grader.errors import ExerciseError
from grader.use import Usage, Use
from grader.wire.evidence import LOOP, OPERATORS
from grader.wire.protocol import Forbidden, Framework, Target

ENOUGH_DRAWN = 10_000
"""How many entries a draw needs to be told from something that is none."""

Axis = Union[str, int]
"""A named size such as "N", a fixed one such as 1, or an expression of sizes such as "H-K+1"."""

Forward = Callable[..., Any]
"""A differentiable torch function of named inputs."""


@cache
def parameter_names(function: Callable[..., Any]) -> tuple[str, ...]:
    """The names of a function's inputs, in call order; asked for at every evaluation, so looked up once."""
    return tuple(inspect.signature(function).parameters)


@dataclass(frozen=True)
class Normal:
    """Float entries of both signs with the given standard deviation (the default for a float tensor).

    zeros: whether entries may be exactly 0; not where a draw has to be seen at every entry (see Drawn).
    """

    scale: float = 1.0
    zeros: bool = True


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


@dataclass(frozen=True)
class Size:
    """One Python int that is a size or an expression of sizes, such as Size("S") for a stride."""

    axis: str


@dataclass(frozen=True)
class Constant:
    """The same Python number in every case: a convention of the course such as a learning rate or an epsilon."""

    value: float | int | bool


@dataclass(frozen=True)
class Drawn:
    """A mask of zeros and ones that the student's code draws: it is read off a result and given to the oracle.

    Where the result is 0 the mask is 0, so the result has to be the mask times something that is never 0.
    seen_in: the output that shows it; keeps: the chance of a one, a function of inputs of the exercise. All draws of an
    exercise have to be independent of each other and at random, which is tested on large cases.
    """

    seen_in: str
    keeps: Callable[..., float]

    def share(self, inputs: Mapping[str, Any]) -> float:
        """The chance of a one under these inputs; raises ExerciseError where nothing is left to chance."""
        share = float(self.keeps(**{name: inputs[name] for name in parameter_names(self.keeps)}))
        if not 0 < share < 1:
            raise ExerciseError(f"inputs: the draw in {self.seen_in!r} keeps with chance {share}; stay between 0 and 1")
        return share


Distribution = Union[Normal, Uniform, Integers, Size, Constant, Drawn]
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

    upstream: the input that holds the gradient that arrives at the result; where the forward pass returns a dict, one
    for each result that counts, {"next_h": "dnext_h"}. Without it the result is summed: an upstream of ones.
    """

    wrt: str
    upstream: str | Mapping[str, str] = ""

    @property
    def upstreams(self) -> Mapping[str, str]:
        """Result name -> input name; a forward pass that returns one tensor has the result ""."""
        return {"": self.upstream} if isinstance(self.upstream, str) and self.upstream else dict(self.upstream or {})


@dataclass(frozen=True)
class Jacobian(Ask):
    """The full Jacobian with respect to one input: shape of the forward pass's result, then the input's shape."""

    wrt: str


@dataclass(frozen=True)
class Value(Ask):
    """The value of a function of the inputs: floats, or whole numbers, which are compared exactly.

    Where the function returns a dict, the entry under the output's name.
    """


@dataclass(frozen=True)
class Predicate(Ask):
    """A boolean tensor: gradcheck does not apply and the comparison is exact."""


@dataclass(frozen=True)
class Parameter:
    """One input of the entry point, in call order."""

    name: str
    kind: Literal["float_tensor", "int_tensor", "bool_tensor", "float", "int", "bool"]
    axes: tuple[Axis, ...]
    distribution: Distribution

    def shape(self, sizes: Mapping[str, int]) -> tuple[int, ...]:
        """The shape under the given sizes."""
        return tuple(size_of(axis, sizes) for axis in self.axes)


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
    use: in place of entry_point, the lines that use the student's code (see grader.use); `named` then sets entry_point
        to the names that they use.
    forward: a differentiable torch function with jaxtyping annotations, e.g. `X: Float[Tensor, "N D"]`;
        plain `int` and `float` parameters are passed as Python numbers.
    asks: output name -> Gradient | Jacobian | Value | Predicate.
    sizes: axis name -> (smallest, largest) size.
    inputs: input name -> distribution, where the default does not fit.
    variants: variant name -> {input: axes}, e.g. {"one_observation": {"x": "D"}, "batch": {"x": "N D"}};
        an axis that no input of a variant uses does not exist there.
    given: results of a forward pass that returns a dict which the student's code receives as inputs too; the functions
        of `asks` may take them, so that each link of a chain is asked by itself.
    conditions: expressions of sizes that must hold, such as "H >= K" or "C % G == 0".
    framework: what the student's code receives: "torch" (float32), "numpy" (float64), "python" (lists and numbers).
    strict: whether the right numbers in another container (a list for an array) fail; else they pass with a note.
    precision: the tolerance is that of correct arithmetic in "float32" (also where the inputs are float64), or of
        "float64", which numeric differentiation does not meet.
    requires: slugs of exercises that come before this one.
    conventions: what other courses take in place of numbers and functions of exercise.py.
    forbids: what the exercise does without: dotted names of modules and functions ("np.linalg.inv", "scipy"), operators
        ("@"), loops over an axis ("loop over N"). Uses are listed for the instructor, and cost what an assignment says.
    kink: what another subgradient at a kink costs: "advice" (nothing) or "graded" (the check).
    squeeze: accept results that differ from the right shape by axes of size 1 only.
    slug: the folder's name, set by the catalog.
    """

    forward: Forward
    asks: Mapping[str, Ask]
    sizes: Mapping[str, tuple[int, int]]
    entry_point: str = ""
    use: Use | None = None
    title: str = ""
    inputs: Mapping[str, Distribution] = field(default_factory=dict)
    variants: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    given: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    framework: Framework = "torch"
    strict: bool = False
    precision: Literal["float32", "float64"] = "float32"
    requires: tuple[str, ...] = ()
    conventions: tuple[Convention, ...] = ()
    forbids: tuple[str, ...] = ()
    kink: Literal["advice", "graded"] = "advice"
    squeeze: bool = False
    limits: Limits = field(default_factory=Limits)
    slug: str = ""

    def named(self, slug: str) -> Exercise:
        """The same exercise under its folder's name, with everything checked; raises ExerciseError."""
        entry_point = ", ".join(self.names)
        exercise = replace(self, slug=slug, title=self.title or slug.replace("_", " "), entry_point=entry_point)
        _check(exercise)
        return exercise

    @cached_property
    def usage(self) -> Usage | None:
        """The lines that use the student's code; None where one function is called; raises ExerciseError."""
        return Usage.of(self.use) if self.use else None

    @property
    def names(self) -> tuple[str, ...]:
        """The functions and classes, or notebook variables, that the student writes."""
        return (self.usage.names or self.usage.variables) if self.usage else (self.entry_point,)

    @cached_property
    def target(self) -> Target:
        """What is called of a submission, as it travels to the worker."""
        rules = tuple(Forbidden(text, self._along(text)) for text in self.forbids)
        if self.usage is None:
            return Target.function(self.entry_point, self.asks, rules)
        usage = self.usage
        return Target(self.slug, usage.names, tuple(self.asks), usage.text, usage.variables, usage.parameters, rules)

    def _along(self, text: str) -> tuple[tuple[str, str, int, int], ...]:
        """Where a forbidden loop's axis is in what the student's functions are given, if it is so in every variant."""
        axis = text.removeprefix(LOOP) if text.startswith(LOOP) else ""
        in_order = tuple((self.entry_point, str(position), name) for position, name in enumerate(self.input_names))
        passed = self.usage.passed if self.usage else in_order
        axes = {name: {self._axes_of(name, variant) for variant in self.variant_names} for name in self.input_names}
        return tuple(
            (function, parameter, own.index(axis), len(own))
            for function, parameter, name in passed
            for own in axes.get(name, ())
            if axis in own and len(axes[name]) == 1
        )

    def _axes_of(self, name: str, variant: str) -> tuple[Axis, ...]:
        return next((each.axes for each in self.parameters(variant) if each.name == name), ())

    @property
    def received(self) -> tuple[str, ...]:
        """The names of the inputs that the student's code receives, in order."""
        return self.usage.parameters if self.usage else self.input_names

    @cached_property
    def draws(self) -> dict[str, Drawn]:
        """The inputs of the oracle that the student's code draws itself."""
        return {name: each for name, each in self.inputs.items() if isinstance(each, Drawn)}

    @property
    def variant_names(self) -> tuple[str, ...]:
        """The variants' names in the author's order; one nameless variant where none are given."""
        return tuple(self.variants) or ("",)

    def parameters(self, variant: str = "") -> tuple[Parameter, ...]:
        """The inputs of one variant, in call order."""
        return self._parameters[variant]

    @cached_property
    def _parameters(self) -> dict[str, tuple[Parameter, ...]]:
        return {variant: self._parameters_of(variant) for variant in self.variant_names}

    def _parameters_of(self, variant: str) -> tuple[Parameter, ...]:
        axes = self.variants.get(variant, {})
        hints = _hints(self.forward)
        return tuple(
            _parameter(name, hints.get(name, self._arriving(name)), axes.get(name), self.inputs.get(name))
            for name in self.input_names
        )

    @cached_property
    def input_names(self) -> tuple[str, ...]:
        """The names of all inputs: those of the forward pass, then gradients that arrive at its result."""
        arriving = [name for ask in self.asks.values() if isinstance(ask, Gradient) for name in ask.upstreams.values()]
        return tuple(dict.fromkeys((*parameter_names(self.forward), *arriving)))

    def _arriving(self, name: str) -> Any:
        """The annotation of a gradient that no parameter declares: that of the result at which it arrives."""
        for output, ask in self.asks.items():
            if isinstance(ask, Gradient) and name in ask.upstreams.values():
                result = _hints(self.function_of(output)).get("return")
                if hasattr(result, "dim_str"):
                    return result
        return None

    def axis_names(self, variant: str = "") -> tuple[str, ...]:
        """The named sizes that occur in one variant, in order of first use."""
        parameters = self.parameters(variant)
        axes = [axis for parameter in parameters for axis in parameter.axes]
        axes += [each.distribution.axis for each in parameters if isinstance(each.distribution, Size)]
        return tuple(dict.fromkeys(name for axis in axes for name in sizes_in(axis)))

    def allows(self, sizes: Mapping[str, int], variant: str = "") -> bool:
        """Whether sizes, of all axes or of some, meet the conditions, and no axis comes out smaller than 1."""
        known = [each for each in self.conditions if set(sizes_in(each)) <= set(sizes)]
        every = (axis for parameter in self.parameters(variant) for axis in parameter.axes)
        axes = [axis for axis in every if set(sizes_in(axis)) <= set(sizes)]
        return all(_evaluated(each, sizes) for each in known) and all(size_of(axis, sizes) >= 1 for axis in axes)

    def function_of(self, output: str) -> Forward:
        """The function that an output is about."""
        return self.asks[output].of or self.forward

    def under(self, convention: Convention) -> Exercise:
        """The same exercise as it would be in a course with another convention."""
        names = convention.followed_by(self.forward)

        def there(function: Forward) -> Forward:
            found: Forward = names.get(function.__name__, function)
            return found

        asks = {output: replace(ask, of=there(self.function_of(output))) for output, ask in self.asks.items()}
        return replace(self, forward=there(self.forward), asks=asks)

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


def sizes_in(axis: Axis) -> tuple[str, ...]:
    """The names of sizes that an axis or a condition consists of."""
    if isinstance(axis, int):
        return ()
    return tuple(part.id for part in ast.walk(_parsed(axis)) if isinstance(part, ast.Name))


def size_of(axis: Axis, sizes: Mapping[str, int]) -> int:
    """The length of an axis under the given sizes."""
    if isinstance(axis, int):
        return axis
    return sizes[axis] if axis in sizes else int(_evaluated(axis, sizes))


@cache
def _parsed(text: str) -> ast.Expression:
    """An expression of sizes; raises ExerciseError for anything but whole numbers, names, arithmetic, comparisons."""
    try:
        tree = ast.parse(text, mode="eval")
    except SyntaxError as error:
        raise ExerciseError(f"sizes: {text!r} is no expression of sizes; write it as in Python, H-K+1") from error
    allowed = (ast.Expression, ast.BinOp, ast.Name, ast.Load, ast.Constant, ast.operator, ast.Compare, ast.cmpop)
    if not all(isinstance(part, allowed) for part in ast.walk(tree)):
        raise ExerciseError(f"sizes: {text!r} is more than arithmetic with sizes; use + - * // % and comparisons")
    return tree


def _evaluated(text: str, sizes: Mapping[str, int]) -> int | bool:
    result: int | bool = eval(_compiled(text), {"__builtins__": {}}, dict(sizes))  # noqa: S307 - checked by _parsed
    return result


@cache
def _compiled(text: str) -> types.CodeType:
    return compile(_parsed(text), "<sizes>", "eval")


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
    if hint is bool:
        return Parameter(name, "bool", (), distribution or Integers(0, 1))
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
        if axis.startswith(("*", "...", "#", "_")):
            raise ExerciseError(
                f"input {name!r}: axis {axis!r} is neither a name nor a number; say in `variants` which axes "
                f'a variant has, for example variants={{"batch": {{"{name}": "N D"}}}}'
            )
        sizes_in(axis)
    return tuple(int(axis) if axis.isdigit() else axis for axis in text.split())


def _check(exercise: Exercise) -> None:
    """Refuse an exercise that cannot be graded; each sentence names the field and the remedy."""
    names = (*exercise.input_names, *exercise.given)
    if exercise.use is None and not exercise.entry_point.isidentifier():
        raise ExerciseError(f"entry_point: {exercise.entry_point!r} is not a function name; use letters, digits and _")
    if exercise.usage is not None:
        _check_usage(exercise, exercise.usage, names)
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
        if not 0 <= low <= high:
            raise ExerciseError(f"sizes: {axis!r} is ({low}, {high}); use (smallest, largest) with 0 <= smallest")
    for condition in exercise.conditions:
        for name in sizes_in(condition):
            if name not in exercise.sizes:
                raise ExerciseError(f"conditions: {condition!r} names {name!r}, which is not in sizes; add it there")
    for text in exercise.forbids:
        _check_forbidden(exercise, text)
    for convention in exercise.conventions:
        for name in convention.replaces:
            if name not in getattr(exercise.forward, "__globals__", {}):
                raise ExerciseError(
                    f"conventions: {convention.slug!r} replaces {name!r}, which exercise.py lacks; define it"
                )
    for name, drawn in exercise.draws.items():
        _check_draw(exercise, name, drawn, names)
    if exercise.max_score <= 0:
        raise ExerciseError("asks: all points are 0; give at least one check points")


def _check_usage(exercise: Exercise, usage: Usage, names: tuple[str, ...]) -> None:
    for name in usage.parameters:
        if name not in names:
            raise ExerciseError(f"use: {name!r} is no input of forward; its inputs are {', '.join(names)}")
    for output in exercise.asks:
        if output not in usage.results:
            raise ExerciseError(f'use: never yields {output!r}; add yield {{"{output}": ...}}')
    for result in usage.results:
        if result not in exercise.asks:
            raise ExerciseError(f"use: yields {result!r}, which is not asked for; add it to asks or leave it out")


def _check_forbidden(exercise: Exercise, text: str) -> None:
    if text.startswith(LOOP):
        if text.removeprefix(LOOP) not in exercise.sizes or not exercise._along(text):
            raise ExerciseError(f"forbids: {text!r} names no axis of an input that the student's functions are given")
    elif text not in OPERATORS and not all(part.isidentifier() for part in text.split(".")):
        raise ExerciseError(
            f"forbids: {text!r} is no dotted name such as 'np.linalg.inv', no operator such as '@', and no "
            "'loop over N' with an axis"
        )


def _check_draw(exercise: Exercise, name: str, drawn: Drawn, names: tuple[str, ...]) -> None:
    if exercise.usage is None or name in exercise.usage.parameters:
        raise ExerciseError(f"use: {name!r} is drawn by the student's code; write a use that does not take it")
    ask = exercise.asks.get(drawn.seen_in)
    if not isinstance(ask, Value) or name not in parameter_names(exercise.function_of(drawn.seen_in)):
        raise ExerciseError(f"inputs: {name!r} is to be seen in {drawn.seen_in!r}; ask for a Value there that takes it")
    for needed in parameter_names(drawn.keeps):
        if needed not in names:
            raise ExerciseError(f"inputs: the chance of {name!r} depends on {needed!r}, which is no input; add it")
    largest = {axis: high for axis, (_, high) in exercise.sizes.items()}
    for variant in exercise.variant_names:
        shape = next(each for each in exercise.parameters(variant) if each.name == name).shape(largest)
        if math.prod(shape) < ENOUGH_DRAWN:
            raise ExerciseError(
                f"sizes: {name!r} has {math.prod(shape)} entries at most; {ENOUGH_DRAWN} are needed to see that it is "
                "drawn at random, so let its axes be longer"
            )


def _check_ask(exercise: Exercise, output: str, ask: Ask, names: tuple[str, ...]) -> None:
    wrt = getattr(ask, "wrt", None)
    used = parameter_names(ask.of or exercise.forward)
    if wrt is not None and wrt not in used:
        raise ExerciseError(
            f"asks: {output!r} differentiates by {wrt!r}, which is no input; choose from {', '.join(used)}"
        )
    upstreams = tuple(ask.upstreams.values()) if isinstance(ask, Gradient) else ()
    for name in (*used, *upstreams):
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
