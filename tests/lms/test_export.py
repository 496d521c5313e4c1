"""`grader export` as an instructor meets it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader.cli import main
from grader.lms import settings
from grader.lms.settings import Settings


def run(*arguments: str | Path) -> Result:
    """The command line in this process."""
    return CliRunner().invoke(main, ["export", *map(str, arguments)])


def test_gradescope_says_what_it_wrote(tmp_path: Path) -> None:
    """The zip, the exercises in it, where a new secret lies, and whom not to show it."""
    out, secret = tmp_path / "autograder.zip", tmp_path / "secret"
    done = run("gradescope", "--exercise", "batched_backward", "--out", out, "--secret-file", secret)
    assert done.exit_code == 0
    assert done.output == (
        f"A new secret was written to {secret}; keep it to grade alike.\n"
        f"wrote {out}: 1 exercise (batched_backward)\n"
        "The secret is in it: give it to nobody but the platform.\n"
    )
    written = Settings.model_validate_json(zipfile.ZipFile(out).read(f"{settings.FOLDER}/{settings.SETTINGS}"))
    assert (written.platform, written.exercises, written.cores) == ("gradescope", ("batched_backward",), 0.5)
    assert (written.insist, written.details) == (False, "visible")


def test_choices_reach_the_container(tmp_path: Path) -> None:
    """Timeout, details, and insisting on fewer layers are settings of the export."""
    out, secret = tmp_path / "a.zip", tmp_path / "secret"
    options = ("--timeout", "1200", "--details", "after_published", "--insist-on-fewer-layers")
    assert run("gradescope", "--out", out, "--secret-file", secret, *options).exit_code == 0
    written = Settings.model_validate_json(zipfile.ZipFile(out).read(f"{settings.FOLDER}/{settings.SETTINGS}"))
    assert (written.platform_seconds, written.details, written.insist) == (1200, "after_published", True)


def test_prairielearn_writes_a_folder(tmp_path: Path) -> None:
    """A question's folder with the image that was named."""
    out = tmp_path / "question"
    done = run(
        "prairielearn",
        "--exercise",
        "batched_backward",
        "--out",
        out,
        "--secret-file",
        tmp_path / "s",
        "--image",
        "i:1",
    )
    assert done.exit_code == 0
    assert {path.name for path in out.iterdir()} == {"info.json", "question.html", "batched_backward.py", "tests"}
    assert '"image": "i:1"' in (out / "info.json").read_text()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("gradescope", "--exercise", "nothing"), "grader: there is no exercise 'nothing' in "),
        (("gradescope", "--out", "/dev/null/a.zip"), "grader: /dev/null/a.zip: cannot be written ("),
    ],
    ids=["exercise", "out"],
)
def test_what_cannot_be_exported_is_one_sentence(arguments: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    """Exit status 2, the thing that is wrong, and no traceback."""
    where = () if "--out" in arguments else ("--out", tmp_path / "out")
    done = run(*arguments, *where, "--secret-file", tmp_path / "secret")
    assert done.exit_code == 2
    assert sentence in done.output
    assert "Traceback" not in done.output
