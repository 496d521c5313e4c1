"""Every sentence of the student's desk (terminal, notebook, pytest, pages) that is not about a result itself.

What is said about results stands in grader/grading/feedback.py, about files in grader/worker/loader, about limits in
grader/sandbox/sentences.py. Longer than most files: who changes the tone changes one file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.models import CheckResult, ExerciseResult, Finding, Verdict
from grader.spelling import instead, listed
from grader.wire import evidence

EXPECTED, ACTUAL, DIFFERENCE = "expected", "yours", "difference (yours − expected)"
EQUAL_CELL = "·"
TRY, HINT, NOTE = "try it", "hint", "note"
PRINTS = "your code prints there"
TRY_IT, HINT_WORD = "Try it:", "Hint"
EXAMPLES = "Small public cases with their right answers, to check by hand. The hidden ones are of the same kind."
STATUS = {
    "unreadable": "Nothing in what was handed in could be read, so nothing could be graded.",
    "internal_error": "The grader could not finish. That is not your fault, and it costs you nothing.",
}

MARKS: dict[Verdict, str] = {"passed": "✓", "failed": "✗", "missing": "–", "skipped": "–", "internal_error": "?"}
WORDS: dict[Verdict, str] = {
    "passed": "passed",
    "failed": "not right yet",
    "errored": "stopped with an error",
    "timed_out": "took too long",
    "out_of_memory": "used too much memory",
    "output_limit": "returned too much",
    "missing": "not done yet",
    "skipped": "not run",
    "internal_error": "could not be checked",
}
UNPAID_MARK, UNPAID = "!", "right, but without points"
NOT_YET = ("is not implemented yet.", "has no value yet.")
"""How a message about a stub ends. grader/grading/feedback.py says it, which brings torch."""
LONG_MESSAGE = 40
"""Characters from which on a message is not repeated for the next check."""

IN_KERNEL = "Ran in this notebook's kernel on public cases, without a time limit: if it hangs, interrupt the kernel."
COURSE = "the course"
INTERRUPTED = "You interrupted the check, so nothing is said about this function; was there a loop that never ends?"
ENDED = "The check itself ended unexpectedly. That is not your fault; please report it."
NO_TORCH = (
    "torch is not installed in this Python, and nothing can be checked without it: python -m pip install torch "
    "(if it is installed elsewhere, activate that environment first)"
)
DROPPED = "Saved while a check was still running: that one was dropped."
NO_WATCHER = 'Watching needs one more package: pip install "gradient-grader[watch]"'


def mark(verdict: Verdict) -> str:
    """One character that says it without colour."""
    return MARKS.get(verdict, "✗")


def mark_of(check: CheckResult) -> str:
    """The mark of a check; one that is right and earns nothing has a mark of its own."""
    return UNPAID_MARK if is_unpaid(check) else mark(check.verdict)


def words_of(check: CheckResult) -> str:
    """The same in words."""
    return UNPAID if is_unpaid(check) else WORDS[check.verdict]


def is_unpaid(check: CheckResult) -> bool:
    """Whether a right answer does not earn its points, because of how it was made."""
    return check.verdict == "passed" and not check.has_full_points


def finding(found: Finding) -> str:
    """A breach of the by-hand rule, with what was seen."""
    return f"{found.message} Seen: {found.evidence}."


def same_as(name: str) -> str:
    """In place of a long message that stands above already."""
    return f"The same as for {name}."


COUNTS = re.compile(r" This happened in \d+ of \d+ cases?\.| \d+ more did not pass either\.")


def fact(check: CheckResult) -> str:
    """The message without the numbers of cases and its output's name: one cause is recognised by it in several checks.

    Wrong values are a fact of each result.
    """
    message = COUNTS.sub("", check.message)
    return message if " wrong values" in message else message.removeprefix(check.name.partition(",")[0])


def advice(check: CheckResult) -> str:
    """The hint without the name of its own output: by it one piece of advice is recognised in several checks."""
    return (check.hint or "").removeprefix(check.name.partition(",")[0])


def points(check: CheckResult) -> str:
    """What a check earned."""
    return points_of(check.points, check.max_points)


def points_of(points: float | None, most: float) -> str:
    """Points and what full marks are; a dash where nothing is known because of an internal error."""
    return f"{'–' if points is None else f'{points:g}'} of {most:g}"


def score(score: float | None, max_score: float) -> str:
    """What a report earned on hidden cases."""
    return "no score yet" if score is None else f"{score:g} of {max_score:g} points"


def public_score(score: float, max_score: float) -> str:
    """The last line of a student's own check."""
    return f"{score:g} of {max_score:g} points on the public cases."


