"""A case: one set of inputs with its right answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from torch import Tensor

from grader.cases.drawing import Value
from grader.cases.oracle import Expected
from grader.cases.subgradients import Reach
from grader.wire import tensors
from grader.wire.protocol import Framework, Input


@dataclass(frozen=True)
class Case:
    """One set of inputs with its right answers.

    name: e.g. "batch/lattice-0"; sizes: by axis; inputs: in call order, float32 tensors or Python numbers;
    expected: by output; counts: False for a kink case, where other subgradients only give advice.
    """

    name: str
    variant: str
    family: str
    sizes: Mapping[str, int]
    inputs: Mapping[str, Value]
    expected: Mapping[str, Expected]
    counts: bool = True
    framework: Framework = "torch"
    received: tuple[str, ...] | None = None
    """The inputs that the student's code receives, in order; None: all."""
    reaches: Mapping[str, Reach] = field(default_factory=dict)
    """In a kink case that gives advice: by output, what costs nothing."""
    seed: int = 0
    """Of the random numbers that the student's code draws."""
    drawn: tuple[str, ...] | None = None
    """The draws that were read off one submission's results; None in a case that serves every submission."""

    @cached_property
    def arguments(self) -> tuple[Input, ...]:
        """The inputs as they travel: made once, sent to every submission."""
        names = self.inputs if self.received is None else self.received
        return tuple(tensors.encode(self.inputs[name], self.framework) for name in names)

    @cached_property
    def contiguous_arguments(self) -> tuple[Input, ...]:
        """The same inputs in the usual memory layout; empty where they have it already."""
        held = [value for value in self.inputs.values() if isinstance(value, Tensor)]
        if all(value.is_contiguous() for value in held):
            return ()
        return tuple(replace(argument, strides=()) for argument in self.arguments)

    @cached_property
    def expected_bytes(self) -> int:
        """The size of the right answers in float32."""
        return sum(4 * answer.value.numel() for answer in self.expected.values())
