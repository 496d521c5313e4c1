"""What torch.autograd says in float64, and how far a correct float32 result may be from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from grader.cases.rounding import RUNS, SAFETY, UNIT, Disturbed, Diverged, Observed, Trace, noises
from grader.errors import ExerciseError
from grader.exercise import Exercise, Forward, Gradient, Jacobian, Predicate, parameter_names

DOUBLE = 2.0**-28
"""The tolerance of float64 as a part of that of float32: 2^-29, twice because the oracle is in float64 itself."""

_UNITS = {"float32": 1.0, "float64": DOUBLE}

Inputs = Mapping[str, "Tensor | float | int"]
Outputs = dict[str, Tensor]


@dataclass(frozen=True)
class Expected:
    """The right answer for one output of one case.

    value: float64, int64 for whole numbers, bool for a Predicate.
    tolerance: float64, elementwise and absolute; 0 everywhere for whole numbers and a Predicate.
    measured: operations for whose rounding no bound is known, so that the tolerance rests on a measurement.
    """

    value: Tensor
    tolerance: Tensor
    measured: tuple[str, ...] = ()


def evaluate(exercise: Exercise, inputs: Inputs) -> Outputs:
    """All outputs in float64, by autograd where derivatives are asked.

    Raises ExerciseError where the forward pass fails, or does not depend on what it is differentiated by.
    """
    doubles = {name: double(value) for name, value in inputs.items()}
    outputs: Outputs = {}
    with torch.enable_grad():
        gradients = _gradients(exercise, doubles)
        for output, ask in exercise.asks.items():
            function = exercise.function_of(output)
            if isinstance(ask, Gradient):
                outputs[output] = gradients[output]
            elif isinstance(ask, Jacobian):
                outputs[output] = _jacobian(function, doubles, output, ask.wrt)
            else:
                outputs[output] = _plain(function, doubles, output, isinstance(ask, Predicate))
    return outputs


def observe(exercise: Exercise, inputs: Inputs) -> tuple[Outputs, Observed]:
    """All outputs, and what the evaluation met on its way (kinks, saturation)."""
    with Trace(measure=False) as trace:
        outputs = evaluate(exercise, inputs)
    return outputs, trace.observed


def expect(
    exercise: Exercise, inputs: Inputs, choice: Callable[[], AbstractContextManager[object]] = nullcontext
) -> dict[str, Expected] | None:
    """The right answers with their tolerances; None when rounding could flip a decision on these inputs.

    choice: what is chosen at kinks instead of what torch chooses, made anew for each evaluation.
    Raises ExerciseError for a forward pass that cannot be followed (numbers taken out of tensors, jumps).
    """
    with choice(), Trace() as trace:
        outputs = evaluate(exercise, inputs)
    spread = {output: torch.zeros_like(value, dtype=torch.float64) for output, value in outputs.items()}
    for noise in noises(trace, RUNS, torch.Generator().manual_seed(0)):
        try:
            with choice(), Disturbed(trace, noise):
                disturbed = evaluate(exercise, inputs)
        except Diverged:
            return None
        for output, value in outputs.items():
            if value.is_floating_point():
                torch.maximum(spread[output], (disturbed[output] - value).abs(), out=spread[output])
            elif not torch.equal(value, disturbed[output]):
                return None
    measured = tuple(sorted(trace.measured))
    return {
        output: replace(_with_tolerance(exercise, value, spread[output], trace.last_error(value)), measured=measured)
        for output, value in outputs.items()
    }


def double(value: Tensor | float | int) -> Tensor | float | int:
    """The same input in float64 where it is a float tensor."""
    return value.double() if isinstance(value, Tensor) and value.is_floating_point() else value


def at_least(exercise: Exercise, value: Tensor) -> Expected:
    """An answer with the least of its tolerance: the result is stored, after at least one more rounding than we see."""
    if not value.is_floating_point():
        return Expected(value, torch.zeros_like(value, dtype=torch.float64))
    return Expected(value, _UNITS[exercise.precision] * 4 * UNIT * value.abs())


def _with_tolerance(exercise: Exercise, value: Tensor, spread: Tensor, last: Tensor | None) -> Expected:
    if not value.is_floating_point():
        return Expected(value, spread)
    if last is not None:  # eight draws may all happen to be small: the last operation is not left to chance
        spread = torch.maximum(spread, 0.5 * UNIT * last)
    tolerance = _UNITS[exercise.precision] * SAFETY * spread + at_least(exercise, value).tolerance
    return Expected(value, tolerance.reshape(value.shape))  # of a vector times a matrix it is (1, N)


def _apply(function: Forward, inputs: Inputs) -> dict[str, Tensor]:
    """The results of a function by name; the name "" where it returns one tensor."""
    try:
        result = function(**{name: inputs[name] for name in parameter_names(function)})
    except (ExerciseError, Diverged):
        raise
    except Exception as error:
        raise ExerciseError(
            f"forward: {function.__name__} fails for {_shapes(inputs.items())} "
            f"({type(error).__name__}: {error}); make it work there, or narrow `sizes`"
        ) from error
    results = result if isinstance(result, dict) else {"": result}
    if not results or not all(isinstance(value, Tensor) for value in results.values()):
        raise ExerciseError(
            f"forward: {function.__name__} returns {result!r}; return one tensor, or a dict of tensors by name"
        )
    return results


def _plain(function: Forward, inputs: Inputs, output: str, boolean: bool) -> Tensor:
    results = _apply(function, inputs)
    if output not in results and "" not in results:
        raise ExerciseError(f"asks: {function.__name__} returns {', '.join(results)} and no {output!r}; name it there")
    result = (results[output] if output in results else results[""]).detach()
    if boolean != (result.dtype == torch.bool) or result.is_complex():
        kind = "Predicate: return a bool tensor" if boolean else "Value: return a tensor of real numbers"
        raise ExerciseError(f"asks: {output!r} is a {kind}; {function.__name__} returns {result.dtype}")
    return result if boolean or result.is_floating_point() else result.long()


def _gradients(exercise: Exercise, inputs: Inputs) -> Outputs:
    """One backward pass per function, and choice of upstreams, that gradients are asked of."""
    gradients: Outputs = {}
    groups: dict[tuple[Forward, tuple[tuple[str, str], ...]], dict[str, str]] = {}
    for output, ask in exercise.asks.items():
        if isinstance(ask, Gradient):
            key = (exercise.function_of(output), tuple(ask.upstreams.items()))
            groups.setdefault(key, {})[output] = ask.wrt
    for (function, upstreams), wrt in groups.items():
        leaves = {name: _leaf(name, inputs[name]) for name in wrt.values()}
        results = _apply(function, {**inputs, **leaves})
        chosen, arriving = _arriving(function, results, dict(upstreams), inputs)
        _check_differentiable(chosen, next(iter(wrt)), function)
        found = torch.autograd.grad(chosen, list(leaves.values()), arriving, allow_unused=True)
        by_name = dict(zip(leaves, found, strict=True))
        for output, name in wrt.items():
            gradient = by_name[name]
            gradients[output] = torch.zeros_like(leaves[name]) if gradient is None else gradient.detach()
    return gradients


def _arriving(
    function: Forward, results: Mapping[str, Tensor], upstreams: Mapping[str, str], inputs: Inputs
) -> tuple[list[Tensor], list[Tensor] | None]:
    """The results that are differentiated, and the gradients that arrive at them; without any the sum."""
    if not upstreams:
        if "" not in results:
            raise ExerciseError(
                f"asks: {function.__name__} returns a dict; say which gradient arrives at which result, "
                f"upstream={{{next(iter(results))!r}: ...}}"
            )
        return [results[""].sum()], None
    for name, given in upstreams.items():
        if name not in results or results[name].shape != torch.as_tensor(inputs[given]).shape:
            raise ExerciseError(
                f"asks: the upstream {given!r} does not fit the result {name!r} of {function.__name__}; "
                "give it the shape of that result"
            )
    return [results[name] for name in upstreams], [torch.as_tensor(inputs[each]) for each in upstreams.values()]


def _jacobian(function: Forward, inputs: Inputs, output: str, wrt: str) -> Tensor:
    """Shape of the function's result, then of the input `wrt`."""
    leaf = _leaf(wrt, inputs[wrt])
    result = _apply(function, {**inputs, wrt: leaf}).get("", leaf.detach())
    _check_differentiable([result], output, function)
    rows = [torch.autograd.grad(entry, leaf, retain_graph=True)[0] for entry in result.reshape(-1)]
    return torch.stack(rows).reshape(*result.shape, *leaf.shape).detach()


def _check_differentiable(results: list[Tensor], output: str, function: Forward) -> None:
    if not any(result.requires_grad for result in results):
        raise ExerciseError(
            f"asks: {output!r} differentiates {function.__name__}, but autograd sees no way from its result back to "
            "the input; leave out detach, no_grad and integers, or ask for something else"
        )


def _leaf(name: str, value: Tensor | float | int) -> Tensor:
    if isinstance(value, float):
        return torch.tensor(value, dtype=torch.float64, requires_grad=True)
    if not isinstance(value, Tensor) or not value.is_floating_point():
        raise ExerciseError(f"asks: {name!r} is not a float tensor, so nothing can be differentiated by it")
    return value.detach().clone().requires_grad_()


def _shapes(inputs: Iterable[tuple[str, Tensor | float | int]]) -> str:
    return ", ".join(
        f"{name} of shape {tuple(value.shape)}" if isinstance(value, Tensor) else f"{name} = {value}"
        for name, value in inputs
    )
