"""How often a mistake is named in an exercise that nobody wrote misconceptions for: from the forward pass alone.

The wrong gradients in tests/audit/forward were written by hand, as students write them (loops, other names, other
orders of operations), by somebody who knew the rules. A docstring says what a person sees, and names that say the same.
"""

from __future__ import annotations

import ast
import importlib.util
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from grader.cases import suite as cases
from grader.exercise import Exercise, Limits
from grader.grading import grade as grading
from grader.grading.diagnose import DiagnosisCache
from grader.selfcheck.session import LocalSession

HERE = Path(__file__).parent / "forward"
SECRET = b"the secret of the audit of forward passes"


def passes() -> dict[str, Exercise]:
    """The exercises by name."""
    spec = importlib.util.spec_from_file_location("audit_passes", HERE / "passes.py")
    assert spec is not None
    assert spec.loader is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {name: exercise.named(name) for name, exercise in module.EXERCISES.items()}


def named() -> Iterator[tuple[str, str, set[str], bool]]:
    """Exercise, function, the names that were given, and whether they are among those that say what a person sees."""
    for name, exercise in passes().items():
        source = (HERE / f"{name}.py").read_text(encoding="utf-8")
        inputs = list(inspect.signature(exercise.forward).parameters)
        diagnosis = DiagnosisCache(cases.prepare(exercise, SECRET))
        for node in ast.parse(source).body:
            if isinstance(node, ast.FunctionDef) and re.fullmatch(r"w\d", node.name):
                assert [argument.arg for argument in node.args.args] == inputs
                files = [("hw.py", f"{source}\n{name} = {node.name}\n".encode())]
                with LocalSession(files, [exercise.target]) as session:
                    result = grading.grade_exercise(session, diagnosis, Limits())
                failed = [check.misconception for check in result.checks if check.verdict != "passed"]
                slugs = {slug for each in failed if each for slug in each.split("+")}
                expected = set(re.findall(r"[\w'-]+", (ast.get_docstring(node) or "").rpartition(": ")[2]))
                yield name, node.name, slugs, bool(failed) and None not in failed and slugs <= expected
