"""Sentences about shapes in the statement's letters, which hold in every case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from grader.grading import feedback
from grader.grading.compare import Kind
from grader.grading.diagnose.observation import Observation

SENTENCES = {"shape": feedback.wrong_shape, "values_in_wrong_shape": feedback.reshaped}


def in_letters(output: str, kind: Kind, seen: Sequence[Observation]) -> str:
    """The sentence about a wrong shape with letters for sizes; "" where the letters are not certain."""
    if kind not in SENTENCES:
        return ""
    sizes = [o.case.sizes for o in seen]
    wanted = _letters([tuple(o.case.expected[output].value.shape) for o in seen], sizes)
    actual = [value for o in seen if (value := o.judgements[output].actual) is not None]
    got = _letters([tuple(value.shape) for value in actual], sizes)
    if wanted is None or got is None or wanted == got:
        return ""
    if kind == "values_in_wrong_shape" and wanted == got[::-1] and len(wanted) == 2 and 1 not in wanted:
        return feedback.transposed(output, wanted, got)
    return SENTENCES[kind](output, wanted, got)


def _letters(shapes: Sequence[tuple[int, ...]], sizes: Sequence[Mapping[str, int]]) -> tuple[int | str, ...] | None:
    """The one reading of these shapes, one letter or constant per axis; None where there is none or several."""
    if len({len(shape) for shape in shapes}) != 1 or len(shapes) != len(sizes):
        return None
    axes = [tuple(_readings([shape[axis] for shape in shapes], sizes)) for axis in range(len(shapes[0]))]
    return tuple(readings[0] for readings in axes) if all(len(readings) == 1 for readings in axes) else None


def _readings(lengths: Sequence[int], sizes: Sequence[Mapping[str, int]]) -> Iterator[int | str]:
    """Every size, or else the constant, that an axis of these lengths may be."""
    pairs = list(zip(sizes, lengths, strict=True))
    names = [name for name in sizes[0] if all(each[name] == n > 0 for each, n in pairs)]  # 0 is no axis: a padding
    yield from names
    if not names and len(set(lengths)) == 1:
        yield lengths[0]
