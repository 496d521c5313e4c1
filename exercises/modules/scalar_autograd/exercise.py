"""A scalar autograd engine: numbers that remember how they were made, and a backward pass over that graph."""

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Gradient, Uniform, Value


def polynomial(a: Float[Tensor, "N"], b: Float[Tensor, "N"], c: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
    """A node, `d`, is used four times, near the result and far from it."""
    d = a * b + c
    return d * d + 2 * a - d + (d * b + a) * b


def rational(a: Float[Tensor, "N"], b: Float[Tensor, "N"], c: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
    return (1 - a) / c + c**3 / 4 - b / 2


def curved(a: Float[Tensor, "N"], b: Float[Tensor, "N"], c: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
    return torch.tanh(a * b) * torch.exp(c / 2) + torch.relu(a + b / 2)


def shared(a: Float[Tensor, "N"], b: Float[Tensor, "N"], c: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
    """Two graphs that share `a`: the second backward pass adds to what the first left there."""
    return a * b + a * a * c


def reused(a: Float[Tensor, "N"], b: Float[Tensor, "N"], c: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
    """Every operation is asked twice for the gradient of `a`, on each side that it has."""
    sums = (a + b) * (a + c) + (b + a) * (c + a)
    products = a * b + a * c + b * a + c * a
    return sums + products + a**2 + a**3 + torch.tanh(a) ** 2 + torch.exp(a) ** 2 + torch.relu(a) ** 2


def use(student: Any, a: Any, b: Any, c: Any) -> Iterator[dict[str, Any]]:
    outs, xs, ys, zs = [], [], [], []
    for n in range(len(a)):
        x, y, z = student.Value(a[n]), student.Value(b[n]), student.Value(c[n])
        d = x * y + z
        out = d * d + 2 * x - d + (d * y + x) * y
        out.backward()
        outs, xs, ys, zs = [*outs, out], [*xs, x], [*ys, y], [*zs, z]
    yield {"value": [out.data for out in outs]}
    yield {"da": [x.grad for x in xs], "db": [y.grad for y in ys], "dc": [z.grad for z in zs]}
    outs, xs, ys, zs = [], [], [], []
    for n in range(len(a)):
        x, y, z = student.Value(a[n]), student.Value(b[n]), student.Value(c[n])
        out = (1 - x) / z + z**3 / 4 - y / 2
        out.backward()
        outs, xs, ys, zs = [*outs, out], [*xs, x], [*ys, y], [*zs, z]
    yield {"value_of_quotient": [out.data for out in outs], "da_of_quotient": [x.grad for x in xs]}
    yield {"db_of_quotient": [y.grad for y in ys], "dc_of_quotient": [z.grad for z in zs]}
    outs, xs, zs = [], [], []
    for n in range(len(a)):
        x, y, z = student.Value(a[n]), student.Value(b[n]), student.Value(c[n])
        out = (x * y).tanh() * (z / 2).exp() + (x + 0.5 * y).relu()
        out.backward()
        outs, xs, zs = [*outs, out], [*xs, x], [*zs, z]
    yield {"value_of_functions": [out.data for out in outs]}
    yield {"da_of_functions": [x.grad for x in xs], "dc_of_functions": [z.grad for z in zs]}
    xs = []
    for n in range(len(a)):
        x, y, z = student.Value(a[n]), student.Value(b[n]), student.Value(c[n])
        (x * y).backward()
        (x * x * z).backward()
        xs = [*xs, x]
    yield {"da_of_two_graphs": [x.grad for x in xs]}
    xs = []
    for n in range(len(a)):
        x, y, z = student.Value(a[n]), student.Value(b[n]), student.Value(c[n])
        sums = (x + y) * (x + z) + (y + x) * (z + x)
        products = x * y + x * z + y * x + z * x
        functions = x.tanh() * x.tanh() + x.exp() * x.exp() + x.relu() * x.relu()
        (sums + products + x**2 + x**3 + functions).backward()
        xs = [*xs, x]
    yield {"da_of_reuse": [x.grad for x in xs]}


exercise = Exercise(
    title="A scalar autograd engine",
    use=use,
    framework="python",
    forward=polynomial,
    asks={
        "value": Value(points=1),
        "da": Gradient("a", points=2),
        "db": Gradient("b", points=2),
        "dc": Gradient("c", points=2),
        "value_of_quotient": Value(points=1, of=rational),
        "da_of_quotient": Gradient("a", points=1, of=rational),
        "db_of_quotient": Gradient("b", points=1, of=rational),
        "dc_of_quotient": Gradient("c", points=1, of=rational),
        "value_of_functions": Value(points=1, of=curved),
        "da_of_functions": Gradient("a", points=1, of=curved),
        "dc_of_functions": Gradient("c", points=1, of=curved),
        "da_of_two_graphs": Gradient("a", points=1, of=shared),
        "da_of_reuse": Gradient("a", points=1, of=reused),
    },
    sizes={"N": (1, 5)},
    inputs={"c": Uniform(0.5, 2.0)},
)
