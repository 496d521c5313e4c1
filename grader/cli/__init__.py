"""The command line: the only place that prints or exits. Commands import torch only when they need it."""

from __future__ import annotations

import importlib
from typing import Any

import click

from grader import __version__
from grader.errors import GraderError
from grader.spelling import close

COMMANDS = {
    "list": "grader.cli.course",
    "start": "grader.cli.course",
    "check": "grader.cli.check",
    "page": "grader.cli.pages",
    "grade": "grader.cli.grade",
    "adjust": "grader.cli.adjust",
    "gradebook": "grader.cli.gradebook",
    "diff": "grader.cli.diff",
    "report": "grader.cli.classreport",
    "view": "grader.cli.pages",
    "new": "grader.cli.course",
    "release": "grader.cli.course",
    "validate": "grader.cli.validate",
    "doctor": "grader.cli.doctor",
    "schema": "grader.cli.doctor",
    "export": "grader.cli.export",
    "container": "grader.cli.container",
}
"""Command name -> module that defines a click command of that name."""

EXIT_USAGE = 2


class Commands(click.Group):
    """Loads a command's module only when that command is run or listed, and turns our errors into one sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name])
        command: click.Command = getattr(module, cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, and a misspelled command, or a file without one, gets the command that may be meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            meant = ["check " + args[0]] if args[0].endswith((".py", ".ipynb")) else close(args[0], COMMANDS)
            if not meant:
                raise
            which = " or ".join(f"`grader {each}`" for each in meant)
            raise click.UsageError(f"{error.message} Did you mean {which}?", ctx) from None

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except GraderError as error:
            click.echo(f"grader: {error}", err=True)
            ctx.exit(EXIT_USAGE)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="grader")
def main() -> None:
    """Grade hand-written gradients against torch.autograd on hidden cases."""
