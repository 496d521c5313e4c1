"""What the lines of a use see of a submission: `student.NAME`, and variables of notebook cells by `student.run`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from grader.worker.loader import by_preference
from grader.worker.loader.running import Run


class Undefined(Exception):
    """The submission does not define a name that is used."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class StudentNames:
    """The names that the loader found in the files of a submission.

    runs: the files, for their cells; asked: all variables that are asked of them, by which the best file is known.
    """

    def __init__(self, names: Mapping[str, object], runs: Sequence[Run] = (), asked: Sequence[str] = ()) -> None:
        self.names = names
        self._runs = runs
        self._asked = asked

    def __getattr__(self, name: str) -> Any:
        if name in self.names:
            return self.names[name]
        raise Undefined(name)

    def run(self, *wanted: str, **given: object) -> Any:
        """The variables that the cells compute from the given ones; a given one is never computed by a cell.

        One name gives its value, several a tuple. What is given is not changed, and no wanted variable is given. Raises
        Undefined where no file assigns a wanted variable.
        """
        given = {name: value for name, value in given.items() if name not in wanted}
        for run in by_preference(self._runs, wanted, self._asked):
            if all(name in run.index.binders for name in wanted):
                values = run.computed(wanted, given)
                return values[0] if len(wanted) == 1 else values
        missing = [name for name in wanted if not any(name in run.index.binders for run in self._runs)]
        raise Undefined((missing or list(wanted))[0])
