"""Reading the source that an entry point consists of, for what its exercise does without: loops, names, operators.

A definite use is one that the syntax alone shows: an operator, a name that nothing but an import binds, a loop whose
length is that of an input along the named axis. What only may be one (a name that is bound twice, a loop in steps) is
said in another word. Loops over anything but the named axis are no uses at all.
Longer than most files: what counts as a use is one definition.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from grader.wire import evidence
from grader.wire.evidence import Sighting
from grader.wire.outcome import Evidence
from grader.wire.protocol import Forbidden
from grader.worker.loader.names import FUNCTIONS
from grader.worker.loader.program import Statement
from grader.worker.loader.suspicions import dotted
from grader.worker.loader.text import quotable

MOST = 8
OPERATORS = dict(
    zip(
        evidence.OPERATORS,
        (ast.MatMult, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.Add, ast.Sub),
        strict=True,
    )
)
USUAL = {"np": "numpy"}
"""The names under which an author may write a library."""
PASSING = frozenset("enumerate reversed list tuple iter zip tqdm trange".split())
"""Functions that loop over what they are given."""
COUNTING = frozenset({"range", "arange", "trange"})
EVERY_ENTRY = frozenset("ndindex ndenumerate nditer".split())
APPLYING = frozenset("map vectorize apply_along_axis frompyfunc fromiter".split())
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)

Sure = bool
"""True for what the syntax alone shows, False for what may be so."""
Use = tuple[ast.AST, Sure]


def forbidden(
    entry_point: str, statements: Iterable[Statement], rules: Sequence[Forbidden], *, in_cells: bool = False
) -> tuple[Evidence, ...]:
    """The uses of what an exercise does without in the statements that an entry point needs; at most 8 of each rule.

    in_cells: the entry point is a variable, which statements outside of functions compute.
    """
    reached = [each for each in (statements if rules else ()) if in_cells or each.kind != "other"]
    tree = ast.Module([statement.node for statement in reached], [])
    where = {id(part): statement for statement in reached for part in statement.parts}
    last = {name: statement for statement in reached if (name := getattr(statement.node, "name", ""))}
    found: dict[Sighting, None] = {}
    for rule in rules:
        for node, sure in _uses(rule, tree)[:MOST]:
            statement, line = where[id(node)], getattr(node, "lineno", 0)
            lines = statement.cell.text.split("\n")
            code = quotable(lines[line - 1]) if 0 < line <= len(lines) else ""
            stands = last.get(getattr(statement.node, "name", ""), statement) is statement  # not defined anew below
            word = evidence.forbidden(rule.text, sure=sure and stands)
            found[Sighting(word, statement.cell.place, line, code.replace("`", "'") or "?")] = None
    return tuple(Evidence(evidence.FORBIDDEN, False, seen.text, entry_point) for seen in found)


def _uses(rule: Forbidden, tree: ast.Module) -> list[Use]:
    if rule.text.startswith(evidence.LOOP):
        return list(_loops(rule, tree))
    if rule.text in OPERATORS:
        operators = (part for part in ast.walk(tree) if isinstance(part, (ast.BinOp, ast.AugAssign)))
        return [(part, True) for part in operators if isinstance(part.op, OPERATORS[rule.text])]
    return list(_names(rule.text, tree))


def _names(name: str, tree: ast.Module) -> Iterator[Use]:
    first, _, rest = name.partition(".")
    wanted = ".".join(part for part in (USUAL.get(first, first), rest) if part)
    owner, _, last = wanted.rpartition(".")
    imported, stars = _imported(tree)
    bound = _bound(tree)
    for part in ast.walk(tree):
        if isinstance(part, ast.Call) and owner and _asks_for(part, last):
            yield part, False
        if not isinstance(part, (ast.Name, ast.Attribute)) or not isinstance(part.ctx, ast.Load):
            continue
        root, *path = dotted(part)
        full = ".".join([imported.get(root, root), *path])
        of_unknown = root not in imported and path[-1:] == [last] and last not in bound
        of_star = owner in stars and not path and root == last and root not in bound
        if full == wanted or full.startswith(f"{wanted}."):
            yield part, root not in bound
        elif (owner and of_unknown) or of_star:
            yield part, False


def _asks_for(call: ast.Call, name: str) -> bool:
    """Whether it is `getattr(..., "name")`."""
    return _called(call.func) == "getattr" and any(
        isinstance(each, ast.Constant) and each.value == name for each in call.args[1:]
    )


def _imported(tree: ast.Module) -> tuple[dict[str, str], set[str]]:
    """What imported names stand for, and the modules of which everything is imported."""
    names: dict[str, str] = {}
    stars: set[str] = set()
    for part in ast.walk(tree):
        if isinstance(part, ast.Import):
            for alias in part.names:
                top = alias.name.partition(".")[0]
                names[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(part, ast.ImportFrom) and part.module and not part.level:
            for alias in part.names:
                names[alias.asname or alias.name] = f"{part.module}.{alias.name}"
                stars |= {part.module} if alias.name == "*" else set()
    return names, stars


def _bound(tree: ast.AST) -> set[str]:
    """Names that something but an import binds, wherever it stands."""
    names = {part.id for part in ast.walk(tree) if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load)}
    names |= {part.arg for part in ast.walk(tree) if isinstance(part, ast.arg)}
    return names | {part.name for part in ast.walk(tree) if isinstance(part, (*FUNCTIONS, ast.ClassDef))}


@dataclass(frozen=True)
class _Known:
    """What names of one scope hold of the axis: arrays with its place (axis, number of axes), and its length."""

    arrays: dict[str, tuple[int, int, Sure]] = field(default_factory=dict)
    lengths: dict[str, Sure] = field(default_factory=dict)

    def length(self, node: ast.AST) -> Sure | None:
        """Whether an expression is the length of the axis; None where it is not."""
        if isinstance(node, ast.Name):
            return self.lengths.get(node.id)
        if isinstance(node, ast.Call) and _called(node.func) == "len" and node.args:
            return self._along(node.args[0], 0)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "size":
            return self._along(node.func.value, _whole(node.args[0])) if node.args else None
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
            return self._along(node.value.value, _whole(node.slice))
        return None

    def loops(self, node: ast.AST) -> Sure | None:
        """Whether to iterate over an expression is to go along the axis."""
        if not isinstance(node, ast.Call):
            return self._along(node, 0)
        name = _called(node.func)
        if name in COUNTING and node.args:
            stop = self.length(node.args[0] if len(node.args) == 1 else node.args[1])
            if stop is None:  # range(N - 1), range(N // size)
                return False if any(self.length(part) is not None for part in ast.walk(node)) else None
            return stop and len(node.args) < 3
        if name in EVERY_ENTRY:
            return _any(map(self._visits, node.args))
        return _any(map(self.loops, node.args)) if name in PASSING else None

    def _visits(self, node: ast.AST) -> Sure | None:
        """Whether the axis is among those that np.ndindex goes along where it is given this, X.shape or a length."""
        node = node.value if isinstance(node, ast.Starred) else node
        array = node.value if isinstance(node, ast.Attribute) and node.attr == "shape" else node
        if isinstance(array, ast.Name) and array.id in self.arrays:
            return self.arrays[array.id][2]
        return self.length(node)

    def learn(self, function: ast.AST) -> None:
        """Find the names that hold the length, in order; a name that is bound again holds it only perhaps."""
        again = _bound_again(function)
        for name in again & {*self.arrays}:
            self.arrays[name] = (*self.arrays[name][:2], False)
        for name in again & {*self.lengths}:
            self.lengths[name] = False
        for part in ast.walk(function):
            for target, value in _assigned(part):
                sure = self.length(value)
                if sure is not None and isinstance(target, ast.Name):
                    self.lengths[target.id] = sure and self.lengths.get(target.id, True) and target.id not in again

    def _along(self, node: ast.AST, axis: int | None) -> Sure | None:
        if not isinstance(node, ast.Name) or node.id not in self.arrays or axis is None:
            return None
        own, count, sure = self.arrays[node.id]
        return sure if axis % max(count, 1) == own else None


def _loops(rule: Forbidden, tree: ast.Module) -> Iterator[Use]:
    functions = _functions(tree)
    todo: list[tuple[str, _Known]] = []
    for name, parameter, axis, count in rule.along:
        if not name:
            todo.append(("", _Known({parameter: (axis, count, True)})))
        for each, parameters in functions.get(name, ()):
            if int(parameter) < len(parameters):
                todo.append((each.name, _Known({parameters[int(parameter)]: (axis, count, True)})))
    merged = _merged(todo)
    done: set[str] = set()
    while merged:
        name, known = merged.popitem()
        done.add(name)
        for scope in [function for function, _ in functions.get(name, ())] if name else _outside(tree):
            known.learn(scope)
            yield from _loops_in(scope, known)
            passed = list(_passed(scope, known, functions))
            for other, more in _merged(passed).items():
                if other not in done:
                    merged[other] = _merged([(other, merged.get(other, _Known())), (other, more)])[other]


def _loops_in(scope: ast.AST, known: _Known) -> Iterator[Use]:
    for part in ast.walk(scope):
        sure: Sure | None = None
        if isinstance(part, (ast.For, ast.AsyncFor)):
            sure = known.loops(part.iter)
        elif isinstance(part, COMPREHENSIONS):
            sure = _any(known.loops(each.iter) for each in part.generators)
        elif isinstance(part, ast.While):
            sure = False if any(known.length(each) is not None for each in ast.walk(part.test)) else None
        elif isinstance(part, ast.Call) and _called(part.func) in APPLYING:
            given = {each.id for argument in part.args for each in ast.walk(argument) if isinstance(each, ast.Name)}
            sure = False if given & {*known.arrays} else None
        if sure is not None:
            yield part, sure


def _passed(scope: ast.AST, known: _Known, functions: Functions) -> Iterator[tuple[str, _Known]]:
    """What functions of the student's are given of the axis where they are called."""
    for call in (part for part in ast.walk(scope) if isinstance(part, ast.Call)):
        for function, parameters in functions.get(_called(call.func), ()):
            found = _Known()
            for name, argument in zip(parameters, call.args, strict=False):
                if isinstance(argument, ast.Name) and argument.id in known.arrays:
                    found.arrays[name] = known.arrays[argument.id]
                elif (sure := known.length(argument)) is not None:
                    found.lengths[name] = sure
            if found.arrays or found.lengths:
                yield function.name, found


