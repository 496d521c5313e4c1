"""Tensors as plain bytes and back, without trusting what a tensor says about itself."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import Any, Literal, Union

import numpy as np
import torch

from grader.wire.outcome import Array, Foreign, Item
from grader.wire.protocol import ITEM_BYTES, MAX_RANK, Framework, Input

_TORCH = {name: getattr(torch, name) for name in ITEM_BYTES}
_NAMES = {dtype: name for name, dtype in _TORCH.items()}
_INT64 = range(-(2**63), 2**63)
_WIDER = {"uint16": "int32", "uint32": "int64"}
"""numpy's types that torch has not everywhere, and the type that holds all of their values."""
_CODES = {"float64": "=d", "int64": "=q", "bool": "=?"}
_NUMBERS: dict[str, Callable[[Any], bool | int | float]] = {"float": float, "int": int, "bool": bool}

_FORMS: dict[Framework, Literal["tensor", "array", "list"]] = {"torch": "tensor", "numpy": "array", "python": "list"}

Value = Union[torch.Tensor, float, int, bool]
"""One input of an exercise, on the trusted side."""
Argument = Union[torch.Tensor, np.ndarray, list[Any], float, int, bool]
"""One input as the student's code receives it."""


class OutputLimit(Exception):
    """The results are larger than the call allows; `size_bytes` says how large."""

    def __init__(self, size_bytes: int) -> None:
        super().__init__(size_bytes)
        self.size_bytes = size_bytes


def raw_bytes(tensor: torch.Tensor) -> bytes:
    """The values of a dense CPU tensor in C order."""
    if tensor.dtype is not torch.bfloat16:  # numpy has no such type
        return tensor.detach().numpy().tobytes()
    # Not .contiguous(): it leaves a lone entry its stride, and then no view as bytes exists.
    values = tensor.detach().clone(memory_format=torch.contiguous_format)
    return values.reshape(-1).view(torch.uint8).numpy().tobytes()


def encode(value: Value, framework: Framework = "torch") -> Input:
    """An argument as bytes, in the form in which students of a framework receive it.

    numpy and python: floats travel as float64. The strides stay, except where entries share memory in another way than
    by expand.
    """
    if isinstance(value, torch.Tensor):
        if framework != "torch" and value.is_floating_point():
            value = value.double()
        shape, strides = tuple(value.shape), tuple(value.stride())
        laid = strides if _lays_apart(shape, strides) else ()
        return Input(_NAMES[value.dtype], shape, laid, raw_bytes(value), _FORMS[framework])
    if isinstance(value, bool):
        return Input("bool", (), (), struct.pack("=?", value), "bool")
    if isinstance(value, float):
        return Input("float64", (), (), struct.pack("=d", value), "float")
    return Input("int64", (), (), struct.pack("=q", value), "int")


def decode(value: Input) -> Argument:
    """A fresh argument in memory of its own, laid out like the original, gaps filled with zeros."""
    if value.form in _NUMBERS:
        return _NUMBERS[value.form](struct.unpack(_CODES[value.dtype], value.data)[0])
    tensor = _laid_out(value)
    if value.form == "array":
        return np.asarray(tensor.numpy())
    numbers: Argument = tensor.tolist() if value.form == "list" else tensor
    return numbers


def _laid_out(value: Input) -> torch.Tensor:
    dtype = _TORCH[value.dtype]
    if not value.data:
        return torch.empty(value.shape, dtype=dtype)
    values = torch.frombuffer(bytearray(value.data), dtype=dtype).reshape(value.shape)
    if not value.strides or value.strides == values.stride():
        return values
    span = 1 + sum((size - 1) * stride for size, stride in zip(value.shape, value.strides, strict=True))
    laid = torch.zeros(span, dtype=dtype).as_strided(value.shape, value.strides)
    once = tuple(slice(0, 1) if stride == 0 else slice(None) for stride in value.strides)
    laid[once].copy_(values[once])
    return laid


def is_unchanged(value: object, sent: Input) -> bool:
    """Whether an argument still has the shape and the values that were sent."""
    if isinstance(value, np.ndarray):
        return value.shape == sent.shape and value.dtype.name == sent.dtype and value.tobytes() == sent.data
    if isinstance(value, list):
        return repr(value) == repr(decode(sent))
    if not isinstance(value, torch.Tensor):
        return True
    return tuple(value.shape) == sent.shape and _NAMES.get(value.dtype) == sent.dtype and raw_bytes(value) == sent.data


def items(result: object, cap_bytes: int, max_items: int, outputs: int = 0) -> tuple[tuple[Item, ...], bool]:
    """The members of a returned tuple or list, or the one bare result; raises OutputLimit before copying too much.

    More than `max_items` members make one bare `sequence`. outputs: how many results are wanted; where that is one, a
    (nested) list of numbers is one bare result.
    """
    if not isinstance(result, (tuple, list)):
        return _within([result], cap_bytes), True
    base: Any = tuple if isinstance(result, tuple) else list  # a subclass may lie about its length and its members
    count = base.__len__(result)
    if outputs == 1 and count > 1 and (numbers := _listed(result, cap_bytes)) is not None:
        return (numbers,), True
    if count > max_items:
        return (Foreign("sequence", f"a {base.__name__} of {count} members"),), True
    return _within(list(base.__iter__(result)), cap_bytes), False


