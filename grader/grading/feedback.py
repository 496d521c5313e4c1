"""Every sentence about a result that a student can read, by kind: what, expected, actual, where; kind and short.

None of them may carry a number from a hidden case's inputs; shapes and counts are not secret.
Longer than most files: who changes the tone of the sentences, or translates them, changes one file.
(What the loader says about files stands in grader/worker, which imports nothing of the grader.)
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

import torch

from grader.use import Usage
from grader.wire.outcome import NO_RETURN, NONE_VALUE, Misfit, Raised
from grader.wire.protocol import Framework


def shape(size: Sequence[int | str]) -> str:
    """A shape as students write it, in numbers or in the statement's letters."""
    return f"({', '.join(map(str, size))}{',' if len(size) == 1 else ''})"


def not_defined(entry_point: str, detail: str) -> str:
    """The function is not in the files, or could not be loaded for the reason that the loader gives in a sentence."""
    if detail:
        return detail
    return f"`{entry_point}` is not defined in your files yet; keep the name that the exercise gives it."


def not_implemented(name: str) -> str:
    """A stub as it was handed out."""
    return f"`{name}` is not implemented yet."


def no_value(output: str) -> str:
    """None where a result is looked up: in an attribute that has never been given a value."""
    return f"`{output}` has no value yet."


def output_none(output: str, why: str) -> str:
    """None as one of several results."""
    if why == NONE_VALUE:
        return f"`{output}` came back as None: it is not done yet, or is a `.grad`, which has no value here."
    return not_implemented(output)


def returned_none(entry_point: str, outputs: Sequence[str], why: str) -> str:
    """None alone came back, for one of the reasons that the worker tells apart."""
    if why == NO_RETURN:
        return f"`{entry_point}` ends without returning a value: its last line should be `return {', '.join(outputs)}`."
    if why == NONE_VALUE:
        return f"`{entry_point}` returned None: what it returns was never given a value (a `.grad` has none here)."
    return not_implemented(outputs[0] if len(outputs) == 1 else entry_point)


def raised(entry_point: str, error: Raised) -> str:
    """An exception; its text may carry hidden inputs, so only its type and the student's own line are named."""
    return f"`{entry_point}` raised {error.type_name}{_place(error)}."


def raised_on_example(error: Raised, message: str) -> str:
    """An exception on a public case, where its text hides nothing; its line, unless `message` names it already."""
    if error.type_name == MISSING_MODULE:
        return ""  # no input makes a difference: the advice says which module
    text = f": {error.message.strip()}" if error.message.strip() else ""
    place = _place(error)
    return f"On this small example it raises {error.type_name}{text.rstrip('.')}{'' if place in message else place}."


MISSING_MODULE = "ModuleNotFoundError"
IMPORTS = {
    "torch": "import torch",
    "np": "import numpy as np",
    "math": "import math",
    "nn": "from torch import nn",
    "F": "import torch.nn.functional as F",
    "Tensor": "from torch import Tensor",
}
"""What defines a name that courses use without saying so."""
NO_CUDA = ("not compiled with CUDA", "no NVIDIA driver", "No CUDA GPUs")


def advice_on(error: Raised, given: Sequence[str]) -> str | None:
    """What to do about an exception whose cause its text says for certain; None for any other.

    error: raised on a public case. given: the names of the inputs.
    """
    if error.type_name == MISSING_MODULE and error.message:
        return f"{error.message[0].upper()}{error.message[1:].rstrip('.')}."
    if any(words in error.message for words in NO_CUDA):
        return 'There is no graphics card where your work is checked: take `.cuda()` and "cuda" out.'
    if error.type_name == "BdbQuit":
        return "A breakpoint waits for somebody to type, and nobody can: take it out; `print` shows values as well."
    if error.type_name == "UnboundLocalError":
        return "A name that a function assigns anywhere belongs to that function: give it a value on every way there."
    missing = re.match(r"name '(\w+)' is not defined", error.message)
    if error.type_name != "NameError" or not missing:
        return None
    name = missing[1]
    if name in IMPORTS:
        return f"`{name}` has no value there: add `{IMPORTS[name]}` at the top."
    close = difflib.get_close_matches(name, given, n=1)
    meant = f"is `{close[0]}` meant, or " if close else "is it misspelled, or "
    return f"`{name}` has no value there: {meant}does it belong to another function or cell?"


