"""What stands for a value that could not be made: passing it by is harmless, computing with it says why."""

from __future__ import annotations

from typing import Any

OPERATORS = "add sub mul truediv floordiv mod divmod pow matmul lshift rshift and or xor".split()
"""Each also reflected and in place."""
OTHERS = (
    "call getitem setitem delitem iter next len contains enter exit mro_entries neg pos abs invert int float index "
    "complex round bool eq ne lt le gt ge array"
).split()


class Absent:
    """Stands for an import that failed or a value whose making was stopped; any use raises that error."""

    def __init__(self, error: Exception) -> None:
        self.__dict__["_error"] = error

    def _refuse(self, *_: object, **__: object) -> Any:
        error = self.__dict__["_error"]
        raise type(error)(*error.args)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        self._refuse()

    def __instancecheck__(self, _: object) -> bool:
        return False

    @classmethod
    def __torch_function__(cls, _: object, __: object, args: tuple[Any, ...] = (), kwargs: Any = None) -> Any:
        """What torch calls in place of a function that is given one, or a list or tuple with one in it."""
        given = [*args, *(kwargs or {}).values()]
        parts = [part for value in given for part in (value if isinstance(value, (list, tuple)) else [value])]
        absent = next((part for part in parts if type(part) is cls), None)
        return NotImplemented if absent is None else absent._refuse()


for _name in (*OTHERS, *(f"{kind}{name}" for name in OPERATORS for kind in ("", "r", "i"))):
    setattr(Absent, f"__{_name}__", Absent._refuse)
