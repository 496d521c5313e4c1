"""A source -> its top-level statements, one by one, and the parts that are no Python, each with a sentence.

A syntax error costs the statement that it stands in: where a cell does not parse, it is cut at the lines that begin
in column 0 and every piece is tried on its own.
"""

from __future__ import annotations
import __future__

import ast
import copy
import re
import types
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from grader.worker.loader import magics
from grader.worker.loader.names import Kind, at_once, bound_names, evaluated_annotations, kind_of, names_in, read_names
from grader.worker.loader.sources import Cell, SourceFile
from grader.worker.loader.text import printable, quote, syntax_tree

MARK = "submission:"  # file names of compiled student code begin with it, so that no other frame is taken for theirs
MAX_STATEMENTS = 10_000  # of one file; more would take longer to compile than a submission may load
MAX_JOINED = 60  # pieces that are tried together before the first is given up
MAX_ATTEMPTS = 2_000  # parses per cell
CONTINUES = re.compile(r"[ \t\f]|$|#|[)\]}]|(else|elif|except|finally|case)\b")
DEFINITION = re.compile(r"@|(async[ \t]+)?def\b|class\b|import\b|from\b")
CONFLICT = ("<<<<<<<", ">>>>>>>", "=======", "|||||||")
PYTHON_2 = re.compile(
    r"^\s*(print\s+[^\s(=]|print\s*\(.*\)\s*%|exec\s+[\"'\w]|raise\s+\w+\s*,|except\s+[\w.]+\s*,\s*\w+\s*:)"
)
OURS = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)
"""What Python's compiler raises for a text that it cannot take."""


@dataclass(frozen=True)
class Broken:
    """A part that is no Python: its text, and the sentence about it.

    cuts: it stands in the middle of the function before it, which is therefore not whole.
    names: functions that are lost with it although their text is elsewhere.
    """

    text: str
    sentence: str
    cuts: bool = False
    names: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Statement:
    """One top-level statement of a source, with its line numbers within the cell."""

    node: ast.stmt
    cell: Cell
    position: int
    flags: int

    @property
    def line(self) -> int:
        decorators: list[ast.expr] = getattr(self.node, "decorator_list", [])
        return min([self.node.lineno, *(decorator.lineno for decorator in decorators)])

    @property
    def place(self) -> str:
        """Cell or file, and line."""
        return f"{self.cell.place}, line {self.node.lineno}"

    @property
    def quoted(self) -> str:
        lines = self.cell.text.split("\n")
        return quote(lines[self.node.lineno - 1] if self.node.lineno <= len(lines) else "")

    @cached_property
    def kind(self) -> Kind:
        return kind_of(self.node)

    @cached_property
    def parts(self) -> tuple[ast.AST, ...]:
        """Every part of the syntax tree."""
        return tuple(ast.walk(self.node))

    @cached_property
    def parts_at_once(self) -> tuple[ast.AST, ...]:
        """The parts that run when the statement does, in the module's own scope."""
        return tuple(at_once(self.node))

    @cached_property
    def binds(self) -> frozenset[str]:
        """Names of the module that running the statement may define."""
        return bound_names(self.node)

    @cached_property
    def code(self) -> types.CodeType:
        """Compiled by itself; raises what is in OURS."""
        return self._compiled(self.node)

    def without_decorators(self, missing: frozenset[str]) -> types.CodeType:
        """The code without the decorators, anywhere inside, that use one of the names."""
        node = copy.deepcopy(self.node)
        for part in ast.walk(node):
            if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                part.decorator_list = [each for each in part.decorator_list if not missing & names_in(each)]
        return self._compiled(node)

    def _compiled(self, node: ast.stmt) -> types.CodeType:
        """With annotations left unevaluated: they compute nothing, and may name what is not installed."""
        module, flags = ast.Module([node], type_ignores=[]), self.flags | __future__.annotations.compiler_flag
        code: types.CodeType = compile(module, MARK + self.cell.place, "exec", flags=flags, dont_inherit=True)
        return code

    @cached_property
    def reads(self) -> frozenset[str]:
        """Names of the module that running the statement, or calling what it defines, may look up."""
        try:
            return read_names(self.code) | evaluated_annotations(self.parts)
        except OURS:
            return frozenset()


