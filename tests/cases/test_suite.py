"""Cases: the same under the same secret, each with the features of its family."""

import hashlib
import itertools

import numpy as np
import pytest
import torch
from jaxtyping import Float
from torch import Tensor

from grader.cases.drawing import FAMILIES, with_given
from grader.cases.oracle import observe
from grader.cases.suite import Suite, prepare
from grader.course import catalog
from grader.errors import ExerciseError
from grader.exercise import Exercise, Gradient, Size

SECRET = b"a secret that is only here"
SLUGS = catalog.bundled().slugs("")


@pytest.fixture(scope="module")
def suite() -> Suite:
    """The batched backward pass under one secret."""
    return prepare(catalog.bundled().load("batched_backward"), SECRET)


def digest(suite: Suite) -> str:
    """A hash of every input of every case."""
    found = hashlib.sha256()
    for case in suite.cases:
        found.update(case.name.encode())
        for name, value in case.inputs.items():
            found.update(f"{name} {torch.as_tensor(value).tolist()}".encode())
    return found.hexdigest()[:16]


def of(suite: Suite, family: str) -> list[dict[str, Tensor]]:
    """The inputs of one family's cases."""
    return [dict(p.inputs) for p in suite.cases if p.family == family]  # type: ignore[arg-type]


def test_the_draw_is_pinned(suite: Suite) -> None:
    """The same secret draws the same cases with every version of the grader: reports can be repeated."""
    assert digest(suite) == "1b6127e1300b95c5"


def test_only_secret_exercise_case_and_student_matter(suite: Suite) -> None:
    """Global random states change nothing; another secret or student changes everything."""
    exercise = suite.exercise
    torch.manual_seed(1)
    np.random.seed(1)
    assert digest(prepare(exercise, SECRET)) == digest(suite)
    others = {digest(prepare(exercise, b"another secret")), digest(prepare(exercise, SECRET, "ana")), digest(suite)}
    assert len(others) == 3


def test_a_family_left_out_leaves_the_others_alone(suite: Suite) -> None:
    """Each case has a random stream of its own."""
    fewer = prepare(suite.exercise, SECRET, without=frozenset({"square"}))
    kept = [case for case in suite.cases if case.family != "square"]
    assert digest(fewer) == digest(Suite(suite.exercise, tuple(kept)))


@pytest.mark.parametrize("slug", SLUGS)
def test_every_case_counts_only_away_from_kinks(slug: str) -> None:
    """What costs points is not at a kink, not saturated and not dead; kink cases are at a kink."""
    drawn = prepare(catalog.bundled().load(slug), SECRET)
    assert not drawn.unavailable
    for case in drawn.cases:
        outputs, observed = observe(drawn.exercise, case.inputs)
        assert observed.kinks == (case.family == "kink")
        assert case.counts == (case.family != "kink")
        assert observed.saturation <= 8
        assert any(bool(value.any()) for value in outputs.values())
        for value in case.inputs.values():
            assert not isinstance(value, Tensor) or value.dtype == torch.float32


def test_lattice_sums_are_exact(suite: Suite) -> None:
    """The hidden layer of a lattice case is the same in float32 and float64, in whatever order it is summed."""
    for inputs in of(suite, "lattice"):
        X, W = inputs["X"], inputs["W"]
        assert torch.equal((X @ W).double(), X.double() @ W.double())
        assert torch.equal(X.flip(1) @ W.flip(0), X @ W)


def test_lattice_cases_repeat_a_row_and_have_all_signs(suite: Suite) -> None:
    """One observation occurs twice; sizes differ; inputs, masks and p - t have both signs; targets are fractional."""
    for inputs in of(suite, "lattice"):
        X, t, W, wout = inputs.values()
        assert len(X.unique(dim=0)) < len(X)
        assert len({len(X), *W.shape}) == 3
        h = X @ W
        error = torch.sigmoid(h.relu() @ wout) - t
        assert all(bool((value > 0).any() and (value < 0).any()) for value in (X, W, h, error))
        assert bool(((t > 0) & (t < 1)).all())


