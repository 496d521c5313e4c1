"""`grader validate` as an author runs it: what it prints, writes, and its exit status."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import main
from grader.cli.validate import validate
from grader.course.catalog import Catalog
from tests.validate.conftest import DEAD

Make = Callable[..., Catalog]


def test_a_proved_course(course: Make, tmp_path: Path) -> None:
    """Status 0, one line per exercise, and with --json what each family is for and every case that kills a mutant."""
    out = tmp_path / "matrix.json"
    arguments = ["--exercises", str(course().exercises), "--secrets", "2", "--json", str(out)]
    result = CliRunner().invoke(validate, arguments)
    assert result.exit_code == 0, result.output
    assert "proved  small: 19 cases; mutants: " in result.output
    assert " 0 survived" in result.output
    assert "caught by no other" in result.output
    (record,) = json.loads(out.read_text(encoding="utf-8"))
    assert record["proved"] is True
    assert record["families"]["square"]["caught_by_no_other"] > 0
    killed = next(mutant for mutant in record["mutants"] if mutant["name"] == "no-mask")
    assert killed["status"] == "killed"
    assert "lattice-0" in killed["killed_by"]


def test_a_broken_exercise_costs_no_other(course: Make) -> None:
    """One that cannot be loaded is left out, one without cases is not proved, and the sound one is; status 1."""
    folder = course().exercises
    for slug, text in {"dead": DEAD, "kaput": "x = ("}.items():
        (folder / slug).mkdir()
        (folder / slug / "exercise.py").write_text(text, encoding="utf-8")
    result = CliRunner().invoke(validate, ["--exercises", str(folder), "--secrets", "1"])
    assert result.exit_code == 1
    assert f"Left out: {folder / 'kaput' / 'exercise.py'}: cannot be run (SyntaxError" in result.output
    assert "not proved  dead: " in result.output
    assert f"{folder / 'dead' / 'exercise.py'}: dead: no case can be drawn" in result.output
    assert "\nproved  small: 19 cases" in result.output


def test_a_measured_tolerance_is_marked(course: Make) -> None:
    """Where an operation has no known bound of its rounding, the proof says that the tolerance is measured."""
    catalog = course("exercise.py", "torch.relu(x @ w)", "torch.special.i0(x @ w)")
    arguments = ["small", "--exercises", str(catalog.exercises), "--secrets", "1"]
    result = CliRunner().invoke(validate, arguments)
    assert "tolerance measured, not derived: no bound for the rounding of i0, special_i1 is known" in result.output


def test_a_survivor_fails_the_command(course: Make) -> None:
    """Without a family the survivor is printed with its name, and the status is 1."""
    arguments = ["small", "--exercises", str(course().exercises), "--secrets", "1", "--without", "strided"]
    result = CliRunner().invoke(validate, arguments)
    assert result.exit_code == 1
    assert "not proved  small: " in result.output
    assert "generic 'inputs: read in storage order' survives: no case catches it" in result.output


@pytest.mark.parametrize(
    ("before", "after", "field", "remedy"),
    [
        ('"N D"', '"N E"', "sizes: axis 'E' has no range", 'add "E": (1, 8) or the like'),
        (
            'D": (1, 12)}',
            'D": (1, 12)}, variants={"a": {"X": "D"}}',
            "inputs/variants: 'X' is no input",
            "its inputs are x, w",
        ),
        ('Gradient("w")', 'Gradient("v")', "asks: 'dw' differentiates by 'v', which is no input", "choose from x, w"),
        ('Gradient("w")', 'Gradient("w", points=-2)', "asks: 'dw' has negative points", "use 0 or more"),
        ("relu(x @ w)", "relu(x @ w.detach()) * w[0]", "forward: gradcheck of 'dw' fails", "leave out detach"),
    ],
)
def test_a_wrong_exercise_file_is_named_with_field_and_remedy(
    course: Make, before: str, after: str, field: str, remedy: str
) -> None:
    """An unknown input or axis, a gradient by no input, negative points, a failed gradcheck: file, field, remedy."""
    catalog = course("exercise.py", before, after)
    arguments = ["validate", "small", "--exercises", str(catalog.exercises), "--secrets", "1"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code in (1, 2)
    assert f"{catalog.exercises / 'small' / 'exercise.py'}: {field}" in result.output
    assert remedy in result.output
    assert "Traceback" not in result.output


def test_an_unknown_family_is_a_usage_error(course: Make) -> None:
    """The families are listed."""
    result = CliRunner().invoke(validate, ["--exercises", str(course().exercises), "--without", "tiny"])
    assert result.exit_code == 2
    assert "'tiny' is none of lattice, scaled, zeros, degenerate, square, strided, large, draw, kink" in result.output