@dataclass(frozen=True)
class Program:
    """All statements of a source in program order, and its broken parts."""

    source: SourceFile
    statements: tuple[Statement, ...]
    broken: tuple[Broken, ...]


def parse(source: SourceFile) -> Program:
    """The program of a source; never raises for what it contains."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "\d" in a string is not the grader's business
        parts = [(cell, part) for cell in source.cells for part in _flat_parts(cell, "." in source.module)]
        flags = _future_flags(part for _, part in parts)
        statements: list[Statement] = []
        broken: list[Broken] = []
        for cell, part in parts[:MAX_STATEMENTS]:
            whole = part if isinstance(part, Broken) else _compiled(Statement(part, cell, len(statements), flags))
            if isinstance(whole, Statement):
                statements.append(whole)
            elif whole.cuts and statements and (name := _unfinished(statements[-1], cell)):
                broken.append(replace(whole, names=(name,)))
                statements.pop()
            else:
                broken.append(whole)
    if len(parts) > MAX_STATEMENTS:
        broken.insert(0, Broken("", f"{source.name}: only its first {MAX_STATEMENTS:,} statements were read."))
    return Program(source, tuple(statements), tuple(broken))


def _flat_parts(cell: Cell, in_package: bool) -> Iterator[ast.stmt | Broken]:
    for part in _parts(cell):
        yield from (part,) if isinstance(part, Broken) else _flat(part, in_package)


def _compiled(statement: Statement) -> Statement | Broken:
    """The statement; broken where it parses but does not compile, such as a `return` outside of a function."""
    try:
        _ = statement.code
    except OURS as error:
        return Broken("", sentence(statement.cell, error), isinstance(statement.node, (ast.Return, ast.Expr)))
    return statement


def _unfinished(statement: Statement, cell: Cell) -> str:
    """The name of a function that does not end in a return, or ""."""
    node = statement.node
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and statement.cell is cell:
        return "" if isinstance(node.body[-1], (ast.Return, ast.Raise)) else node.name
    return ""


def _future_flags(parts: Iterable[ast.stmt | Broken]) -> int:
    flags = 0
    for node in parts:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            for alias in node.names:
                flags |= getattr(getattr(__future__, alias.name, None), "compiler_flag", 0)
    return flags


def _parts(cell: Cell) -> Iterator[ast.stmt | Broken]:
    """The statements and broken parts of a cell, in order."""
    text, error = cell.text, SyntaxError("invalid syntax")
    if magics.cell_magic(text):
        text = magics.neutralised(text)
    for change in (str, magics.neutralised, _dedented):
        try:
            text = change(text)
            yield from syntax_tree(text)
            return
        except OURS as raised:
            if not isinstance(raised, SyntaxError):
                yield Broken(cell.text, sentence(cell, raised))
                return
            error = raised
    lines = text.split("\n")
    starts = [
        n for n, line in enumerate(lines) if not CONTINUES.match(line) and not (n and lines[n - 1].startswith("@"))
    ]
    if len(starts) < 2 or len(starts) > MAX_STATEMENTS:
        yield Broken(cell.text, sentence(cell, error))
    else:
        yield from _pieces(cell, lines, [0, *starts[1:], len(lines)])


def _pieces(cell: Cell, lines: list[str], starts: list[int]) -> Iterator[ast.stmt | Broken]:
    """The statements of every piece that parses, by itself or together with what follows it."""
    begin, attempts = 0, MAX_ATTEMPTS
    while begin < len(starts) - 1:
        error: BaseException | None = None
        for end in range(begin + 1, len(starts)):
            piece = lines[starts[begin] : starts[end]]
            attempts -= 1
            try:
                nodes = syntax_tree("\n" * starts[begin] + "\n".join(piece))
            except OURS as raised:
                error = error or raised
                if end - begin >= MAX_JOINED or attempts < 0 or not _is_open(lines[starts[end - 1]], piece):
                    break
                continue
            yield from nodes
            begin, error = end, None
            break
        if error:
            end = begin + 1 if attempts > 0 else len(starts) - 1
            piece = lines[starts[begin] : starts[end]]
            yield Broken("\n".join(piece), sentence(cell, error), _cuts(piece))
            begin = end


def _is_open(last: str, piece: list[str]) -> bool:
    """Whether a piece may only lack what follows: the end of a string or a bracket, or what a decorator decorates."""
    inside = magics.ends_inside(piece)
    if inside == "bracket":
        return not DEFINITION.match(last) or last == piece[0]
    return inside == "string" or (last == piece[0] and last.startswith("@"))


def _cuts(piece: list[str]) -> bool:
    """Whether a broken piece stands inside a function's body: a conflict mark, a line that lost its indentation."""
    following = next((line for line in piece[1:] if line.strip()), "")
    header = piece[0].partition("#")[0].rstrip().endswith((":", "\\")) or bool(magics.ends_inside(piece[:1]))
    return piece[0].startswith(CONFLICT) or (following.startswith((" ", "\t")) and not header)


