"""Results become plain bytes whatever they claim to be."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np
import pytest
import torch

from grader.wire import tensors
from grader.wire.outcome import Array, Foreign, Item
from grader.wire.protocol import Framework
from grader.wire.tensors import OutputLimit


def sent(value: object, cap_bytes: int = 10**6) -> Item:
    """The one bare result."""
    (item,), bare = tensors.items(value, cap_bytes, 8)
    assert bare
    return item


def plain(dtype: torch.dtype, values: list[float]) -> Array:
    """A vector as it should be sent."""
    name = str(dtype).removeprefix("torch.")
    return Array(name, (len(values),), torch.tensor(values, dtype=dtype).view(torch.uint8).numpy().tobytes())


class Liar(torch.Tensor):
    """Says that it is something else."""

    @property
    def shape(self) -> Any:  # type: ignore[override]
        return (10**9,)

    @property
    def dtype(self) -> Any:  # type: ignore[override]
        return torch.int64

    def detach(self) -> Any:
        return torch.zeros(3)

    def __eq__(self, other: object) -> bool:
        return True

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return torch.full((2,), 42.0)


@pytest.mark.parametrize(
    "value",
    [
        torch.tensor([1.0, 2.0]),
        torch.tensor([1.0, 2.0], requires_grad=True) * 1,
        torch.nn.Parameter(torch.tensor([1.0, 2.0])),
        torch.tensor([[1.0, 9.0], [2.0, 9.0]])[:, 0],
        torch.tensor([1.0 + 1j, 2.0 - 1j]).conj().real,
        torch.tensor([-1.0, -2.0])._neg_view(),
        torch.tensor([1.0, 2.0]).as_subclass(Liar),
    ],
    ids=["plain", "requires_grad", "parameter", "strided", "real_of_conj", "negative_bit", "lying_subclass"],
)
def test_dense_tensors(value: torch.Tensor) -> None:
    """The stored values arrive, without gradient, view, lazy bits or the lies of a subclass."""
    assert sent(value) == plain(torch.float32, [1.0, 2.0])


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64, torch.int32, torch.uint8])
def test_dtypes_stay(dtype: torch.dtype) -> None:
    """What was really returned is what is sent; the trusted side decides about it."""
    assert sent(torch.tensor([1.0, 0.0], dtype=dtype)) == plain(dtype, [1.0, 0.0])


def test_expanded_tensors_become_whole() -> None:
    """A tensor whose entries share memory is sent entry by entry."""
    assert sent(torch.tensor(1.0).expand(2)) == plain(torch.float32, [1.0, 1.0])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1.5, Array("float64", (), np.float64(1.5).tobytes(), "number")),
        (True, Array("bool", (), b"\x01", "number")),
        (-2, Array("int64", (), np.int64(-2).tobytes(), "number")),
    ],
)
def test_numbers_are_arrays_without_axes(value: object, expected: Array) -> None:
    """Python numbers count as results."""
    assert sent(value) == expected


class Lying(np.ndarray):
    """An array that says something else about itself than what it holds."""

    shape = (7,)  # type: ignore[assignment]
    dtype = np.dtype("int8")  # type: ignore[assignment]

    def __array__(self, *_: object) -> np.ndarray:
        return np.ones(7)

    def tobytes(self, *_: object) -> bytes:  # type: ignore[override]
        return b"lies"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.array([1.0, 2.0]), Array("float64", (2,), np.array([1.0, 2.0]).tobytes(), "array")),
        (np.arange(6.0).reshape(2, 3).T, Array("float64", (3, 2), np.arange(6.0).reshape(2, 3).T.tobytes(), "array")),
        (np.array([1.0, 2.0], dtype=">f8"), Array("float64", (2,), np.array([1.0, 2.0]).tobytes(), "array")),
        (np.array([1.0, 2.0]).view(Lying), Array("float64", (2,), np.array([1.0, 2.0]).tobytes(), "array")),
        (np.float32(1), Array("float32", (), np.float32(1).tobytes(), "number")),
        (np.array([7], dtype="uint16"), Array("int32", (1,), np.array([7], dtype="int32").tobytes(), "array")),
        ((1.0, [2.0]), Foreign("sequence", "a tuple inside the result")),
        ([[1, 2], [3, 4.5]], Array("float64", (2, 2), np.array([[1, 2], [3, 4.5]]).tobytes(), "list")),
        ([torch.tensor(1.0), np.float64(2)], Array("float64", (2,), np.array([1.0, 2.0]).tobytes(), "list")),
        ([[1.0], [2.0, 3.0]], Foreign("sequence", "a list inside the result")),
        ([], Foreign("sequence", "a list inside the result")),
    ],
    ids=range(11),
)
def test_arrays_and_lists_of_numbers_are_sent(value: object, expected: Item) -> None:
    """The numbers of an array or of a rectangular list arrive; what a subclass says about itself does not matter."""
    assert tensors.item(value, 2**20) == expected


@pytest.mark.parametrize("form", ["numpy", "python"])
def test_inputs_in_other_frameworks(form: Framework) -> None:
    """An array in float64 with the layout of the tensor, or nested lists; both say whether they were changed."""
    value = torch.arange(6.0).reshape(2, 3).T
    sent = tensors.encode(value, form)
    argument: Any = tensors.decode(sent)
    if form == "numpy":
        assert argument.dtype == np.float64
        assert argument.strides == (8, 24)
    assert np.array_equal(np.asarray(argument), value.numpy())
    assert tensors.is_unchanged(argument, sent)
    argument[0][0] = 7.0
    assert not tensors.is_unchanged(argument, sent)


def test_one_list_of_numbers_is_one_result_where_one_is_asked_for() -> None:
    """A returned list holds several results only where several are asked for."""
    found, bare = tensors.items([1.0, 2.0], 2**20, 64, outputs=1)
    assert (len(found), bare) == (1, True)
    found, bare = tensors.items([1.0, 2.0], 2**20, 64, outputs=2)
    assert (len(found), bare) == (2, False)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, Foreign("none", "None")),
        ("bad rank", Foreign("text", "bad rank")),
        ("x" * 1000, Foreign("text", "x" * 200)),
        (np.array([None, 1]), Foreign("array", "a numpy object array of shape (2,)")),
        (np.zeros(2, dtype=[("a", "f8")]), Foreign("array", "a numpy [('a', '<f8')] array of shape (2,)")),
        (np.zeros(2, dtype=complex), Foreign("array", "a numpy complex128 array of shape (2,)")),
        (np.zeros((1,) * 5), Foreign("array", "a numpy float64 array of shape (1, 1, 1, 1, 1)")),
        (torch.zeros(2, dtype=torch.complex64), Foreign("tensor", "a complex64 tensor of shape (2,)")),
        (torch.zeros(2, 2).to_sparse(), Foreign("tensor", "a float32 tensor (sparse_coo) of shape (2, 2)")),
        (torch.zeros(2, device="meta"), Foreign("tensor", "a float32 tensor of shape (2,) on device meta")),
        (torch.zeros((1,) * 5), Foreign("tensor", "a float32 tensor of shape (1, 1, 1, 1, 1)")),
        ({"dW": 1}, Foreign("dict", "a dict")),
        (iter([1]), Foreign("other", "an object of type list_iterator")),
        (10**30, Foreign("other", "an object of type int")),
        ([0] * 10**6, Foreign("sequence", "a list of 1000000 members")),
    ],
    ids=lambda value: value.text if isinstance(value, Foreign) else "",
)
def test_what_is_no_dense_tensor_is_described(value: object, expected: Foreign) -> None:
    """Other objects are named and never sent."""
    assert sent(value) == expected


@pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor")
def test_quantised_tensors_are_described() -> None:
    """A quantised tensor is named and not sent."""
    quantised = torch.quantize_per_tensor(torch.zeros(2), 1.0, 0, torch.qint8)
    assert sent(quantised) == Foreign("tensor", "a qint8 tensor of shape (2,)")


def test_containers() -> None:
    """Members of tuples and lists are results of their own; what they nest is described."""
    pair = namedtuple("pair", "dW dwout")  # what students write
    items, bare = tensors.items(pair(torch.tensor([1.0]), [torch.tensor([1.0])]), 100, 8)
    assert not bare
    assert items == (plain(torch.float32, [1.0]), Foreign("sequence", "a list inside the result"))
    assert tensors.items([], 100, 8) == ((), False)


def test_lying_containers() -> None:
    """A list subclass that lies about its length is read as the list that it is."""

    class Endless(list):  # type: ignore[type-arg]
        def __len__(self) -> int:
            return 1

        def __iter__(self) -> Any:
            while True:
                yield 1.0

    items, _ = tensors.items(Endless([2.0, 3.0]), 100, 8)
    assert len(items) == 2


def test_the_cap_counts_before_copying() -> None:
    """A tensor beyond the cap is measured, not copied, even when its memory is small."""
    with pytest.raises(OutputLimit) as raised:
        sent(torch.zeros(1).expand(10**9, 10))
    assert raised.value.size_bytes == 4 * 10**10
    with pytest.raises(OutputLimit):
        tensors.items([torch.zeros(3), torch.zeros(3)], 20, 8)


@pytest.mark.parametrize(
    "value",
    [
        torch.arange(6.0).reshape(2, 3).t(),
        torch.arange(6.0).as_strided((2, 2), (1, 1)),
        torch.arange(6.0).expand(3, 6),
        torch.arange(24.0).reshape(2, 3, 4).permute(2, 0, 1)[::2],
        torch.tensor(3.0),
        torch.zeros(2, 0),
    ],
)
def test_inputs_round_trip(value: torch.Tensor) -> None:
    """Inputs arrive with their values, in memory of their own; strides stay unless entries overlap."""
    copy = tensors.decode(tensors.encode(value))
    assert isinstance(copy, torch.Tensor)
    assert torch.equal(copy, value)
    assert copy.data_ptr() != value.data_ptr() or not value.numel()
    if value.stride() != (1, 1):
        assert copy.stride() == value.stride()
    assert tensors.is_unchanged(copy, tensors.encode(value))


def test_inputs_hide_what_lies_between_their_entries() -> None:
    """Memory around a strided input is not sent along."""
    column = torch.arange(6.0).reshape(3, 2)[:, 0]
    copy = tensors.decode(tensors.encode(column))
    assert isinstance(copy, torch.Tensor)
    assert copy.as_strided((5,), (1,)).tolist() == [0.0, 0.0, 2.0, 0.0, 4.0]


@pytest.mark.parametrize(
    "change",
    [lambda x: x.data.add_(1), lambda x: x.resize_(1), lambda x: x.set_(torch.zeros(2)), lambda x: x.numpy().fill(7)],
)
def test_changes_are_noticed(change: Any) -> None:
    """An input that was changed in any way, past torch's own bookkeeping too, is noticed."""
    sent_as = tensors.encode(torch.tensor([1.0, 2.0]))
    value = tensors.decode(sent_as)
    change(value)
    assert not tensors.is_unchanged(value, sent_as)
