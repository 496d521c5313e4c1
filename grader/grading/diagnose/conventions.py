"""Names the other course's convention that explains every output of a submission."""

from __future__ import annotations

from collections.abc import Sequence

from grader.convention import Convention
from grader.exercise import Check
from grader.grading.diagnose.cache import DiagnosisCache
from grader.grading.diagnose.misconceptions import explaining, narrowed
from grader.grading.diagnose.observation import Observation, counting
from grader.grading.diagnose.wrong_rules import to_explain


def find_one(
    diagnosis: DiagnosisCache, check: Check, observations: Sequence[Observation]
) -> Sequence[Convention] | None:
    """The one convention behind a failed check; empty where several explain it, None where none does."""
    own = counting(observations, check.variant)
    if not (outputs := to_explain(diagnosis, check, own)):
        return None
    known = ((convention,) for convention in diagnosis.suite.exercise.conventions)
    explained = narrowed(diagnosis, explaining(diagnosis, known, own, outputs), check, observations)
    if not explained:
        return None
    return explained[0] if len(explained) == 1 else ()
