"""`from grader import check`: a student's own check inside a notebook, and of one link at a time.

The function runs in the kernel itself, on public cases and without a time limit. What comes back prints as text and
shows as HTML. Nothing here raises at the student: a wrong call gets a sentence, as everything else does. Longer than
most: it is the one place where plain objects of a notebook meet the grader.
"""

from __future__ import annotations

import contextlib
import random
import sys
import sysconfig
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from linecache import getline
from pathlib import Path
from types import TracebackType
from typing import Any

import nbformat
import numpy as np
import torch
from nbformat.v4 import new_code_cell, new_notebook
from torch import Tensor

from grader.cases.oracle import Expected
from grader.cases.secret import PUBLIC
from grader.cases.source import tensor_source
from grader.course import catalog
from grader.course.assignment import Assignment, Entry
from grader.course.catalog import Catalog
from grader.errors import GraderError
from grader.exercise import Exercise, Limits, parameter_names
from grader.grading import grade as grading
from grader.grading import report
from grader.grading.report import Plan
from grader.models import Counterexample, ExerciseResult
from grader.selfcheck import desk, hints, links, progress
from grader.selfcheck.session import InProcess
from grader.submissions import Submission
from grader.views import grids, html, terminal, wording
from grader.views.grids import Comparison
from grader.wire.outcome import Array, Foreign, Frame, Loaded, Outcome, Raised
from grader.wire.protocol import Input, Target
from grader.worker.call import described, settle
from grader.worker.loader import current_runs, load
from grader.worker.printing import Beginning
from grader.worker.student import StudentNames
from grader.worker.tripwires import Tripwires

WIDTH = 100
PRINTED_LINES = 20
DIGITS = 4


@dataclass(frozen=True)
class CheckAnswer:
    """What `check` found; `passed` says it in one word.

    result: of an exercise, or None; advice: on its wrong values, in levels, of which `hint` are shown at once.
    sentence: where there is no result, or beside one link; comparison: of that link.
    """

    passed: bool
    result: ExerciseResult | None = None
    advice: tuple[str, ...] = ()
    hint: int = 0
    sentence: str = ""
    comparison: Comparison | None = None
    notes: tuple[str, ...] = ()
    printed: str = ""
    next_step: str = ""
    kernel: str = ""

    def __repr__(self) -> str:
        return terminal.rendered(self._draw, width=WIDTH).rstrip("\n")

    def _repr_html_(self) -> str:
        return html.answer(
            result=self.result,
            advice=self.advice,
            sentence=self.sentence,
            drawn=self.comparison.grids if self.comparison else (),
            notes=self.notes,
            printed=_first_lines(self.printed),
            printed_title=_printed_title(self.printed),
            next_step=self.next_step,
            kernel=self.kernel,
        )

    def _draw(self, console: Any) -> None:
        printer = terminal.Printer(console)
        if self.sentence:
            printer.line(self.sentence)
        if self.result:
            printer.exercise(self.result, self.advice[: self.hint])
        if self.comparison:
            printer.grids(self.comparison)
        for note in self.notes:
            printer.line(f"{wording.NOTE}: {note}")
        if self.printed:
            printer.line(_printed_title(self.printed))
            printer.code(_first_lines(self.printed), indent=2)
        for line in (self.next_step, self.kernel):
            if line:
                printer.line(line)


