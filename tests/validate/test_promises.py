"""Wrong solutions, examples and statements are held to what they say, through the whole way of a submission."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.authoring import skeleton
from grader.cases.suite import prepare
from grader.course.catalog import Catalog
from grader.grading import report
from grader.grading.diagnose import patterns
from grader.selfcheck.session import InThisProcess
from grader.validate import Mutant, promises, prove, reports, secret

Make = Callable[..., Catalog]
WRONG = """{first}
def dloss(x, w):
    return x.T @ (x @ w * 0 + 1)
"""


def reported(catalog: Catalog, name: str, text: str) -> list[str]:
    """What is wrong with a wrong solution of the small course."""
    path = catalog.exercises.parent / "solutions" / "small" / "wrong" / name
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    planned = reports.plan(catalog, prepare(catalog.load("small"), secret(0)))
    found = reports.wrong_solutions(catalog, "small", planned, InThisProcess())
    return [each.removeprefix(f"{path}: ") for each in found]


@pytest.mark.parametrize(
    ("first", "sentence"),
    [
        ("# expected: dw=failed:no-mask", ""),
        ("# expected: dw=failed", ""),
        ("# expected: dw=passed", "dw is failed and not passed: dw has the right shape"),
        ("# expected: dw=failed:mask-at-zero", "dw is explained by no-mask and not by mask-at-zero"),
        ("# expected: dw=failed:gone", "dw names 'gone', which is in neither misconceptions.py nor `conventions`"),
        ("# expected: dv=failed; dw=failed", "'dv' is no check; list every check"),
        ("# expected: dw=timed_out", "promises timed_out, which only a graded run shows; leave the file out"),
        ("# expected: dw", "'dw' is not CHECK=VERDICT or CHECK=VERDICT:SLUG"),
        ("import torch", "the first line says what to expect, # expected: CHECK=VERDICT; CHECK=VERDICT:SLUG"),
    ],
)
def test_a_wrong_solution_is_held_to_its_first_line(course: Make, first: str, sentence: str) -> None:
    """Verdict and name of each check; whatever is not so, or cannot be read, is said with the file."""
    found = reported(course(), "no_mask.py", WRONG.format(first=first))
    assert [each[: len(sentence)] for each in found] == ([sentence] if sentence else [])


@pytest.mark.parametrize("loop", ["    while True:\n        pass\n", "    while True:\n        {swallow}"])
def test_what_never_ends_holds_up_nothing(course: Make, monkeypatch: pytest.MonkeyPatch, loop: str) -> None:
    """A wrong solution that loops is said to, with what to do, also where it catches whatever ends it."""
    monkeypatch.setattr(reports, "ENDLESS_SECONDS", 0.6)
    swallow = "try:\n            pass\n        except BaseException:\n            pass\n"
    text = f"# expected: dw=failed\ndef dloss(x, w):\n{loop.format(swallow=swallow)}    return x\n"
    (found,) = reported(course(), "loop.py", text)
    assert found.startswith("not finished after 0.6 s of processor time; that it never ends only a graded run shows")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("```pycon\n>>> dloss(torch.eye(2), torch.ones(2))\ntensor([1., 1.])\n```\n", ""),
        (
            "```pycon\n>>> dloss(torch.eye(2), torch.ones(2))\ntensor([1., 2.])\n```\n",
            "an example is not what the reference says: dloss(torch.eye(2), torch.ones(2)) Expected: tensor([1., 2.])",
        ),
        ("![say in words what it shows](graph.svg)", "'say in words what it shows' is the skeleton's; write the"),
    ],
)
def test_a_statement_is_true_and_the_authors_own(text: str, sentence: str) -> None:
    """Its examples print what the reference returns, and no sentence of the skeleton is left."""
    reference = {"dloss": lambda x, w: x.T @ (x @ w > 0).float()}
    path = Path("statement.md")
    found = [*promises.unwritten(path, text), *promises.untrue_examples(path, text, reference)]
    assert [each.removeprefix(f"{path}: ")[: len(sentence)] for each in found] == ([sentence] if sentence else [])


@pytest.mark.parametrize("style", skeleton.STYLES)
def test_every_skeleton_asks_for_words(style: skeleton.Style) -> None:
    """The sentences that are looked for are those of every style."""
    (text,) = (text for path, text in skeleton.STYLES[style].items() if path.endswith("statement.md"))
    assert all(sentence in text for sentence in skeleton.PLACEHOLDERS)


def test_a_proof_reads_the_statement_and_tries_each_mistake(course: Make) -> None:
    """The skeleton's words, and a misconception with a slip of the pen, which is no kill but an error that names it."""
    catalog = course("misconceptions.py", "# more", 'Misconception("slip", {"dw": lambda x, mask: y}, "What?"),')
    path = catalog.folder("small") / "statement.md"
    path.write_text("say in words what it shows\n", encoding="utf-8")
    statement, slip = prove(catalog, "small", 1).problems
    assert statement.startswith(f"{path}: 'say in words what it shows' is the skeleton's")
    assert slip.startswith("misconceptions: 'slip' raises NameError (name 'y' is not defined) in every case, so ")
    assert slip.endswith("it names nobody's mistake; mend its link")


def test_a_broken_explanation_is_said(course: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A forward pass that the diagnosis cannot run is named for mutants and wrong solutions, whatever logging does."""

    def breaks(*arguments: object) -> None:
        raise IndexError("label 5 of 3")

    monkeypatch.setattr(patterns, "_part_of_an_axis", breaks)
    monkeypatch.setattr(logging.getLogger("grader.grading"), "disabled", True)
    catalog = course()
    (found,) = reported(catalog, "odd.py", "# expected: dw=failed\ndef dloss(x, w):\n    return w * 0.3\n")
    assert found == "its report breaks: IndexError: label 5 of 3"
    exercise = catalog.load("small")
    planned = reports.plan(catalog, prepare(exercise, secret(0)))
    odd = Mutant("odd", "generic", lambda inputs: inputs["w"] * 0.3)
    assert list(reports.explanations(planned, [odd])) == [f"generic 'odd': {found}"]


def test_what_a_class_would_end_in_is_said(course: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a report cannot hold is named with the mutant, before a student meets it."""
    catalog = course()
    planned = reports.plan(catalog, prepare(catalog.load("small"), secret(0)))
    monkeypatch.setattr(report, "graded", lambda *arguments: 1 / 0)
    (found,) = reports.explanations(planned, [Mutant("odd", "generic", lambda inputs: inputs["w"] * 0.3)])
    assert found == "generic 'odd': its report breaks: ZeroDivisionError: division by zero"


def test_an_unreadable_promise_names_the_file(tmp_path: Path) -> None:
    """Check names may hold spaces and commas, as those of variants do."""
    path = tmp_path / "wrong.py"
    path.write_text("# expected: W_new, batch=passed; v_new, batch=failed:sign\n", encoding="utf-8")
    assert promises.expectation(path) == {"W_new, batch": ("passed", ""), "v_new, batch": ("failed", "sign")}
