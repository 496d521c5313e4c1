"""The same interface without a wall of its own: student code in this process, on the student's own machine.

Works on Linux, macOS and Windows. Nothing here ends a loop or survives a crash: who needs a deadline runs this in a
process of its own and watches that.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from grader.exercise import Limits
from grader.sandbox import sentences
from grader.wire.outcome import Evidence, Loaded, Misfit, NotDefined, Outcome, Raised, Result, Stopped, Used
from grader.wire.protocol import MAX_PRINTED_LINES, CallRequest, Done, Input, Job, Target, TooMuch, cap_bytes
from grader.worker.printing import Beginning

if TYPE_CHECKING:
    from grader.worker.student import StudentNames
    from grader.worker.tripwires import Tripwires


class InProcess:
    """Calls of student code in this process; a subclass sets `targets`, `student`, `loaded` and `tripwires`."""

    targets: Mapping[str, Target]
    student: StudentNames
    loaded: Loaded
    tripwires: Tripwires

    def call(self, target: str, inputs: Sequence[Input], expected_bytes: int, limits: Limits, seed: int = 0) -> Outcome:
        """Call one function, or run one use, on copies of the inputs; `limits` only names what ran out."""
        from grader.worker.call import call

        asked, cap = self.targets[target], cap_bytes(expected_bytes)
        if asked.use:
            return self.used(asked, inputs, cap, limits, seed)
        function = self.student.names.get(asked.names[0])
        if not callable(function):
            return NotDefined(self.loaded.missing.get(asked.names[0], ""))
        outcome = call(
            function, tuple(inputs), cap, self.tripwires, seed=seed, outputs=len(asked.outputs), describe=self.describe
        )
        assert not isinstance(outcome, Done)
        return _limit(outcome, cap, limits) if isinstance(outcome, TooMuch) else outcome

    def used(self, target: Target, inputs: Sequence[Input], cap: int, limits: Limits, seed: int = 0) -> Used:
        """What the lines of a target give, which need not be those of a known one."""
        from grader.worker import use

        results: dict[str, Result] = {}
        seen: list[tuple[Evidence, ...]] = [()]

        def keep(yielded: Mapping[str, Result], evidence: tuple[Evidence, ...]) -> None:
            results.update(yielded)
            seen.append(evidence)

        lines = use.compiled(target)
        question = CallRequest(target.name, tuple(inputs), cap, seed)
        done = use.run(lines, self.student, question, self.tripwires, keep, self.describe)
        kept = {name: self.explained(result) for name, result in results.items()}
        if isinstance(done, TooMuch):
            return Used(kept, _limit(done, cap, limits), evidence=seen[-1])
        end = self.explained(done.end) if isinstance(done.end, Misfit) else done.end
        return Used(kept, end, done.inputs_modified, done.evidence)  # type: ignore[arg-type]

    def prints(self, target: str, inputs: Sequence[Input], limits: Limits, seed: int = 0) -> str:
        """The first lines of what one call prints."""
        with contextlib.redirect_stdout(Beginning()) as printed:
            self.call(target, inputs, 0, limits, seed)
        return "\n".join(printed.getvalue().splitlines()[:MAX_PRINTED_LINES])

    def describe(self, error: BaseException) -> Raised:
        """An exception of the student's code as plain text."""
        from grader.worker.call import described

        return described(error)

    def explained(self, result: Result) -> Result | NotDefined:
        """A missing name with the reason that loading gave."""
        if isinstance(result, Misfit) and result.kind == "missing":
            return NotDefined(self.loaded.missing.get(result.name, ""), result.name)
        return result

    def forget(self, *, everything: bool = False) -> None:
        """Nothing to do: every case is public here, and all of it has run."""


class LocalSession(InProcess):
    """A submission loaded into this process; resets torch's and numpy's seeds and default dtype before each call."""

    def __init__(self, files: Sequence[tuple[str, bytes]], targets: Sequence[Target]) -> None:
        from grader.worker.tripwires import Tripwires

        self.tripwires = Tripwires(alone=False)
        self.targets = {target.name: target for target in targets}
        self._files = tuple(files)
        self._everything = False
        self.student, self.loaded = self._loaded()

    def _loaded(self) -> tuple[StudentNames, Loaded]:
        from grader.worker import loader
        from grader.worker.student import StudentNames

        job = Job(self._files, tuple(self.targets.values()))
        names, loaded = loader.load(
            job.files, job.names, everything=self._everything, cells=job.cells, forbids=job.forbids
        )
        return StudentNames(dict(names), loader.current_runs(), tuple(job.cells)), loaded

    def forget(self, *, everything: bool = False) -> None:
        """Load again where that makes a difference; nothing has to be hidden from public cases."""
        if everything != self._everything:
            self._everything = everything
            self.student, _ = self._loaded()

    def __enter__(self) -> LocalSession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


class InThisProcess:
    """A sandbox without any wall and without deadlines, for an author's own wrong solutions."""

    def session(self, files: Sequence[tuple[str, bytes]], targets: Sequence[Target], limits: Limits) -> LocalSession:
        """One submission, loaded into this process."""
        return LocalSession(files, targets)


def _limit(reached: TooMuch, cap: int, limits: Limits) -> Stopped:
    if reached.verdict == "output_limit":
        return sentences.too_much_output(cap, reached.size_bytes)
    return sentences.out_of_memory("Your function", limits)