def with_shape(title: str, shape: Sequence[int]) -> str:
    """The title of a grid where two shapes differ."""
    return f"{title}, shape ({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def example(variant: str, larger: bool) -> str:
    """The heading of an example on an exercise's page."""
    size = "A larger one" if larger else "The smallest one"
    return f"{size}, {variant}" if variant else size


def next_step(exercises: Sequence[ExerciseResult], more: str = "") -> str:
    """What to do now: about the first check that failed, or else the first that is not done.

    more: where there is further advice on wrong values, as a sentence.
    """
    pairs = [(exercise, check) for exercise in exercises for check in exercise.checks]
    failed = [pair for pair in pairs if pair[1].verdict not in ("passed", "missing", "skipped", "internal_error")]
    missing = [pair for pair in pairs if pair[1].verdict == "missing"]
    begun = [pair for pair in missing if not pair[1].message.endswith(NOT_YET)]
    if failed or begun:
        return " ".join(filter(None, (_repair((failed or begun)[0][1]), more)))
    if missing:
        exercise, check = missing[0]
        name = exercise.entry_point if len(missing) == len(pairs) else check.name
        return f"Next: fill in {name}. `grader check --explain {exercise.exercise}` shows the key idea."
    if any(check.verdict == "internal_error" for _, check in pairs):
        return "Next: run the check again; what could not be checked costs you nothing."
    certain = {finding.kind for exercise in exercises for finding in exercise.findings if finding.certain}
    if certain == {evidence.FORBIDDEN}:
        return "Next: the values are right, but the exercise does without something that is used; see the note above."
    if certain:
        return "Next: the values are right, but they were not made by hand; see the note above."
    return "Everything passes on the public cases: hand it in. It will be graded on hidden cases of the same kind."


def stuck(level: int) -> str:
    """There is more advice than the levels that are shown."""
    return "Still stuck? Add one more --hint." if level else "Stuck? Add --hint."


def stuck_in_notebook(level: int) -> str:
    """The same where a function is handed to `check`."""
    return f"{'Still stuck' if level else 'Stuck'}? check(..., hint={level + 1}) says more."


def _repair(check: CheckResult) -> str:
    if check.verdict in ("timed_out", "out_of_memory", "output_limit"):
        return "Next: look for the loop or the tensor that grows, and try your function on a small input first."
    if check.verdict == "errored" and " raised " in check.message and ", line " in check.message:
        return "Next: go to the line that is named, print the shapes there, and check again."
    if check.verdict in ("errored", "missing"):
        return "Next: change what is said above, and check again."
    if check.counterexample:
        return "Next: work out the example above with pen and paper, then compare step by step."
    return f"Next: repair {check.name} and check again."


def worked(rows: Sequence[tuple[str, str, str, bool]]) -> str:
    """The shown example step by step: name, right value, the student's own ("" without one) and whether it is right."""
    broad = max(len(name) for name, *_ in rows)
    lines = []
    for name, expected, yours, agrees in rows:
        own = "  the same in yours" if agrees else f"  yours: {yours} {mark('failed')}" if yours else ""
        lines.append(f"{name.ljust(broad)} = {expected}{own}")
    return "\n".join(["On the example above, step by step:", *lines])


def next_exercise(slug: str, title: str, file: str) -> str:
    """What comes after what is done. file: where it is begun already, or ""."""
    if file:
        return f"Next exercise: {title}, begun in {file}."
    return f"Next exercise: {title}. `grader start {slug}` puts it here."


def look_closer(file: str) -> str:
    """What to do about an overview with something open."""
    return f"Next: `grader check {file}` shows more."


def progress(course: str, done: int, total: int) -> str:
    """How much of a course these files do."""
    return f"{course}: {done} of {total} exercises done."


def first_link(name: str, makes_right: str) -> str:
    """The intermediate result of the student's own function with which it goes wrong."""
    return f"`{name}` differs from autograd's; with the right value in its place {makes_right} is right. Start there."


