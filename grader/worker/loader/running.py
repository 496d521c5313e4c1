"""Running the needed part of a program, statement by statement, into a module.

Every file of a submission is a `StudentModule`: importing it runs nothing. A name is defined when it is first asked
for, by its slice of the program; so a helper module's plots and training loops do not run either.
"""

from __future__ import annotations

import builtins
import copy
import linecache
import os
import sys
import time
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from grader.wire.outcome import Raised
from grader.worker.loader.absent import Absent
from grader.worker.loader.describing import describe
from grader.worker.loader.names import read_names
from grader.worker.loader.program import MARK, Statement
from grader.worker.loader.refusals import NO_INPUT
from grader.worker.loader.slicing import Index
from grader.worker.loader.stopping import stopped_after

SETUP_SECONDS = 3.0
"""CPU time for the assignments and loops that the entry points of one file need; they may hold a training loop."""
LEAST_SECONDS = 0.1
"""What a statement may use when the others have used up the time."""


@dataclass(frozen=True)
class Failure:
    """A statement that raised, or had to be stopped, while the module was made."""

    statement: Statement
    raised: Raised
    kind: Literal["import", "error", "time"]

    @property
    def reason(self) -> str:
        """One sentence without its end: where, what, why."""
        statement, raised = self.statement, self.raised
        if self.kind == "import":
            return f"{statement.place}: {raised.message}"
        if self.kind == "time":
            return f"{statement.place}: {statement.quoted} {raised.message}"
        message = f": {raised.message}" if raised.message else ""
        return f"{statement.place}: {statement.quoted} raised {raised.type_name}{message}"


class Run:
    """One program being run, statement by statement, into one module."""

    def __init__(self, index: Index, name: str, extras: Mapping[str, Callable[..., object]]) -> None:
        self.program = program = index.program
        self.index = index
        self.needed: set[int] = set()
        self.failures: dict[int, Failure] = {}
        self.done: set[int] = set()
        self.undecorated: dict[int, types.CodeType] = {}
        self._stopped: set[int] = set()
        self._is_running = self._is_awake = False
        self.module = StudentModule(name)
        self.module.submission_run = self
        package = name if program.source.is_package else name.rpartition(".")[0]
        own = {"__file__": program.source.name, "__package__": package, "__builtins__": builtins}
        self.module.__dict__.update({**_extras(), **extras, **own})
        self._fresh = dict(self.module.__dict__)
        self._begin()
        for cell in program.source.cells:
            lines = [line + "\n" for line in cell.text.split("\n")]
            linecache.cache[MARK + cell.place] = (len(cell.text), None, lines, MARK + cell.place)

    def _begin(self) -> None:
        """An empty module, in which nothing has run."""
        self.module.__dict__.clear()
        self.module.__dict__.update(self._fresh)
        self.failures.clear()
        self.done.clear()
        self.undecorated.clear()
        self._setup_seconds = 0.0

    def define(self, names: Iterable[str]) -> None:
        """Run what the names need and has not run yet."""
        names = list(names)
        for neighbour in self._unwoken():
            neighbour.define(())
        self.needed.update(statement.position for statement in self.index.needed(names, everywhere=False))
        statements = self.index.needed(names)
        self._run([statement for statement in statements if statement.position not in self.done])

    def everything(self) -> None:
        """Run all of the program, from its beginning; what raises is left out."""
        os.environ.setdefault("MPLBACKEND", "agg")  # a plot can be neither shown nor closed here
        self._begin()
        for neighbour in self._unwoken():
            neighbour.everything()
        self._run(self.program.statements)

    def _unwoken(self) -> Iterator[Run]:
        """The files that this one imports, each once: what they do to libraries and to other files comes first."""
        if self._is_awake:
            return
        self._is_awake = True
        for name in self.index.effects.imported_modules:
            module = sys.modules.get(name)
            if isinstance(module, StudentModule) and hasattr(module, "submission_run"):
                yield module.submission_run

    def computed(self, wanted: Sequence[str], given: Mapping[str, object]) -> tuple[object, ...]:
        """The variables that the statements compute from given ones, in a namespace of its own.

        A given variable keeps its value whatever a statement assigns to it or changes in it. Raises what a statement
        raises that defines or changes something that is looked up; one that only shows or compares is passed over.
        """
        statements = self.index.needed(wanted, given)
        read = frozenset().union(*(statement.reads for statement in statements)) & given.keys()
        copies = {**given, **{name: copy.deepcopy(given[name]) for name in read}}
        module: dict[str, Any] = {**self._fresh, **copies}
        for statement in statements:
            try:
                exec(statement.code, module)  # noqa: S102 - what the confined worker is for
            except BaseException as error:
                if statement.kind in ("import", "star"):
                    refusal = _import_error(error, describe(error))
                    module.update(dict.fromkeys(statement.binds, Absent(refusal)))
                elif any(self.index.made_by(statement) & names for names in _lookups(statements, statement, wanted)):
                    raise
            for name in read:
                if any(statement is changer for changer, _ in self.index.effects.changers.get(name, ())):
                    copies[name] = copy.deepcopy(given[name])
            module.update(copies)
        return tuple(module[name] for name in wanted)

    def definition(self, name: str) -> Statement | None:
        """The last statement that may have defined the name and did not fail."""
        binders = [s for s in self.index.binders.get(name, []) if s.position in self.done - self.failures.keys()]
        return binders[-1] if binders else None

    def _run(self, statements: Sequence[Statement]) -> None:
        """Execute the statements; once more without those that had to be stopped, so that nothing is half made."""
        is_outermost, self._is_running = not self._is_running, True
        before = len(self._stopped)
        try:
            for statement in statements:
                self._execute(statement)
            if is_outermost and len(self._stopped) > before:
                again = [statement for statement in self.program.statements if statement.position in self.done]
                self._begin()
                for statement in again:
                    self._execute(statement)
        finally:
            self._is_running = not is_outermost

    def _execute(self, statement: Statement) -> None:
        self.done.add(statement.position)
        self.failures.pop(statement.position, None)
        if statement.position in self._stopped:
            self._leave_out(statement)
            return
        try:
            with self._limited(statement):
                exec(self._code(statement), self.module.__dict__)  # noqa: S102 - what the confined worker is for
        except BaseException as error:  # SystemExit and KeyboardInterrupt too: the rest still counts
            raised = describe(error)
            kind: Literal["import", "error"] = "import" if statement.kind in ("import", "star") else "error"
            if kind == "import":
                refusal = _import_error(error, raised)
                raised = describe(refusal)
                for name in statement.binds:
                    self.module.__dict__[name] = Absent(refusal)
            self.failures[statement.position] = Failure(statement, raised, kind)
        if statement.position in self._stopped:
            self._leave_out(statement)

    @contextmanager
    def _limited(self, statement: Statement) -> Iterator[None]:
        """Count the statement's time, which the imports of libraries are spared."""
        if statement.kind in ("import", "star"):
            yield
            return
        begin = time.process_time()
        with stopped_after(max(LEAST_SECONDS, SETUP_SECONDS - self._setup_seconds)) as timer:
            try:
                yield
            finally:
                self._setup_seconds += time.process_time() - begin
                if timer.is_over:
                    self._stopped.add(statement.position)

    def _leave_out(self, statement: Statement) -> None:
        """Nothing that the statement makes has a value, because how far it would have come is unknown."""
        raised = Raised("TimeoutError", f"computes for more than {SETUP_SECONDS:g} s while the file is loaded")
        failure = self.failures[statement.position] = Failure(statement, raised, "time")
        for name in self.index.made_by(statement):
            self.module.__dict__[name] = Absent(TimeoutError(f"{name} has no value ({failure.reason})"))

    def _code(self, statement: Statement) -> types.CodeType:
        """What of a definition can run: decorators of modules that are missing are left out."""
        if statement.kind not in ("function", "class"):
            return statement.code
        values = self.module.__dict__
        missing = frozenset(name for name in statement.reads if type(values.get(name)) is Absent)
        if not missing:
            return statement.code
        code = statement.without_decorators(missing)
        self.undecorated[statement.position] = code
        return code

    def uses(self, names: Iterable[str]) -> bool:
        """Whether what ran looks up one of the names, other than in a decorator that was left out."""
        ran = (s for s in self.program.statements if s.position in self.needed)
        return any(read_names(self.undecorated.get(s.position, s.code)) & {*names} for s in ran)