def _within(members: list[object], cap_bytes: int) -> tuple[Item, ...]:
    left, found = cap_bytes, []
    for member in members:
        try:
            item_ = item(member, left)
        except OutputLimit as limit:
            raise OutputLimit(cap_bytes - left + limit.size_bytes) from None
        left -= len(item_.data) if isinstance(item_, Array) else 0
        found.append(item_)
    return tuple(found)


def item(value: object, left: int) -> Item:
    """One result as bytes, or what it is instead of numbers; raises OutputLimit beyond `left` bytes."""
    if isinstance(value, torch.Tensor):
        return _tensor(value, left)
    if value is None:
        return Foreign("none", "None")
    if type(value) is bool:
        return Array("bool", (), struct.pack("=?", value), "number")
    if type(value) is float:
        return Array("float64", (), struct.pack("=d", value), "number")
    if type(value) is int and value in _INT64:
        return Array("int64", (), struct.pack("=q", value), "number")
    if isinstance(value, str):
        return Foreign("text", str.__str__(value)[:200])
    if isinstance(value, (np.ndarray, np.generic)):
        return _array(value, left)
    if isinstance(value, (tuple, list, set, frozenset)):
        return _listed(value, left) or Foreign("sequence", f"a {_type_name(value)} inside the result")
    if isinstance(value, dict):
        return Foreign("dict", f"a {_type_name(value)}")
    return Foreign("other", f"an object of type {_type_name(value)}")


def _array(value: np.ndarray | np.generic, left: int) -> Item:
    """A numpy array or number as bytes. A subclass may lie about anything, so it is looked at as a plain array."""
    plain = np.ndarray.view(value, np.ndarray) if isinstance(value, np.ndarray) else np.array(value)
    name = _WIDER.get(plain.dtype.newbyteorder("=").name, plain.dtype.newbyteorder("=").name)
    if plain.dtype.fields is not None or name not in ITEM_BYTES or plain.ndim > MAX_RANK:
        kind = "array" if plain.ndim else "number"
        return Foreign("array", f"a numpy {str(plain.dtype)[:80]} {kind} of shape {plain.shape}")
    size = plain.size * ITEM_BYTES[name]
    if size > left:
        raise OutputLimit(size)
    data = plain.astype(name).tobytes()
    return Array(name, plain.shape, data, "array" if isinstance(value, np.ndarray) else "number")


def _listed(value: object, left: int) -> Array | None:
    """A rectangular (nested) list or tuple of numbers as bytes; None for anything else. Only plain lists are read."""
    shape: list[int] = []
    level: list[Any] = [value]
    while level and all(type(each) in (list, tuple) for each in level):
        length = len(level[0])
        if len(shape) == MAX_RANK or any(len(each) != length for each in level):
            return None
        shape.append(length)
        if 8 * math.prod(shape) > left:
            raise OutputLimit(8 * math.prod(shape))
        level = [member for each in level for member in each]
    if not shape or not level:
        return None
    numbers = [_number(each) for each in level]
    if any(number is None for number in numbers):
        return None
    whole = all(type(number) is int for number in numbers)
    name = "bool" if all(type(number) is bool for number in numbers) else "int64" if whole else "float64"
    return Array(name, tuple(shape), np.array(numbers, dtype=name).tobytes(), "list")


def _number(value: object) -> bool | int | float | None:
    """A plain number, or one in a numpy number or a tensor without axes."""
    if type(value) is bool or type(value) is float or (type(value) is int and value in _INT64):
        return value
    if not isinstance(value, (torch.Tensor, np.generic, np.ndarray)):
        return None
    try:
        found = item(value, 8)
    except OutputLimit:
        return None
    if not isinstance(found, Array) or found.shape != ():
        return None
    number: bool | int | float = torch.frombuffer(bytearray(found.data), dtype=_TORCH[found.dtype])[0].item()
    return number


def _tensor(value: torch.Tensor, left: int) -> Item:
    """A tensor as bytes. A subclass may lie about anything, so its overrides are switched off first."""
    with torch._C.DisableTorchFunctionSubclass():
        if type(value) is not torch.Tensor:
            value = torch.Tensor.as_subclass(value, torch.Tensor)
        value = torch.Tensor.detach(value)
        name = _NAMES.get(value.dtype)
        dense = value.layout is torch.strided and value.device.type == "cpu" and not value.is_nested
        if name is None or not dense or value.dim() > MAX_RANK:
            return Foreign("tensor", _description(value))
        shape = tuple(value.shape)
        size = math.prod(shape) * ITEM_BYTES[name]
        if size > left:
            raise OutputLimit(size)
        return Array(name, shape, raw_bytes(value.resolve_conj().resolve_neg()))


def _description(value: torch.Tensor) -> str:
    where = "" if value.device.type == "cpu" else f" on device {value.device}"
    layout = "" if value.layout is torch.strided else f" ({value.layout})".replace("torch.", "")
    return f"a {str(value.dtype).removeprefix('torch.')} tensor{layout} of shape {tuple(value.shape)}{where}"


def _type_name(value: object) -> str:
    return str(type.__dict__["__name__"].__get__(type(value)))[:80]


def _lays_apart(shape: tuple[int, ...], strides: tuple[int, ...]) -> bool:
    """Whether no two entries share memory, axes of stride 0 (expand) aside."""
    reach = 0
    for stride, size in sorted(
        (stride, size) for stride, size in zip(strides, shape, strict=True) if stride and size > 1
    ):
        if stride <= reach:
            return False
        reach += stride * (size - 1)
    return True