def test_what_else_the_families_are_for(suite: Suite) -> None:
    """Entries far out, a size of 1 for each axis, equal sizes, uncommon memory, the largest sizes."""
    *large, _ = of(suite, "scaled")
    assert all(max(float(inputs[name].abs().max()) for name in ("X", "W", "wout")) > 4 for inputs in large)
    for family in {case.family for case in suite.cases} - {"scaled"}:
        assert max(float(inputs[n].abs().max()) for inputs in of(suite, family) for n in ("X", "W", "wout")) < 4
    sizes = [(len(inputs["X"]), *inputs["W"].shape) for inputs in of(suite, "degenerate")]
    assert {size.index(1) for size in sizes[:3]} == {0, 1, 2}
    assert sizes[3] == (1, 1, 1)
    assert all(len({len(inputs["X"]), *inputs["W"].shape}) == 1 for inputs in of(suite, "square"))
    assert not any(inputs["X"].is_contiguous() or inputs["wout"].is_contiguous() for inputs in of(suite, "strided"))
    largest = [(len(inputs["X"]), *inputs["W"].shape) for inputs in of(suite, "large")]
    assert [max(sizes) for sizes in largest] == [64, 63, 32, 31, 32, 31]
    assert all(sorted(sizes)[1] <= 3 for sizes in largest)
    assert max(len(inputs["X"]) for family in set(FAMILIES) - {"large", "draw"} for inputs in of(suite, family)) <= 32


def test_outputs_get_large_and_small(suite: Suite) -> None:
    """Large scaled cases have every gradient beyond 20, so that clipped ones are seen, and one case has tiny ones."""
    *large, small = [case for case in suite.cases if case.family == "scaled"]
    for output in suite.exercise.asks:
        sizes = [float(case.expected[output].value.abs().max()) for case in large]
        assert sum(size > 20 for size in sizes) >= 2
        assert 0 < float(small.expected[output].value.abs().max()) < 1e-2


def test_large_inputs_come_where_results_stay_small() -> None:
    """Probabilities cannot get large, and most large scores saturate: every secret has both pairs."""

    def loss(Z: Float[Tensor, "N C"]) -> Tensor:
        return (torch.logsumexp(Z, 1) - Z[:, 0]).sum()

    exercise = Exercise(loss, {"dZ": Gradient("Z")}, {"N": (1, 32), "C": (2, 16)}, "f").named("loss")
    others = frozenset(FAMILIES) - {"scaled"}
    for secret in range(8):
        *large, _ = prepare(exercise, bytes([secret]), without=others).cases
        assert [case.name for case in large] == ["scaled-0", "scaled-1"]
        assert all(float(torch.as_tensor(case.inputs["Z"]).abs().max()) > 4 for case in large)


def test_zeros_ends_and_repeated_observations(suite: Suite) -> None:
    """Two cases have zeros in every input, targets of exactly 0 and 1, and one observation twice with its target."""
    for inputs in of(suite, "zeros"):
        assert all(bool((inputs[name] == 0).any()) for name in ("X", "W", "wout"))
        assert set(inputs["t"].unique().tolist()) == {0.0, 1.0}
        observations = torch.cat([inputs["X"], inputs["t"][:, None]], dim=1)
        assert len(observations.unique(dim=0)) < len(observations)


@pytest.mark.parametrize("slug", SLUGS)
def test_some_cases_have_the_sizes_of_the_one_before(slug: str) -> None:
    """For each variant: three pairs of equal shapes and different entries, one after the other."""
    drawn = prepare(catalog.bundled().load(slug), SECRET)
    for variant in drawn.exercise.variant_names:
        cases = [case for case in drawn.cases if case.variant == variant]
        pairs = [
            (one, two)
            for one, two in itertools.pairwise(cases)
            if {n: getattr(v, "shape", v) for n, v in one.inputs.items() if not isinstance(v, float)}
            == {n: getattr(v, "shape", v) for n, v in two.inputs.items() if not isinstance(v, float)}
        ]
        assert len(pairs) >= 3


def test_a_sigmoid_gets_steep(suite: Suite) -> None:
    """Two cases have a probability within 0.001 of 0 or 1, so that cut off probabilities are seen."""
    steep = [observe(suite.exercise, inputs)[1].saturation for inputs in of(suite, "strided")]
    assert all(7.3 < each < 7.5 for each in steep)


