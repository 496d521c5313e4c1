"""Finds exercises and their solutions on disk: a folder with an exercise.py is an exercise."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from types import ModuleType
from typing import Protocol, TypeVar

from grader.course import card as cards
from grader.course.card import Card
from grader.errors import ExerciseError
from grader.exercise import Exercise
from grader.misconception import Chain
from grader.spelling import instead

STATEMENT = "statement.md"
USED = "Your code will be used like this; each result is compared as soon as it is there:"


class Ordered(Protocol):
    """What has a place in a course."""

    @property
    def requires(self) -> tuple[str, ...]:
        """The slugs that come before it."""


Placed = TypeVar("Placed", bound=Ordered)


@dataclass(frozen=True)
class Catalog:
    """The exercises of one folder, in the order in which a student meets them.

    exercises: the folder that holds one folder per exercise, or one per course with its exercises in it.
    solutions: the folder that holds misconceptions and references, or None where they did not travel.
    """

    exercises: Path
    solutions: Path | None

    def slugs(self, course: str | None = None) -> tuple[str, ...]:
        """All slugs of exercises that can be loaded, or those of one course, prerequisites first."""
        slugs = tuple(exercise.slug for exercise in self.select())
        return tuple(slug for slug in slugs if course is None or self.course(slug) == course)

    def broken(self) -> tuple[ExerciseError, ...]:
        """What is wrong with the folders that cannot be loaded; they cost no other exercise."""
        return tuple(dict.fromkeys(found for found in self._loaded().values() if isinstance(found, ExerciseError)))

    def load(self, slug: str) -> Exercise:
        """One exercise; raises ExerciseError with file, field and remedy."""
        path = self.folder(slug) / "exercise.py"
        module = _run(path, f"grader_exercise_{slug}")
        exercise = getattr(module, "exercise", None)
        if not isinstance(exercise, Exercise):
            raise ExerciseError(f"{path}: defines no `exercise`; end the file with exercise = Exercise(...)")
        try:
            return exercise.named(slug)
        except ExerciseError as error:
            raise ExerciseError(f"{path}: {error}") from error

    def card(self, slug: str) -> Card:
        """What is said of one exercise, without running it where its card is current; raises ExerciseError."""
        folder = self.folder(slug)
        return cards.read(folder) or cards.of(self.load(slug), folder)

    def listed(self) -> tuple[tuple[Card, ...], tuple[ExerciseError, ...]]:
        """The cards of all exercises in course order, and what is wrong with the folders that cannot be loaded.

        Raises ExerciseError where none can be.
        """
        found = self._each(self.card)
        broken = tuple(dict.fromkeys(each for each in found.values() if isinstance(each, ExerciseError)))
        return tuple(self._in_order(found).values()), broken

    def folder(self, slug: str) -> Path:
        """The folder of one exercise; raises ExerciseError."""
        places = self._places()
        if slug not in places:
            raise ExerciseError(f"there is no exercise {slug!r} in {self.exercises} ({instead(slug, places)})")
        if len(places[slug]) > 1:
            both = " and ".join(map(str, places[slug]))
            raise ExerciseError(f"{both} are both called {slug!r}; rename one of them")
        return places[slug][0]

    def solution(self, slug: str) -> Path | None:
        """The folder with one exercise's references and misconceptions; None where the solutions did not travel."""
        return self.solutions / self.folder(slug).relative_to(self.exercises) if self.solutions else None

    def course(self, slug: str) -> str:
        """The course that an exercise belongs to: its parent folder's name, or "" where there is only one course."""
        parent = self.folder(slug).parent
        return "" if parent == self.exercises else parent.name

    def select(self, slugs: Iterable[str] = ()) -> tuple[Exercise, ...]:
        """The named exercises, or all that can be loaded, in course order; raises ExerciseError for a named one."""
        found, wanted = self._loaded(), set(slugs)
        for slug in sorted(wanted):
            if slug not in found:
                self.folder(slug)  # raises, and says which exercises there are
            if isinstance(wrong := found[slug], ExerciseError):
                raise wrong
        return tuple(each for slug, each in self._in_order(found).items() if not wanted or slug in wanted)

    def statement(self, slug: str) -> str:
        """What students read about an exercise, with the lines that will use their code; raises ExerciseError."""
        path = self.folder(slug) / STATEMENT
        if not path.is_file():
            raise ExerciseError(f"{path}: is missing; write it, or start with `grader new`")
        text, usage = path.read_text(encoding="utf-8"), self.card(slug).usage
        if not usage:
            return text
        before, mark, after = text.partition("\n## By hand\n")
        lines = "\n".join(usage)
        return f"{before.rstrip()}\n\n{USED}\n\n```python\n{lines}\n```\n{mark}{after}"

    def kept(self) -> Catalog:
        """The same, with every exercise read once."""
        return Kept(self.exercises, self.solutions)

    def chain(self, slug: str) -> Chain | None:
        """The exercise's chain with its misconceptions, or None where the solutions did not travel."""
        if not self.names_mistakes(slug):
            return None
        path = self._misconceptions(slug)
        chain = getattr(_run(path, f"grader_misconceptions_{slug}"), "chain", None)
        if not isinstance(chain, Chain):
            raise ExerciseError(f"{path}: defines no `chain`; write chain = Chain(links={{...}}, misconceptions=(...))")
        return chain

    def names_mistakes(self, slug: str) -> bool:
        """Whether the exercise's misconceptions are there; without them a mistake is described and not named."""
        return self.solution(slug) is not None and self._misconceptions(slug).is_file()

    def given(self, slug: str) -> tuple[Path, ...]:
        """Code that says nothing about who wrote it: the stub, and where they travel the solution and references."""
        folder = self.solution(slug)
        paths = [self.folder(slug) / "stub.py", *(sorted(folder.glob("*.py")) if folder else ())]
        return tuple(path for path in paths if path.is_file() and path.name != "misconceptions.py")

    def files(self, slug: str) -> tuple[Path, ...]:
        """The files whose content decides a grade: exercise.py and, where they travel, the misconceptions."""
        known = (self._misconceptions(slug),) if self.names_mistakes(slug) else ()
        return (self.folder(slug) / "exercise.py", *known)

    def _loaded(self) -> dict[str, Exercise | ExerciseError]:
        """Every exercise, or what is wrong with it."""
        return self._each(self.load)

    def _each(self, read: Callable[[str], Placed]) -> dict[str, Placed | ExerciseError]:
        found: dict[str, Placed | ExerciseError] = {}
        for slug in self._places():
            try:
                found[slug] = read(slug)
            except ExerciseError as error:
                found[slug] = error
        circles = _circles({slug: each for slug, each in found.items() if not isinstance(each, ExerciseError)})
        return {**found, **circles}

    def _in_order(self, found: Mapping[str, Placed | ExerciseError]) -> dict[str, Placed]:
        """What is no error, course by course; raises one where there is nothing else."""
        good = {slug: each for slug, each in found.items() if not isinstance(each, ExerciseError)}
        if not good and found:
            raise next(each for each in found.values() if isinstance(each, ExerciseError))
        ordered = sorted(course_order(good), key=self.course)  # stable: each course in its own order
        return {slug: good[slug] for slug in ordered}

    def _misconceptions(self, slug: str) -> Path:
        return (self.solution(slug) or Path()) / "misconceptions.py"

    def folders(self) -> dict[str, Path]:
        """Slug -> folder, by slug; without those that share a slug. Raises ExerciseError."""
        return {slug: places[0] for slug, places in self._places().items() if len(places) == 1}

    def _places(self) -> dict[str, list[Path]]:
        """Slug -> the folders of that name, by slug; raises ExerciseError."""
        if not self.exercises.is_dir():
            raise ExerciseError(f"{self.exercises}: no such folder; name one that holds exercise folders")
        found: dict[str, list[Path]] = {}
        for pattern in ("*/exercise.py", "*/*/exercise.py"):
            for path in sorted(self.exercises.glob(pattern)):
                found.setdefault(path.parent.name, []).append(path.parent)
        return dict(sorted(found.items()))


