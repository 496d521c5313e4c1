"""`grader validate`: the author's proof of every exercise."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.options import catalog_at, cores, exercises_option, say_broken

if TYPE_CHECKING:
    from rich.console import Console

    from grader.validate import Proof


@click.command()
@click.argument("slugs", metavar="[SLUG]...", nargs=-1)
@exercises_option
@click.option("--secrets", type=click.IntRange(min=1), default=5, show_default=True, help="Under how many secrets.")
@click.option("--without", multiple=True, metavar="FAMILY", help="Leave a family of cases out, to see what it is for.")
@click.option(
    "--json",
    "json_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write here which case catches what, and print what each family of cases is for; takes longer.",
)
def validate(
    slugs: tuple[str, ...], folder: Path | None, secrets: int, without: tuple[str, ...], json_file: Path | None
) -> None:
    """Prove that right answers pass and every known way to be wrong is caught.

    Forward passes agree with finite differences, references pass, the stub is missing, the statement's examples and the
    first lines of wrong solutions are true, and every misconception, wrong rule of calculus, generic mutant and mutant
    of the reference's syntax is caught by two cases under every secret.
    Exercises are proved side by side on all cores. Ends with status 1 when something survives.
    """
    from rich.console import Console

    from grader.cases.drawing import FAMILIES
    from grader.selfcheck.session import InThisProcess
    from grader.validate import prove_each
    from grader.validate.proof import record

    for family in without:
        if family not in FAMILIES:
            raise click.BadParameter(f"{family!r} is none of {', '.join(FAMILIES)}", param_hint="--without")
    catalog = catalog_at(folder)
    broken = not slugs and say_broken(catalog.broken())
    console = Console(highlight=False, soft_wrap=True)
    chosen = [exercise.slug for exercise in catalog.select(slugs)]
    proofs = []
    every_kill = json_file is not None
    families = frozenset(without)
    for proof in prove_each(catalog, chosen, secrets, families, cores(), InThisProcess(), every_kill=every_kill):
        proofs.append(proof)
        _print(proof, console)
    if json_file:
        json_file.write_text(json.dumps([record(proof) for proof in proofs], indent=1) + "\n", encoding="utf-8")
        _summary(proofs, console)
    sys.exit(int(broken or any(proof.problems for proof in proofs)))


def _print(proof: Proof, console: Console) -> None:
    """One line for an exercise that is proved, and a line for each problem."""
    mark = "[red]not proved[/red]" if proof.problems else "[green]proved[/green]"
    counts = ", ".join(
        f"{len(proof.of(status))} {status}" for status in ("killed", "advised", "equivalent", "survived")
    )
    console.print(f"{mark}  [bold]{proof.slug}[/bold]: {sum(proof.cases.values())} cases; mutants: {counts}")
    if proof.measured:
        operations = ", ".join(proof.measured)
        console.print(f"    tolerance measured, not derived: no bound for the rounding of {operations} is known")
    for problem in proof.problems:
        console.print(f"    {problem}", style="red", markup=False)


def _summary(proofs: list[Proof], console: Console) -> None:
    """What each family of cases is good for."""
    from rich.table import Table

    table = Table("family", "cases", "mutants caught", "caught by no other")
    families: dict[str, list[int]] = {}
    for proof in proofs:
        for family, (caught, alone) in proof.contributions.items():
            row = families.setdefault(family, [0, 0, 0])
            row[0] += proof.cases.get(family, 0)
            row[1] += caught
            row[2] += alone
    for family, row in families.items():
        table.add_row(family, *map(str, row))
    console.print(table)
