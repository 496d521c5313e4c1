"""What is imported before a worker is forked, so that it needs neither time nor files nor new executable pages for it.

A worker may not map executable pages, so a C extension that is not imported here cannot be imported there.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import re
from pathlib import Path

from grader.worker.uncompiled import uncompiled

# Standard modules that students reach for, with their C parts, and the parts of numpy and torch that load late.
MODULES = (
    "abc argparse array ast base64 bisect bz2 cProfile calendar cmath collections collections.abc concurrent.futures "
    "contextlib copy csv ctypes dataclasses datetime decimal difflib dis doctest enum fractions functools gc glob "
    "hashlib heapq hmac inspect io itertools json linecache logging lzma math mmap numbers operator os os.path "
    "pathlib pickle platform pprint queue random re secrets shutil statistics string struct subprocess sys sysconfig "
    "tempfile textwrap threading time timeit traceback types typing unicodedata typing_extensions unittest "
    "unittest.mock urllib.request uuid warnings weakref zlib zoneinfo asyncio multiprocessing einops "
    "matplotlib.pyplot pandas scipy.fft scipy.integrate scipy.interpolate scipy.linalg scipy.ndimage scipy.optimize "
    "scipy.signal scipy.sparse scipy.spatial scipy.special scipy.stats tqdm numpy numpy.fft numpy.linalg numpy.random "
    "numpy.testing "
    "numpy.polynomial jaxtyping nbformat torch torch.autograd.forward_ad torch.autograd.functional "
    "torch.autograd.gradcheck torch.distributions torch.fft torch.func torch.linalg torch.nn.functional torch.optim "
    "torch.special torch.testing torch.utils.data"
).split()


def preload() -> None:
    """Import everything that student code commonly needs and settle all libraries on one thread; twice is cheap.

    A fork has one thread, and a worker may not start more: a BLAS that was told of others would wait for them for
    ever. oneDNN compiles at run time, which a worker may not, so it is off. What is not installed is left out.
    """
    import torch
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    torch.set_num_threads(1)
    torch.backends.mkldnn.set_flags(False)
    for name in MODULES:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    torch.compile = uncompiled
    threadpool_limits(1)
    importlib.import_module("grader.worker.loader")
    _warm_up()


def preload_named(text: str) -> None:
    """Import those of the modules that a text may name; what is not installed is left out."""
    words = {*re.findall(r"\w+", text)}
    for name in MODULES:
        if words.issuperset(name.split(".")):
            with contextlib.suppress(Exception):
                importlib.import_module(name)


def gather_memory() -> None:
    """Gather this process's memory into huge pages, so that a fork copies, and an exit drops, fewer page tables.

    Halves what a worker costs; without effect where the kernel is older than Linux 6.1 or huge pages are off. To be
    done once, before the first fork: a fork that did it for itself would no longer share the memory.
    """
    gc.collect()
    madvise, collapse, huge = ctypes.CDLL(None).madvise, 25, 2 * 2**20
    for line in Path("/proc/self/maps").read_text().splitlines():
        where, modes, _, _, inode, *name = line.split(maxsplit=5)
        if not modes.startswith("rw") or inode != "0" or name not in ([], ["[heap]"]):
            continue
        start, end = (int(edge, 16) for edge in where.split("-"))
        start, end = -(-start // huge) * huge, end // huge * huge
        if start < end:
            madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), collapse)


def _warm_up() -> None:
    """Run what loads or initialises something on its first use: BLAS, LAPACK, the autograd engine, random numbers."""
    import numpy as np
    import torch

    for dtype in (torch.float32, torch.float64):
        a = torch.eye(3, dtype=dtype, requires_grad=True)
        b = torch.sigmoid(torch.relu(a @ a)) + torch.einsum("ij,jk->ik", a, a).exp()
        (torch.linalg.inv(a) + b).sum().backward()
        with torch.no_grad():
            torch.linalg.svd(a)
            torch.fft.fft(a)
            torch.bmm(a[None], a[None])
            torch.nn.functional.conv1d(a[None], a[None])
    torch.randn(2), np.random.default_rng(0).normal(size=2), np.linalg.svd(np.eye(2)), np.eye(2) @ np.eye(2)
