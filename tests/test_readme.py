"""The README's examples hold: commands with their options exist, the report is one, the exercise is the bundled one."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from grader.cli import main
from grader.models import Report

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)


def command_lines(program: str) -> list[list[str]]:
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith(f"{program} ")]


@pytest.mark.parametrize("arguments", command_lines("grader"), ids=" ".join)
def test_grader_command_parses(arguments: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each `grader` line of the README names a command and options that exist, and files that lie in the repository."""
    (tmp_path / "backprop.py").touch()  # the copy of a stub that the line before makes
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    monkeypatch.chdir(tmp_path)
    context = click.Context(main)
    command = main.get_command(context, arguments[0])
    assert command is not None
    command.make_context(arguments[0], arguments[1:], parent=context)


@pytest.mark.parametrize("arguments", command_lines("make"), ids=" ".join)
def test_make_target_exists(arguments: list[str]) -> None:
    """Each `make` line of the README names a target and variables of the Makefile."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    target, *variables = arguments
    assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE)
    for variable in variables:
        assert re.search(rf"^{variable.partition('=')[0]} \?=", makefile, flags=re.MULTILINE)


def test_report_example_is_a_report() -> None:
    """The JSON in the README is a report as the models define it."""
    (example,) = blocks("json")
    assert Report.model_validate_json(example).status == "graded"


def test_exercise_example_is_the_bundled_one() -> None:
    """The forward pass in the README is that of the bundled exercise, line by line."""
    (example,) = blocks("python")
    bundled = (ROOT / "exercises" / "batched_backward" / "exercise.py").read_text(encoding="utf-8")
    forward = example[: example.index("\n\n\n")]
    assert forward in bundled


def test_links_lead_somewhere() -> None:
    """Every relative link of the README names a file or folder of the repository."""
    for target in re.findall(r"\]\((?!https?://)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
