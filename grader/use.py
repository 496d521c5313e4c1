"""How an exercise uses the student's code: a generator function that an author writes in a few lines.

    def use(student, x, w, b, dout):
        out, cache = student.affine_forward(x, w, b)
        yield {"out": out}
        dx, dw, db = student.affine_backward(dout, cache)
        yield {"dx": dx, "dw": dw, "db": db}

It runs in the worker, beside the student's objects: caches, layers and graphs never leave it, only the yielded results
do. The worker opens no file of the exercise, so the text of the function travels with the submission. Each `yield` is
kept whatever comes after it. A value that is a `lambda` is called by the worker, and what it raises costs that result
alone. The text is public: it holds nothing hidden and states no verdict.
"""

from __future__ import annotations

import ast
import builtins
import copy
import inspect
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from grader.errors import ExerciseError

Use = Callable[..., Iterator[dict[str, Any]]]
"""A generator function of `student` and inputs of the exercise."""

STUDENT = "student"
RUN = "run"
"""`student.run("name", ..., given=value)` computes variables of notebook cells from given ones."""
LIBRARIES = frozenset({"np", "torch"})
"""What the text of a use may name besides its inputs and Python's builtins."""


@dataclass(frozen=True)
class Usage:
    """The text of a use function with what follows from its syntax tree.

    text: its source, as the worker compiles it; parameters: the inputs that it takes, in order.
    """

    text: str
    parameters: tuple[str, ...]

    @classmethod
    def of(cls, use: Use) -> Usage:
        """Read the source of a function; raises ExerciseError where it is none that a worker can run."""
        try:
            text = textwrap.dedent(inspect.getsource(use))
            found = ast.parse(text).body[0]
        except (OSError, TypeError, SyntaxError, IndentationError) as error:
            raise ExerciseError("use: its source cannot be read; write it as a function in exercise.py") from error
        if not isinstance(found, ast.FunctionDef) or not inspect.isgeneratorfunction(use):
            raise ExerciseError("use: write a function that yields results by name, such as yield {'dx': dx}")
        first, *inputs = [argument.arg for argument in found.args.args] or [""]
        if first != STUDENT:
            raise ExerciseError(f"use: its first parameter is {first!r}; call it {STUDENT!r}, the inputs follow")
        found.decorator_list, found.returns = [], None
        for argument in found.args.args:
            argument.annotation = None
        usage = cls(ast.unparse(found), tuple(inputs))
        usage._check_names(use)
        return usage

    @cached_property
    def function(self) -> ast.FunctionDef:
        """The syntax tree of the function."""
        found = ast.parse(self.text).body[0]
        assert isinstance(found, ast.FunctionDef)
        return found

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names that the student defines: NAME of each `student.NAME`, in order."""
        return tuple(
            dict.fromkeys(
                part.attr
                for part in _in_order(self.function)
                if isinstance(part, ast.Attribute) and _is_student(part.value) and part.attr != RUN
            )
        )

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """The notebook variables that `student.run` is asked for, in order."""
        calls = [part for part in _in_order(self.function) if isinstance(part, ast.Call) and _is_run(part.func)]
        return tuple(dict.fromkeys(_text(argument) for call in calls for argument in call.args))

    @cached_property
    def passed(self) -> tuple[tuple[str, str, str], ...]:
        """What the student's code is given: function or method, position of the parameter, input.

        For variables of cells "" and the variable's name in place of the first two.
        """
        found: list[tuple[str, str, str]] = []
        for call in _in_order(self.function):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
                continue
            if _is_run(call.func):
                given = [(each.arg, each.value) for each in call.keywords if each.arg]
            else:
                given = [(str(position), each) for position, each in enumerate(call.args)]
            function = "" if _is_run(call.func) else call.func.attr
            found += [(function, name, each.id) for name, each in given if isinstance(each, ast.Name)]
        return tuple(each for each in dict.fromkeys(found) if each[2] in self.parameters)

    @cached_property
    def yields(self) -> tuple[tuple[str, ...], ...]:
        """The names of the results of each yield, in order."""
        return tuple(tuple(map(_text, result.keys)) for result in self._yielded())

    @property
    def results(self) -> tuple[str, ...]:
        """The names of the results that are yielded, in order."""
        return tuple(dict.fromkeys(name for names in self.yields for name in names))

    @cached_property
    def looked_up(self) -> frozenset[str]:
        """The results that are read from an attribute or a key, not given by a call."""
        pairs = [pair for result in self._yielded() for pair in zip(result.keys, result.values, strict=True)]
        return frozenset(_text(key) for key, value in pairs if isinstance(value, (ast.Attribute, ast.Subscript)))

    @cached_property
    def calls(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The functions that are called with nothing but variables: name, and these in order."""
        found = [part for part in _in_order(self.function) if isinstance(part, ast.Call) and not part.keywords]
        plain = [each for each in found if all(isinstance(given, ast.Name) for given in each.args)]
        return tuple(
            (each.func.attr, tuple(given.id for given in each.args if isinstance(given, ast.Name)))
            for each in plain
            if isinstance(each.func, ast.Attribute) and _is_student(each.func.value)
        )

    @cached_property
    def without_a_call(self) -> tuple[tuple[str, str], ...]:
        """For each call whose result goes nowhere: its line as a student would write it, and the text without it."""
        found = []
        for step in self.function.body:
            if isinstance(step, ast.Expr) and isinstance(step.value, ast.Call):
                rest = copy.copy(self.function)
                rest.body = [each for each in self.function.body if each is not step]
                found.append((_as_student(step)[0], ast.unparse(rest)))
        return tuple(found)

    def line(self, number: int) -> str:
        """One line of the text (from 1) as a student would write it, or "" where there is none such."""
        lines = self.text.splitlines()
        if not 1 <= number <= len(lines):
            return ""
        for step in self.function.body:
            for part in ast.walk(step):
                if isinstance(part, ast.stmt) and part.lineno <= number <= (part.end_lineno or part.lineno):
                    inner = [each for each in ast.iter_child_nodes(part) if isinstance(each, ast.stmt)]
                    if not any(each.lineno <= number <= (each.end_lineno or 0) for each in inner):
                        return "; ".join(_as_student(part, [*_results_of(part)]))
        return lines[number - 1].strip()

    def called_at(self, number: int) -> str:
        """What is called at a line, as a student would write it: "affine_forward", "layer.backward", or the line."""
        for part in _in_order(self.function):
            if isinstance(part, ast.Call) and part.lineno == number:
                called = part if _is_run(part.func) else part.func
                return ast.unparse(_Plain().visit(copy.deepcopy(called)))
        return self.line(number)

    def unpacked_at(self, number: int) -> int:
        """How many results a line takes apart, 0 where it takes one as it is."""
        steps = [step for step in ast.walk(self.function) if isinstance(step, ast.Assign) and step.lineno == number]
        targets = [target for step in steps for target in step.targets if isinstance(target, (ast.Tuple, ast.List))]
        return len(targets[0].elts) if targets else 0

    @property
    def lines(self) -> tuple[str, ...]:
        """The use as a student would write it: without `student.`, each result under its name.

        Empty where only variables of notebook cells are used.
        """
        return self.lines_for("")

    def lines_for(self, result: str) -> tuple[str, ...]:
        """The same as far as one result needs it: what is looked up for others is left out, and all that follows."""
        lines: list[str] = []
        for step in self.function.body if self.names else ():
            results = _results_of(step)
            needed = [each for each in results if each == result or _calls(results[each])] if result else [*results]
            lines += _as_student(step, needed)
            if result in results:
                break
        return tuple(lines)

    def _yielded(self) -> list[ast.Dict]:
        found: list[ast.Dict] = []
        for part in _in_order(self.function):
            if isinstance(part, ast.Yield):
                if not isinstance(part.value, ast.Dict) or not all(map(_text, part.value.keys)):
                    raise ExerciseError(f'use: line {part.lineno} must yield results by name, such as {{"dx": dx}}')
                found.append(part.value)
        return found

    def _check_names(self, use: Use) -> None:
        bound = set(self.parameters) | {STUDENT}
        bound |= {p.id for p in ast.walk(self.function) if isinstance(p, ast.Name) and isinstance(p.ctx, ast.Store)}
        bound |= {part.arg for part in ast.walk(self.function) if isinstance(part, ast.arg)}
        inner = (ast.FunctionDef, ast.ClassDef)
        bound |= {part.name for part in ast.walk(self.function) if isinstance(part, inner)}
        for part in ast.walk(self.function):
            if isinstance(part, ast.Name) and part.id not in bound | LIBRARIES and not hasattr(builtins, part.id):
                raise ExerciseError(
                    f"use: {part.id!r} does not travel to the worker, only the function's own lines do; "
                    "make it an input of the exercise"
                )
        if not self.names and not self.variables:
            raise ExerciseError(f"use: nothing of the student's is used; write {STUDENT}.name(...)")