class StudentModule(types.ModuleType):
    """A file of the submission as a module; what it lacks is defined when asked for."""

    __slots__ = ("submission_run",)
    submission_run: Run

    def __setattr__(self, name: str, value: object) -> None:
        if name != "submission_run" and name in self.submission_run.index.binders:
            self.submission_run.define([name])  # it would run later and win
        super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:
        if name == "submission_run":  # a folder without a file of its own
            raise AttributeError(name)
        run = self.submission_run
        if name == "__all__":
            return sorted(known for known in run.index.binders if not known.startswith("_"))
        if name not in run.index.binders:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        run.define([name])
        if name in self.__dict__:
            return self.__dict__[name]
        failed = [f for s in run.index.binders[name] if (f := run.failures.get(s.position))]
        raise ImportError(failed[-1].reason if failed else f"{self.__name__} does not define {name}")


def _lookups(statements: Sequence[Statement], without: Statement, wanted: Sequence[str]) -> Iterator[frozenset[str]]:
    """The names that are wanted, and that each other statement looks up and does not make itself."""
    yield frozenset(wanted)
    yield from (other.reads - other.binds for other in statements if other is not without)


def _import_error(error: BaseException, raised: Raised) -> ImportError:
    """An import's failure as a sentence for the student."""
    if isinstance(error, ModuleNotFoundError) and isinstance(error.name, str):
        return ModuleNotFoundError(
            f"the module {error.name!r} is neither installed here nor among the files handed in", name=error.name
        )
    if isinstance(error, ImportError):
        return ImportError(raised.message)
    return ImportError(f"the import raised {raised.type_name}: {raised.message}")


def _extras() -> dict[str, Callable[..., object]]:
    """What notebooks have beyond Python's builtins, doing nothing; and an `input` that says why it cannot answer."""

    def input(*_: object) -> str:
        raise EOFError(NO_INPUT)

    def display(*_: object, **__: object) -> None:
        return None

    def get_ipython() -> None:
        return None

    return {"input": input, "display": display, "get_ipython": get_ipython}
