"""Tripwires: what torch differentiated during a graded call, seen from several sides that do not depend on each other.

How it works:
- Torch numbers every run of its autograd engine. A tiny run of our own after a call shows by its number whether the
  call ran the engine, whoever started it, however and in whichever thread; Python cannot turn that counter back.
- While a graph is built, torch hands every saved tensor to a hook, and asks for it back when a node of the graph
  computes a gradient. So a node that is called by hand, without the engine, is seen as well. Merely building a graph
  (an input that requires grad, a network's forward pass) asks for nothing back.
- The few ways into forward mode and torch.func are replaced by functions that note the student's line and go on.
- Torch's own backward operators can be called directly. A dispatch mode sees them, but costs 20 microseconds per
  operation, so it is used only where the source reaches for such things.

A call that is watched runs as it would unwatched: nothing is forbidden, and correctness is judged elsewhere. All of
this lives in the student's process, so who is determined enough can take it down; taking away the hooks is itself seen.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from types import FrameType, TracebackType
from typing import Any

import torch
import torch.autograd.forward_ad
import torch.func
from torch.utils._python_dispatch import TorchDispatchMode

from grader.wire import evidence
from grader.wire.evidence import Sighting
from grader.wire.outcome import Evidence
from grader.worker.loader.describing import code_line
from grader.worker.loader.program import MARK

MOST = 8
"""Different things that one call can be told of."""

_current_graph_task = torch._C._current_graph_task_id
_run_backward = type(torch.autograd.Variable._execution_engine).run_backward
_push = torch._C._autograd._push_saved_tensors_default_hooks
_pop = torch._C._autograd._pop_saved_tensors_default_hooks
_top = torch._C._autograd._top_saved_tensors_default_hooks
_frame = sys._getframe


def _holders(function: object) -> tuple[tuple[Any, str], ...]:
    """Every (module, name) of torch by which a function is known."""
    modules = [module for name, module in list(sys.modules.items()) if name.partition(".")[0] == "torch"]
    return tuple(
        (module, name)
        for module in modules
        for name, value in list(getattr(module, "__dict__", {}).items())
        if value is function
    )


_ENTRANCES = tuple(
    (word, function, _holders(function))  # looked up here, once, because a worker should not touch every module
    for word, function in (
        (evidence.ENGINE, torch.autograd.graph._engine_run_backward),
        (evidence.FORWARD_MODE, torch._C._enter_dual_level),
        (evidence.FUNCTION_TRANSFORM, torch._C._functorch._jvp_increment_nesting),
        (evidence.FUNCTION_TRANSFORM, torch._C._functorch._grad_increment_nesting),
    )
)


class Tripwires:
    """Watches one call after the other, from `with` to `with`; `evidence` is complete once the block is left.

    Make it before any student code is in the process, because from then on some of torch's functions are replaced;
    `remove` puts them back. alone: only the calls use autograd in this process, which saves one query per call.
    trace_operators: also watch every single operation, for calls of torch's own backward operators.
    """

    def __init__(self, *, alone: bool = True) -> None:
        self._alone = alone
        self.evidence: tuple[Evidence, ...] = ()
        self.trace_operators = False
        self._seen: dict[Sighting, None] = {}
        self._watching = False
        self._counter = _Counter()
        self._runs: int | None = None
        self._operators = contextlib.ExitStack()
        self._undo: list[Callable[[], None]] = []
        self._replace_entry_points()

    def __enter__(self) -> Tripwires:
        self.evidence = ()
        self._seen = {}
        if self._runs is None or not self._alone:
            self._runs = self._counter.runs()
        if self.trace_operators:
            self._operators.enter_context(_Operators(self._note))
        _push(self._keep, self._asked_back)
        self._watching = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watching = False
        with contextlib.suppress(BaseException):  # whatever the student has left behind, the result still counts
            self._end()
        certain = {
            Evidence(evidence.TAMPERING if seen.word == evidence.UNHOOKED else evidence.AUTOGRAD, True, seen.text)
            for seen in self._seen
        }
        self.evidence = tuple(sorted(certain, key=lambda each: each.text))

    def _end(self) -> None:
        if self._is_hooked():
            _pop()
        else:
            self._seen[Sighting(evidence.UNHOOKED)] = None
        self._operators.close()
        self._runs, before = self._counter.runs(), self._runs
        assert before is not None
        # A transform of torch.func runs the engine as well; one sentence about it is enough.
        told = {evidence.ENGINE, evidence.FUNCTION_TRANSFORM}
        if self._runs > before + 1 and not any(seen.word in told for seen in self._seen):
            self._seen[Sighting(evidence.ENGINE)] = None

    def _is_hooked(self) -> bool:
        top = _top(True)
        return top is not None and top[1] == self._asked_back

    def remove(self) -> None:
        """Put torch's functions back."""
        while self._undo:
            self._undo.pop()()

    def _keep(self, tensor: torch.Tensor) -> torch.Tensor:
        return tensor

    def _asked_back(self, tensor: torch.Tensor) -> torch.Tensor:
        if self._watching:
            running = _current_graph_task() != -1
            self._note(evidence.ENGINE if running else evidence.GRAPH_NODE)
        return tensor

    def _note(self, word: str) -> None:
        if self._watching and len(self._seen) < MOST:
            self._seen[_seen(word, _frame(1))] = None

    def _replace_entry_points(self) -> None:
        for word, function, holders in _ENTRANCES:
            noting = self._noting(word, function)
            for holder, name in holders:
                self._replace(holder, name, noting)
        self._disable = torch.autograd.graph.disable_saved_tensors_hooks
        self._replace(torch.autograd.graph, "disable_saved_tensors_hooks", self._without_hooks)

    def _replace(self, holder: Any, name: str, new: object) -> None:
        old = getattr(holder, name)
        setattr(holder, name, new)
        self._undo.append(lambda: setattr(holder, name, old))

    def _noting(self, word: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def noting(*args: Any, **kwargs: Any) -> Any:
            self._note(word)
            return function(*args, **kwargs)

        return noting

    @contextlib.contextmanager
    def _without_hooks(self, message: str) -> Iterator[None]:
        """What torch.func does around its transforms; it would refuse to run beside our hooks, so they step aside."""
        ours = self._is_hooked()
        if ours:
            _pop()
        try:
            with self._disable(message):
                yield
        finally:
            if ours:
                _push(self._keep, self._asked_back)


class _Counter:
    """How often the autograd engine has run in this process, its own runs included."""

    def __init__(self) -> None:
        self._leaf = torch.zeros((), requires_grad=True)
        self._top = self._leaf + 1.0
        self._one = torch.ones(())
        self._engine = torch.autograd.Variable._execution_engine
        self._last = -1
        node = self._top.grad_fn
        assert node is not None
        node.register_prehook(self._read)

    def runs(self) -> int:
        """The number of the run that this makes; the arguments are those of torch.autograd.grad."""
        _run_backward(self._engine, (self._top,), (self._one,), True, False, (self._leaf,), True, False)
        return self._last

    def _read(self, _: object) -> None:
        self._last = _current_graph_task()


class _Operators(TorchDispatchMode):
    """Sees every operation, and notes torch's own backward operators."""

    def __init__(self, note: Callable[[str], None]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._note = note

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """False, so that torch need not import its compiler."""
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if "_backward" in func._schema.name and _current_graph_task() == -1:
            self._note(evidence.BACKWARD_OPERATOR)
        return func(*args, **(kwargs or {}))


def _seen(word: str, frame: FrameType | None) -> Sighting:
    """With the student's innermost line on the stack."""
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(MARK):
            place = name[len(MARK) :]
            with contextlib.suppress(BaseException):
                return Sighting(word, place, frame.f_lineno, code_line(place, frame.f_lineno).replace("`", "'") or "?")
        frame = frame.f_back
    return Sighting(word)
