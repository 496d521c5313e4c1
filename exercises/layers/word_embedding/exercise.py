"""Word embedding: every word of a sentence, a whole number, becomes a row of a table."""

from collections.abc import Iterator
from typing import Any

from jaxtyping import Float, Int
from torch import Tensor

from grader.exercise import Exercise, Gradient, Integers, Value


def embedding(x: Int[Tensor, "N T"], W: Float[Tensor, "V D"]) -> Float[Tensor, "N T D"]:
    return W[x]


def use(student: Any, x: Any, W: Any, dout: Any) -> Iterator[dict[str, Any]]:
    out, cache = student.word_embedding_forward(x, W)
    yield {"out": out}
    student.word_embedding_forward(0 * x, W)
    yield {"dW": student.word_embedding_backward(dout, cache)}


exercise = Exercise(
    title="Word embedding",
    use=use,
    framework="numpy",
    forward=embedding,
    asks={"out": Value(points=1), "dW": Gradient("W", upstream="dout", points=4)},
    sizes={"N": (1, 5), "T": (1, 5), "V": (1, 6), "D": (1, 5)},
    inputs={"x": Integers(0, "V")},
)
