"""Grids: tensors from their source, what differs, and what cannot be shown as one."""

from __future__ import annotations

import pytest

from grader.models import Counterexample
from grader.views import grids


def compared(expected: str, actual: str) -> grids.Comparison:
    return grids.comparison(Counterexample(inputs="x = 1", expected=expected, actual=actual))


def rows(grid: grids.Grid) -> list[list[str]]:
    return [[cell.text for cell in row] for block in grid.blocks for row in block.rows]


def test_expected_actual_and_difference() -> None:
    """Two matrices of one shape give three grids, and only what differs is marked."""
    expected, actual, difference = compared(
        "torch.tensor([[1., 2.], [3., 4.]])", "torch.tensor([[1., 2.5], [3., 4.]])"
    ).grids
    assert [grid.title for grid in (expected, actual, difference)] == [
        "expected",
        "yours",
        "difference (yours − expected)",
    ]
    assert rows(expected) == [["1.", "2."], ["3.", "4."]]
    assert rows(difference) == [["·", "+0.5"], ["·", "·"]]
    assert [cell.wrong for row in actual.blocks[0].rows for cell in row] == [False, True, False, False]


def test_rounding_in_the_last_digit_is_not_marked() -> None:
    """A cell that differs by a rounding of what is printed is equal, as long as another one really differs."""
    _, actual, _ = compared("torch.tensor([0.1234, 5.])", "torch.tensor([0.12341, 6.])").grids
    assert [cell.wrong for cell in actual.blocks[0].rows[0]] == [False, True]


def test_a_subtle_difference_is_marked_when_it_is_all_there_is() -> None:
    """Half precision differs in the fifth digit only, and that is shown."""
    _, actual, difference = compared("torch.tensor([1.00001])", "torch.tensor([1.])").grids
    assert actual.blocks[0].rows[0][0].wrong
    assert rows(difference) == [["-1e-05"]]


def test_another_shape_is_named() -> None:
    """Without a common shape there is no difference, and both shapes stand in the titles."""
    expected, actual = compared("torch.tensor([1., 2.])", "torch.tensor([[1.], [2.]])").grids
    assert expected.title == "expected, shape (2,)"
    assert actual.title == "yours, shape (2, 1)"
    assert not any(cell.wrong for block in actual.blocks for row in block.rows for cell in row)


def test_three_axes_become_labelled_matrices() -> None:
    """A full Jacobian is shown slice by slice."""
    expected, *_ = compared("torch.tensor([[[1., 0.]], [[0., 1.]]])", "torch.tensor([[[1., 0.]], [[0., 2.]]])").grids
    assert [block.label for block in expected.blocks] == ["[0]", "[1]"]
    assert expected.shape == (2, 1, 2)


def test_not_a_number_is_wrong() -> None:
    """NaN and infinity are read and differ from every number."""
    _, actual, difference = compared("torch.tensor([1., 2.])", "torch.tensor([float('nan'), float('inf')])").grids
    assert rows(actual) == [["nan", "inf"]]
    assert rows(difference) == [["≠", "≠"]]


@pytest.mark.parametrize("made", ["torch.tensor({})", "np.array({})", "{}"])
def test_numbers_of_every_framework_are_laid_out(made: str) -> None:
    """Tensors, arrays and lists are compared entry by entry."""
    *_, difference = compared(made.format("[[1., 2.]]"), made.format("[[1., 2.5]]")).grids
    assert rows(difference) == [["·", "+0.5"]]


def test_booleans_differ_without_a_number() -> None:
    """A decision has no difference, only a sign that it is the other one."""
    *_, difference = compared("torch.tensor([True, False])", "torch.tensor([True, True])").grids
    assert rows(difference) == [["·", "≠"]]


def test_numbers_for_booleans_are_only_laid_side_by_side() -> None:
    """Where booleans are expected and numbers came, no difference is made up."""
    assert len(compared("torch.tensor([True])", "torch.tensor([1.])").grids) == 2


@pytest.mark.parametrize(
    "text",
    [
        "RuntimeError: mat1 and mat2",
        "None",
        "a tensor of shape (9, 9)",
        "torch.zeros((0, 3))",
        "torch.tensor([[1.], [1., 2.]])",
    ],
)
def test_what_is_no_tensor_stays_text(text: str) -> None:
    """An exception, None, a description: shown as it is, beside the expected grid."""
    comparison = compared("torch.tensor([1.])", text)
    assert comparison.texts == (("yours", text),)
    assert [grid.title for grid in comparison.grids] == ["expected"]
