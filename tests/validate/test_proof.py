"""The author's proof: a sound exercise passes it, and each way to be unsound is named."""

from collections.abc import Callable

import pytest

from grader.cases.drawing import FAMILIES
from grader.course import catalog
from grader.course.catalog import Catalog
from grader.errors import ExerciseError
from grader.validate import prove, syntax

Make = Callable[..., Catalog]


def problems(catalog: Catalog) -> str:
    """All problems under two secrets, as one text."""
    return "\n".join(prove(catalog, "small", 2).problems)


def test_a_sound_exercise_is_proved(course: Make) -> None:
    """Everything is killed by two cases, is equivalent for a reason, or costs only advice."""
    proof = prove(course(), "small", 3, every_kill=True)
    assert proof.problems == ()
    assert not proof.of("survived")
    assert all(row.fewest >= 2 and len(row.kills) >= 2 for row in proof.of("killed"))
    compared = {row.kind: "the same numbers in float64" in row.reason for row in proof.of("equivalent")}
    assert compared == {"calculus": True, "generic": False}  # the reference insists on float32, wrong rules do not
    advised = {row.name for row in proof.of("advised")}
    derived = "mask-at-zero at return torch.relu(x @ w).sum()"
    assert advised == {"mask-at-zero", derived, "line 4: x @ w > 0 -> x @ w >= 0"}
    kinds = {row.kind for row in proof.of("killed")}
    assert kinds == {"misconception", "calculus", "generic", "syntax"}


@pytest.mark.parametrize("family", [family for family in FAMILIES if family != "draw"])
def test_each_family_earns_its_place(course: Make, family: str) -> None:
    """Without any one family of cases something survives that only it catches, and the source says what."""
    proof = prove(course(), "small", 1, frozenset({family}))
    survivors = proof.of("survived")
    assert survivors
    assert all(row.source for row in survivors)
    assert proof.problems
    assert family not in proof.cases


def test_mutants_of_the_syntax_tree(course: Make) -> None:
    """Operators, comparisons, transposes, calls and statements of the reference are changed one at a time."""
    names = {row.name for row in prove(course(), "small", 1).rows if row.kind == "syntax"}
    assert {
        "line 4: x @ w > 0 -> x @ w < 0",
        "line 4: x @ w -> x * w",
        "line 4: x @ w -> x",
        "line 4: active = x @ w > 0 -> pass",
        "line 5: x.T -> x",
        "line 5: x.T @ active.float() -> active.float()",
    } <= names


@pytest.mark.parametrize(
    ("file", "before", "after", "sentence"),
    [
        ("solution.py", "x.T @", "2 * x.T @", "solution.py: a right answer fails lattice-0, scaled-0,"),
        (
            "solution.py",
            "active.float()",
            "active",
            "solution.py: a right answer raises RuntimeError (addmv input tensors must have the same dtype",
        ),
        (
            "misconceptions.py",
            "x.T @ mask}",
            "x.T @ mask * 2}",
            "the chain in misconceptions.py: a right answer fails lattice-0",
        ),
        ("stub.py", "None", "w * 0", "the untouched stub is failed instead of missing; let it return None"),
        (
            "misconceptions.py",
            "# more",
            'Misconception("fine", {"h": lambda x, w: w @ x.T}, ""),',
            "misconception 'fine' survives: the same numbers in float32 for ",
        ),
        (
            "misconceptions.py",
            "# more",
            'Misconception("also", {"mask": lambda h: h * 0 + 1}, ""),',
            "misconceptions: 'no-mask' and 'also' cannot be told apart under secret 0; merge them, or declare same_as",
        ),
        (
            "misconceptions.py",
            "# more",
            'Misconception("sign", {"mask": lambda h: -(h > 0.0) * 1.0}, "", same_as=("no-mask", "gone")),',
            "misconceptions: 'sign' is said to be the same as 'gone', which does not exist",
        ),
        ("misconceptions.py", '"Where is ReLU?"', '"", advice=True', "misconception 'no-mask' survives: "),
        (
            "exercise.py",
            "torch.relu(x @ w)",
            "torch.relu(x.detach() @ w.detach()) * w[0]",
            "exercise.py: forward: gradcheck of 'dw' fails, so something is hidden from autograd; leave out detach",
        ),
    ],
)
def test_an_unsound_exercise_is_named(course: Make, file: str, before: str, after: str, sentence: str) -> None:
    """Each flaw has a sentence."""
    assert sentence in problems(course(file, before, after))


