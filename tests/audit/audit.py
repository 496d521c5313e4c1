"""How often the grader is wrong, measured: `make audit` runs all of it, the tests a small part.

Right implementations (tests/audit/correct) and the catalogued mistakes are graded through the real worker. Generic
mutants and mutants of the references' syntax are functions of this process; the same rule judges them.
A grading is one implementation on one case that counts.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import hmac
import importlib.util
import inspect
import re
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType

import torch

from grader import misconception
from grader.cases import suite as cases
from grader.cases.suite import Suite
from grader.course import catalog
from grader.exercise import Exercise, Limits
from grader.grading import grade as grading
from grader.grading.diagnose import DiagnosisCache
from grader.sandbox import Sandbox, Spawner
from grader.validate.generic import generic
from grader.validate.matrix import ENOUGH, Bench, Sample
from grader.validate.mutants import Call, Mutant, by_student
from grader.validate.syntax import load, syntax
from grader.wire.protocol import Target

HERE = Path(__file__).parent
MAX_NUMBERS = 12


@dataclass
class Count:
    """What one part of the audit saw: tried, went wrong, and a sentence for each of the first few that did."""

    tried: int = 0
    wrong: int = 0
    texts: list[str] = field(default_factory=list)

    def add(self, right: bool, text: str) -> None:
        self.tried += 1
        self.wrong += not right
        if not right and len(self.texts) < 20:
            self.texts.append(text)


@dataclass
class Audit:
    """All counts. implementations: how many right ones; mutants: how many wrong ones of each kind; weakest: the least
    number of cases, up to two, that caught one of them.
    """

    rejects: Count = field(default_factory=Count)
    catalogued: Count = field(default_factory=Count)
    generic: Count = field(default_factory=Count)
    implementations: Counter[str] = field(default_factory=Counter)
    mutants: Counter[str] = field(default_factory=Counter)
    weakest: int = ENOUGH
    secrets: int = 0


@dataclass(frozen=True)
class Subject:
    """One exercise with everything that is tried on it; `listed`: mistakes of the catalogue by function name."""

    exercise: Exercise
    right_source: bytes
    right_names: tuple[str, ...]
    listed_source: bytes
    listed: dict[str, str]
    mutants: tuple[Mutant, ...]


def secret(index: int) -> bytes:
    """The index-th secret of the audit."""
    return hmac.new(b"audit", str(index).encode(), "sha256").digest()


def subject(slug: str) -> Subject:
    """Everything about one exercise; mutants that are equivalent to the reference are left out, proved by sampling."""
    bundled = catalog.bundled()
    exercise = bundled.load(slug)
    source = (HERE / "correct" / f"{slug}.py").read_text(encoding="utf-8")
    inputs = list(inspect.signature(exercise.forward).parameters)
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    names = tuple(node.name for node in functions if [each.arg for each in node.args.args] == inputs)
    listed_source, listed = catalogued(exercise)
    assert bundled.solutions is not None
    path = bundled.solutions / slug / "solution.py"
    mutants = tuple(_real(exercise, path, by_student(exercise, load(path))))
    return Subject(exercise, source.encode(), names, listed_source.encode(), listed, mutants)


def catalogued(exercise: Exercise) -> tuple[str, dict[str, str]]:
    """A submission that holds each listed mistake that is not mere advice as a function of its own, torch only."""
    bundled = catalog.bundled()
    chain = bundled.chain(exercise.slug)
    assert chain is not None
    assert bundled.solutions is not None
    text = (bundled.solutions / exercise.slug / "misconceptions.py").read_text(encoding="utf-8")
    machinery = inspect.getsource(misconception)
    outputs = tuple(exercise.asks)
    names = ", ".join(inspect.signature(exercise.forward).parameters)
    dictionary = ", ".join(f"{name!r}: {name}" for name in inspect.signature(exercise.forward).parameters)
    lines, listed = [], {}
    for position, each in enumerate(chain.misconceptions):
        if not each.advice:
            listed[f"mistake_{position}"] = each.slug
            call = f"chain.evaluate({outputs!r}, {{{dictionary}}}, chain.misconceptions[{position}])"
            bare = "[0]" if len(outputs) == 1 else ""
            lines.append(f"def mistake_{position}({names}):\n    return {call}{bare}\n")
    body = re.sub(r"^from grader\.misconception import .*$", "", text, flags=re.MULTILINE)
    return f"{machinery}\n{body}\n" + "\n".join(lines), listed


def _real(exercise: Exercise, path: Path, right: Call) -> Iterator[Mutant]:
    """Generic and syntax mutants that differ from the reference, those that differ only at a kink left out."""
    bench = Bench(cases.prepare(exercise, secret(0)))
    sample = Sample(exercise, right)
    for mutant in (*generic(bench.suite, right), *syntax(exercise, path)):
        if bench.catches(mutant.call, enough=1) or not (
            sample.agrees(mutant.call, sample.drawn) or bench.advises(mutant.call)
        ):
            yield mutant


def measure(sandbox: Sandbox, subjects: Sequence[Subject], secrets: int, gradings: int) -> Audit:
    """False rejects until so many gradings are done (at least one secret), survivors under every secret.

    An interrupt ends it with what has been seen under whole secrets.
    """
    audit = Audit()
    for each in subjects:
        audit.implementations[each.exercise.slug] = len(each.right_names)
        audit.mutants["catalogued"] += len(each.listed)
        audit.mutants["generic"] += sum(mutant.kind == "generic" for mutant in each.mutants)
        audit.mutants["syntax"] += sum(mutant.kind == "syntax" for mutant in each.mutants)
    with contextlib.suppress(KeyboardInterrupt):
        for index in range(secrets):
            _under(sandbox, subjects, index, gradings, audit)
            audit.secrets += 1
            parts = (audit.rejects, audit.catalogued, audit.generic)
            done = ", ".join(f"{count.wrong} of {count.tried:,}" for count in parts)
            print(
                f"{index + 1} secrets; rejected, surviving listed, surviving others: {done}",
                file=sys.stderr,
                flush=True,
            )
    return audit


def _under(sandbox: Sandbox, subjects: Sequence[Subject], index: int, gradings: int, audit: Audit) -> None:
    """Everything under one secret."""
    rejecting = index == 0 or audit.rejects.tried < gradings
    for each in subjects:
        suite = cases.prepare(each.exercise, secret(index))
        if rejecting:
            _rejects(sandbox, each, suite, index, audit)
        _kills(sandbox, each, suite, index, audit)


def _rejects(sandbox: Sandbox, each: Subject, suite: Suite, index: int, audit: Audit) -> None:
    with sandbox.session(
        [("right.py", each.right_source)], [*map(Target.function, each.right_names)], Limits()
    ) as session:
        for name in each.right_names:
            own = replace(suite, exercise=replace(each.exercise, entry_point=name))
            for observation in grading.observe(session, own, Limits()):
                if observation.case.counts:
                    messages = [j.message for j in observation.judgements.values() if j.verdict != "passed"]
                    where = f"{each.exercise.slug}.{name}, secret {index}, {observation.case.name}"
                    audit.rejects.add(not messages, f"{where}: {' '.join(messages)}")


def _kills(sandbox: Sandbox, each: Subject, suite: Suite, index: int, audit: Audit) -> None:
    limits = Limits()
    counting = [case for case in suite.cases if case.counts]
    with sandbox.session([("wrong.py", each.listed_source)], [*map(Target.function, each.listed)], limits) as session:
        for name, slug in each.listed.items():
            exercise = replace(each.exercise, entry_point=name)
            kills = 0
            for case in counting:
                outcome = grading.call(session, exercise, case, limits)
                judged = grading.judge(exercise, case, outcome)
                kills += any(judgement.verdict != "passed" for judgement in judged.values())
                if kills == ENOUGH:
                    break
            audit.weakest = min(audit.weakest, kills)
            audit.catalogued.add(kills > 0, f"{each.exercise.slug}: {slug} survives secret {index}")
    bench = Bench(suite)
    for mutant in each.mutants:
        kills = len(bench.catches(mutant.call, enough=ENOUGH))
        audit.weakest = min(audit.weakest, kills)
        audit.generic.add(kills > 0, f"{each.exercise.slug}: {mutant.name} survives secret {index}")


def counterexamples(sandbox: Sandbox, subjects: Sequence[Subject]) -> tuple[Count, float]:
    """Whether every listed mistake gets a counterexample of few numbers, and the most seconds that one took.

    The time is that of a whole second grading, diagnosis and worker included, so the search alone took less.
    """
    count, slowest = Count(), 0.0
    for each in subjects:
        chain = catalog.bundled().chain(each.exercise.slug)
        diagnosis = DiagnosisCache(cases.prepare(each.exercise, secret(0)), chain)
        for name, slug in each.listed.items():
            exercise = replace(each.exercise, entry_point=name)
            book = replace(diagnosis, suite=replace(diagnosis.suite, exercise=exercise))
            with sandbox.session([("wrong.py", each.listed_source)], [Target.function(name)], Limits()) as session:
                started = time.perf_counter()
                result = grading.grade_exercise(session, book, Limits())
                slowest = max(slowest, time.perf_counter() - started)
            failed = [check for check in result.checks if check.verdict != "passed"]
            small = [check.counterexample and _numbers(check.counterexample.inputs) <= MAX_NUMBERS for check in failed]
            count.add(bool(failed) and all(small), f"{each.exercise.slug}: {slug} has no small counterexample")
    return count, slowest


def _numbers(source: str) -> int:
    """How many numbers a pasted counterexample holds."""
    tree = ast.parse(source)
    return sum(isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) for node in ast.walk(tree))


def names(sandbox: Sandbox) -> dict[str, Count]:
    """How often the name of a mistake is right, on code written by hand; an abstention counts as a miss."""
    naming = _program("test_naming")
    counts: dict[str, Count] = {"single": Count(), "double": Count(), "none in correct code": Count()}
    counts |= {"single, rules alone": Count(), "double, rules alone": Count(), "new forward passes": Count()}
    for each in naming.SECRETS:
        for listed, suffix in ((True, ""), (False, ", rules alone")):
            for student, result in naming.results(sandbox, "students", each, listed):
                kind = ("single" if len(student.expected) == 1 else "double") + suffix
                text = f"{student.slug}.{student.function} is not named{suffix}"
                counts[kind].add(naming.is_named(student, result, listed), text)
        for student, result in naming.results(sandbox, "correct", each):
            for check in result.checks:
                text = f"{student.slug}.{student.function}, {check.name} is named {check.misconception}"
                counts["none in correct code"].add(check.misconception is None, text)
    for exercise, function, slugs, right in _program("forward_naming").named():
        counts["new forward passes"].add(right, f"{exercise}.{function} is named {sorted(slugs)}")
    return counts


def _program(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"audit_{name}", HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def markdown(audit: Audit, naming: dict[str, Count], small: Count, slowest: float, cpu: float) -> str:
    """The numbers as docs/audit.md shows them."""
    right, mutants = audit.implementations, audit.mutants
    secrets = audit.secrets
    both = audit.catalogued.tried + audit.generic.tried
    rows = [
        ("right answers rejected", "0", f"{audit.rejects.wrong} of {audit.rejects.tried:,} gradings"),
        ("right implementations", "12 or more", f"{sum(right.values())} in {len(right)} exercises"),
        (f"catalogued mistakes killed under each of {secrets} secrets", "100 %", _share(audit.catalogued)),
        (f"generic and syntax mutants killed under each of {secrets} secrets", "100 %", _share(audit.generic)),
        ("cases that catch each of them, at least", "2", f"{audit.weakest} ({both:,} times looked)"),
        ("single mistakes named right", "95 %", _share(naming["single"])),
        ("two mistakes at once named right", "85 %", _share(naming["double"])),
        ("single mistakes, from the forward pass alone", "90 %", _share(naming["single, rules alone"])),
        ("two at once, from the forward pass alone", "75 %", _share(naming["double, rules alone"])),
        ("single mistakes in forward passes without an author's list", "80 %", _share(naming["new forward passes"])),
        ("correct checks without a name", "100 %", _share(naming["none in correct code"])),
        (f"mistakes with a counterexample of at most {MAX_NUMBERS} numbers", "100 %", _share(small)),
        ("slowest grading with its counterexample", "1 s", f"{slowest:.2f} s"),
    ]
    table = "\n".join(f"| {what} | {wanted} | {measured} |" for what, wanted, measured in rows)
    parts = (audit.rejects, audit.catalogued, audit.generic, small, *naming.values())
    short = [text for count in parts for text in count.texts] or ["nothing, this time"]
    kinds = ", ".join(f"{number} {kind}" for kind, number in mutants.items())
    return (
        f"# Audit\n\n{__doc__}\n| what | wanted | measured |\n|---|---|---|\n{table}\n\n"
        f"Mutants: {kinds}; equivalent ones are left out. The whole run took {cpu / 60:.0f} minutes of one core.\n"
        "Students' code for the names was written by hand (tests/audit/students), by people who knew the catalogue.\n\n"
        "What fell short:\n\n" + "\n".join(f"- {text}" for text in short) + "\n"
    )


def _share(count: Count) -> str:
    good = count.tried - count.wrong
    return f"{100 * good / max(1, count.tried):.1f} % ({good:,} of {count.tried:,})"


def main() -> None:
    """Measure everything, print it, and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("slugs", nargs="*", default=catalog.bundled().slugs(""))
    parser.add_argument("--secrets", type=int, default=200)
    parser.add_argument("--gradings", type=int, default=100_000)
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    with Spawner.start() as spawner, Sandbox(spawner, slot=61, insist=True) as sandbox:
        subjects = [subject(slug) for slug in arguments.slugs]
        small, slowest = counterexamples(sandbox, subjects)
        naming = names(sandbox)
        audit = measure(sandbox, subjects, arguments.secrets, arguments.gradings)
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(each.ru_utime + each.ru_stime for each in used)
    text = markdown(audit, naming, small, slowest, cpu)
    print(text)
    if arguments.write:
        arguments.write.write_text(text, encoding="utf-8")
    sys.exit(int(bool(audit.rejects.wrong or audit.catalogued.wrong or audit.generic.wrong or small.wrong)))


if __name__ == "__main__":
    main()
