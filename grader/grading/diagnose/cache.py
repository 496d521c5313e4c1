"""A cache per exercise that serves every submission: predictions of mistakes, small public examples."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Union

import torch
from torch import Tensor

from grader import rules
from grader.cases import examples, oracle
from grader.cases.case import Case
from grader.cases.suite import Suite
from grader.convention import Convention
from grader.errors import ExerciseError
from grader.exercise import Exercise, parameter_names
from grader.grading.compare import slack
from grader.misconception import Chain, Link, Misconception
from grader.rules import RuleMistake, Step, Use

ENDS = (0.0, 1.0)
"""A student's own constant is found on the line through what these two give."""

MAX_TRACED = 4
"""How many cases are looked at for one that shows every loop."""

Mistake = Union[Misconception, RuleMistake]
"""An author's own wrong link, or a wrong rule of calculus in the forward pass."""

Hypothesis = Sequence[Union[Mistake, Convention]]
"""One mistake, or two at once, all of an author's or all of them wrong rules; or another course's convention."""

Prediction = Union[tuple[Tensor, ...], None]
"""All outputs in float64 with these mistakes; None where the mistaken code raises."""


@dataclass(frozen=True)
class DiagnosisCache:
    """Predictions, tolerances and examples of one exercise, computed when first asked for; not for several threads.

    suite: the cases; chain: the author's list of mistakes, or None where it did not travel. strict: what breaks in an
    explanation is raised, for whoever validates the exercise, and does not only cost the explanation.
    """

    suite: Suite
    chain: Chain | None = None
    strict: bool = False
    _predictions: dict[tuple[object, ...], Prediction] = field(default_factory=dict, repr=False, compare=False)
    _slacks: dict[tuple[str, str], float] = field(default_factory=dict, repr=False, compare=False)
    _parts: dict[tuple[str, str, str], oracle.Outputs] = field(default_factory=dict, repr=False, compare=False)
    _operations: dict[str, int] = field(default_factory=dict, repr=False, compare=False)
    _rules: dict[str, tuple[RuleMistake, ...]] = field(default_factory=dict, repr=False, compare=False)
    _terms: dict[str, tuple[RuleMistake, ...]] = field(default_factory=dict, repr=False, compare=False)
    _steps: dict[str, dict[object, Step]] = field(default_factory=dict, repr=False, compare=False)
    _uses: dict[str, dict[object, Use]] = field(default_factory=dict, repr=False, compare=False)
    _examples: dict[str, tuple[list[Case], Iterator[Case]]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def _staged(self) -> Exercise:
        return rules.staged(self.suite.exercise)

    @property
    def singles(self) -> tuple[tuple[Misconception], ...]:
        """One known mistake each, in the author's order."""
        return tuple((misconception,) for misconception in self.chain.misconceptions) if self.chain else ()

    @property
    def pairs(self) -> Iterator[tuple[Misconception, Misconception]]:
        """Two mistakes on different links, in the author's order; advice alone makes nothing wrong."""
        wrong = [misconception for (misconception,) in self.singles if not misconception.advice]
        for first, second in itertools.combinations(wrong, 2):
            if not first.replaces.keys() & second.replaces.keys():
                yield first, second

    def rules(self, variant: str) -> tuple[RuleMistake, ...]:
        """The wrong rules of calculus in the forward pass of one variant, frequent ones first."""
        if variant not in self._rules:
            self._rules[variant] = rules.mistakes(self._staged, self._typical(variant).inputs)
        return self._rules[variant]

    def terms(self, variant: str) -> tuple[RuleMistake, ...]:
        """What may be off by a factor in the forward pass of one variant."""
        if variant not in self._terms:
            self._terms[variant] = rules.terms(self._staged, self._typical(variant).inputs)
        return self._terms[variant]

    def operations(self, case: Case) -> int:
        """How many operations one prediction runs on a case, at least 1."""
        if case.name not in self._operations:
            self._operations[case.name] = rules.operations(self._staged, case.inputs)
        return self._operations[case.name]

    def predict(self, hypothesis: Hypothesis, case: Case) -> Prediction:
        """What a student with these mistakes would return on a case; kept, unless it holds one student's own number."""
        key = (case.name, *map(_identity, hypothesis))
        if case.drawn is None and key in self._predictions:
            return self._predictions[key]
        prediction = self._evaluate(hypothesis, case)
        if case.drawn is None and all(map(self._is_listed, hypothesis)):  # one student's draws serve no other one
            self._predictions[key] = prediction
        return prediction

    def slack(self, case: Case, output: str) -> float:
        """How far off, relative to its largest entry, a value may be on a case and still be what is predicted."""
        if case.drawn is not None:
            return slack(case.expected[output])
        key = (case.name, output)
        if key not in self._slacks:
            self._slacks[key] = slack(case.expected[output])
        return self._slacks[key]

    def first_wrong_link(self, hypothesis: Sequence[Misconception], output: str) -> str:
        """The earliest link behind an output that these mistakes replace."""
        assert self.chain is not None
        links = {**self.chain.links, **{name: link for m in hypothesis for name, link in m.replaces.items()}}
        replaced = {name for m in hypothesis for name in m.replaces}
        behind = _behind(output, links)
        return next((link for link in self.chain.links if link in replaced & behind), output)

    def with_part(self, case: Case, axis: str, part: slice, name: str) -> oracle.Outputs:
        """The right answers if only a part of one axis counted; `name` stands for the part.

        Empty where the forward pass cannot do without the rest, as with a label of a class that is left out.
        """
        return self._with(case, (axis, name), self._narrowed(case, axis, part))

    def with_input(self, case: Case, name: str, value: Any, text: str) -> oracle.Outputs:
        """The right answers for another value of an input, which `text` stands for; empty where there are none."""
        return self._with(case, (name, text), {**case.inputs, name: value})

    def _with(self, case: Case, changed: tuple[str, str], inputs: dict[str, Any]) -> oracle.Outputs:
        key = (case.name, *changed)
        if case.drawn is None and key in self._parts:
            return self._parts[key]
        try:
            found = oracle.evaluate(self.suite.exercise, inputs)
        except ExerciseError:
            found = {}
        if case.drawn is None:
            self._parts[key] = found
        return found

    def steps(self, case: Case) -> Mapping[object, Step]:
        """What the steps of the forward pass give on a case, and the gradients that arrive at them."""
        if case.name in self._steps:
            return self._steps[case.name]
        found = rules.steps(self._staged, case.inputs)
        if case.drawn is None:
            self._steps[case.name] = found
        return found

    def uses(self, case: Case) -> Mapping[object, Use]:
        """The operations of the forward pass that take an input as it is."""
        if case.name in self._uses:
            return self._uses[case.name]
        found = rules.uses(self._staged, case.inputs)
        if case.drawn is None:
            self._uses[case.name] = found
        return found

    def examples(self, variant: str) -> Iterator[Case]:
        """Small public cases, smallest first; drawn once, and only as many as are asked for."""
        known, more = self._examples.setdefault(variant, ([], examples.enumerate_cases(self.suite.exercise, variant)))
        yield from known
        for case in more:
            known.append(case)
            yield case

    def _typical(self, variant: str) -> Case:
        """A small case that comes by every loop more than once, if one does."""
        own = [case for case in self.suite.cases if case.variant == variant]
        own.sort(key=lambda case: (case.family == "degenerate", not case.counts, math.prod(case.sizes.values())))
        looping = (case for case in own[:MAX_TRACED] if rules.has_loop(self._staged, case.inputs))
        return next(looping, own[0])

    def _is_listed(self, mistake: Mistake | Convention) -> bool:
        """Whether a mistake's number, if it holds one, is the usual one, and not one student's own."""
        if isinstance(mistake, Convention) or mistake.constant in (None, *ENDS):
            return True
        if isinstance(mistake, Misconception):
            return (mistake,) in self.singles
        return any(rule.constant == mistake.constant for _, rule in mistake.parts)

    def _evaluate(self, hypothesis: Hypothesis, case: Case) -> Prediction:
        asked = tuple(self.suite.exercise.asks)
        try:
            if wrong := [each for each in hypothesis if isinstance(each, RuleMistake)]:
                changed = rules.affected(self._staged, case.inputs, *wrong)
                return tuple(changed.get(output, case.expected[output].value) for output in asked)
            if conventions := [each for each in hypothesis if isinstance(each, Convention)]:
                by_name = oracle.evaluate(self.suite.exercise.under(conventions[0]), case.inputs)
                return tuple(by_name[output] for output in asked)
            assert self.chain is not None
            inputs = {name: oracle.double(value) for name, value in case.inputs.items()}
            listed = [each for each in hypothesis if isinstance(each, Misconception)]
            return tuple(torch.as_tensor(output).detach() for output in self.chain.evaluate(asked, inputs, *listed))
        except Exception:  # what a mistake does on some shapes is part of what it predicts
            return None

    def _narrowed(self, case: Case, axis: str, part: slice) -> dict[str, Any]:
        """The inputs with one axis cut to a part of it."""
        inputs = dict(case.inputs)
        for parameter in self.suite.exercise.parameters(case.variant):
            value = inputs[parameter.name]
            if isinstance(value, Tensor) and axis in parameter.axes:
                index: list[slice] = [slice(None)] * value.ndim
                index[parameter.axes.index(axis)] = part
                inputs[parameter.name] = value[tuple(index)]
        return inputs


def _behind(output: str, links: Mapping[str, Link]) -> set[str]:
    """An output's link and all that it is made of."""
    found: set[str] = set()
    open_links = [output]
    while open_links:
        name = open_links.pop()
        if name in links and name not in found:
            found.add(name)
            open_links.extend(parameter_names(links[name]))
    return found


def _identity(mistake: Mistake | Convention) -> tuple[object, ...]:
    if isinstance(mistake, Convention):
        return (mistake.slug,)
    parts = () if isinstance(mistake, Misconception) else mistake.parts
    return mistake.slug, mistake.constant, parts