def _place(error: Raised) -> str:
    """The student's own innermost line."""
    if not error.frames:
        return ""
    frame = error.frames[-1]
    return f" at {frame.place}, line {frame.line}: `{frame.code.strip()}`"


def misfit(usage: Usage, found: Misfit) -> str:
    """How the student's code does not fit the line that uses it."""
    line, called = usage.line(found.line), usage.called_at(found.line)
    many = usage.unpacked_at(found.line)
    if found.kind == "none":
        what = f"{many} results are" if many else "a result is"
        return f"`{called}` returned None where {what} expected: `{line}`. Is a `return` missing?"
    if found.kind == "count":
        came = f"returned {_results(found.got)}" if found.got >= 0 else "returned another number of results"
        return f"`{called}` {came}; {many} are expected: `{line}`."
    if found.kind == "attribute" and found.got_none:
        return f"`.{found.name}` is looked up on None in `{line}`: is a `return` missing before that?"
    if found.kind == "attribute":
        return f"There is no `.{found.name}` where the exercise looks for it: `{line}`."
    if found.kind == "key":
        return f"There is no key {found.name!r} where the exercise looks for it: `{line}`."
    if found.kind == "arguments":
        return f"`{called}` cannot be called like this: `{line}`. Compare the parameters in its first line."
    if found.kind == "call":
        return f"`{called}` cannot be called at all: `{line}`. Does something else in your code use its name?"
    return f"What your code returns does not fit `{line}` ({found.name or 'an error'})."


def _results(number: int) -> str:
    return "1 result" if number == 1 else f"{number} results"


def wrong_count(entry_point: str, outputs: Sequence[str], got: int, bare: bool) -> str:
    """The wrong number of results."""
    names = ", ".join(outputs)
    if bare:
        return f"`{entry_point}` returned one value; return {len(outputs)} as a tuple: ({names})."
    if len(outputs) == 1:
        return f"`{entry_point}` returned a list or tuple of {got}; return {names} alone, as one tensor."
    came = "1 value" if got == 1 else f"{got} values"
    return f"`{entry_point}` returned {came}; return {len(outputs)} in this order: ({names})."


WANTED = {"torch": "a torch tensor", "numpy": "a numpy array", "python": "a list of numbers"}
CONTAINERS = {"tensor": "a torch tensor", "array": "a numpy array", "list": "a list", "number": "a single number"}
"""What holds results, by framework and by what came."""


def wrong_type(framework: Framework, output: str, kind: str) -> str:
    """Something that holds no numbers, or, where the exercise is strict, another container."""
    made = {
        "torch": "make one tensor with torch.stack or torch.tensor",
        "numpy": "make one array with np.stack or np.array",
        "python": "make it a plain list",
    }[framework]
    what = {
        "text": "a text (a string)",
        "array": "a numpy array of something else than numbers",
        "sequence": f"a list or tuple: return it alone, or {made}",
        "dict": "a dictionary",
        "tensor": "a tensor that is not an ordinary dense one of real numbers",
        "list": "a list",
        "number": "a single number",
    }.get(kind, f"something else than {WANTED[framework]}")
    return f"{output} should be {WANTED[framework]}, but it is {what}."


def container_note(framework: Framework, output: str, container: str) -> str:
    """The right numbers in another container, accepted."""
    return f"{output} came as {CONTAINERS[container]}; {WANTED[framework]} is asked for, which costs nothing here."


def wrong_dtype(framework: Framework, output: str, wanted: torch.dtype, got: str) -> str:
    """Integers for floats, floats for booleans."""
    if wanted == torch.bool:
        return f"{output} should hold booleans (True or False), but its dtype is {got}."
    if not wanted.is_floating_point:
        return f"{output} should hold whole numbers, but its dtype is {got}."
    usual = "float32" if framework == "torch" else "float64"
    return f"{output} should hold floats ({usual}), but its dtype is {got}: gradients are real numbers."


