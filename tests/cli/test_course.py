"""What `grader list`, `start`, `new` and `release` say."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader.cli import main


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The command is run in a folder of its own, on a terminal of ordinary width."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_the_list_shows_points_and_prerequisites() -> None:
    """One line per exercise in course order; the last column gives the numbers of those that come before."""
    lines = [line.rstrip() for line in run("list").output.splitlines()]
    assert lines[0].split() == ["exercise", "title", "points", "after"]
    assert lines[1].split() == ["1", "vector_matrix_derivative", "Vector-matrix", "derivative", "10"]
    (last,) = [line for line in lines if " training_loop " in line]
    assert last.split() == ["14", "training_loop", "A", "training", "loop", "by", "hand", "12", "13"]
    assert max(map(len, lines)) <= 80


def test_the_list_of_ones_own_files_says_what_is_done(tmp_path: Path) -> None:
    """A line for each exercise that they do, and how much of its course that is."""
    layer = "def relu_forward(x): return x * (x > 0), x\ndef relu_backward(dout, cache): return None\n"
    (tmp_path / "layers.py").write_text(layer)
    result = run("list", str(tmp_path))
    assert result.exit_code == 1
    assert "relu_layer  1 of 4" in result.output
    assert "Layers in numpy: 0 of 21 exercises done." in result.output


def test_start_says_what_to_do_next() -> None:
    """The files are named, and the command that checks them."""
    result = run("start", "update_step")
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "wrote update_step.py",
        "wrote update_step.md",
        "wrote update_step.svg",
        "Read update_step.md, fill in update_step.py, then: grader check update_step.py",
    ]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["chek"], "No such command 'chek'. Did you mean `grader check`?"),
        (["mine.py"], "No such command 'mine.py'. Did you mean `grader check mine.py`?"),
        (["check", "mine"], "mine does not exist; did you mean mine.py?"),
        (["check", "x"], "x does not exist\n"),
        (["page", "update_stp"], "there is no exercise 'update_stp' in "),
        (["page", "update_stp"], "(did you mean update_step?)"),
    ],
)
def test_what_is_misspelled_is_answered_with_what_may_be_meant(folder: Path, words: list[str], sentence: str) -> None:
    """Commands, files and exercises."""
    (folder / "mine.py").write_text("")
    result = run(*words)
    assert result.exit_code == 2
    assert sentence in result.output


def test_a_shell_completes_slugs() -> None:
    """Those that begin like what is typed, for a command's argument and for an option."""
    for typed in ("start full", "check --explain full", "grade --exercise full"):
        words = {
            "_GRADER_COMPLETE": "bash_complete",
            "COMP_WORDS": f"grader {typed}",
            "COMP_CWORD": str(typed.count(" ") + 1),
        }
        result = CliRunner().invoke(main, env=words, prog_name="grader")
        assert result.output == "plain,full_jacobian\n"


def test_start_keeps_what_is_there(folder: Path) -> None:
    """A second start says that nothing was changed, and names the notebook when one was asked for."""
    (folder / "update_step.ipynb").write_text("mine")
    result = run("start", "update_step", "--notebook")
    assert "kept update_step.ipynb: it is there already, and nothing in it was changed" in result.output
    assert "fill in update_step.ipynb, then: grader check update_step.ipynb" in result.output
    assert (folder / "update_step.ipynb").read_text() == "mine"


def test_an_unknown_exercise_is_one_sentence() -> None:
    """No traceback, exit status 2, and the exercises that there are."""
    result = run("start", "nope")
    assert result.exit_code == 2
    assert result.output.startswith("grader: there is nothing to start for 'nope' as stub.py; there: adam, affine,")
    assert "; `grader list` shows the exercises" in result.output
    assert "; did you mean update_step?" in run("start", "update_stp").output


def test_a_folder_that_cannot_be_written_to_is_one_sentence(folder: Path) -> None:
    """--into below a file: no traceback, exit status 2, the reason and the remedy."""
    (folder / "notes").write_text("mine")
    result = run("start", "update_step", "--into", "notes/week1")
    assert result.exit_code == 2
    assert result.output == (
        "grader: notes/week1: nothing can be written there (Not a directory); name another folder with --into\n"
    )


def test_new_and_release(folder: Path) -> None:
    """A skeleton is written, released, found up to date, and never written twice."""
    made = run("new", "my_loss")
    assert made.output.splitlines() == [
        "wrote exercises/my_loss/exercise.py",
        "wrote exercises/my_loss/statement.md",
        "wrote solutions/my_loss/solution.py",
        "wrote solutions/my_loss/misconceptions.py",
        "wrote solutions/my_loss/wrong/no_factor_two.py",
        "Edit these files, then:",
        "  grader release my_loss --exercises exercises",
        "  grader validate my_loss --exercises exercises",
    ]
    released = run("release", "my_loss", "--exercises", "exercises")
    written = [line.rsplit("/", 1)[-1] for line in released.output.splitlines()]
    assert written == ["card.json", "graph.svg", "stub.py", "stub.ipynb"]
    assert run("release", "--exercises", "exercises").output == "everything is up to date\n"
    again = run("new", "my_loss")
    assert again.exit_code == 2
    assert "is there already; choose another slug or remove the folder first" in again.output


def test_new_in_another_style() -> None:
    """A style and a framework are options; an unknown one is refused with those that there are."""
    made = run("new", "my_layer", "--style", "class", "--framework", "numpy")
    assert made.output.splitlines()[:4] == [
        "wrote exercises/my_layer/exercise.py",
        "wrote exercises/my_layer/statement.md",
        "wrote solutions/my_layer/solution.py",
        "wrote solutions/my_layer/wrong/upstream_dropped.py",
    ]
    assert "class MyLayer:" in Path("solutions/my_layer/solution.py").read_text()
    assert "'variables'" in run("new", "another", "--style", "graph").output


def test_a_broken_exercise_is_named_and_costs_no_other(tmp_path: Path) -> None:
    """The list, the release and the proof of a course go on without the folder that cannot be loaded, and name it."""
    run("new", "own_exercise", "--exercises", str(tmp_path / "exercises"))
    (tmp_path / "exercises" / "kaput").mkdir()
    (tmp_path / "exercises" / "kaput" / "exercise.py").write_text("x = 1")
    for words, status in ((["list"], 0), (["release"], 0), (["validate", "--secrets", "1"], 1)):
        result = run(*words, "--exercises", str(tmp_path / "exercises"))
        assert result.exit_code == status, result.output
        assert result.stderr.startswith("Left out: ")
        assert "kaput/exercise.py: defines no `exercise`" in result.stderr
        assert "own_exercise" in result.stdout