@dataclass
class Desk:
    """`check`, for the exercises of one folder; prepared cases are kept for the next time."""

    courses: Catalog = field(default_factory=lambda: catalog.bundled().kept())
    _plans: dict[str, Plan] = field(default_factory=dict, repr=False)

    def __call__(self, function: Callable[..., object] | str, /, *, exercise: str = "", hint: int = 0) -> CheckAnswer:
        """Check a function on the public cases of the exercise that asks for its name, or of the named one.

        hint: how much advice on wrong values is shown as text: 1 the place, 2 the idea, 3 the example step by step.
        An exercise about variables of cells is named by its slug: the cells that have run so far are checked.
        """
        if isinstance(function, str):
            slug = function
            return _without_traceback(lambda: self._check_cells(self.courses.load(slug), hint))
        return _without_traceback(lambda: self._check(function, exercise, hint))

    def link(self, name: str, value: object, /, *, exercise: str = "", **inputs: Tensor | float | int) -> CheckAnswer:
        """Compare one intermediate result or derivative of the chain with autograd's.

        name: of a variable of the forward pass ("prob"), or "d<result>_d<by>" ("dloss_dprob"); value: a tensor;
        inputs: all inputs of the forward pass by name. A derivative may be given as the gradient of the result's
        sum, or as the full Jacobian: the shape says which.
        """
        return _without_traceback(lambda: self._link(name, value, exercise, inputs))

    def _check(self, function: Callable[..., object], slug: str, hint: int) -> CheckAnswer:
        if not callable(function):
            return CheckAnswer(False, sentence=wording.not_a_function(type(function).__name__))
        name = getattr(function, "__name__", type(function).__name__)
        known = {name: exercise for exercise in self.courses.select() for name in exercise.names}
        chosen = self.courses.load(slug) if slug else known.get(name)
        if chosen is None:
            return CheckAnswer(False, sentence=wording.unknown_function(name, list(known)))
        return self._checked(chosen, KernelSession(_names(chosen, name, function), [chosen.target]), hint)

    def _check_cells(self, exercise: Exercise, hint: int) -> CheckAnswer:
        if exercise.usage is None or exercise.usage.names:
            return CheckAnswer(False, sentence=wording.not_a_function("str"))
        return self._checked(exercise, CellsSession(_history(), [exercise.target]), hint)

    def _checked(self, exercise: Exercise, session: KernelSession, hint: int) -> CheckAnswer:
        plan = self._plan(exercise)
        found = desk.with_causes(grading.grade(Submission("notebook", ()), plan, session), plan, session)
        (result,), (item,) = found.exercises, plan.items
        place = desk.places(found, plan, session).get(exercise.slug, "")
        advice = tuple(hints.levels(result, item, place, self.courses, desk.caller(session, item)))
        return CheckAnswer(
            progress.is_passed(result),
            result,
            advice,
            hint,
            notes=tuple(note.message for note in found.notes),
            printed="" if desk.shows_prints(found) else session.printed.getvalue(),
            next_step=wording.next_step(found.exercises, wording.stuck_in_notebook(hint) if advice[hint:] else ""),
            kernel=wording.IN_KERNEL,
        )

    def _plan(self, exercise: Exercise) -> Plan:
        if exercise.slug not in self._plans:
            assignment = Assignment(exercises=(Entry(slug=exercise.slug),))
            self._plans[exercise.slug] = report.plan(self.courses, assignment, PUBLIC)
        return self._plans[exercise.slug]

    def _link(self, name: str, value: object, slug: str, inputs: dict[str, Tensor | float | int]) -> CheckAnswer:
        given = {key: _as_input(each) for key, each in inputs.items()}
        listed = [each for each in self.courses.select() if each.use is None]  # the others have no chain to look into
        exercises = [self.courses.load(slug)] if slug else listed
        fitting = [each for each in exercises if set(parameter_names(each.forward)) == set(given)]
        if not fitting:
            known = {", ".join(parameter_names(each.forward)): None for each in exercises}
            return CheckAnswer(False, sentence=wording.no_such_inputs(list(given), list(known)))
        with _settled():
            try:
                answers = {each.slug: links.expected(each, name, given) for each in fitting}
                names = dict.fromkeys(name for each in fitting for name in links.known_names(each, given))
            except Exception as error:
                return CheckAnswer(False, sentence=wording.inputs_refused(str(error).partition("\n")[0]))
        answers = {slug: found for slug, found in answers.items() if found}
        if not answers:
            return CheckAnswer(False, sentence=wording.no_such_link(name, list(names)))
        if not _all_same(list(answers.values())):
            return CheckAnswer(False, sentence=wording.ambiguous_link(name, list(answers)))
        return _compared(fitting[0], name, value, next(iter(answers.values())))


class KernelSession(InProcess):
    """The student's code in the kernel, with the sandbox's interface; keeps the beginning of what it prints.

    names: what the student has defined there, by name.
    """

    def __init__(self, names: Mapping[str, object], targets: Sequence[Target]) -> None:
        self.student = StudentNames(dict(names))
        self.targets = {target.name: target for target in targets}
        self.printed = Beginning()
        self.loaded = Loaded({}, {})
        self.tripwires = Tripwires(alone=False)

    def call(self, target: str, inputs: Sequence[Input], expected_bytes: int, limits: Limits, seed: int = 0) -> Outcome:
        """Call the student's code on copies of the inputs; an interruption by the student ends the whole check."""
        with _settled(), contextlib.redirect_stdout(self.printed):
            return super().call(target, inputs, expected_bytes, limits, seed)

    def prints(self, target: str, inputs: Sequence[Input], limits: Limits, seed: int = 0) -> str:
        """The first lines of what one call prints; they are not kept with the others."""
        kept, self.printed = self.printed, Beginning()
        try:
            self.call(target, inputs, 0, limits, seed)
            return _first_lines(self.printed.getvalue())
        finally:
            self.printed = kept

    def describe(self, error: BaseException) -> Raised:
        """An exception with the frames of the student's cells and files."""
        if isinstance(error, KeyboardInterrupt):
            raise error
        return Raised(type(error).__name__, str(error)[:500], tuple(own_frames(error.__traceback__)))

    @contextlib.contextmanager
    def session(
        self, files: Sequence[tuple[str, bytes]], targets: Sequence[Target], limits: Limits
    ) -> Iterator[KernelSession]:
        """There is nothing to load."""
        try:
            yield self
        finally:
            self.tripwires.remove()


def _names(exercise: Exercise, name: str, function: Callable[..., object]) -> dict[str, object]:
    """What the exercise uses: the given function or class, and what stands beside it where that was defined."""
    module = sys.modules.get(str(getattr(function, "__module__", "")))
    beside = getattr(function, "__globals__", None) or vars(module or types.SimpleNamespace())
    own = name if exercise.use else exercise.entry_point
    return {**{each: beside[each] for each in exercise.names if each in beside}, own: function}


