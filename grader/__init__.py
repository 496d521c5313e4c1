"""A grader for hand-written gradients: hidden cases, torch.autograd as oracle, a sandbox that holds no answer."""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"
__all__ = ["__version__", "check"]


def __getattr__(name: str) -> Any:
    """`from grader import check` brings torch, which nothing else here needs: so it is imported only when asked for."""
    if name == "check":
        return import_module("grader.selfcheck.notebook").check
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
