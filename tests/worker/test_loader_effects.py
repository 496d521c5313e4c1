"""State that Python would have when the function is called, however indirectly a file sets it."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

from grader.wire.outcome import Loaded
from grader.worker.loader import load

CASES = {
    "a class attribute in a called function": "class S: k = 1\ndef go(): S.k = 2\ngo()\ndef f(): return S.k",
    "through two functions": "k = 1\ndef a():\n    global k\n    k = 2\ndef b(): a()\nb()\ndef f(): return k",
    "in a function that is mapped": "s = []\ndef a(x): s.append(x)\nlist(map(a, [1, 2]))\ndef f(): return len(s)",
    "in a function under another name": "s = [1]\ndef a(): s.append(2)\ngo = a\ngo()\ndef f(): return s[-1]",
    "in a method": "class M:\n    def fit(self):\n        global k\n        k = 2\nM().fit()\ndef f(): return k",
    "in a method of an instance": "k = 1\nclass M:\n    def fit(self):\n        global k\n        k = 2\nm = M()\n"
    "m.fit()\ndef f(): return k",
    "in a value position": "s = [1]\ndef go():\n    s.append(2)\n    return 0\nzero = go()\ndef f(): return s[-1]",
    "an alias": "class M: pass\nmodel = M()\nm = model\nm.k = 2\ndef f(): return model.k",
    "an alias of an alias": "s = [1]\na = s\nb = a\nb.append(2)\ndef f(): return s[-1]",
    "a method of an alias": "class M:\n    k = 1\n    def add(self, g): self.k = g\nmodel = M()\nm = model\n"
    "m.add(2)\ndef f(): return model.k",
    "a view": "import numpy as np\ns = np.ones(3)\nview = s[:1]\nview += 1\ndef f(): return s[0]",
    "a view by a method": "import torch\ns = torch.ones(3)\nflat = s.view(-1)\nflat[0] = 2\ndef f(): return s[0]",
    "a transposed view": "import numpy as np\ns = np.ones((2, 2))\nt = s.T\nt *= 2\ndef f(): return s[0, 0]",
    "a shared array": "import numpy as np, torch\na = np.ones(2)\nt = torch.from_numpy(a)\nt.add_(1)\n"
    "def f(): return a[0]",
    "an attribute of an object": "class M: pass\nm = M()\nm.s = [1]\ns = m.s\ns.append(2)\ndef f(): return m.s[-1]",
    "an element of a list": "a = [[1]]\nfor x in a: x.append(2)\ndef f(): return a[0][-1]",
    "an unpacked element": "a = [1]\nb = [1]\nboth = (a, b)\nfirst, _ = both\nfirst.append(2)\ndef f(): return a[-1]",
    "a value of a dict": "d = {'s': [1]}\ns = d['s']\ns += [2]\ndef f(): return d['s'][-1]",
    "a bound method": "s = [1]\npush = s.append\npush(2)\ndef f(): return s[-1]",
    "a bound method in partial": "from functools import partial\ns = [1]\npush = partial(s.append, 2)\npush()\n"
    "def f(): return s[-1]",
    "a with block": "import contextlib\ns = [1]\nwith contextlib.nullcontext(s) as a:\n    a.append(2)\n"
    "def f(): return s[-1]",
    "an object that holds it": "class Opt:\n    def __init__(self, p): self.p = p\n"
    "    def step(self): self.p[0] = 2\np = [1]\nopt = Opt(p)\nopt.step()\ndef f(): return p[0]",
    "a result that is a global": "s = [1]\ndef get(): return s\nget().append(2)\ndef f(): return s[-1]",
    "a result that is an argument": "s = [1]\ndef same(x): return x\na = same(s)\na.append(2)\ndef f(): return s[-1]",
    "a default argument": "s = [1]\ndef add(k, to=s): to.append(k)\nadd(2)\ndef f(): return s[-1]",
    "a default argument of a keyword": "s = [1]\ndef add(k, *, to=s): to.append(k)\nadd(2)\ndef f(): return s[-1]",
    "a local name inside": "s = [1]\ndef add(k):\n    to = s\n    to.append(k)\nadd(2)\ndef f(): return s[-1]",
    "an argument in a value position": "s = [1]\ndef add(to):\n    to.append(2)\n    return to\n_ = add(s)\n"
    "def f(): return s[-1]",
    "a comprehension": "s = [1]\n[s.append(k) for k in (3, 2)]\ndef f(): return s[-1]",
    "a comprehension that is kept": "s = [1]\n_ = [s.append(k) for k in (3, 2)]\ndef f(): return s[-1]",
    "a condition": "s = [1]\ns and s.append(2)\ndef f(): return s[-1]",
    "pop in a value position": "s = [2, 1]\nlast = s.pop()\ndef f(): return s[-1]",
    "a student's own method in a value position": "class C:\n    k = 1\n    def next(self):\n        self.k += 1\n"
    "        return 0\nc = C()\n_ = c.next()\ndef f(): return c.k",
    "a list that a class fills": "class C:\n    all = []\n    def __init__(self, k): self.all.append(k)\nC(2)\n"
    "def f(): return C.all[-1]",
    "an instance that changes its class": "class C:\n    k = 1\n    def go(self): type(self).k = 2\nc = C()\n"
    "c.go()\ndef f(): return C.k",
    "a class method": "class C:\n    k = 1\n    @classmethod\n    def go(cls): cls.k = 2\nC.go()\ndef f(): return C.k",
    "a registry of subclasses": "class B:\n    all = {}\n"
    "    def __init_subclass__(cls): B.all[cls.__name__] = cls\nclass D(B): k = 2\ndef f(): return B.all['D'].k",
    "__subclasses__": "class B: pass\nclass D(B): k = 2\ndef f(): return B.__subclasses__()[-1].k",
    "a registry by a metaclass": "class M(type):\n    all = []\n    def __init__(c, *a): M.all.append(c)\n"
    "class D(metaclass=M): k = 2\ndef f(): return M.all[-1].k",
    "a method of torch's tensors": "import torch\ntorch.Tensor.double_it = lambda self: self * 2\n"
    "def f(x=torch.ones(())): return x.double_it()",
    "a method of torch's tensors by name": "from torch import Tensor, ones\n"
    "Tensor.double_it = lambda self: self * 2\nx = ones(())\ndef f(): return x.double_it()",
    "setattr on a library's class": "import torch\nsetattr(torch.Tensor, 'double_it', lambda self: self * 2)\n"
    "x = torch.ones(())\ndef f(): return x.double_it()",
    "a patch in a called function": "import torch\ndef patch():\n"
    "    torch.Tensor.double_it = lambda self: self * 2\npatch()\ndef f(x=torch.ones(())): return x.double_it()",
    "a method that a decorator adds": "import torch\ndef method(g):\n    setattr(torch.Tensor, g.__name__, g)\n"
    "    return g\n@method\ndef double_it(self): return self * 2\ndef f(x=torch.ones(())): return x.double_it()",
    "sys.modules[__name__] by setattr": "import sys\nsetattr(sys.modules[__name__], 'k', 2)\ndef f(): return k",
    "sys.modules[__name__] by attribute": "import sys\nk = 1\nsys.modules[__name__].k = 2\ndef f(): return k",
    "sys.modules[__name__] by another name": "import sys\nk = 1\nme = sys.modules[__name__]\nme.k = 2\n"
    "def f(): return k",
    "sys.modules[__name__] by its dict": "import sys\nk = 1\nsys.modules[__name__].__dict__['k'] = 2\n"
    "def f(): return k",
    "the module by its own name": "import hw1\nk = 1\nhw1.k = 2\ndef f(): return k",
    "globals() of a name that is there": "k = 1\nglobals()['k'] = 2\ndef f(): return k",
    "globals() in a loop": "k = 1\nfor n in ['k']: globals()[n] = 2\ndef f(): return k",
    "globals().update": "k = 1\nglobals().update(k=2)\ndef f(): return k",
    "globals() in a function": "k = 1\ndef put(n, v): globals()[n] = v\nput('k', 2)\ndef f(): return k",
    "globals() by another name": "k = 1\ng = globals()\ng['k'] = 2\ndef f(): return k",
    "exec over a name that is there": "k = 1\nexec('k = 2')\ndef f(): return k",
    "a definition inside exec": "h = 2\nexec('def g(): return h')\ndef f(): return g()",
    "the entry point inside exec": "h = 2\nexec('def f(): return h')",
    "exec of a text in a variable": "h = 2\ntext = 'def g(): return h'\nexec(text)\ndef f(): return g()",
    "exec with globals": "exec('def g(): return 2', globals())\ndef f(): return g()",
    "builtins": "import builtins\nbuiltins.gradient_k = 2\ndef f(): return gradient_k",
    "a builtin that is replaced": "import builtins\nbuiltins.gradient_sum = lambda x: 2\n"
    "def f(): return gradient_sum([])",
    "__builtins__": "__builtins__.gradient_b = 2\ndef f(): return gradient_b",
    "a shadowed builtin that is given back": "sum = 3\ndel sum\ndef f(): return sum([1, 1])",
    "the limit of recursion": "import sys\nsys.setrecursionlimit(5000)\n"
    "def g(n): return 2 if n == 0 else g(n - 1)\ndef f(): return g(2000)",
    "try and finally": "s = [1]\ntry:\n    pass\nfinally:\n    s.append(2)\ndef f(): return s[-1]",
    "a nested function": "s = [1]\ndef outer():\n    def inner(): s.append(2)\n    inner()\nouter()\n"
    "def f(): return s[-1]",
    "a lambda": "s = [1]\nadd = lambda: s.append(2)\nadd()\ndef f(): return s[-1]",
    "a generator that is exhausted": "s = [1]\ndef g():\n    s.append(2)\n    yield\nlist(g())\ndef f(): return s[-1]",
    "an operator of a class": "class A:\n    k = 1\n    def __iadd__(self, o):\n        self.k = o\n"
    "        return self\na = A()\nb = a\nb += 2\ndef f(): return a.k",
    "a property's setter": "class A:\n    _k = [1]\n    @property\n    def k(self): return 0\n    @k.setter\n"
    "    def k(self, v): self._k.append(v)\na = A()\na.k = 2\ndef f(): return A._k[-1]",
}


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    """Take away what the cases leave in libraries and in this process."""
    limit = sys.getrecursionlimit()
    yield
    sys.setrecursionlimit(limit)
    for name in [name for name in vars(builtins) if name.startswith("gradient_")]:
        delattr(builtins, name)
    if "double_it" in vars(torch.Tensor):
        del torch.Tensor.double_it  # type: ignore[attr-defined]


def load_files(**texts: str) -> tuple[dict[str, Any], Loaded]:
    return load([(f"{name}.py", text.encode()) for name, text in texts.items()], ["f"])


@pytest.mark.parametrize("what", CASES)
def test_the_slice_holds_every_change(what: str) -> None:
    """Each case ends in 2 where the change is made, and in something else, or an exception, where it is missed."""
    functions, loaded = load_files(hw1=CASES[what])
    assert "f" in functions, loaded
    assert float(functions["f"]()) == 2


@pytest.mark.parametrize(
    ("main", "helper"),
    [
        ("import helper\nimport torch\ndef f(x=torch.ones(())): return x.double_it()", "PATCH"),
        ("from helper import other\nimport torch\ndef f(x=torch.ones(())): return x.double_it()", "PATCH\nother = 1"),
        ("import helper, conf\ndef f(): return conf.k", "import conf\nconf.k = 2"),
        ("import helper, conf\ndef f(): return conf.s[-1]", "import conf\nconf.s.append(2)"),
        ("import conf\nconf.k = 2\nfrom helper import g\ndef f(): return g()", "import conf\ndef g(): return conf.k"),
        ("import helper\nhelper.k = 2\nfrom helper import g\ndef f(): return g()", "k = 1\ndef g(): return k"),
        (
            "from helper import s\ns.append(2)\ndef f():\n    from helper import g\n    return g()",
            "s = []\ndef g(): return s[-1]",
        ),
    ],
)
def test_files_change_each_other(main: str, helper: str) -> None:
    """What an imported file does to libraries and to other files is done, though nothing of it is asked for by name."""
    helper = helper.replace("PATCH", "import torch\ntorch.Tensor.double_it = lambda self: self * 2")
    functions, loaded = load_files(hw1=main, helper=helper, conf="k = 1\ns = [1]")
    assert "f" in functions, loaded
    assert float(functions["f"]()) == 2


@pytest.mark.parametrize(
    "test",
    [
        "out = f(W)\nout.sum().backward()\nloud.append(1)",
        "out = f(W)\nout += 1\nloud.append(1)",
        "g = f\ng(W)\nprint(loud.append(1))",
        "results = [f(W)]\nfor r in results:\n    r.mul_(2)\n    loud.append(1)",
        "import numpy as np\nnp.testing.assert_allclose(f(W), loud.append(1))",
        "class Test:\n    def run(self): loud.append(f(W))\nTest().run()",
        "f(W).retain_grad(loud.append(1))",
        "def check(g, w): loud.append(g(w))\ncheck(f, W)",
        "loud.append(torch.allclose(f(W), W))",
        "model = torch.nn.Linear(1, 1)\nmodel.weight.data.copy_(f(W), loud.append(1))",
    ],
)
def test_tests_of_the_function_beside_it_do_not_run(test: str) -> None:
    """Calls and comparisons change nothing that the function uses."""
    source = f"import torch\nW = torch.ones(1)\nloud = []\nk = 1\ndef f(W): return W * k\n{test}\n"
    functions, loaded = load_files(hw1=source)
    assert functions["f"](torch.ones(1)) == 1
    assert loaded.notes == ()
    assert "loud" not in vars(sys.modules["hw1"])


def test_a_file_that_is_not_imported_changes_nothing() -> None:
    """An older version beside it may patch what it likes."""
    old = "import torch\ntorch.Tensor.double_it = lambda self: 3\n"
    functions, _ = load_files(hw1="import torch\ndef f(): return hasattr(torch.Tensor, 'double_it')", old=old)
    assert functions["f"]() is False


def test_a_patch_that_fails_costs_nothing_and_is_not_spoken_of() -> None:
    """Nobody asked for it."""
    source = "import torch, no_such\ntorch.Tensor.odd = no_such.odd\n"
    source += "import numpy as np\nnp.testing.odd = 1 / 0\ndef f(): return 2"
    functions, loaded = load_files(hw1=source)
    assert functions["f"]() == 2
    assert not hasattr(np.testing, "odd")
    assert not [note for note in loaded.notes if note.kind == "failed_statement"]
