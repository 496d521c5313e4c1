"""One submission in one worker after the other: load it, call it, and replace the worker that a call has cost.

Longer than most files: every way in which a worker can end, and what each costs, is best read in one place.
"""

from __future__ import annotations

import builtins
import contextlib
import signal
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any, TypeVar

from grader.errors import LayersMissing, SandboxError
from grader.exercise import Limits
from grader.sandbox import sentences
from grader.sandbox.control import Control, ProcessGone
from grader.sandbox.layers import REQUIRED, needed
from grader.sandbox.quoting import Quotes
from grader.sandbox.sentences import What
from grader.sandbox.spawner import Spawner
from grader.sandbox.worker import Deadline, Ended, OutOfCpu, OutOfTime, Starved, TooLong, Worker
from grader.wire import protocol
from grader.wire.outcome import (
    Array,
    Evidence,
    Foreign,
    Loaded,
    Misfit,
    NotDefined,
    Outcome,
    Raised,
    Result,
    Stopped,
    Used,
)
from grader.wire.printable import plain
from grader.wire.protocol import CallResult, Done, Input, MessageKind, ProtocolError, Target, TooMuch

T = TypeVar("T")
CALLING: What = "Your function"
LOADING: What = "Loading your file"
KILLED = (
    "a worker was killed from outside of the sandbox (signal 9): is the machine short of memory? Grade fewer at a time "
    "(--jobs) and run the command again"
)

KNOWN_ERRORS = frozenset(
    name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, BaseException)
) | {
    *"LinAlgError _LinAlgError AxisError JSONDecodeError UnsupportedOperation OutOfMemoryError".split(),
    *"URLError gaierror".split(),
}
"""Names of exceptions that may be quoted although they stand in no submitted file."""


class Sandbox:
    """One zygote and at most one worker at a time; used by one thread. Slots of one machine must differ.

    without: layers to leave out, for tests. insist: run although a required layer does not hold here.
    Raises LayersMissing.
    """

    def __init__(
        self,
        spawner: Spawner,
        slot: int = 0,
        *,
        required: frozenset[str] = REQUIRED,
        without: frozenset[str] = frozenset(),
        insist: bool = False,
    ) -> None:
        active = {layer.name for layer in spawner.layers if layer.active}
        lacking = {layer.name: layer.detail for layer in spawner.layers if layer.name in needed(required) - active}
        if lacking and not insist:
            raise LayersMissing(missing_sentence(lacking))
        self.layers = tuple(sorted(active - without))
        """The names of the layers that workers have on, for the report."""
        self.missing = tuple(sorted(needed(required) - set(self.layers)))
        """The required layers that are missing, where the caller insists on grading without them."""
        self._spawner = spawner
        self._slot = slot
        self._without = without | (REQUIRED - active)
        self._zygote: Control | None = None
        self.zygote_pid = 0

    def session(self, files: Sequence[tuple[str, bytes]], targets: Sequence[Target], limits: Limits) -> WorkerSession:
        """A context in which one submission, (name, bytes) each, is loaded and can be called."""
        return WorkerSession(self, protocol.Job(tuple(files), tuple(targets)), limits)

    def fork(self, limits: Limits) -> Worker:
        """A confined worker without a submission; raises ProcessGone when the zygote died, SandboxError otherwise."""
        if self._zygote is None:
            self.zygote_pid, self._zygote = self._spawner.zygote(self._slot, self._without)
        answer, (wire, pidfd) = self._ask({"op": "fork", "memory_bytes": limits.memory_bytes}, descriptors=2)
        worker = Worker(int(answer["pid"]), wire, pidfd)
        try:
            kind, payload = worker.answer(0, protocol.MAX_REPORT_BYTES, Deadline(worker.pid, Limits()))
        except (Ended, OutOfCpu, OutOfTime, Starved, ProtocolError, TooLong) as error:
            worker.kill()
            self.reap()
            raise SandboxError(f"a worker died while it walled itself in ({type(error).__name__})") from error
        if kind is not MessageKind.CONFINED:
            worker.kill()
            reason = plain(payload.decode(errors="replace"), keep="\n\t")
            raise SandboxError(f"a worker could not confine itself: {reason}; see `grader doctor`")
        return worker

    def reap(self) -> int:
        """The wait status of the worker, which is dead afterwards with all that it started; raises ProcessGone."""
        answer, _ = self._ask({"op": "reap"})
        return int(answer["status"] or 0)

    def close(self) -> None:
        """End the zygote and its worker."""
        if self._zygote is not None:
            self._zygote.close()
            self._zygote = None

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, request: dict[str, Any], descriptors: int = 0) -> tuple[dict[str, Any], list[int]]:
        if self._zygote is None:
            raise ProcessGone("the sandbox's zygote has ended; run the command again")
        try:
            return self._zygote.ask(request, descriptors)
        except BaseException:  # Ctrl-C too: a question without its answer would confuse the next one
            self.close()
            raise