def _dedented(text: str) -> str:
    """A cell whose first line of code is indented, as IPython accepts it."""
    first = next((line for line in text.split("\n") if line.strip() and not line.lstrip().startswith("#")), "")
    indent = first[: len(first) - len(first.lstrip())]
    return "\n".join(line.removeprefix(indent) for line in text.split("\n"))


def _flat(node: ast.stmt, in_package: bool) -> Iterator[ast.stmt]:
    """One statement per imported name, so that each can fail alone; what a `__main__` block guards is left out."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield ast.copy_location(ast.Import([alias]), node)
    elif isinstance(node, ast.ImportFrom) and node.module != "__future__":
        level = node.level if in_package else 0  # `from .helpers import g` in a file that is in no package
        for alias in node.names:
            whole = not level and node.module is None
            new = ast.Import([alias]) if whole else ast.ImportFrom(node.module, [alias], level)
            yield ast.copy_location(new, node)
    elif isinstance(node, ast.If) and _is_main_guard(node.test):
        for other in node.orelse:
            yield from _flat(other, in_package)
    else:
        yield node


def _is_main_guard(test: ast.expr) -> bool:
    if not (isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq)):
        return False
    sides = [test.left, *test.comparators]
    return any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides) and any(
        isinstance(side, ast.Constant) and side.value == "__main__" for side in sides
    )


def sentence(cell: Cell, error: BaseException) -> str:
    """What is wrong with a part that is no Python: place, what, and the line itself."""
    if isinstance(error, (RecursionError, MemoryError)):
        return f"{cell.place} is nested too deeply for Python to read it."
    lines = cell.text.split("\n")
    number = min(max(getattr(error, "lineno", None) or 1, 1), len(lines))
    line, where = lines[number - 1], f"{cell.place}, line {number}"
    if line.startswith(CONFLICT):
        what = f"a merge conflict was left in the file ({quote(line)})"
        return f"{where}: {what}; choose one version and delete the marks."
    if PYTHON_2.match(line):
        return f"{where}: this is Python 2 ({quote(line)}); write it for Python 3."
    if isinstance(error, TabError):
        return f"{where}: tabs and spaces are mixed in the indentation of {quote(line)}; use spaces only."
    what = "wrong indentation" if isinstance(error, IndentationError) else "syntax error"
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"{where}: {what} ({printable(message, 100)}) in {quote(line)}."