class CellsSession(KernelSession):
    """The cells that have run in the kernel, as a notebook; the kernel's own variables are neither read nor changed."""

    def __init__(self, cells: Sequence[str], targets: Sequence[Target]) -> None:
        super().__init__({}, targets)
        notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
        _, self.loaded = load([("notebook.ipynb", nbformat.writes(notebook).encode())], ())
        self.student = StudentNames({}, current_runs())

    def describe(self, error: BaseException) -> Raised:
        """An exception with its place in the cells."""
        if isinstance(error, KeyboardInterrupt):
            raise error
        return described(error)


def _history() -> list[str]:
    """The code of the cells that have run, in order; empty outside of a notebook."""
    with contextlib.suppress(ImportError):
        from IPython.core.getipython import get_ipython

        shell = get_ipython()
        return [str(cell) for cell in shell.user_ns.get("In", ())] if shell else []
    return []


def own_frames(trace: TracebackType | None) -> Iterator[Frame]:
    """The frames of the student's own code: neither the grader's, nor Python's, nor those of installed packages."""
    while trace is not None:
        code = trace.tb_frame.f_code
        if _is_own(code.co_filename):
            line = trace.tb_lineno or 0
            yield Frame(_place(code.co_filename), line, getline(code.co_filename, line).strip()[:200])
        trace = trace.tb_next


def _is_own(file: str) -> bool:
    paths = sysconfig.get_paths()
    foreign = [str(Path(__file__).parents[1]), paths["stdlib"], paths["purelib"], paths["platlib"]]
    return not any(file.startswith(folder) for folder in foreign)


def _place(file: str) -> str:
    """A cell as the notebook numbers it ("Cell In[3]"), or the file's name."""
    with contextlib.suppress(Exception):
        from IPython.core.getipython import get_ipython

        shell = get_ipython()
        found = shell.compile.format_code_name(file) if shell else None
        if found:
            return " ".join(found)
    return Path(file).name


def _without_traceback(answer: Callable[[], CheckAnswer]) -> CheckAnswer:
    """An answer whatever happens: the student's notebook never shows a traceback through our frames."""
    try:
        return answer()
    except GraderError as error:
        return CheckAnswer(False, sentence=str(error))
    except KeyboardInterrupt:
        return CheckAnswer(False, sentence=wording.INTERRUPTED)
    except Exception as error:
        return CheckAnswer(False, sentence=wording.our_fault(type(error).__name__))


@contextlib.contextmanager
def _settled() -> Iterator[None]:
    """Seeds, threads and defaults as in the graded call; the kernel's own are put back afterwards."""
    before = (random.getstate(), np.random.get_state(), torch.get_rng_state())
    dtype, device, threads = torch.get_default_dtype(), torch.get_default_device(), torch.get_num_threads()
    grad = torch.is_grad_enabled()
    try:
        settle()
        yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])
        torch.set_default_device(None if device == torch.device("cpu") else device)
        torch.set_default_dtype(dtype)
        torch.set_num_threads(threads)
        torch.set_grad_enabled(grad)
        torch.set_rng_state(before[2])


def _compared(exercise: Exercise, name: str, value: object, answers: tuple[Expected, ...]) -> CheckAnswer:
    judgement = links.judge(exercise, name, value, answers)
    if judgement.verdict == "passed":
        return CheckAnswer(True, sentence=f"{wording.mark('passed')} {wording.link_right(name)}")
    item = links.as_item(value)
    shown = item.text if isinstance(item, Foreign) else tensor_source(_tensor(item), DIGITS)
    fits = [each for each in answers if isinstance(item, Array) and tuple(each.value.shape) == item.shape]
    wanted = tensor_source((fits or list(answers))[0].value, DIGITS)
    comparison = grids.comparison(Counterexample(inputs="", expected=wanted, actual=shown))
    sentence = f"{wording.mark('failed')} {judgement.message}"
    return CheckAnswer(False, sentence=sentence, comparison=comparison, next_step=wording.link_next(name))


def _tensor(item: Array) -> Tensor:
    from grader.grading.compare import to_tensor

    return to_tensor(item)


def _as_input(value: Tensor | float | int) -> Tensor | float | int:
    """Whole numbers as floats, and nothing of the student's own graph."""
    if not isinstance(value, Tensor):
        return value
    value = value.detach()
    return value if value.is_floating_point() else value.float()


def _all_same(answers: Sequence[tuple[Expected, ...]]) -> bool:
    first = answers[0][0].value
    return all(
        each[0].value.shape == first.shape and torch.allclose(each[0].value, first, rtol=1e-6, atol=1e-9)
        for each in answers
    )


def _first_lines(text: str) -> str:
    return "\n".join(text.splitlines()[:PRINTED_LINES])


def _printed_title(text: str) -> str:
    return wording.printed(PRINTED_LINES if text.count("\n") > PRINTED_LINES else 0)


check = Desk()