class WorkerSession:
    """A submission that is loaded and can be called; calls happen one after the other, in lockstep."""

    def __init__(self, sandbox: Sandbox, job: protocol.Job, limits: Limits) -> None:
        self._sandbox = sandbox
        self._job = job
        self._everything = False
        self._names = (*job.names, *job.cells)
        self._targets = {target.name: target for target in job.targets}
        self._limits = limits
        self._worker: Worker | None = None
        self._index = 0
        self._deadline: Deadline
        self._quotes = Quotes(job.files)
        self._calling = ""
        self._restarts: Counter[str] = Counter()
        self._timeouts: Counter[str] = Counter()
        self._survived: Counter[str] = Counter()
        self._failure: Stopped | None = None
        self.loaded = Loaded({}, {})
        """What loading gave; empty when loading looped or crashed, which is then every call's answer."""

    def __enter__(self) -> WorkerSession:
        self._failure = self._retried(self._load)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._worker is not None:
            with contextlib.suppress(ProcessGone):  # the next session starts another zygote
                self._end_worker()

    @property
    def worker_pid(self) -> int:
        """The process in which the submission is loaded; 0 while there is none."""
        return self._worker.pid if self._worker is not None else 0

    def call(self, target: str, inputs: Sequence[Input], expected_bytes: int, limits: Limits, seed: int = 0) -> Outcome:
        """Call one function, or run one use, on copies of the inputs that keep their strides.

        expected_bytes: size of the right results; 128 times that, and 1 MiB at least, may come back. limits: deadline
        of this call. A call that loops, crashes or takes too much costs itself: the next one gets a new worker, at
        most `max_restarts` times for each function. Raises SandboxError for internal errors.
        """
        if self._failure is not None:
            return self._failure
        asked = self._targets[target]
        if not asked.use and asked.names[0] not in self.loaded.places:
            return NotDefined(self.loaded.missing.get(asked.names[0], ""))
        self._calling = target
        question = protocol.CallRequest(target, tuple(inputs), protocol.cap_bytes(expected_bytes), seed)
        if asked.use and self._is_exhausted(limits):  # only up to the yield that earlier calls came to
            question = replace(question, parts=self._survived[target])
        return self._retried(lambda: self._call(question, limits))

    def prints(self, target: str, inputs: Sequence[Input], limits: Limits, seed: int = 0) -> str:
        """The first lines of what one call prints; "" where it ends the worker.

        Only for public inputs, after `forget`: what is printed is shown.
        """
        if self._worker is None:
            return ""
        self._calling = target
        question = protocol.CallRequest(target, tuple(inputs), protocol.MAX_REPORT_BYTES, seed)
        try:
            answer = self._ask(
                MessageKind.PRINTS, protocol.encode_call(question), protocol.MAX_REPORT_BYTES, limits, CALLING
            )
            if isinstance(answer, Stopped):
                return ""
            kind, payload = answer
            if kind is not MessageKind.PRINTED:
                raise ProtocolError(f"{kind.name} does not say what was printed")
            return protocol.decode_printed(payload)
        except ProtocolError:
            self._costs(sentences.garbled(CALLING))
        except ProcessGone:
            self._worker = None
        return ""

    def forget(self, *, everything: bool = False) -> None:
        """Let the next call run in a new worker, which has seen no inputs of earlier calls.

        everything: all of the files runs in it beforehand, and not only what the calls need.
        """
        self._everything = everything
        if self._worker is not None:
            with contextlib.suppress(ProcessGone):  # the next call starts another zygote
                self._end_worker()

    def _load(self) -> Stopped | None:
        """Put the submission into a new worker; returns why that failed."""
        self._worker = self._sandbox.fork(self._limits)
        job = protocol.encode_job(replace(self._job, everything=self._everything))
        answer = self._ask(MessageKind.LOAD, job, protocol.MAX_REPORT_BYTES, self._limits, LOADING)
        read: tuple[Evidence, ...] = ()
        try:
            if (
                not isinstance(answer, Stopped) and answer[0] is MessageKind.READ
            ):  # nothing of the submission has run yet
                read = protocol.decode_read(answer[1])
                answer = self._answer(protocol.MAX_REPORT_BYTES, self._limits, LOADING)
            if isinstance(answer, Stopped):
                return answer
            kind, payload = answer
            if kind is MessageKind.OUT_OF_MEMORY:
                return self._costs(sentences.out_of_memory(LOADING, self._limits))
            if kind is not MessageKind.LOADED:
                raise ProtocolError(f"{kind.name} does not answer a submission")
            loaded = self._asked_for(protocol.decode_loaded(payload), read)
            if not self._everything:
                self.loaded = loaded
        except ProtocolError:
            return self._costs(sentences.garbled(LOADING))
        return None

    def _call(self, question: protocol.CallRequest, limits: Limits) -> Outcome:
        target = self._targets[question.target]
        if question.parts == 0 or (not target.use and self._worker is None and self._is_exhausted(limits)):
            return sentences.no_restarts_left(limits)
        if self._worker is None:
            failure = self._load()
            if failure is not None:
                return failure
        cap_bytes = question.cap_bytes + protocol.MAX_REPORT_BYTES
        results: dict[str, Result] = {}
        evidence: dict[Evidence, None] = {}
        parts = 0
        answer = self._ask(MessageKind.CALL, protocol.encode_call(question), cap_bytes, limits, CALLING)
        try:
            for _ in range(protocol.MAX_PARTS):
                if isinstance(answer, Stopped) or answer[0] is not MessageKind.PART:
                    break
                yielded, seen = protocol.decode_part(answer[1], target.outputs)
                results |= yielded
                evidence |= dict.fromkeys(seen)
                parts += 1
                cap_bytes -= len(answer[1])
                answer = self._answer(max(0, cap_bytes), limits, CALLING)
            outcome = self._outcome(answer, question.cap_bytes)
        except ProtocolError:
            outcome = self._costs(sentences.garbled(CALLING))
        if not target.use:
            return self._of_function(outcome)
        if isinstance(outcome, Stopped):
            self._survived[target.name] = parts
            self._timeouts[target.name] += outcome.verdict == "timed_out"
        elif question.parts == parts:
            outcome = sentences.no_restarts_left(limits)
        return self._used(results, tuple(evidence), outcome)

    def _is_exhausted(self, limits: Limits) -> bool:
        """Whether the target that is called has cost as many workers, or as much time, as it may."""
        name = self._calling
        return self._restarts[name] > limits.max_restarts or self._timeouts[name] >= limits.max_timeouts

    def _outcome(self, answer: tuple[MessageKind, bytes] | Stopped, cap_bytes: int) -> CallResult | Stopped:
        """What the last answer to a call says; raises ProtocolError."""
        outcome = answer if isinstance(answer, Stopped) else protocol.decode_answer(*answer)
        if not isinstance(outcome, TooMuch):
            return outcome
        if outcome.verdict == "output_limit":
            return sentences.too_much_output(cap_bytes, outcome.size_bytes)
        return self._costs(sentences.out_of_memory(CALLING, self._limits))

    def _of_function(self, outcome: CallResult | Stopped) -> Outcome:
        if isinstance(outcome, (Done, TooMuch)):
            return self._costs(sentences.garbled(CALLING))
        return self._quoting_only_the_files(outcome) if isinstance(outcome, Raised) else outcome

    def _used(
        self, results: Mapping[str, Result], seen: tuple[Evidence, ...], outcome: CallResult | Stopped
    ) -> Outcome:
        """A use with the results that it yielded; only what stands in the files or in the use is quoted.

        seen: what the tripwires saw until its last yield, which counts whatever ends it.
        """
        kept = {name: self._quotable(result) for name, result in results.items()}
        if isinstance(outcome, Stopped):
            return Used(kept, outcome, evidence=seen)
        if not isinstance(outcome, Done):
            return Used(kept, self._costs(sentences.garbled(CALLING)), evidence=seen)
        end = None if outcome.end is None else self._quotable(outcome.end)
        assert not isinstance(end, (Array, Foreign))
        evidence = tuple(dict.fromkeys((*seen, *outcome.evidence)))
        return Used(kept, end, outcome.inputs_modified, evidence)

    def _quotable(self, result: Result) -> Result | NotDefined:
        if isinstance(result, Raised):
            return self._quoting_only_the_files(result)
        if not isinstance(result, Misfit):
            return result
        name = result.name if self._is_known(result.name) else ""
        if result.kind == "missing":
            return NotDefined(self.loaded.missing.get(name, ""), name)
        got = result.got if result.got in range(protocol.MAX_ITEMS) else -1  # any other number could be a hidden input
        return replace(result, name=name, got=got)

    def _is_known(self, name: str) -> bool:
        """Whether a name stands in a use or is a usual kind of error, so that it carries no hidden input."""
        uses = [target.use for target in self._targets.values()]
        return name in KNOWN_ERRORS or (name.isidentifier() and any(name in use for use in uses))

    def _quoting_only_the_files(self, raised: Raised) -> Raised:
        """Without names, places and lines that stand in no submitted file: they could smuggle hidden inputs out."""
        quoted = tuple(
            frame for frame in raised.frames if self._quotes.has_line(frame.place, frame.line, frame.code.strip())
        )
        name = raised.type_name
        known = name in KNOWN_ERRORS or (name.isidentifier() and self._quotes.has_text(name))
        return replace(raised, type_name=name if known else "Exception", frames=quoted)

    def _ask(
        self, kind: MessageKind, payload: bytes, cap_bytes: int, limits: Limits, what: What
    ) -> tuple[MessageKind, bytes] | Stopped:
        """One exchange with the worker; Stopped when it costs the worker its life.

        What is answered later to the same question has the same deadline.
        """
        worker, self._index = self._living, self._index + 1
        self._deadline = deadline = Deadline(worker.pid, limits)
        return self._guarded(
            lambda: worker.ask(kind, self._index, payload, cap_bytes, deadline), cap_bytes, limits, what
        )

    def _answer(self, cap_bytes: int, limits: Limits, what: What) -> tuple[MessageKind, bytes] | Stopped:
        """One more answer to the same question."""
        worker, deadline = self._living, self._deadline
        return self._guarded(lambda: worker.answer(self._index, cap_bytes, deadline), cap_bytes, limits, what)

    @property
    def _living(self) -> Worker:
        assert self._worker is not None
        return self._worker

    def _guarded(
        self, exchange: Callable[[], tuple[MessageKind, bytes]], cap_bytes: int, limits: Limits, what: What
    ) -> tuple[MessageKind, bytes] | Stopped:
        try:
            return exchange()
        except OutOfCpu:
            return self._costs(sentences.out_of_cpu(what, limits))
        except OutOfTime:
            return self._costs(sentences.out_of_time(what, limits))
        except Starved:
            self._end_worker()
            raise SandboxError(sentences.starved(limits)) from None
        except TooLong as limit:
            return self._costs(sentences.too_much_output(cap_bytes, limit.size_bytes))
        except ProtocolError:
            return self._costs(sentences.garbled(what))
        except Ended:
            died = self._living.died()
            status = self._end_worker()
            if died and status == signal.SIGKILL:  # nothing in a worker can send it or ask for it: from outside
                raise ProcessGone(KILLED) from None
            self._restarts[self._calling] += 1
            return sentences.ended(what, status) if died else sentences.garbled(what)

    def _costs(self, stopped: Stopped) -> Stopped:
        """End the worker and count it."""
        self._restarts[self._calling] += 1
        self._end_worker()
        return stopped

    def _end_worker(self) -> int:
        """Kill the worker and what it started; its wait status."""
        worker, self._worker = self._worker, None
        assert worker is not None
        worker.kill()
        return self._sandbox.reap()

    def _retried(self, attempt: Callable[[], T]) -> T:
        """Once more if one of our own processes died; a second death raises SandboxError."""
        try:
            return attempt()
        except ProcessGone:
            self._worker = None
        try:
            return attempt()
        except ProcessGone as error:
            raise SandboxError(str(error)) from error

    def _asked_for(self, loaded: Loaded, read: tuple[Evidence, ...]) -> Loaded:
        """Without names that were not asked for, and with what was read before any code of the submission ran."""
        places = {name: loaded.places[name] for name in self._names if name in loaded.places}
        missing = {name: loaded.missing.get(name, "") for name in self._names if name not in places}
        evidence = tuple(dict.fromkeys((*read, *loaded.evidence)))
        return replace(loaded, places=places, missing=missing, evidence=evidence)


def missing_sentence(lacking: dict[str, str]) -> str:
    """Which layers are missing and what can be done."""
    reasons = "; ".join(f"{name} ({detail})" for name, detail in lacking.items())
    return (
        f"hidden grading needs isolation layers that this machine lacks: {reasons}. Grade on a machine that has them "
        "(`grader doctor` shows them), or insist, knowing that student code is walled off less."
    )
