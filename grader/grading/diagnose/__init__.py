"""Explains a failed check: facts, the misconception that explains every output, the smallest public counterexample."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Union

from grader.cases.case import Case
from grader.convention import Convention
from grader.errors import SandboxError
from grader.exercise import Check
from grader.grading import feedback
from grader.grading.compare import Judgement, Kind
from grader.grading.diagnose import conventions, counterexample, misconceptions, patterns, shapes, terms, wrong_rules
from grader.grading.diagnose.cache import DiagnosisCache, Mistake
from grader.grading.diagnose.observation import Observation, Rerun
from grader.grading.diagnose.seen import Pattern
from grader.misconception import Misconception
from grader.models import Counterexample, Note
from grader.rules import RuleMistake
from grader.wire.outcome import Raised, Returned, Used

__all__ = ["DiagnosisCache", "Explanation", "Observation", "Rerun", "explain", "notes"]

log = logging.getLogger("grader.grading")

# Of two kinds that are equally frequent the more specific one comes first.
BY_SPECIFICITY: tuple[Kind, ...] = (
    "not_defined",
    "not_implemented",
    "count",
    "misfit",
    "type",
    "dtype",
    "values_in_wrong_shape",
    "shape",
    "precision",
    "draw",
    "not_finite",
    "raised",
    "stopped",
    "values",
    "zeros",
)
SEARCHED: frozenset[Kind] = frozenset(BY_SPECIFICITY) - {"not_defined", "not_implemented", "count", "stopped", "draw"}

Named = Sequence[Union[Mistake, Convention, Pattern]]
"""What explains a check, in the order in which a person reads it; empty where several things do."""
Finder = Callable[[DiagnosisCache, Check, Sequence[Observation]], Union[Named, None]]


@dataclass(frozen=True)
class Explanation:
    """What the student reads about one check."""

    message: str
    hint: str | None = None
    misconception: str | None = None
    counterexample: Counterexample | None = None
    example: Case | None = None
    """The public case that the counterexample shows."""


def explain(diagnosis: DiagnosisCache, check: Check, observations: Sequence[Observation], call: Rerun) -> Explanation:
    """Facts first; advice and a counterexample where there is something to advise.

    observations: all of the exercise's, because another variant may tell two explanations apart. What breaks here costs
    the explanation and not the mark, unless `diagnosis` is strict; raises SandboxError where nothing can be called
    any more.
    """
    own = [o for o in observations if o.case.variant == check.variant]
    failing = [judgement for o in own if (judgement := o.judgements[check.output]).verdict != "passed"]
    try:
        if failing:
            return _failed(diagnosis, check, observations, own, failing, call)
        return _passed(diagnosis, check, observations, own)
    except SandboxError:
        raise
    except Exception:
        if diagnosis.strict:
            raise
        log.exception("%s: %s is not explained", diagnosis.suite.exercise.slug, check.name)
        facts = failing[0].message if failing else feedback.passed(len(own))
        return Explanation(f"{facts} {feedback.unexplained()}")


def _failed(
    diagnosis: DiagnosisCache,
    check: Check,
    observations: Sequence[Observation],
    own: Sequence[Observation],
    failing: Sequence[Judgement],
    call: Rerun,
) -> Explanation:
    """What is wrong, why if that is found, and where it shows."""
    shown = _most_frequent(failing)
    message = _facts(check.output, shown, failing, own)
    if not any(judgement.kind in SEARCHED for judgement in failing):
        return Explanation(message)
    examples = counterexample.observe(diagnosis, check, call)
    # One mistake is likelier than two, and the author's lists know better than the rules of calculus.
    # Two results in each other's place are certain, and each may look like a mistake of its own.
    one = (conventions.find_one, patterns.ambiguous, misconceptions.find_one, patterns.exchanged, wrong_rules.find_one)
    several = (wrong_rules.find_one_alone, terms.find, misconceptions.find_two, wrong_rules.find_two)
    named = _first_found(diagnosis, check, observations, one)
    pattern = None if named else patterns.find(diagnosis, check, observations, examples, call)
    if named is None and not (pattern and pattern.slug):
        named = _first_found(diagnosis, check, observations, several)
    found = counterexample.choose(diagnosis, check, examples, shown.kind, call)
    printed, case = (found.printed, found.observation.case) if found else (None, None)
    error = found.result_of(check.output) if found else None
    if isinstance(error, Raised):
        message = f"{message} {feedback.raised_on_example(error, message)}".rstrip()
        printed = None if error.type_name == feedback.MISSING_MODULE else printed
        if advice := feedback.advice_on(error, diagnosis.suite.exercise.received):
            return Explanation(message, advice, None, printed, case)
    if named:
        message = f"{message}{_place(diagnosis, check, named)}"
        return Explanation(message, feedback.hints([each.hint for each in named]), _slugs(named), printed, case)
    return Explanation(message, pattern.hint if pattern else None, pattern.slug if pattern else None, printed, case)


def _first_found(
    diagnosis: DiagnosisCache, check: Check, observations: Sequence[Observation], finders: Sequence[Finder]
) -> Named | None:
    """What the first finder says that finds an explanation; None without any."""
    found = (find(diagnosis, check, observations) for find in finders)
    return next((named for named in found if named is not None), None)


def notes(diagnosis: DiagnosisCache, observations: Sequence[Observation]) -> tuple[Note, ...]:
    """What is worth knowing and costs nothing: changed inputs, another float type, a tolerance that is measured."""
    exercise = diagnosis.suite.exercise
    found: list[Note] = []
    if any(isinstance(o.outcome, (Returned, Used)) and o.outcome.inputs_modified for o in observations):
        found.append(Note(kind="inputs_modified", message=feedback.inputs_modified(exercise.entry_point)))
    if any(o.contiguous and o.case.counts for o in observations):
        found.append(Note(kind="memory_layout", message=feedback.needs_contiguous(exercise.entry_point)))
    casts = [judgement.note for o in observations for judgement in o.judgements.values() if judgement.note]
    found += [Note(kind="cast", message=f"`{exercise.entry_point}`: {text}") for text in dict.fromkeys(casts)]
    if diagnosis.suite.measured:
        message = feedback.measured(exercise.entry_point, diagnosis.suite.measured)
        found.append(Note(kind="measured_tolerance", message=message))
    return tuple(found)


def _passed(
    diagnosis: DiagnosisCache, check: Check, observations: Sequence[Observation], own: Sequence[Observation]
) -> Explanation:
    """Right wherever it counts; a kink may still be worth advice."""
    cases = len(own)
    if not any(o.judgements[check.output].kind == "subgradient" for o in own):
        return Explanation(feedback.passed(cases))
    advice = misconceptions.find_advice(diagnosis, check, observations) or wrong_rules.find_advice(
        diagnosis, check, observations
    )
    if advice:
        return Explanation(feedback.passed(cases), advice[0].hint, _slugs(advice))
    return Explanation(feedback.passed(cases), feedback.kink_advice())


def _most_frequent(failing: Sequence[Judgement]) -> Judgement:
    """What is wrong most often, apart from cases that were not run."""
    ran = [judgement for judgement in failing if judgement.verdict != "skipped"] or list(failing)
    counts = Counter(judgement.kind for judgement in ran)
    return min(ran, key=lambda judgement: (-counts[judgement.kind], BY_SPECIFICITY.index(judgement.kind)))


def _facts(output: str, shown: Judgement, failing: Sequence[Judgement], own: Sequence[Observation]) -> str:
    """What is wrong, and in how many cases."""
    same = sum(judgement.kind == shown.kind and judgement.verdict == shown.verdict for judgement in failing)
    if shown.kind == "values":
        return feedback.wrong_in(output, same, len(failing), len(own))
    alike = [o for o in own if o.judgements[output].kind == shown.kind]
    message = shapes.in_letters(output, shown.kind, alike) or shown.message
    return feedback.failed_in(message, same, len(failing), len(own))


def _place(diagnosis: DiagnosisCache, check: Check, named: Named) -> str:
    """Where it goes wrong: a line of the forward pass, or a link of the chain that is not the output itself."""
    lines = [each.line for each in named if isinstance(each, RuleMistake) and each.line]
    if lines:
        return f" {feedback.at_lines(lines)}"
    listed = [each for each in named if isinstance(each, Misconception)]
    link = diagnosis.first_wrong_link(listed, check.output) if listed else check.output
    return f" {feedback.first_link(link)}" if link != check.output and len(link) > 1 else ""


def _slugs(named: Named) -> str:
    """As it stands in a report: "a", or "a+b" for two at once."""
    return "+".join(each.slug or "" for each in named)
