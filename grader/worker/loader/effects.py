"""What the statements of a program change besides the names that they define: objects, libraries, the module itself."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from grader.worker.loader.aliases import INSTANCE, Aliases
from grader.worker.loader.changes import (
    MUTATING,
    How,
    changed_names,
    changed_objects,
    changes_itself,
    changes_module,
    is_module,
    root,
)
from grader.worker.loader.inside import Inside, changed_inside, parameters_of, passed
from grader.worker.loader.names import FUNCTIONS, called_names
from grader.worker.loader.program import Program, Statement

SHARED = frozenset({"torch", "numpy", "builtins"})
"""Libraries whose objects reach a function without their names: a patch of them counts wherever it stands."""
HARMLESS_OWNERS = frozenset({"torch", "numpy", "random", "functools", "operator"})
"""Modules whose functions may prepare a value that is passed to them; others are for showing or saving it."""


@dataclass(frozen=True)
class Effects:
    """The effects of a program's statements; neighbours: names of modules that were handed in with it.

    inside: what calling its functions, and those of its neighbours, may change.
    """

    program: Program
    neighbours: frozenset[str]
    inside: Inside

    @cached_property
    def changers(self) -> dict[str, list[tuple[Statement, How]]]:
        """Name -> the statements that may change its object when they run, and how."""
        found: dict[str, list[tuple[Statement, How]]] = defaultdict(list)
        for statement in self.program.statements:
            for name, how in self._changed(statement):
                if how not in ("part", "call", "result"):
                    found[name].append((statement, how))
                held = self._aliases.of_result(name) if how == "result" else self._aliases.of(name)
                held -= {name} | self._unchanging | (self._callables if how == "call" else frozenset())
                for other in held:
                    found[other].append((statement, "target" if how == "target" else "method"))
            for changed, how in changed_objects(statement.parts_at_once, self.inside.mutating):
                for name in self._aliases.changed_through(changed):
                    found[name].append((statement, how))
            for argument in self._given(statement.parts_at_once):
                for name in self._aliases.changed_through(argument, whole=True):
                    found[name].append((statement, "target"))
        return found

    def _changed(self, statement: Statement) -> Iterator[tuple[str, How]]:
        only_shows = self._only_shows(statement)
        for name, how in changed_names(statement.parts_at_once, self.inside.mutating, self.inside.names):
            if how not in ("argument", "inside") or not only_shows:
                yield name, how

    def _given(self, parts: Sequence[ast.AST]) -> list[ast.expr]:
        """The expressions whose objects are passed to what changes them."""
        return list(passed(parts, self.inside.mutating, self.inside.signatures, self._aliases))

    def _only_shows(self, statement: Statement) -> bool:
        """Whether a call goes to an imported module that plots, saves or displays."""
        origins = [self.imports[name] for name in called_names(statement.parts_at_once) if name in self.imports]
        return any(origin not in HARMLESS_OWNERS | self.neighbours for origin in origins)

    @cached_property
    def by_calling(self) -> dict[str, list[Statement]]:
        """Name -> the statements that use a function or class which defines or changes the name when called."""
        found: dict[str, list[Statement]] = defaultdict(list)
        for statement in self._callable:
            inside = changed_inside(statement.parts, self.inside.mutating, self.inside.signatures)
            changed = inside & (statement.reads | _declared(statement))
            if isinstance(statement.node, ast.ClassDef) and statement.node.name not in self._unchanging:
                changed |= statement.binds
            else:
                changed -= statement.binds
            users = [*self._users(statement), statement] if changed else []
            for name in changed:
                found[name] += users
        return found

    @cached_property
    def always(self) -> list[Statement]:
        """Statements that change what any function may meet: libraries, other files, names that cannot be foreseen."""
        found = {s.position: s for s in self.program.statements if self._is_felt_everywhere(s.parts_at_once)}
        for statement in self._callable:
            if self._is_felt_everywhere(statement.parts):
                found.update((user.position, user) for user in self._users(statement))
        return list(found.values())

    def _is_felt_everywhere(self, parts: Sequence[ast.AST]) -> bool:
        arguments = self._given(parts)
        if any(is_module(argument, self._own_names) for argument in arguments):
            return True
        names = {name for argument in arguments for name in self._aliases.changed_through(argument, whole=True)}
        patched = {self.imports.get(name) for name in names}
        for changed, how in changed_objects(parts, MUTATING):
            origins = {self.imports.get(name) for name, found in root(changed, how) if found != "result"}
            is_function = how == "method" and isinstance(changed, ast.Name)  # np.append(a, 1) leaves numpy as it is
            patched |= origins - SHARED if is_function else origins
        if patched & {*SHARED, *self.neighbours} or changes_module(parts, self._own_names):
            return True
        called = [part.func for part in parts if isinstance(part, ast.Call)]
        return any("setrecursionlimit" in (getattr(f, "attr", ""), getattr(f, "id", "")) for f in called)

    @cached_property
    def imports(self) -> dict[str, str]:
        """Name -> the top-level module that an import statement takes it from."""
        found = {"__builtins__": "builtins"}
        for statement in self.program.statements:
            origin = ""
            if isinstance(statement.node, ast.ImportFrom):
                origin = statement.node.module or ""
            elif isinstance(statement.node, ast.Import):
                origin = statement.node.names[0].name
            found.update(dict.fromkeys(statement.binds if origin else (), origin.partition(".")[0]))
        return found

    @cached_property
    def imported_modules(self) -> tuple[str, ...]:
        """The dotted names of modules that import statements name, in order."""
        found: list[str] = []
        for node in (statement.node for statement in self.program.statements):
            if isinstance(node, ast.Import):
                found += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                found += [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        return tuple(dict.fromkeys(found))

    @cached_property
    def _own_names(self) -> frozenset[str]:
        """Names that stand for the module itself or its namespace."""
        own = {name for name, origin in self.imports.items() if origin == self.program.source.module}
        for statement in self.program.statements:
            if isinstance(statement.node, ast.Assign) and is_module(statement.node.value, frozenset()):
                own |= statement.binds
        return frozenset(own)

    @cached_property
    def _callable(self) -> list[Statement]:
        return [s for s in self.program.statements if s.kind in ("function", "class")]

    @cached_property
    def _callables(self) -> frozenset[str]:
        return frozenset(name for statement in self._callable for name in statement.binds)

    @cached_property
    def _unchanging(self) -> frozenset[str]:
        """Classes that stay as they are, whatever their instances do."""
        return frozenset(
            s.node.name
            for s in self.program.statements
            if isinstance(s.node, ast.ClassDef) and not changes_itself(s.node, s.parts, self.inside.mutating)
        )

    @cached_property
    def _aliases(self) -> Aliases:
        aliases = Aliases(results={name: found for s in self._callable for name, found in self._results(s)})
        for name in self._callables - self._unchanging:
            aliases.held[f"{name}{INSTANCE}"].add(name)
        for statement in self.program.statements:
            aliases.add(statement.parts_at_once)
            if isinstance(statement.node, ast.ImportFrom) and statement.binds & self._handed_in:
                aliases.held.update((alias.asname, {alias.name}) for alias in statement.node.names if alias.asname)
        return aliases

    @cached_property
    def _handed_in(self) -> frozenset[str]:
        return frozenset(name for name, origin in self.imports.items() if origin in self.neighbours)

    def _results(self, statement: Statement) -> Iterator[tuple[str, frozenset[str]]]:
        """What a call may give back: globals by name, "*" for its arguments; an instance holds both.

        A function that makes one which changes what both are given holds its arguments, and goes on by its own name.
        """
        for name in statement.binds:
            if any(signature.makes for signature in self.inside.signatures.get(name, ())):
                yield name, frozenset({"*", name})
                return
        if isinstance(statement.node, ast.ClassDef):
            yield statement.node.name, frozenset({"*", f"{statement.node.name}{INSTANCE}"})
        elif isinstance(statement.node, FUNCTIONS):
            inside = Aliases()
            inside.add(statement.parts)
            values = [
                part.value for part in statement.parts if isinstance(part, (ast.Return, ast.Yield)) and part.value
            ]
            found = {other for value in values for name in inside.sources(value) for other in inside.of(name)}
            arguments = {"*"} if found & parameters_of(statement.parts) else set()
            yield statement.node.name, frozenset(found & statement.reads | arguments)

    @cached_property
    def _uses(self) -> dict[str, list[Statement]]:
        """Name -> the statements that look it, or what holds it, up when they run."""
        found: dict[str, list[Statement]] = defaultdict(list)
        for statement in self.program.statements:
            names = {other for name in called_names(statement.parts_at_once) for other in self._aliases.of(name)}
            for used in {name.removesuffix(INSTANCE) for name in names}:
                found[used].append(statement)
        return found

    def _users(self, called: Statement) -> Iterator[Statement]:
        """The statements that may call the function, be it through other functions."""
        through, waiting = {called.position}, [called]
        while waiting:
            names = waiting.pop().binds
            yield from (user for name in names for user in self._uses.get(name, ()))
            for other in (reader for name in names for reader in self._readers.get(name, ())):
                if other.position not in through:
                    through.add(other.position)
                    waiting.append(other)

    @cached_property
    def _readers(self) -> dict[str, list[Statement]]:
        """Name -> the functions and classes that look it up when they are called."""
        found: dict[str, list[Statement]] = defaultdict(list)
        for statement in self._callable:
            for name in statement.reads:
                found[name].append(statement)
        return found


def _declared(statement: Statement) -> frozenset[str]:
    return frozenset(n for part in statement.parts if isinstance(part, ast.Global) for n in part.names)