class Kept(Catalog):
    """A catalog that reads every exercise once, for many requests while none of them changes."""

    @cached_property
    def _found(self) -> dict[str, Exercise | ExerciseError]:
        return super()._loaded()

    @cached_property
    def _listed(self) -> dict[str, list[Path]]:
        return super()._places()

    def _loaded(self) -> dict[str, Exercise | ExerciseError]:
        return self._found

    def _places(self) -> dict[str, list[Path]]:
        return self._listed

    def load(self, slug: str) -> Exercise:
        """One exercise, as it was when first asked for; raises ExerciseError."""
        kept = self.__dict__.get("_found", {}).get(slug)  # not there while all of them are read
        return kept if isinstance(kept, Exercise) else super().load(slug)


def bundled() -> Catalog:
    """The exercises that came with the grader; the solutions only in a checkout."""
    package = Path(__file__).parents[1]
    travelled = package / "exercises"
    if travelled.is_dir():
        return Catalog(travelled, None)
    return at(package.parent / "exercises")


def at(exercises: Path) -> Catalog:
    """The exercises of a folder, with the `solutions` folder beside it where there is one."""
    solutions = exercises.resolve().parent / "solutions"
    return Catalog(exercises, solutions if solutions.is_dir() else None)


def course_order(exercises: Mapping[str, Ordered]) -> tuple[str, ...]:
    """Slugs with prerequisites first, otherwise alphabetically; prerequisites outside the set do not count.

    Raises CycleError.
    """
    graph = {slug: sorted(set(exercise.requires) & set(exercises)) for slug, exercise in sorted(exercises.items())}
    return tuple(TopologicalSorter(graph).static_order())


def _circles(exercises: Mapping[str, Ordered]) -> dict[str, ExerciseError]:
    """The exercises that wait for each other, with the one error of their circle."""
    found: dict[str, ExerciseError] = {}
    while True:
        try:
            course_order({slug: each for slug, each in exercises.items() if slug not in found})
        except CycleError as error:
            circle: list[str] = error.args[1]
            wrong = ExerciseError(
                f"requires: these exercises wait for each other: {' -> '.join(circle)}; remove one `requires`"
            )
            found.update(dict.fromkeys(circle, wrong))
        else:
            return found


def _run(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except ExerciseError as error:
        raise ExerciseError(f"{path}: {error}") from error
    except (Exception, SystemExit) as error:
        raise ExerciseError(f"{path}: cannot be run ({type(error).__name__}: {error}); fix that line first") from error
    return module
