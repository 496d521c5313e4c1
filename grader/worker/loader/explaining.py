"""What is said to the student about loading: why an entry point is missing, and notes that cost nothing."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator, Sequence

from grader.wire.outcome import LoadNote
from grader.worker.loader.absent import Absent
from grader.worker.loader.names import FUNCTIONS
from grader.worker.loader.neighbours import is_installed, is_library
from grader.worker.loader.program import Statement
from grader.worker.loader.running import Failure, Run
from grader.worker.loader.text import printable

MAX_BROKEN = 3
SHORTEST_WITHIN = 4
"""Letters of a name that is recognised within another one."""
SETTINGS = ("set_default_dtype", "set_default_tensor_type", "set_default_device")


def why_missing(name: str, runs: Sequence[Run]) -> str:
    """Why no file gives the entry point, in one or two sentences; "" when it is simply not there."""
    for reasons in (_in_broken_part, _failed, _not_callable, _elsewhere, _similar):
        for run in runs:
            if reason := reasons(run, name):
                return reason
    return ""


def _in_broken_part(run: Run, name: str) -> str:
    return next(
        (
            f"{name} cannot be read. {b.sentence}"
            for b in run.program.broken
            if name in b.names or defines(b.text, name)
        ),
        "",
    )


def defines(text: str, name: str) -> bool:
    """Whether a text that cannot be parsed seems to define the name."""
    pattern = rf"^[ \t]*((async[ \t]+)?def[ \t]+{re.escape(name)}\b|{re.escape(name)}[ \t]*=[^=])"
    return re.search(pattern, text, re.MULTILINE) is not None


def _failed(run: Run, name: str) -> str:
    failed = [f for s in run.index.binders.get(name, []) if (f := run.failures.get(s.position))]
    return f"{name} could not be defined. {_root_cause(run, failed[-1]).reason}." if failed else ""


def _root_cause(run: Run, failure: Failure) -> Failure:
    """The earlier failure that left a name undefined, where that is what a statement failed for."""
    for _ in range(10):
        if failure.raised.type_name != "NameError":
            break
        earlier = [
            run.failures[s.position]
            for name in sorted(failure.statement.reads)
            for s in run.index.binders.get(name, [])
            if s.position in run.failures and s.position < failure.statement.position
        ]
        if not earlier:
            break
        failure = earlier[-1]
    return failure


def _not_callable(run: Run, name: str) -> str:
    if name not in run.module.__dict__:
        return ""
    value = run.module.__dict__[name]
    if isinstance(value, Absent):
        return f"{name} could not be defined: {value.__dict__['_error']}."
    found = run.definition(name)
    where = f" ({found.place})" if found else ""
    kind = printable(type(value).__name__, 60)
    return f"{name} is not a function but a value of type {kind}{where}; give the value another name."


def _elsewhere(run: Run, name: str) -> str:
    """The definition stands where the grader does not look."""
    for cell in run.program.source.prose:
        if defines(cell.text, name):
            return f"{name} stands in a text cell ({cell.place}); change the cell's type to code."
    for statement in run.program.statements:
        if isinstance(statement.node, (ast.ClassDef, *FUNCTIONS)):
            for part in ast.walk(statement.node):
                if part is not statement.node and isinstance(part, FUNCTIONS) and part.name == name:
                    kind = "class" if isinstance(statement.node, ast.ClassDef) else "function"
                    outer = statement.node.name
                    place = f"{statement.cell.place}, line {part.lineno}"
                    return f"{name} stands inside the {kind} {outer} ({place}); move it out, to the left margin."
    return ""


def _similar(run: Run, name: str) -> str:
    """A function or class whose name is close, or that has this one in its own."""
    defined = {bound: s for s in run.program.statements if s.kind in ("function", "class") for bound in s.binds}
    plain = {bound.lower().replace("_", ""): bound for bound in defined}
    wanted = name.lower().replace("_", "")
    longer = [each for each in plain if len(wanted) >= SHORTEST_WITHIN and wanted in each]
    close = difflib.get_close_matches(wanted, plain, n=1, cutoff=0.85) or longer[-1:]
    if not close:
        return ""
    other = plain[close[0]]
    return f"There is no {name}, but {defined[other].place} defines {other}; if it is meant, rename it to {name}."


def choice_notes(name: str, chosen: Run, ranked: Sequence[Run]) -> Iterator[LoadNote]:
    """Which definition was taken where there are several."""
    place = definition.place if (definition := chosen.definition(name)) else chosen.program.source.name
    files = [
        run.program.source.name for run in ranked if any(s.kind != "import" for s in run.index.binders.get(name, []))
    ]
    if len(files) > 1:
        message = f"{name} stands in {' and in '.join(files)}; the one in {chosen.program.source.name} was graded."
        yield LoadNote("chosen_file", message)
    count = sum(statement.kind == "function" for statement in chosen.index.binders.get(name, []))
    if count > 1:
        yield LoadNote("redefined", f"{name} is defined {count} times; the last one that works ({place}) was graded.")
    if any(name in broken.names or defines(broken.text, name) for broken in chosen.program.broken):
        yield LoadNote("redefined", f"Another definition of {name} cannot be read; the one at {place} was graded.")


def run_notes(run: Run, runs: Sequence[Run]) -> Iterator[LoadNote]:
    """What is worth knowing about one file."""
    for broken in run.program.broken[:MAX_BROKEN]:
        yield LoadNote("syntax_error", broken.sentence)
    for position, failure in run.failures.items():
        if position not in run.needed:
            continue
        if failure.kind == "import":
            yield LoadNote("missing_import", f"{failure.reason}; {_cost_of_import(run, failure.statement)}.")
        elif failure.kind == "time":
            yield LoadNote("slow_statement", f"{failure.reason}; it was stopped, and what it makes has no value.")
        else:
            yield LoadNote("failed_statement", f"{failure.reason}; it was left out.")
    yield from _settings(run)
    yield from _unused_imports(run)
    module = run.program.source.module
    if module and is_library(module) and any(module in imported(s) for other in runs for s in other.program.statements):
        name = run.program.source.name
        message = f"{name} has the name of a library, so `import {module}` gives the library; rename your file."
        yield LoadNote("library_name", message)


def _cost_of_import(run: Run, statement: Statement) -> str:
    if statement.kind == "star":
        return "what uses it cannot be graded" if run.index.unknown(run.needed) else "nothing graded uses it"
    return "what uses it cannot be graded" if run.uses(statement.binds) else "its decorators are left out"


def _settings(run: Run) -> Iterator[LoadNote]:
    """Top-level settings of torch that every graded call undoes."""
    for statement in run.program.statements:
        call = statement.node.value if isinstance(statement.node, ast.Expr) else None
        function = call.func if isinstance(call, ast.Call) else None
        if getattr(function, "attr", getattr(function, "id", "")) in SETTINGS:
            message = f"{statement.place}: {statement.quoted} has no effect on graded calls; each starts with torch's "
            yield LoadNote("default_setting", message + "own default data type and device.")


def _unused_imports(run: Run) -> Iterator[LoadNote]:
    seen: set[str] = set()
    for statement in run.program.statements:
        if statement.position in run.done:
            continue
        for module in imported(statement) - seen:
            seen.add(module)
            if not is_installed(module):
                message = f"{statement.place}: the module {module!r} is not installed here; nothing graded uses it."
                yield LoadNote("missing_import", message)


def imported(statement: Statement) -> set[str]:
    """The top-level modules that an import statement names."""
    node = statement.node
    if isinstance(node, ast.ImportFrom):
        names = [node.module or ""] if not node.level else []
    else:
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
    return {name.partition(".")[0] for name in names} - {""}