def measured(entry_point: str, operations: Sequence[str]) -> str:
    """Tolerances that rest on a measurement."""
    return (
        f"`{entry_point}`: the tolerance is measured, not derived, because no bound for the rounding of "
        f"{', '.join(operations)} is known."
    )


def cast_note(output: str, got: str, usual: str) -> str:
    """Another float type, accepted."""
    if usual == "float32":
        return f"{output} has dtype {got}; it was compared as it is, float32 would be enough."
    return f"{output} has dtype {got}; it was compared as it is, {usual} is more precise."


def not_precise(output: str, dtype: str) -> str:
    """Right to the precision of float32 where that of float64 is asked for."""
    if dtype != "float64":
        return f"{output} is right to the precision of {dtype} only; compute it in float64, as the inputs are."
    return (
        f"{output} is right to seven digits or so and not to fifteen: is it a difference quotient, or float32 inside?"
    )


def wrong_shape(output: str, wanted: Sequence[int | str], got: Sequence[int | str]) -> str:
    """Another shape, other values."""
    if not got:
        return f"{output} should have shape {shape(wanted)}, but it is a single number."
    if not wanted:
        return f"{output} should be a single number, of shape (), but it has shape {shape(got)}."
    return f"{output} should have shape {shape(wanted)}, but it has shape {shape(got)}."


def reshaped(output: str, wanted: Sequence[int | str], got: Sequence[int | str]) -> str:
    """The right numbers, in order, in another shape."""
    return f"{output} has the right values in the wrong shape: {shape(wanted)} is wanted, {shape(got)} came."


def transposed(output: str, wanted: Sequence[int | str], got: Sequence[int | str]) -> str:
    """The right numbers, transposed."""
    return f"{output} is the transpose of the right answer: shape {shape(wanted)} is wanted, {shape(got)} came."


def not_finite(output: str, nan: bool) -> str:
    """NaN or infinity."""
    what = "NaN (not a number)" if nan else "infinity"
    causes = "a division by zero, an overflow, or a root or logarithm of a number that has none"
    return f"{output} contains {what}; look for {causes}."


def zeros(output: str) -> str:
    """All zeros."""
    return f"{output} is zero everywhere: is it still a placeholder, or is a factor 0?"


def wrong_values(output: str, wrong: int, total: int) -> str:
    """Right dtype and shape, wrong numbers."""
    if total == 1:
        return f"{output} has the right shape, but its value is wrong."
    how_many = "all" if wrong == total else f"{wrong} of"
    return f"{output} has the right shape, but {how_many} {total} values are wrong."


def passed(cases: int) -> str:
    """A check that passed."""
    return f"Right in all {cases} cases."


def wrong_in(output: str, same: int, failed: int, total: int) -> str:
    """In how many cases the values are wrong."""
    if total == 1:
        return f"{output} has the right shape, but wrong values."
    where = f"in all {_cases(total)}" if same == total else f"in {same} of {_cases(total)}"
    return f"{output} has the right shape, but wrong values {where}.{_others(failed - same)}"


def failed_in(message: str, same: int, failed: int, total: int) -> str:
    """A fact about one case, and in how many it holds."""
    if same == total:
        return message
    return f"{message} This happened in {same} of {_cases(total)}.{_others(failed - same)}"


def _cases(number: int) -> str:
    return "1 case" if number == 1 else f"{number} cases"


def _others(number: int) -> str:
    if number == 0:
        return ""
    return f" {number} more did not pass either."


def first_link(link: str) -> str:
    """Where in the chain of derivatives it goes wrong."""
    return f"The first link that goes wrong is {link}."


def at_lines(lines: Sequence[str]) -> str:
    """At which operations of the forward pass it goes wrong."""
    return f"It goes wrong at {' and at '.join(f'`{line}`' for line in dict.fromkeys(lines))} of the forward pass."


