"""Results for people at a terminal: a table for a class, a page for one student. Everything from outside is escaped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from grader.models import CheckResult, Report

COLOURS = {"passed": "green", "failed": "red", "missing": "yellow", "skipped": "yellow", "internal_error": "magenta"}
MARKS = {"passed": "✓", "failed": "✗", "missing": "–", "skipped": "–", "internal_error": "?"}


@dataclass(frozen=True)
class Row:
    """What the class table shows of one report."""

    id: str
    status: str
    score: str
    remark: str


def row(report: Report) -> Row:
    """One line for one submission: the first thing that cost points."""
    score = "–" if report.score is None else f"{report.score:g} / {report.max_score:g}"
    remark = ""
    if report.status != "graded" and report.notes:
        remark = report.notes[0].message
    else:
        bad = [(e, c) for e in report.exercises for c in e.checks if c.verdict not in ("passed", "missing")]
        bad = bad or [(e, c) for e in report.exercises for c in e.checks if c.verdict != "passed"]
        if bad:
            exercise, check = bad[0]
            remark = f"{exercise.exercise} · {check.name}: {check.verdict}. {check.message}"
    return Row(plain(report.submission.id), report.status, score, plain(remark))


def print_table(rows: Sequence[Row], console: Console | None = None) -> None:
    """The class as a table, by name."""
    console = console or Console()
    table = Table(show_lines=False, expand=False)
    table.add_column("submission", no_wrap=True, overflow="ellipsis", max_width=32)
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("first remark", overflow="fold")
    for each in sorted(rows, key=lambda r: r.id):
        colour = {"graded": "", "unreadable": "yellow", "internal_error": "magenta"}[each.status]
        table.add_row(escape(each.id), each.score, escape(each.remark), style=colour or None)
    console.print(table)


def print_report(report: Report, console: Console) -> None:
    """One student's own check."""
    for exercise in report.exercises:
        console.print(f"[bold]{escape(exercise.entry_point)}[/bold]")
        for check in exercise.checks:
            _print_check(check, console)
    for note in report.notes:
        console.print(f"note: {escape(plain(note.message))}", style="dim")
    if report.score is not None:
        console.print(f"[bold]{report.score:g} of {report.max_score:g} points on the public cases.[/bold]")


def _print_check(check: CheckResult, console: Console) -> None:
    colour = COLOURS.get(check.verdict, "red")
    mark = MARKS.get(check.verdict, "✗")
    console.print(f"  [{colour}]{mark} {escape(check.name)}[/{colour}]  {escape(plain(check.message))}")
    if check.hint:
        console.print(f"      hint: {escape(plain(check.hint))}", style="cyan")
    if check.counterexample:
        example = check.counterexample
        for title, text in (("try", example.inputs), ("expected", example.expected), ("yours", example.actual)):
            console.print(f"      {title}:", style="dim")
            for line in plain(text, keep_newlines=True).splitlines():
                console.print(f"        {escape(line)}")


def plain(text: str, *, keep_newlines: bool = False) -> str:
    """Text without control characters, so that no name or message can steer a terminal."""
    return "".join(c if c.isprintable() or (keep_newlines and c == "\n") else "�" for c in text)


@contextmanager
def progress(total: int) -> Iterator[Callable[[], None]]:
    """A progress bar with an estimate; silent where there is no terminal."""
    columns = (TextColumn("grading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("grading", total=total)
        yield lambda: bar.advance(task)
