"""Tensors as plain bytes and back, without trusting what a tensor says about itself."""

from __future__ import annotations

import math
import struct
from typing import Any

import numpy as np
import torch

from grader.wire.outcome import Array, Foreign, Item
from grader.wire.protocol import ITEM_BYTES, MAX_RANK, Input

_TORCH = {name: getattr(torch, name) for name in ITEM_BYTES}
_NAMES = {dtype: name for name, dtype in _TORCH.items()}
_INT64 = range(-(2**63), 2**63)


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


def encode(value: torch.Tensor | float | int) -> Input:
    """An argument as bytes; the strides stay, except where entries share memory in another way than by expand."""
    if isinstance(value, torch.Tensor):
        shape, strides = tuple(value.shape), tuple(value.stride())
        return Input(_NAMES[value.dtype], shape, strides if _lays_apart(shape, strides) else (), raw_bytes(value))
    if isinstance(value, float):
        return Input("float64", (), (), struct.pack("=d", value), "float")
    return Input("int64", (), (), struct.pack("=q", value), "int")


def decode(value: Input) -> torch.Tensor | float | int:
    """A fresh argument in memory of its own, laid out like the original, gaps filled with zeros."""
    if value.number == "float":
        return float(struct.unpack("=d", value.data)[0])
    if value.number == "int":
        return int(struct.unpack("=q", value.data)[0])
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
    if not isinstance(value, torch.Tensor):
        return True
    return tuple(value.shape) == sent.shape and _NAMES.get(value.dtype) == sent.dtype and raw_bytes(value) == sent.data


def items(result: object, cap_bytes: int, max_items: int) -> tuple[tuple[Item, ...], bool]:
    """The members of a returned tuple or list, or the one bare result; raises OutputLimit before copying too much.

    More than `max_items` members make one bare `sequence`.
    """
    if not isinstance(result, (tuple, list)):
        return _within([result], cap_bytes), True
    base: Any = tuple if isinstance(result, tuple) else list  # a subclass may lie about its length and its members
    count = base.__len__(result)
    if count > max_items:
        return (Foreign("sequence", f"a {base.__name__} of {count} members"),), True
    return _within(list(base.__iter__(result)), cap_bytes), False


def _within(members: list[object], cap_bytes: int) -> tuple[Item, ...]:
    left, found = cap_bytes, []
    for member in members:
        item = _item(member, left, cap_bytes)
        left -= len(item.data) if isinstance(item, Array) else 0
        found.append(item)
    return tuple(found)


def _item(value: object, left: int, cap_bytes: int) -> Item:
    if isinstance(value, torch.Tensor):
        return _tensor(value, left, cap_bytes)
    if value is None:
        return Foreign("none", "None")
    if type(value) is bool:
        return Array("bool", (), struct.pack("=?", value))
    if type(value) is float:
        return Array("float64", (), struct.pack("=d", value))
    if type(value) is int and value in _INT64:
        return Array("int64", (), struct.pack("=q", value))
    if isinstance(value, str):
        return Foreign("text", str.__str__(value)[:200])
    if isinstance(value, (np.ndarray, np.generic)):
        return Foreign("array", f"a numpy {value.dtype} {'array' if value.shape else 'number'} of shape {value.shape}")
    if isinstance(value, (tuple, list, set, frozenset)):
        return Foreign("sequence", f"a {_type_name(value)} inside the result")
    if isinstance(value, dict):
        return Foreign("dict", f"a {_type_name(value)}")
    return Foreign("other", f"an object of type {_type_name(value)}")


def _tensor(value: torch.Tensor, left: int, cap_bytes: int) -> Item:
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
            raise OutputLimit(cap_bytes - left + size)
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