def hints(texts: Sequence[str]) -> str:
    """One hint, or two when two mistakes are mixed."""
    if len(texts) == 1:
        return texts[0]
    return f"Two things at once. First: {texts[0]} Second: {texts[1]}"


PATTERNS = {
    "transposed": "{output} is the transpose of the right answer: a gradient has the shape of what it is taken by.",
    "reshaped-instead-of-transposed": (
        "{output} holds the right numbers in the wrong places: reshape keeps their order, it does not transpose."
    ),
    "sign-flipped": "{output} has every sign the other way round: look for a difference taken the wrong way.",
    "absolute-values": "{output} has lost its minus signs: is there an abs() (or a square and a root) too many?",
    "relu-on-the-result": "{output} is right where it is positive and 0 elsewhere: may a derivative be negative?",
    "only-last-row": "Only the last row of {output} is filled: is something overwritten in a loop?",
    "only-first-row": "Only the first row of {output} is filled: does a loop return or stop too early?",
    "only-last-column": "Only the last column of {output} is filled: is something overwritten in a loop?",
    "only-first-column": "Only the first column of {output} is filled: does a loop return or stop too early?",
    "last-row-missing": "{output} is right but for its last row, which is 0: where does the loop end?",
    "first-row-missing": "{output} is right but for its first row, which is 0: where does the loop start?",
    "last-column-missing": "{output} is right but for its last column, which is 0: where does the loop end?",
    "first-column-missing": "{output} is right but for its first column, which is 0: where does the loop start?",
    "every-row-is-the-last": (
        "Every row of {output} holds what belongs to the last: is one and the same tensor kept again and again?"
    ),
    "every-row-is-the-first": "Every row of {output} holds what belongs to the first: is something not updated?",
    "one-step-late": "Each row of {output} holds what belongs to the row before: is it kept before or after a step?",
    "extra-axis-in-front": "{output} has an axis of size 1 too many in front: [0] or squeeze(0) takes it away.",
    "extra-axis-at-the-end": "{output} has an axis of size 1 too many at the end: squeeze(-1) takes it away.",
    "results-swapped": "{output} holds the right answer for {other}: check the order of the results.",
    "result-of-another": "{output} holds the right answer for {other}: how does the statement tell the two apart?",
    "half-precision": "{output} is right to two or three digits only: half precision, or a difference quotient?",
    "zeros-missing": "{output} is right except for entries that should be 0: which step makes them 0?",
    "zeros-too-many": (
        "{output} is right except for entries that are 0 and should not be: which step of yours makes them 0?"
    ),
}
"""Generic mistakes by slug: how the wrong values of {output} relate to the right ones."""
VALUE_PATTERNS = {
    "transposed": "{output} is the transpose of the right answer.",
    "relu-on-the-result": "{output} is right where it is positive and 0 elsewhere: is there a ReLU too many?",
}
"""The same for a result that is not asked for as a gradient."""


def constant_factor(output: str, factor: float) -> str:
    """The right answer times one number."""
    return f"{output} is {multiple(factor)} the right answer in every case: a factor is missing or too many."


def factor_of_a_size(output: str, axis: str, power: float, constant: float) -> str:
    """The right answer times (or over) a size."""
    size = {0.5: f"the square root of {axis}", 1.0: axis, 2.0: f"the square of {axis}"}[abs(power)]
    times = "" if constant == 1.0 else f"{multiple(constant)} "
    if power > 0:
        return f"{output} is {times}the right answer multiplied by {size}: is something counted {axis} times?"
    return f"{output} is {times}the right answer divided by {size}: is a mean taken where a sum is asked for?"


def another_size(output: str, right: str, wrong: str) -> str:
    """The right answer times one size over another."""
    return f"{output} is the right answer times {right} over {wrong}: does one size stand in the place of the other?"


def term(output: str, factor: str) -> str:
    """One term of a sum, or one link, off by a factor."""
    return f"One term on the way to {output} is {factor} what it should be; everything else is right."


