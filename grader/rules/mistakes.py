"""The mistakes that an exercise's own forward pass suggests: each wrong rule at each of its operations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, product

from grader.cases import oracle
from grader.exercise import Exercise, Forward
from grader.rules import engine
from grader.rules.engine import Place
from grader.rules.recurrence import ANY
from grader.rules.rule import Rule
from grader.rules.scaled import scaled
from grader.rules.tables import COMPOUNDS, TOGETHER, rules_of

MAX_OPERATIONS = 8_000
"""How many operations all mistakes of one exercise may run on one case: a fraction of a second."""

FAMILY = {"mean_square": "mean"}
"""Operations that are another one too."""

Part = tuple[Place, Rule]


@dataclass(frozen=True)
class RuleMistake:
    """One wrong rule at one place, at all places with the same operation, or two that make one mistake.

    slug, constant, advice: as in a misconception; text: the hint, before the author's names are put in.
    """

    slug: str
    text: str
    parts: tuple[Part, ...]
    constant: float | None = None
    advice: bool = False

    @property
    def hint(self) -> str:
        """The hint with the author's names; with general words where the mistake has several places."""
        place = self.parts[0][0]
        names = engine.operand_names(place if self.line else replace(place, operands=(), result=""))
        said = self.text.format(**names).replace(f"the gradient of {engine.OTHER}", "the gradient")
        return f"{said[0].upper()}{said[1:]}" if said.startswith(engine.UNNAMED) else said

    @property
    def line(self) -> str:
        """The author's line, where it is one."""
        lines = {place.line for place, _ in self.parts}
        return lines.pop() if len(lines) == 1 else ""

    @property
    def changes(self) -> tuple[int, int, int]:
        """How much is wrong: places, results besides gradients, and rules that fit any operation; less is likelier."""
        rules = [rule for _, rule in self.parts]
        return len(rules), sum(rule.backward is None for rule in rules), sum(rule in ANY for rule in rules)

    def goes_with(self, other: RuleMistake) -> bool:
        """Whether both can be made at once: at different places, or one in the result and one in the gradients."""
        own = dict(self.parts)
        return all(place not in own or _compatible(own[place], rule) for place, rule in other.parts)


def mistakes(exercise: Exercise, inputs: oracle.Inputs) -> tuple[RuleMistake, ...]:
    """Every mistake that the tables know for what an exercise asks; frequent rules at all places come first.

    inputs: of one case; a variant with other shapes may have other operations. Where the forward pass has so many
    operations that trying all would take too long, the rarest rules are left out.
    """
    places = engine.places(exercise, inputs)
    found = sorted(_ranked(places), key=lambda ranked: ranked[0])
    return _affordable(places, [mistake for _, mistake in found])


def terms(exercise: Exercise, inputs: oracle.Inputs) -> tuple[RuleMistake, ...]:
    """At each operation: its result, what goes on to one operand, or one term of its derivative, times a number."""
    places = engine.places(exercise, inputs)
    found = [_single(rule, (place,)) for place in places for rule in scaled(place.operation, len(place.operands))]
    return _affordable(places, found)


def operations(exercise: Exercise, inputs: oracle.Inputs) -> int:
    """How many operations the forward pass runs on these inputs, at least 1: what one prediction costs."""
    return _operations(engine.places(exercise, inputs))


def has_loop(exercise: Exercise, inputs: oracle.Inputs) -> bool:
    """Whether an operation is met more than once on these inputs."""
    return any(place.visits > 1 for place in engine.places(exercise, inputs))


def evaluate(exercise: Exercise, inputs: oracle.Inputs, *wrong: RuleMistake) -> oracle.Outputs:
    """All outputs in float64 with these mistakes; raises whatever a wrong rule raises."""
    return engine.evaluate(exercise, inputs, _by_place(wrong))


def is_used(exercise: Exercise, inputs: oracle.Inputs, *wrong: RuleMistake) -> bool:
    """Whether what is asked depends on these mistakes at all; raises whatever a wrong rule raises."""
    return engine.is_used(exercise, inputs, _by_place(wrong))


def affected(exercise: Exercise, inputs: oracle.Inputs, *wrong: RuleMistake) -> oracle.Outputs:
    """As `evaluate`, but only the outputs of functions that come by the mistakes; for an exercise that is staged."""
    return engine.evaluate(engine.about(exercise, _functions(*wrong)), inputs, _by_place(wrong))


def _functions(*wrong: RuleMistake) -> frozenset[Forward]:
    return frozenset(function for mistake in wrong for place, _ in mistake.parts for function in place.calls)


def _affordable(places: Sequence[Place], found: Sequence[RuleMistake]) -> tuple[RuleMistake, ...]:
    """The first of these mistakes, as many as there may be operations; at least one."""
    by_function: Counter[Forward] = Counter()
    for place in places:
        by_function.update(place.calls)
    costs = [sum(by_function[function] for function in _functions(mistake)) for mistake in found]
    spent = accumulate(costs)
    return tuple(
        each for i, (each, sum_) in enumerate(zip(found, spent, strict=True)) if i == 0 or sum_ <= MAX_OPERATIONS
    )


def _operations(places: Sequence[Place]) -> int:
    return max(1, sum(sum(place.calls.values()) for place in places))


def _by_place(wrong: Sequence[RuleMistake]) -> engine.Wrong:
    rules: dict[engine.Instruction, tuple[Rule, ...]] = {}
    for mistake in wrong:
        for place, rule in mistake.parts:
            own = rule if rule.constant is None else replace(rule, constant=mistake.constant)
            rules[place.instruction] = (*rules.get(place.instruction, ()), own)
    return rules


def _ranked(places: Sequence[Place]) -> Iterator[tuple[int, RuleMistake]]:
    """Mistakes with the position of their rule in its table."""
    for place in places:
        for rank, rule in enumerate(rules_of(place.operation, place.visits, place.carried)):
            yield rank, _single(rule, (place,))
    for operation in dict.fromkeys(place.operation for place in places):
        alike = tuple(place for place in places if operation in (place.operation, FAMILY.get(place.operation)))
        for rank, rule in enumerate(rules_of(operation)):
            if len(alike) > 1:
                yield rank, _single(rule, alike)
    for operation, rule in TOGETHER.items():
        numbers = {place: place.number for place in places if place.operation == operation and place.number}
        weights = tuple(
            place
            for place, number in numbers.items()
            if any(abs(number + other - 1) < 1e-9 for each, other in numbers.items() if each is not place)
        )
        if weights:
            yield 0, _single(rule, weights)
    for compound in COMPOUNDS:
        parts = [
            [(place, rule) for place in places if place.operation == operation for rule in _named(operation, slug)]
            for operation, slug in compound.parts
        ]
        for pair in product(*parts):
            yield 0, RuleMistake(compound.slug, compound.hint, pair)


def _single(rule: Rule, places: tuple[Place, ...]) -> RuleMistake:
    return RuleMistake(rule.slug, rule.hint, tuple((place, rule) for place in places), rule.constant, rule.advice)


def _named(operation: str, slug: str) -> Iterator[Rule]:
    """The rules of a name: those of the gradient, or else those of the result."""
    named = [rule for rule in rules_of(operation) if rule.slug == slug]
    return iter([rule for rule in named if rule.backward] or named)


def _compatible(one: Rule, other: Rule) -> bool:
    return bool(one.forward and other.backward) or bool(one.backward and other.forward)
