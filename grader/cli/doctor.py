"""`grader doctor` and `grader schema`: what this machine offers, and what a report looks like."""

from __future__ import annotations

import json

import click


@click.command()
def doctor() -> None:
    """Show which isolation layers are active on this machine."""
    from grader.sandbox import probe_layers
    from grader.sandbox.layers import REQUIRED, needed

    layers = probe_layers()
    wanted = needed(REQUIRED)
    for layer in layers:
        state = "active " if layer.active else "MISSING" if layer.name in wanted else "unused "
        click.echo(f"{state}  {layer.name:<20} {layer.detail}")
    missing = sorted(wanted - {layer.name for layer in layers if layer.active})
    if missing:
        click.echo(f"Hidden grading needs {', '.join(missing)}; without, it runs only with --insist-on-fewer-layers.")
        raise SystemExit(1)
    click.echo("Hidden grading can run here.")


@click.command()
def schema() -> None:
    """Print the JSON schema of a report."""
    from grader.models import Report

    click.echo(json.dumps(Report.model_json_schema(), indent=2))
