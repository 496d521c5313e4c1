"""Shapes in the statement's letters: only where a letter is certain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch

from grader.grading.compare import Judgement
from grader.grading.diagnose.cache import DiagnosisCache
from grader.grading.diagnose.observation import Observation
from grader.grading.diagnose.shapes import in_letters
from grader.wire.outcome import NotDefined


def test_a_size_of_zero_is_no_letter(diagnosis: Callable[..., DiagnosisCache]) -> None:
    """What is empty was cut off by a padding of 0; it has not the padding's length."""
    case = diagnosis("vector_times_matrix").suite.cases[0]
    padded = replace(case, sizes={**case.sizes, "P": 0})
    judgements = {"dloss_dv": Judgement("failed", "shape", actual=torch.zeros(0))}
    said = in_letters("dloss_dv", "shape", [Observation(padded, NotDefined(), judgements)])
    assert "but it has shape (0,)." in said, said
