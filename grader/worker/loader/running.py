"""Running the needed part of a program, and making the neighbours of a submission importable from bytes.

Every file of a submission is a `StudentModule`: importing it runs nothing. A name is defined when it is first asked
for, by its slice of the program; so a helper module's plots and training loops do not run either.
"""

from __future__ import annotations

import importlib.util
import linecache
import sys
import time
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from grader.wire.outcome import Raised
from grader.worker.loader.describing import describe
from grader.worker.loader.names import changed_names, read_names
from grader.worker.loader.program import MARK, Program, Statement
from grader.worker.loader.refusals import NO_INPUT
from grader.worker.loader.slicing import Index

SETUP_SECONDS = 3.0
"""CPU time for the assignments and loops that the entry points of one file need; they may hold a training loop."""
EVERYTHING_SECONDS = 2.0
"""CPU time for running all cells where the slice alone did not do."""
LEAST_SECONDS = 0.2
"""What a statement may use when the others have used up the time."""


class Absent:
    """Stands for what could not be imported; using it raises the import's error, passing it by does not."""

    def __init__(self, error: ImportError) -> None:
        self.__dict__["_error"] = error

    def _refuse(self, *_: object, **__: object) -> Any:
        error = self.__dict__["_error"]
        raise type(error)(*error.args)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        self._refuse()

    def __instancecheck__(self, _: object) -> bool:
        return False

    __call__ = __getitem__ = __iter__ = __enter__ = __mro_entries__ = _refuse


@dataclass(frozen=True)
class Failure:
    """A statement that raised while the module was made."""

    statement: Statement
    raised: Raised
    is_import: bool

    @property
    def reason(self) -> str:
        """One sentence without its end: where, what, why."""
        statement, raised = self.statement, self.raised
        if self.is_import:
            return f"{statement.place}: {raised.message}"
        message = f": {raised.message}" if raised.message else ""
        return f"{statement.place}: {statement.quoted} raised {raised.type_name}{message}"


class Run:
    """One program being run, statement by statement, into one module."""

    def __init__(self, program: Program, name: str) -> None:
        self.program = program
        self.index = Index(program)
        self.failures: dict[int, Failure] = {}
        self.needed: set[int] = set()
        self.done: set[int] = set()
        self.undecorated: dict[int, types.CodeType] = {}
        self.setup_seconds = 0.0
        self.module = StudentModule(name)
        self.module.submission_run = self
        package = name if program.source.is_package else name.rpartition(".")[0]
        self.module.__dict__.update(_extras(), __file__=program.source.name, __package__=package)
        self._fresh = dict(self.module.__dict__)
        for cell in program.source.cells:
            lines = [line + "\n" for line in cell.text.split("\n")]
            linecache.cache[MARK + cell.place] = (len(cell.text), None, lines, MARK + cell.place)

    def define(self, names: Iterable[str]) -> None:
        """Run what the names need and has not run yet."""
        statements = self.index.needed(names)
        self.needed.update(statement.position for statement in statements)
        for statement in statements:
            if statement.position not in self.done:
                if statement.kind == "other":
                    self._set_up(statement)
                else:
                    self._execute(statement)

    def _set_up(self, statement: Statement) -> None:
        begin = time.process_time()
        with _interrupted_at(begin + max(LEAST_SECONDS, SETUP_SECONDS - self.setup_seconds)):
            self._execute(statement)
        self.setup_seconds += time.process_time() - begin

    def everything(self) -> None:
        """Run what has not run or has failed, in order, for a few seconds at most; what raises is left out."""
        end = time.process_time() + EVERYTHING_SECONDS
        for statement in self.program.statements:
            if time.process_time() > end:
                break
            if statement.position not in self.done or statement.position in self.failures:
                with _interrupted_at(end, finely=True):
                    self._execute(statement)

    def computed(self, wanted: Sequence[str], given: Mapping[str, object]) -> tuple[object, ...]:
        """The variables that the statements compute from given ones, in a namespace of its own.

        A given variable keeps its value whatever a statement assigns to it. Raises what a statement raises that
        defines or changes something; one that only shows or compares a value is passed over.
        """
        module: dict[str, Any] = {**self._fresh, **given}
        for statement in self.index.needed(wanted, given):
            try:
                exec(statement.code, module)  # noqa: S102 - what the confined worker is for
            except BaseException as error:
                if statement.kind in ("import", "star"):
                    refusal = _import_error(error, describe(error))
                    module.update(dict.fromkeys(statement.binds, Absent(refusal)))
                elif statement.binds or any(how == "target" for _, how in changed_names(statement.node)):
                    raise
            module.update(given)
        return tuple(module[name] for name in wanted)

    def definition(self, name: str) -> Statement | None:
        """The last statement that may have defined the name and did not fail."""
        binders = [s for s in self.index.binders.get(name, []) if s.position in self.done - self.failures.keys()]
        return binders[-1] if binders else None

    def _execute(self, statement: Statement) -> None:
        self.done.add(statement.position)
        self.failures.pop(statement.position, None)
        try:
            exec(self._code(statement), self.module.__dict__)  # noqa: S102 - what the confined worker is for
        except BaseException as error:  # SystemExit and KeyboardInterrupt too: the rest still counts
            raised = describe(error)
            is_import = statement.kind in ("import", "star")
            if is_import:
                refusal = _import_error(error, raised)
                raised = describe(refusal)
                for name in statement.binds:
                    self.module.__dict__[name] = Absent(refusal)
            self.failures[statement.position] = Failure(statement, raised, is_import)

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