def link_right(name: str) -> str:
    """One intermediate result that agrees."""
    return f"{name} agrees with autograd."


def link_next(name: str) -> str:
    """What to do about one that does not."""
    return f"Next: write down how {name} depends on the step before it, for one entry, and compare."


def no_such_link(name: str, known: Sequence[str]) -> str:
    """A name that the forward pass does not have."""
    return (
        f"{name} is no intermediate result of this forward pass. Write d<result>_d<by> or a result alone, "
        f"with names from {', '.join(known)}."
    )


def no_such_inputs(given: Sequence[str], known: Sequence[str]) -> str:
    """No exercise's forward pass takes these inputs."""
    return f"No exercise's forward pass takes exactly {', '.join(given)}. Known are: {'; '.join(known)}."


def ambiguous_link(name: str, slugs: Sequence[str]) -> str:
    """Exercises that mean different things by one name."""
    return f'{name} means different things in {", ".join(slugs)}: add exercise="{slugs[0]}" or another of them.'


def inputs_refused(reason: str) -> str:
    """The forward pass raised on the given inputs."""
    return f"The forward pass cannot be computed for these inputs ({reason}): check their shapes."


def unknown_function(name: str, known: Sequence[str]) -> str:
    """A function whose name no exercise asks for."""
    return f"No exercise asks for a function {name}; {instead(name, known)}"


def not_a_function(kind: str) -> str:
    """Something else was handed to `check`."""
    return f"check takes your function itself, as in check(batched_backward); this is of type {kind}."


def our_fault(kind: str) -> str:
    """An exception of ours, named so that it can be reported."""
    return f"The check could not be finished ({kind} in the grader). That is not your fault; please report it."


def broken_torch(kind: str, reason: str) -> str:
    """torch is there and cannot be imported."""
    first = reason.strip().partition("\n")[0]
    return (
        f"torch is installed but cannot be imported ({kind}: {first}). Install it again: "
        "python -m pip install --force-reinstall torch"
    )


def printed(lines: int) -> str:
    """Above what the student's code printed."""
    return f"Your code printed{'' if lines < 1 else f' (the first {lines} lines)'}:"


def loop(seconds: str) -> str:
    """Ended by the stopwatch."""
    return f"It ran longer than {seconds} s: is there a loop that never ends?"


def died(status: str) -> str:
    """The process ended while the student's code ran."""
    return f"The Python process ended by itself (exit status {status}): is there an exit() or very deep recursion?"


def loading_stopped(path: str, why: str) -> str:
    """The file could not be loaded because of what stands outside of its functions."""
    return f"{path}: loading it did not end well. {why}"


def other_order(name: str, own: Sequence[str], wanted: Sequence[str]) -> str:
    """The exercise's parameters in an order of the student's own."""
    return f"The exercise calls `{name}({', '.join(wanted)})`, and yours takes ({', '.join(own)})."


def right_without(output: str, line: str) -> str:
    """A call whose result goes nowhere, and which changes what an earlier one left for a later one."""
    return f"{output} is right when `{line}` is left out: what does that call change?"


def helper_beside(path: str, helper: str) -> str:
    """A module that lies beside the file and was not checked with it."""
    return f"{helper} lies beside {path} and was not read: `grader check {path} {helper}` takes both; hand in both."


def yours_is_called(file: str, name: str, wanted: str) -> str:
    """A function under another name than the exercise's."""
    return f"{file}: the exercise asks for a function {wanted}, and yours is called {name}; rename it to {wanted}."


def defines_nothing(name: str, entry_points: Sequence[str]) -> str:
    """A file without any function that an exercise asks for."""
    return f"{name}: defines none of the functions that can be checked ({listed(entry_points)})"


def watching(path: str) -> str:
    """While nothing happens."""
    return f"Watching {path}: save it to check again, Ctrl+C to stop."


def gone(path: str) -> str:
    """The watched file was removed."""
    return f"{path} is gone for the moment; waiting until it is back."


def no_statement(slug: str, known: Sequence[str]) -> str:
    """`--explain` or `page` with a name that is no exercise, or one without a text."""
    return f"there is no statement for {slug!r}; {instead(slug, known)}"