def times_size(axis: str, power: float) -> str:
    """A factor that is a power of a size, before "what it should be"."""
    size = {0.5: f"the square root of {axis}", 1.0: axis, 2.0: f"the square of {axis}"}[abs(power)]
    return f"{size} times" if power > 0 else f"one over {size} times"


def times_ratio(right: str, wrong: str, power: float) -> str:
    """A factor that is one size over another, before "what it should be"."""
    return f"{right} over {wrong} times" if power == 1.0 else f"the square root of {right} over {wrong} times"


def of_the_negated_input(output: str, name: str) -> str:
    """Right for an input of the opposite sign, with which the student's code was called too."""
    return (
        f"{output} is what belongs to -{name} in place of {name}: is a sign or a mask turned round, "
        "or is something kept from another call?"
    )


def input_not_read(output: str, name: str, number: float) -> str:
    """Right if an input were a certain number."""
    return f"{output} is what comes out where {name} is {number:g}, whatever {name} is: is it read?"


def times_another(output: str, name: str, power: int) -> str:
    """The right answer times an input or another result, or divided by it."""
    if power > 0:
        return f"{output} is the right answer multiplied by {name}: does {name} enter once too often?"
    return f"{output} is the right answer divided by {name}: does {name} enter once too rarely?"


def value_of_a_step(output: str, line: str) -> str:
    """A value on the way in place of a result."""
    return f"{output} holds what a step in `{line}` gives: which quantity is asked for?"


def gradient_of_a_step(output: str, line: str) -> str:
    """A gradient on the way in place of one by an input."""
    return f"{output} is the gradient by what a step in `{line}` gives: which link is left?"


def made_of_another(output: str, line: str, *, gradient: bool) -> str:
    """A gradient that is made of another value, or of a gradient that arrives elsewhere."""
    if gradient:
        return f"{output} is made of a gradient that arrives elsewhere: which one arrives at `{line}`?"
    return f"{output} is made of another quantity than stands in `{line}`: what is multiplied there?"


def only_wrong_where_not_finite(output: str) -> str:
    """Right but for infinities and NaN."""
    return (
        f"{output} is right wherever it is a number: elsewhere something grows too large on the way, "
        "or is divided by 0."
    )


def multiple(factor: float) -> str:
    """A factor before "the right answer", in words that need no calculator."""
    words = {0.5: "half", 2.0: "twice", 0.25: "a quarter of", -2.0: "minus twice", -0.5: "minus half"}
    return words.get(factor) or f"{factor:.4g} times"


def part_of_an_axis(output: str, axis: str, part: str) -> str:
    """Only some entries along an axis count."""
    if part.startswith("only"):
        which = "last" if part.endswith("last") else "first"
        remedy = "is something overwritten in a loop?" if which == "last" else "does a loop stop after one round?"
        return f"{output} depends on the {which} of the {axis} entries along axis {axis} only: {remedy}"
    which = "last" if part.endswith("last") else "first"
    return (
        f"{output} leaves out the {which} of the {axis} entries along axis {axis}: where does the loop start and end?"
    )


def unsummed(output: str, axis: str) -> str:
    """One result for each entry along an axis."""
    return (
        f"{output} holds one result for each of the {axis} entries along axis {axis}: what is asked for is their sum."
    )


def only_wrong_at_one(subject: str, axis: str, *, raises: bool) -> str:
    """Fails exactly where one size is 1."""
    what = "raises" if raises else "is wrong"
    return f"{subject} {what} only when {axis} = 1: does a squeeze() remove an axis that is needed?"


def only_right_at_one(subject: str, axis: str, *, raises: bool) -> str:
    """Passes exactly where one size is 1."""
    if raises:
        return f"{subject} runs only when {axis} = 1: which shapes meet in that line when {axis} is larger?"
    return f"{subject} is right only when {axis} = 1: what happens along axis {axis} when there is more than one entry?"


def only_right_when_square(subject: str, axes: Sequence[str], *, raises: bool) -> str:
    """Passes exactly where two sizes are equal."""
    sizes = " = ".join(axes)
    if raises:
        return f"{subject} runs only when {sizes}: which of the two belongs there?"
    return f"{subject} is right only when {sizes}: are axes mixed up that happen to be equally long?"


