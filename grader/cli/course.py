"""`grader list`, `start`, `new` and `release`: the course as students and authors handle it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import options

if TYPE_CHECKING:
    from grader.authoring.skeleton import Style
    from grader.wire.protocol import Framework


@click.command()
@click.argument("own", required=False, metavar="[PATH]", type=click.Path(exists=True, path_type=Path))
@options.exercises_option
def list(own: Path | None, folder: Path | None) -> None:
    """List the course: every exercise with its points and the numbers of those that come before it.

    With PATH, a file or folder of your own: what of it is done, exercise by exercise, on public cases; the exit
    status is then that of `grader check`.
    """
    if own is not None:
        from grader.cli.check import overview

        raise SystemExit(overview((own,), folder))
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("", justify="right")
    table.add_column("exercise", no_wrap=True)
    table.add_column("title")
    table.add_column("points", justify="right")
    table.add_column("after")
    numbers: dict[str, str] = {}
    catalog = options.catalog_at(folder)
    cards, broken = catalog.listed()
    options.say_broken(broken)
    course = ""
    for number, exercise in enumerate(cards, start=1):
        if catalog.course(exercise.slug) != course:
            course = catalog.course(exercise.slug)
            table.add_section()
            table.add_row("", f"[bold]{course}[/bold]")
        numbers[exercise.slug] = str(number)
        after = ", ".join(numbers.get(slug, slug) for slug in exercise.requires)
        table.add_row(str(number), exercise.slug, exercise.title, f"{exercise.max_score:g}", after)
    Console().print(table)


@click.command()
@click.argument("slug", shell_complete=options.complete_slug)
@click.option("--notebook", is_flag=True, help="A Jupyter notebook instead of a Python file.")
@click.option("--into", type=click.Path(path_type=Path), default=".", help="The folder to put it in.")
@options.exercises_option
def start(slug: str, notebook: bool, into: Path, folder: Path | None) -> None:
    """Put the exercise SLUG into your folder: a stub to fill in, and its statement. Your own files stay as they are."""
    from grader.authoring import start as authoring

    started = authoring.start(options.catalog_at(folder), slug, into, notebook=notebook)
    for path in started.kept:
        click.echo(f"kept {path}: it is there already, and nothing in it was changed")
    for path in started.written:
        click.echo(f"wrote {path}")
    stub = next(path for path in (*started.written, *started.kept) if path.suffix in {".py", ".ipynb"})
    click.echo(f"Read {stub.with_suffix('.md')}, fill in {stub}, then: grader check {stub}")


@click.command()
@click.argument("slug")
@click.option(
    "--exercises",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default="exercises",
    show_default=True,
    help="The folder that holds one folder per exercise; solutions go into `solutions` beside it.",
)
@click.option(
    "--style",
    type=click.Choice(["function", "cache", "class", "variables"]),
    default="function",
    show_default=True,
    help="What students write: a function, two functions with a cache, a class, or variables of notebook cells.",
)
@click.option(
    "--framework",
    type=click.Choice(["torch", "numpy", "python"]),
    default="torch",
    show_default=True,
    help="What their code receives: torch tensors, numpy arrays, or lists and numbers.",
)
def new(slug: str, folder: Path, style: Style, framework: Framework) -> None:
    """Write the skeleton of a new exercise SLUG: a small working one to change line by line."""
    from grader.authoring import skeleton

    for path in skeleton.new(slug, folder, style, framework):
        click.echo(f"wrote {os.path.relpath(path)}")
    click.echo("Edit these files, then:")
    click.echo(f"  grader release {slug} --exercises {folder}")
    click.echo(f"  grader validate {slug} --exercises {folder}")


@click.command()
@click.argument("slugs", nargs=-1, metavar="[SLUG]...", shell_complete=options.complete_slug)
@options.exercises_option
def release(slugs: tuple[str, ...], folder: Path | None) -> None:
    """Write stub.py, stub.ipynb, graph.svg and card.json of each SLUG (default: of all) from their sources."""
    from grader.authoring import release as authoring

    catalog = options.catalog_at(folder)
    if not slugs:
        options.say_broken(catalog.broken())
    changed = [path for slug in slugs or catalog.slugs() for path in authoring.release(catalog, slug)]
    for path in changed:
        click.echo(f"wrote {path}")
    if not changed:
        click.echo("everything is up to date")
