"""What a process must have done before it forks workers."""

from __future__ import annotations

import os

import numpy as np
import torch
from threadpoolctl import threadpool_info

from grader.worker.preload import gather_memory, preload


def test_every_library_keeps_to_one_thread() -> None:
    """After preload neither torch nor numpy has threads that a fork would wait for, even if they had before."""
    torch.set_num_threads(2)
    torch.ones(500, 500) @ torch.ones(500, 500)
    preload()
    assert torch.get_num_threads() == 1
    assert {pool["num_threads"] for pool in threadpool_info()} == {1}
    child = os.fork()
    if child == 0:
        right = (torch.ones(500, 500) @ torch.ones(500, 500))[0, 0] == (np.ones((500, 500)) @ np.ones((500, 500)))[0, 0]
        os._exit(0 if right else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_gathering_memory_changes_nothing_in_it() -> None:
    """Values are the same in huge pages."""
    kept = np.arange(3_000_000)
    gather_memory()
    assert np.array_equal(kept, np.arange(3_000_000))