def differs_between_calls(output: str) -> str:
    """Another result on the same inputs."""
    return (
        f"{output} comes out differently when the function is called again with the same inputs: "
        "is something kept from one call to the next?"
    )


def ignores(output: str, name: str) -> str:
    """An input that matters and is not used."""
    return f"{output} stays the same when {name} is made a quarter larger, and the right answer does not."


def depends_needlessly(output: str, name: str) -> str:
    """An input that is used and does not matter."""
    return f"{output} changes when {name} is made a quarter larger, and the right answer does not."


def only_wrong_when_strided(output: str) -> str:
    """Fails exactly where an input is not contiguous."""
    return f"{output} is wrong only for an input that is a transpose or a slice: use reshape instead of view."


def only_wrong_at_kink(output: str) -> str:
    """Fails exactly where the derivative jumps, and the exercise asks for torch's choice there."""
    return f"{output} is wrong only where ReLU's input (or the like) is exactly 0: torch uses the derivative 0 there."


def only_wrong_when_large(output: str) -> str:
    """Fails exactly in the largest case."""
    return f"{output} is wrong only for the largest input: is a size written into the code?"


def kink_advice() -> str:
    """Right everywhere but exactly at a kink."""
    return (
        "Exactly at a kink (a ReLU or an absolute value at 0, several numbers that are equally large, the border of a "
        "clamp) your function chooses another derivative than torch. It costs nothing: no single one is right there."
    )


def needs_contiguous(entry_point: str) -> str:
    """Raises for inputs that are a transpose or a slice, and is right for copies of them."""
    return (
        f"`{entry_point}` stops with an error for an input that is a transpose or a slice: `reshape` works there, "
        "`view` does not. It costs nothing."
    )


def inputs_modified(entry_point: str) -> str:
    """The function changed the tensors that it was given."""
    return (
        f"`{entry_point}` changes the tensors that it is given; it costs nothing here, but a caller may be surprised."
    )


def needs_whole_file(entry_point: str) -> str:
    """The function raised until lines had run that it does not seem to need."""
    return (
        f"`{entry_point}` raised an exception until all of your file had run: lines elsewhere set something that it "
        "needs. It costs nothing; define what it needs before it, by name."
    )


def not_run() -> str:
    """The deadline of a platform's container came first."""
    return (
        "Not run: the platform was too slow to finish everything in the time that it gives. "
        "That is not your fault, and it costs you nothing."
    )


def internal_error() -> str:
    """The grader failed."""
    return "The grader could not finish this check. That is not your fault, and it costs you nothing."


def unexplained() -> str:
    """An internal error after the marks were known."""
    return "The grader could not work out more about it; that is a fault of the grader and does not change the points."


def skipped() -> str:
    """Not run because of earlier timeouts or crashes."""
    return "Not run, because earlier cases of this exercise ran out of time or ended the process."


def not_all_drawn(output: str, *, keeps: bool) -> str:
    """A mask of nothing but ones, or nothing but zeros."""
    return f"`{output}` {'keeps' if keeps else 'drops'} every entry, also where there are thousands of them."


def wrong_share(output: str, *, exchanged: bool) -> str:
    """A mask that keeps another part of the entries than it should, by far more than chance explains."""
    other = "It does not keep the part of the entries that it should."
    why = "It keeps as many as it should drop." if exchanged else other
    return f"`{output}` is scaled as it should be, but drops the wrong number of entries. {why}"


def has_pattern(output: str) -> str:
    """A mask whose entries depend on each other."""
    return f"What `{output}` drops follows a pattern: draw for every single entry whether it is kept."


def not_fresh(output: str, earlier: str) -> str:
    """Two masks of one use that depend on each other."""
    return f"`{output}` drops what `{earlier}` dropped, or depends on it: every call has to draw anew."


def draw_not_seen(output: str, shown: str) -> str:
    """A result that depends on a mask that cannot be read."""
    return f"`{output}` cannot be judged, because `{shown}` does not show which entries are kept and which dropped."
