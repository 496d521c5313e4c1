"""Results for people at a terminal: a table for a class, a page for one student. Everything from outside is escaped."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from textwrap import dedent

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from grader.grading.remark import Row
from grader.models import CheckResult, ExerciseResult, Report
from grader.views import grids, wording
from grader.views.grids import Comparison, Grid, GridCell
from grader.wire.printable import plain

COLOURS = {"passed": "green", "failed": "red", "missing": "yellow", "skipped": "yellow", "internal_error": "magenta"}
PAGE = 100
"""Columns that grids may take where nothing is wrapped."""
UNWRAPPED = 10_000
GAP = "   "


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


def print_report(
    report: Report,
    console: Console,
    *,
    advice: Mapping[str, Sequence[str]] | None = None,
    more: str = "",
    following: str = "",
) -> None:
    """One student's own check.

    advice: by exercise, what is shown in place of the hints on wrong values; None: all hints. more: how to get further
    advice; following: what comes after exercises that passed.
    """
    printer = Printer(console)
    for exercise in report.exercises:
        printer.exercise(exercise, None if advice is None else advice.get(exercise.exercise, ()))
    for note in report.notes:
        printer.line(f"{wording.NOTE}: {note.message}", style="dim")
    if report.score is not None:
        printer.line(wording.public_score(report.score, report.max_score), style="bold")
    printer.line(wording.next_step(report.exercises, more), style="cyan")
    if following:
        printer.line(following, style="cyan")


def print_overview(exercises: Sequence[ExerciseResult], lines: Sequence[str], console: Console) -> None:
    """A line for each exercise, with what is wrong first, and what there is to say about all of them."""
    printer = Printer(console)
    broad = max((len(each.exercise) for each in exercises), default=0)
    for each in exercises:
        first = next((check for check in each.checks if not check.has_full_points), None)
        mark = wording.mark_of(first) if first else wording.mark("passed")
        told = f"  {first.name}: {wording.words_of(first)}" if first else ""
        points = wording.points_of(each.score, each.max_score)
        style = COLOURS.get(first.verdict, "red") if first else COLOURS["passed"]
        printer.line(f"{mark} {each.exercise.ljust(broad)}  {points}{told}", style=style)
    for line in filter(None, lines):
        printer.line(line)


def text(report: Report, *, width: int | None = None, colour: bool = False) -> str:
    """What `print_report` prints, as one string; width None: nothing is wrapped."""
    return rendered(lambda console: print_report(report, console), width=width, colour=colour)


def check_text(check: CheckResult) -> str:
    """One check with its hint and its example, as `text` has it."""
    return dedent(
        rendered(lambda console: Printer(console).check(check, check.message, example=True, hint=True))
    ).rstrip()


def rendered(draw: Callable[[Console], None], *, width: int | None = None, colour: bool = False) -> str:
    """What a function prints on a console, as one string; width None: nothing is wrapped."""
    buffer = io.StringIO()
    draw(
        Console(
            file=buffer,
            force_terminal=colour,
            force_jupyter=False,
            no_color=not colour,
            highlight=False,
            width=width or UNWRAPPED,
            legacy_windows=False,
        )
    )
    return buffer.getvalue()


class Printer:
    """Lines, indented as a whole where they are wrapped."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._advised: set[str] = set()

    def line(self, line: str, indent: int = 0, style: str = "") -> None:
        """One paragraph; nothing in it is markup, or steers a terminal."""
        for part in Text(plain(line), style=style).wrap(self.console, max(20, self.console.width - indent)):
            part.rstrip()
            self.console.print(Text(" " * indent) + part, soft_wrap=True)

    def code(self, source: str, indent: int) -> None:
        """Lines that can be pasted: never wrapped."""
        for line in plain(source, keep="\n").splitlines():
            self.console.print(Text(" " * indent + line), soft_wrap=True)

    def exercise(self, exercise: ExerciseResult, advice: Sequence[str] | None = None) -> None:
        """All checks; only the first one that failed with its example.

        advice: in place of the hints on wrong values; None: all hints.
        """
        self.line(exercise.entry_point, style="bold")
        shown = False
        hints = set(self._advised)  # one cause is said once for all checks that it costs
        said: dict[str, str] = {}
        for check in exercise.checks:
            fact, told = wording.fact(check), wording.advice(check)
            message = wording.same_as(said[fact]) if fact in said else check.message
            is_kept = advice is not None and check.verdict == "failed"
            self.check(check, message, example=not shown, hint=told not in hints and not is_kept)
            shown = shown or check.counterexample is not None
            hints.add(told)
            if check.verdict == "errored":
                self._advised.add(told)  # one cause, such as a missing import, is said once for all exercises
            if len(check.message) >= wording.LONG_MESSAGE:
                said.setdefault(fact, check.name)
        for step in advice or ():
            first, *more = step.splitlines()
            self.line(f"{wording.HINT}: {first}", indent=4, style="cyan")
            self.code("\n".join(more), indent=6)
        for finding in exercise.findings:
            if finding.certain:  # a suspicion is for the instructor alone
                self.line(f"{wording.NOTE}: {wording.finding(finding)}", indent=4, style="yellow")

    def check(self, check: CheckResult, message: str, *, example: bool, hint: bool) -> None:
        """One line, its hint unless it was said just before, its example where that is wanted."""
        colour = "yellow" if wording.is_unpaid(check) else COLOURS.get(check.verdict, "red")
        head = f"{wording.mark_of(check)} {check.name}  {wording.points(check)}"
        self.line(f"{head}  {message}", indent=2, style=colour)
        if check.hint and hint:
            self.line(f"{wording.HINT}: {check.hint}", indent=4, style="cyan")
        if check.counterexample and example:
            self.example(grids.comparison(check.counterexample))

    def example(self, comparison: Comparison) -> None:
        """Inputs to paste, then what is expected, what came, and what was printed."""
        self.line(f"{wording.TRY}:", indent=4, style="dim")
        self.code(comparison.inputs, indent=6)
        self.grids(comparison)
        if comparison.printed:
            self.line(f"{wording.PRINTS}:", indent=4, style="dim")
            self.code("\n".join(f"| {line}" for line in comparison.printed.splitlines()), indent=6)

    def grids(self, comparison: Comparison) -> None:
        """What is expected and what came, as tables or, where there are no numbers, as text."""
        for lines in beside_each_other(comparison.grids, min(self.console.width, PAGE) - 4):
            for line in lines:
                self.console.print(Text("    ") + line, soft_wrap=True)
        for title, what in comparison.texts:
            self.line(f"{title}: {what}", indent=4)


