"""The same interface without any wall: student code in this process, on the student's own machine.

Works on Linux, macOS and Windows. Nothing here ends a loop or survives a crash: who needs a deadline runs this in a
process of its own and watches that.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

from grader.exercise import Limits
from grader.sandbox import sentences
from grader.wire.outcome import NotDefined, Outcome
from grader.wire.protocol import Input, TooMuch, cap_bytes


class LocalSession:
    """A submission loaded into this process; resets torch's and numpy's seeds and default dtype before each call."""

    def __init__(self, files: Sequence[tuple[str, bytes]], entry_points: Sequence[str]) -> None:
        from grader.worker import loader
        from grader.worker.tripwires import Tripwires

        self._tripwires = Tripwires(alone=False)
        self._objects, self.loaded = loader.load(files, entry_points)

    def call(self, entry_point: str, inputs: Sequence[Input], expected_bytes: int, limits: Limits) -> Outcome:
        """Call one function on copies of the inputs that keep their strides; `limits` only names what ran out."""
        from grader.worker.call import call

        if entry_point not in self.loaded.places:
            return NotDefined(self.loaded.missing.get(entry_point, ""))
        cap = cap_bytes(expected_bytes)
        outcome = call(self._objects[entry_point], tuple(inputs), cap, self._tripwires)
        if not isinstance(outcome, TooMuch):
            return outcome
        if outcome.verdict == "output_limit":
            return sentences.too_much_output(cap, outcome.size_bytes)
        return sentences.out_of_memory("Your function", limits)

    def forget(self) -> None:
        """Nothing to do: every case is public here."""

    def __enter__(self) -> LocalSession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None