Functions = Mapping[str, Sequence[tuple["ast.FunctionDef | ast.AsyncFunctionDef", tuple[str, ...]]]]
"""Name -> functions and methods of that name, with their parameters; a method's own object is left out."""


def _functions(tree: ast.Module) -> Functions:
    methods = {id(each) for part in ast.walk(tree) if isinstance(part, ast.ClassDef) for each in part.body}
    found: dict[str, list[tuple[ast.FunctionDef | ast.AsyncFunctionDef, tuple[str, ...]]]] = {}
    for part in ast.walk(tree):
        if isinstance(part, FUNCTIONS):
            names = tuple(argument.arg for argument in (*part.args.posonlyargs, *part.args.args))
            static = any(_called(each) == "staticmethod" for each in part.decorator_list)
            found.setdefault(part.name, []).append((part, names[id(part) in methods and not static :]))
    return found


def _merged(found: Iterable[tuple[str, _Known]]) -> dict[str, _Known]:
    """By function; what is known in two ways is known only perhaps."""
    merged: dict[str, _Known] = {}
    for name, known in found:
        own = merged.setdefault(name, _Known())
        for array, place in known.arrays.items():
            other = own.arrays.get(array, place)
            own.arrays[array] = (*place[:2], place[2] and other == place)
        for length, sure in known.lengths.items():
            own.lengths[length] = sure and own.lengths.get(length, True)
    return merged