def beside_each_other(drawn: Sequence[Grid], width: int) -> Iterator[list[Text]]:
    """Grids as lines of text, as many in a row as fit."""
    row: list[list[Text]] = []
    for grid in drawn:
        lines = _lines(grid)
        if row and sum(len(each[0]) + len(GAP) for each in row) + len(lines[0]) > width:
            yield _joined(row)
            row = []
        row.append(lines)
    if row:
        yield _joined(row)


def _joined(row: list[list[Text]]) -> list[Text]:
    """Blocks of equal width side by side."""
    height = max(len(lines) for lines in row)
    full = [[*lines, *[Text(" " * len(lines[0]))] * (height - len(lines))] for lines in row]
    joined = [Text(GAP).join(parts) for parts in zip(*full, strict=True)]
    for line in joined:
        line.rstrip()
    return joined


def _lines(grid: Grid) -> list[Text]:
    """Title and rows, padded to one width; a wrong number of the student's carries a mark."""
    columns = max((len(row) for block in grid.blocks for row in block.rows), default=0)
    marked = any(cell.wrong for block in grid.blocks for row in block.rows for cell in row)
    widths = [
        max(len(_cell(row[column], marked)) for block in grid.blocks for row in block.rows) for column in range(columns)
    ]
    lines = [Text(grid.title, style="dim")]
    for block in grid.blocks:
        if block.label:
            lines.append(Text(block.label, style="dim"))
        for row in block.rows:
            line = Text("[ ")
            for cell, width in zip(row, widths, strict=True):
                line.append(_cell(cell, marked).rjust(width) + " ", style="bold red" if cell.wrong else "")
            lines.append(line + "]")
    broad = max(len(line) for line in lines)
    return [line + " " * (broad - len(line)) for line in lines]


def _cell(cell: GridCell, marked: bool) -> str:
    return cell.text + (("✗" if cell.wrong else " ") if marked else "")