def test_what_cannot_be_graded_names_file_field_and_remedy(course: Make) -> None:
    """An operation that cannot be followed stops the proof at once."""
    catalog = course("exercise.py", "torch.relu(x @ w)", "torch.rand_like(x @ w) * (x @ w)")
    with pytest.raises(ExerciseError) as error:
        prove(catalog, "small", 1)
    text = str(error.value)
    assert text.startswith(f"{catalog.folder('small') / 'exercise.py'}: forward: torch operation 'rand_like' draws")
    assert text.endswith("make it an input")


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("def dloss(", "def loss(", "there is no `dloss`; write the reference under that name"),
        ("active.float()", "(", "cannot be run (SyntaxError: "),
        ("def dloss(", "while True:\n    pass\ndef dloss(", "cannot be run (TimeoutError: not finished after 0.3 s of"),
    ],
)
def test_a_reference_that_cannot_be_called_is_named(
    course: Make, monkeypatch: pytest.MonkeyPatch, before: str, after: str, sentence: str
) -> None:
    """Another name, or a file that does not run or never ends: the sentence begins with the path."""
    monkeypatch.setattr(syntax, "CALL_SECONDS", 0.3)
    catalog = course("solution.py", before, after)
    path = catalog.solutions and catalog.solutions / "small" / "solution.py"
    with pytest.raises(ExerciseError) as error:
        prove(catalog, "small", 1)
    assert str(error.value).startswith(f"{path}: {sentence}")


POOLING = {
    "exercise.py": (
        """def loss(x: Float[Tensor, "N D"], w: Float[Tensor, "D"]) -> Float[Tensor, ""]:
    return torch.relu(x @ w).sum()""",
        """def loss(x: Float[Tensor, "N D"], w: Float[Tensor, "D"]) -> Float[Tensor, ""]:
    return (x * w).amax(1).sum()""",
    ),
    "solution.py": (
        "active = x @ w > 0\n    return x.T @ active.float()",
        "y = x * w\n    top = y.amax(1, keepdim=True)\n    return (x * (y == top)).sum(0)",
    ),
}


def test_max_pooling_can_be_proved(course: Make) -> None:
    """Ties among the losers spoil no case, and the usual mask, which marks both of two equal winners, is no mistake."""
    catalog = course()
    assert catalog.solutions is not None
    for name, (before, after) in POOLING.items():
        path = (catalog.solutions if name == "solution.py" else catalog.exercises) / "small" / name
        path.write_text(path.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    (catalog.solutions / "small" / "misconceptions.py").unlink()
    proof = prove(catalog, "small", 2)
    assert proof.problems == ()
    assert "solution.py takes another subgradient than torch in kink-0: there every choice costs nothing" in (
        proof.exceptions
    )


def test_a_number_can_be_declared_to_have_no_effect(course: Make) -> None:
    """With the author's reason, which is the mutant's; not where the cases show an effect."""
    lines = ("scale = 1 + 1e-9{tiny}", "one = 2 / 2{one}", "return x.T @ active.to(x.dtype) * scale * one{tiny}")
    plain, declared = (
        prove(course("solution.py", "return x.T @ active.float()", "\n    ".join(lines).format(**comments)), "small", 1)
        for comments in ({"tiny": "", "one": ""}, {"tiny": "  # no effect: tiny", "one": "  # no effect: one"})
    )
    assert {text.partition(":")[0] for text in plain.problems} == {"syntax 'line 5", "syntax 'line 7"}
    (vain,) = declared.problems
    assert vain.endswith(
        "solution.py, line 6: `no effect` is declared, but what a number changes there is caught; delete it"
    )
    found = {row.name.partition(":")[0] for row in declared.of("equivalent") if row.reason == "tiny"}
    assert found == {"line 5", "line 7"}


def test_without_a_reference_there_is_no_proof(course: Make) -> None:
    """The reference solution is asked for by its path."""
    catalog = course()
    assert catalog.solutions is not None
    (catalog.solutions / "small" / "solution.py").unlink()
    with pytest.raises(ExerciseError, match=r"solution\.py: there is no reference solution; write dloss there"):
        prove(catalog, "small", 1)


def test_what_only_a_kink_shows_is_caught_by_its_one_case() -> None:
    """Dividing by the input of a ReLU: no zero of it is away from the kink, where one case always catches it."""
    rows = {row.name: row for row in prove(catalog.bundled(), "relu_module", 2).rows}
    row = rows["x: divided out again"]
    assert (row.status, row.kills) == ("killed", ("kink-0",))
    assert row.reason == "only a kink shows it, of which there is one case for each variant"