LOADED = "a submission is loaded"
"""The key in sys.modules that says so; no import statement can name it."""


def forget_students() -> None:
    """Take the modules and source lines of an earlier submission out of this process.

    A fresh worker has none and must not even look: touching every module would copy a thousand memory pages.
    """
    if LOADED not in sys.modules:
        return
    for name, module in list(sys.modules.items()):
        if isinstance(module, StudentModule):
            del sys.modules[name]
    for name in [name for name in linecache.cache if name.startswith(MARK)]:
        del linecache.cache[name]


def current_runs() -> tuple[Run, ...]:
    """The programs of the submission that is loaded, one for each file, in the order of the files."""
    modules = [module for module in list(sys.modules.values()) if isinstance(module, StudentModule)]
    runs = [module.submission_run for module in modules if hasattr(module, "submission_run")]
    return tuple(dict.fromkeys(runs))


def make_runs(programs: Sequence[Program]) -> list[Run]:
    """A module for each program, importable by its neighbours; a library's name always gives the library."""
    forget_students()
    sys.modules[LOADED] = StudentModule(LOADED)
    runs: list[Run] = []
    for program in programs:
        wanted = program.source.module
        free = bool(wanted) and wanted not in sys.modules and not is_library(wanted)
        run = Run(program, wanted if free else f"submission_{len(runs) + 1}")
        runs.append(run)
        sys.modules[run.module.__name__] = run.module
    for run in runs:
        _put_in_packages(run.module)
    return runs


def _put_in_packages(module: types.ModuleType) -> None:
    """Make the folders of `folder.helpers` importable, and the module also by its last name."""
    name = module.__name__
    while "." in name:
        parent, _, last = name.rpartition(".")
        package = sys.modules.setdefault(parent, StudentModule(parent))
        package.__dict__.setdefault("__path__", [])
        package.__dict__[last] = sys.modules[name]
        name = parent
    short = module.__name__.rpartition(".")[2]
    if not is_library(short):
        sys.modules.setdefault(short, module)


def is_library(name: str) -> bool:
    """Whether a module name belongs to Python or to what is already imported here, and so is never a student's file."""
    top = name.partition(".")[0]
    known = sys.modules.get(top)
    return (
        top in sys.stdlib_module_names
        or top in ("torch", "numpy", "grader")
        or (known is not None and not isinstance(known, StudentModule))
    )


def is_installed(name: str) -> bool:
    """Whether a top-level module could be imported, without importing it."""
    try:
        return name in sys.modules or importlib.util.find_spec(name) is not None
    except (ImportError, ValueError, OSError):
        return False


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


@contextmanager
def _interrupted_at(end: float, finely: bool = False) -> Iterator[None]:
    """Raise TimeoutError in student code once the process has used so much CPU time; needs no signals or threads.

    finely: look at every instruction, not only at every line, as `while True: pass` has but one.
    """

    def trace(frame: types.FrameType, event: str, argument: object) -> Any:
        if not frame.f_code.co_filename.startswith(MARK):
            return None
        if time.process_time() > end:
            raise TimeoutError(f"loading the file took more than {SETUP_SECONDS:g} s of computing")
        frame.f_trace_opcodes = finely
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)