@pytest.mark.parametrize(("index", "answer"), [(0, True), (1, False)])
def test_decisions_are_narrow_on_both_sides(index: int, answer: bool) -> None:
    """Even cases have a slope just below the border of `flat`, odd ones just above: |score| is near 4.585."""
    drawn = prepare(catalog.bundled().load("relu_dark_side"), SECRET)
    narrow = 0
    for case in drawn.cases:
        if case.counts and case.name.endswith(f"-{index}"):
            X, W, b, wout = (value.double() for value in case.inputs.values())  # type: ignore[union-attr]
            slope = torch.sigmoid(torch.relu(X @ W + b) @ wout)
            slope = slope * (1 - slope)
            near = (slope - 0.01).abs() < 1e-4
            narrow += bool((near & ((slope < 0.01) == answer)).any())
    assert narrow >= 2


def test_given_results_keep_the_layout_that_the_forward_pass_makes() -> None:
    """In strided cases, results that are handed to the student are laid out as the forward pass makes them."""
    exercise = catalog.bundled().load("backward_pass_cells")
    others = frozenset(FAMILIES) - {"strided"} - {"square"}
    for case in prepare(exercise, SECRET, without=others).cases:
        given = with_given(exercise, {n: v for n, v in case.inputs.items() if n not in exercise.given})
        for name in exercise.given:
            assert torch.as_tensor(case.inputs[name]).stride() == torch.as_tensor(given[name]).stride()


@pytest.mark.parametrize("index", [0, 1])
def test_a_lone_difference_takes_both_signs(index: int) -> None:
    """With one observation the first case of a family has p above t, the second below."""
    drawn = prepare(catalog.bundled().load("single_observation_backprop"), SECRET)
    for family in ("lattice", "square", "strided"):
        x, t, W, wout = of(drawn, family)[index].values()
        assert bool(torch.sigmoid(torch.relu(x @ W) @ wout) > t) == (index == 0)


def test_nothing_to_draw_is_an_error() -> None:
    """An exercise whose every case is dead is refused with the reasons."""

    def zero(x: Float[Tensor, "D"]) -> Tensor:
        return (0 * x).sum()

    with pytest.raises(
        ExerciseError, match=r"zero: no case can be drawn .*dx 0 everywhere: 96, such as with D = .*; widen"
    ):
        prepare(Exercise(zero, {"dx": Gradient("x")}, {"D": (1, 8)}, "f").named("zero"), SECRET)


def test_an_axis_of_one_occurs_twice_also_where_conditions_tie_it_to_another() -> None:
    """One channel leaves one group only: such sizes are looked for before any that the conditions allow."""

    def grouped(x: Float[Tensor, "N C"], k: int) -> Float[Tensor, ""]:
        return (x**2).sum() * k

    exercise = Exercise(
        grouped,
        {"dx": Gradient("x")},
        {"N": (1, 4), "C": (1, 6), "G": (1, 3)},
        "f",
        inputs={"k": Size("G")},
        conditions=("C % G == 0",),
    ).named("grouped")
    for index in range(5):
        cases = prepare(exercise, bytes([index]) * 32).cases
        for axis in exercise.sizes:
            assert sum(case.sizes[axis] == 1 for case in cases) >= 2, (index, axis)
        assert all(case.sizes["C"] % case.sizes["G"] == 0 for case in cases)


def test_an_input_goes_without_zeros_only_where_they_would_sit_at_a_kink() -> None:
    """A ReLU of an input leaves zeros to what arrives from above; where usable candidates are rare, none is spared."""
    bundled = catalog.bundled()
    for slug, without in (("relu_layer", {"x"}), ("relu_module", {"x"}), ("local_derivatives", set())):
        for index in range(2):
            zeros = [each for each in prepare(bundled.load(slug), bytes([index]) * 32).cases if each.family == "zeros"]
            assert len(zeros) == 2
            for case in zeros:
                normal = {name: value for name, value in case.inputs.items() if name in ("x", "dout", "W", "wout")}
                assert {name for name, value in normal.items() if bool((torch.as_tensor(value) != 0).all())} == without


def test_the_last_index_is_missing_among_zeros_and_there_among_large_cases() -> None:
    """Somebody who reads the number of classes off the labels is caught twice, and so is who ignores the far ones."""
    for case in prepare(catalog.bundled().load("word_embedding"), SECRET).cases:
        words, last = torch.as_tensor(case.inputs["x"]), case.sizes["V"] - 1
        if case.family == "zeros":
            assert last == 0 or int(words.max()) < last
        if case.family == "large":
            assert int(words.max()) == last
