"""Exercises that nobody wrote misconceptions for: their mistakes are named from the forward pass alone."""

from __future__ import annotations

import importlib.util
from collections import Counter
from pathlib import Path


def test_mistakes_are_named_from_the_forward_pass() -> None:
    """At least four of five wrong gradients have the name of what is wrong, with six in each exercise."""
    spec = importlib.util.spec_from_file_location("forward_naming", Path(__file__).with_name("forward_naming.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    tried, right = Counter[str](), Counter[str]()
    for exercise, function, slugs, good in module.named():
        tried[exercise] += 1
        right[exercise] += good
        if not good:
            print(f"missed: {exercise}.{function} is named {sorted(slugs)}")
    print({exercise: f"{right[exercise]} of {number}" for exercise, number in tried.items()})
    assert min(tried.values()) >= 6
    assert right.total() >= 0.8 * tried.total()
