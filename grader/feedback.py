"""Every sentence about a result that a student can read, by kind: what, expected, actual, where; kind and short.

None of them may carry a number from a hidden case's inputs; shapes and counts are not secret.
(What the loader says about files stands in grader/worker, which imports nothing of the grader.)
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from grader.worker.outcome import Raised


def shape(size: Sequence[int]) -> str:
    """A shape as students write it."""
    return f"({', '.join(map(str, size))}{',' if len(size) == 1 else ''})"


def not_defined(entry_point: str, detail: str) -> str:
    """The function is not in the files, or could not be loaded."""
    if detail:
        return f"`{entry_point}` could not be loaded: {detail}"
    return f"`{entry_point}` is not defined in your files yet; keep the name that the exercise gives it."


def not_implemented(name: str) -> str:
    """A stub as it was handed out."""
    return f"`{name}` is not implemented yet."


def raised(entry_point: str, error: Raised) -> str:
    """An exception; its text may carry hidden inputs, so only its type and the student's own line are named."""
    where = ""
    if error.frames:
        frame = error.frames[-1]
        where = f" at {frame.place}, line {frame.line}: `{frame.code.strip()}`"
    return f"`{entry_point}` raised {error.type_name}{where}"


def wrong_count(entry_point: str, outputs: Sequence[str], got: int, bare: bool) -> str:
    """The wrong number of results."""
    names = ", ".join(outputs)
    if bare:
        return f"`{entry_point}` returned one value; return {len(outputs)} as a tuple: ({names})."
    if len(outputs) == 1:
        return f"`{entry_point}` returned {got} values; return {names} alone."
    return f"`{entry_point}` returned {got} values; return {len(outputs)} in this order: ({names})."


def wrong_type(output: str, kind: str) -> str:
    """Something that is no tensor."""
    what = {
        "text": "a text (a string)",
        "array": "a numpy array; torch.from_numpy turns it into a tensor",
        "sequence": "a list or tuple; torch.stack or torch.tensor makes one tensor of it",
        "dict": "a dictionary",
        "tensor": "a tensor that is not an ordinary dense one of real numbers",
    }.get(kind, "something that is no tensor")
    return f"{output} should be a torch tensor, but it is {what}."


def wrong_dtype(output: str, wanted: torch.dtype, got: str) -> str:
    """Integers for floats, floats for booleans."""
    if wanted == torch.bool:
        return f"{output} should hold booleans (True or False), but its dtype is {got}."
    return f"{output} should hold floats (float32), but its dtype is {got}: gradients are real numbers."


def cast_note(output: str, got: str) -> str:
    """Another float type, accepted."""
    return f"{output} has dtype {got}; it was compared as it is, float32 would be enough."


def wrong_shape(output: str, wanted: Sequence[int], got: Sequence[int]) -> str:
    """Another shape, other values."""
    axis = ""
    if len(wanted) == len(got):
        wrong = [str(index) for index, (a, b) in enumerate(zip(wanted, got, strict=True)) if a != b]
        axis = f" (axis {', '.join(wrong)} differs)" if len(wrong) < len(wanted) else ""
    elif len(got) == 0:
        return f"{output} should have shape {shape(wanted)}, but it is a single number."
    else:
        axis = f" ({len(wanted)} axes wanted, {len(got)} found)"
    return f"{output} should have shape {shape(wanted)}, but it has shape {shape(got)}{axis}."


def reshaped(output: str, wanted: Sequence[int], got: Sequence[int]) -> str:
    """The right numbers, in order, in another shape."""
    return f"{output} has the right values in the wrong shape: {shape(wanted)} is wanted, {shape(got)} came."


def transposed(output: str, wanted: Sequence[int], got: Sequence[int]) -> str:
    """The right numbers, transposed."""
    return f"{output} is the transpose of the right answer: shape {shape(wanted)} is wanted, {shape(got)} came."


def not_finite(output: str, nan: bool) -> str:
    """NaN or infinity."""
    what = "NaN (not a number)" if nan else "infinity"
    return f"{output} contains {what}; look for a division by zero, a logarithm of zero or an overflow."


def zeros(output: str) -> str:
    """All zeros."""
    return f"{output} is zero everywhere; is it still the placeholder?"


def wrong_values(output: str, wrong: int, total: int) -> str:
    """Right dtype and shape, wrong numbers."""
    if total == 1:
        return f"{output} has the right shape, but its value is wrong."
    how_many = "all" if wrong == total else f"{wrong} of"
    return f"{output} has the right shape, but {how_many} {total} values are wrong."


def passed(cases: int) -> str:
    """A check that passed."""
    return f"Right in all {cases} cases."


def failed_in(message: str, failed: int, total: int) -> str:
    """A fact about one case, and in how many it holds."""
    if failed == total:
        return message
    return f"{message} This happened in {failed} of {total} cases."


def kink_advice() -> str:
    """Right everywhere but exactly at a kink."""
    return (
        "Where the input of ReLU is exactly 0, torch uses the derivative 0 and your function does not. "
        "It costs nothing: any value between 0 and 1 is a valid choice there."
    )


def inputs_modified(entry_point: str) -> str:
    """The function changed the tensors that it was given."""
    return (
        f"`{entry_point}` changes the tensors that it is given; it costs nothing here, but a caller may be surprised."
    )


def internal_error() -> str:
    """A fault of ours."""
    return "The grader could not finish this check. That is not your fault, and it costs you nothing."


def skipped() -> str:
    """Not run because of earlier timeouts or crashes."""
    return "Not run, because earlier cases of this exercise ran out of time or ended the process."
