"""The files of a submission as modules that import each other from bytes; a library's name gives the library."""

from __future__ import annotations

import importlib.util
import linecache
import sys
import types
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from grader.worker.loader.handed_in import let_numpy_open, opener
from grader.worker.loader.inside import Inside
from grader.worker.loader.program import MARK, Program
from grader.worker.loader.running import Run, StudentModule
from grader.worker.loader.slicing import Index

LOADED = "a submission is loaded"
"""The key in sys.modules that says so; no import statement can name it."""
RUNS = "runs"
"""The name there of the programs."""


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
    return vars(sys.modules[LOADED])[RUNS] if LOADED in sys.modules else ()


def make_runs(programs: Sequence[Program], contents: Mapping[str, bytes]) -> list[Run]:
    """A module for each program, importable by its neighbours; a library's name always gives the library.

    contents: the files that student code may open, by name.
    """
    forget_students()
    is_data = {name for name in contents if not name.endswith((".py", ".ipynb"))}
    let_numpy_open({name: contents[name] for name in is_data})
    sys.modules[LOADED] = loaded = StudentModule(LOADED)
    names = {program.source.module for program in programs} - {""}
    handed_in = frozenset(part for name in names for part in (name.partition(".")[0], name.rpartition(".")[2]))
    inside = Inside(tuple(programs))
    runs: list[Run] = []
    for program in programs:
        wanted = program.source.module
        free = bool(wanted) and wanted not in sys.modules and not is_library(wanted)
        name = wanted if free else f"submission_{len(runs) + 1}"
        folder = str(PurePosixPath(program.source.name).parent)
        run = Run(Index(program, handed_in - {wanted}, inside), name, {"open": opener(contents, folder)})
        runs.append(run)
        sys.modules[run.module.__name__] = run.module
    vars(loaded)[RUNS] = tuple(runs)
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