def _outside(tree: ast.Module) -> list[ast.AST]:
    """The statements of notebook cells, in one scope."""
    return [ast.Module([step for step in tree.body if not isinstance(step, (*FUNCTIONS, ast.ClassDef))], [])]


def _assigned(part: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Targets with their values; `N, D = X.shape` gives N the value X.shape[0]."""
    if not isinstance(part, ast.Assign):
        return
    for target in part.targets:
        if not isinstance(target, (ast.Tuple, ast.List)):
            yield target, part.value
        elif isinstance(part.value, (ast.Tuple, ast.List)):
            yield from zip(target.elts, part.value.elts, strict=False)
        elif not any(isinstance(each, ast.Starred) for each in target.elts):
            for position, each in enumerate(target.elts):
                yield each, ast.Subscript(part.value, ast.Constant(position), ast.Load())


def _bound_again(function: ast.AST) -> set[str]:
    """Names that are bound twice in a function, its own parameters counting as once."""
    times: dict[str, int] = {}
    for part in ast.walk(function):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            times[part.id] = times.get(part.id, 0) + 1
        elif isinstance(part, ast.arg):
            times[part.arg] = times.get(part.arg, 0) + 1
    return {name for name, count in times.items() if count > 1}


def _any(found: Iterable[Sure | None]) -> Sure | None:
    known = [each for each in found if each is not None]
    return any(known) if known else None


def _called(node: ast.AST) -> str:
    """The last name of what is called."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _whole(node: ast.AST) -> int | None:
    """A whole number that is written out, -1 included."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _whole(node.operand)
        return None if inner is None else -inner
    return node.value if isinstance(node, ast.Constant) and type(node.value) is int else None