def _in_order(tree: ast.AST) -> Iterator[ast.AST]:
    """All parts of a tree, as they stand in the text."""
    for part in ast.iter_child_nodes(tree):
        yield part
        yield from _in_order(part)


def _is_student(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == STUDENT


def _is_run(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and _is_student(node.value) and node.attr == RUN


def _text(key: ast.AST | None) -> str:
    """A text that is written out, or ""."""
    return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""


class _Plain(ast.NodeTransformer):
    """`student.name` becomes `name`, `student.run("x", ...)` becomes `x`, a lambda without parameters its value."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        return ast.Name(node.attr, ast.Load()) if _is_student(node.value) else node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if _is_run(node.func) and node.args and (name := _text(node.args[0])):
            return ast.Name(name, ast.Load())
        self.generic_visit(node)
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        self.generic_visit(node)
        return node if node.args.args else node.body


def _results_of(step: ast.stmt) -> dict[str, ast.expr]:
    """What one statement yields by name."""
    value = step.value.value if isinstance(step, ast.Expr) and isinstance(step.value, ast.Yield) else None
    return dict(zip(map(_text, value.keys), value.values, strict=True)) if isinstance(value, ast.Dict) else {}


def _calls(value: ast.expr) -> bool:
    return any(isinstance(part, ast.Call) for part in ast.walk(value))


def _as_student(step: ast.stmt, results: Sequence[str] = ()) -> Sequence[str]:
    """The lines of one statement; a yield becomes an assignment of each of these results that has another name."""
    plain = ast.fix_missing_locations(_Plain().visit(copy.deepcopy(step)))
    if isinstance(plain, ast.Expr) and isinstance(plain.value, ast.Yield):
        values = {name: ast.unparse(value) for name, value in _results_of(plain).items() if name in results}
        return [f"{name} = {value}" for name, value in values.items() if value != name]
    if isinstance(plain, ast.Expr) and isinstance(plain.value, ast.Constant):
        return []  # a docstring
    return ast.unparse(plain).splitlines()
