"""Classes, functions and containers that code beside them fills in: they load as Python would have made them."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator

import pytest
import torch

from grader.worker.loader import load
from tests.worker.conftest import load_py

RELU = "class ReLU:\n    k = 1\n    def backward(self): return 1\n"
BETTER = "def better(c): c.k = 2\n"
USE = "\ndef f(): return ReLU.k"

HELPED = {
    "a helper that fills in a class": "better(ReLU)",
    "such a helper by keyword": "better(c=ReLU)",
    "such a helper by another name": "improve = better\nimprove(ReLU)",
    "such a helper in partial": "from functools import partial\ngo = partial(better, ReLU)\ngo()",
    "such a helper in map": "list(map(better, [ReLU]))",
    "such a helper in a comprehension": "_ = [better(c) for c in (ReLU, int) if c is ReLU]",
    "such a helper in a loop": "for c in [ReLU]: better(c)",
    "such a helper in a dict": "ops = {'b': better}\nops['b'](ReLU)",
    "such a helper called by another": "def outer(c): return better(c)\nouter(ReLU)",
    "such a helper called by a function of no arguments": "def go(): better(ReLU)\ngo()",
    "a helper in the body of another class": "class Setup:\n    better(ReLU)",
    "globals() as an argument": "better(globals()['ReLU'])",
    "such a helper in a try": "try:\n    better(ReLU)\nexcept Exception: pass",
    "such a helper in an if": "if hasattr(ReLU, 'k'): better(ReLU)",
    "such a helper in a while": "n = 1\nwhile n:\n    n = 0\n    better(ReLU)",
    "such a helper in a conditional expression": "x = better(ReLU) if True else None",
    "such a helper after an and": "True and better(ReLU)",
    "such a helper of a walrus": "(c := ReLU)\nbetter(c)",
    "such a helper in an f-string": "print(f'{better(ReLU)}')",
    "such a helper in a list": "hs = [better]\nhs[0](ReLU)",
    "such helpers in a loop": "for h in (better,): h(ReLU)",
    "such a helper with a star": "args = (ReLU,)\nbetter(*args)",
    "such a helper with two stars": "kw = {'c': ReLU}\nbetter(**kw)",
    "such a helper in reduce": "from functools import reduce\nreduce(lambda a, c: better(c), [ReLU], None)",
    "getattr of the module as an argument": "import sys\nbetter(getattr(sys.modules[__name__], 'ReLU'))",
    "such a helper in an inner function": "def outer():\n    def inner(c): better(c)\n    inner(ReLU)\nouter()",
}
"""What calls `better` on the class."""
FILLED = {
    "partial(setattr) as a decorator's body": "from functools import partial\nput = partial(setattr, ReLU)\n"
    "put('k', 2)",
    "such a helper in a value position": "def better(c):\n    c.k = 2\n    return c\nR2 = better(ReLU)",
    "such a helper called by two others": "def a(c): return b(c)\ndef b(c): return better(c)\n"
    "def better(c): c.k = 2\n_ = a(ReLU)",
    "such a helper that is a lambda": "better = lambda c: setattr(c, 'k', 2)\nbetter(ReLU)",
    "such a helper that takes a list": "def better(cs):\n    for c in cs: c.k = 2\nbetter([ReLU])",
    "such a helper that takes many": "def better(*cs):\n    for c in cs: c.k = 2\nbetter(int and ReLU)",
    "such a helper that takes keywords": "def better(**cs):\n    for c in cs.values(): c.k = 2\nbetter(a=ReLU)",
    "such a helper with a local name": "def better(c):\n    d = c\n    d.k = 2\nbetter(ReLU)",
    "such a helper that is a method": "class Patch:\n    def on(self, c): c.k = 2\nPatch().on(ReLU)",
    "such a method in a value position": "class Patch:\n    def on(self, c): c.k = 2\np = Patch()\n_ = p.on(ReLU)",
    "such a static method": "class Patch:\n    @staticmethod\n    def on(c): c.k = 2\nPatch.on(ReLU)",
    "such a constructor": "class Patch:\n    def __init__(self, c): c.k = 2\nPatch(ReLU)",
    "such a function that a factory makes": "def make():\n    def better(c): c.k = 2\n    return better\nmake()(ReLU)",
    "such a factory's function by name": "def make():\n    def better(c): c.k = 2\n    return better\n"
    "better = make()\nbetter(ReLU)",
    "type.__setattr__": "type.__setattr__(ReLU, 'k', 2)",
    "another name of a class": "R = ReLU\nR.k = 2",
    "a loop over classes": "class Tanh(ReLU): pass\nfor c in (ReLU, Tanh): c.k = 2",
    "setattr in a loop over classes": "class Tanh(ReLU): pass\nfor c in (ReLU, Tanh): setattr(c, 'k', 2)",
    "a dict of classes": "D = {'relu': ReLU}\nD['relu'].k = 2",
    "a registry of classes": "D = {}\nD['relu'] = ReLU\nD['relu'].k = 2",
    "a registry that is an object": "class N: pass\nn = N()\nn.r = ReLU\nn.r.k = 2",
    "a registry by append": "L = []\nL.append(ReLU)\nL[0].k = 2",
    "a registry that is gone through": "D = {}\nD['relu'] = ReLU\nfor c in D.values(): c.k = 2",
    "a registry by update": "D = {}\nD.update(relu=ReLU)\nD['relu'].k = 2",
    "a function's result that is its argument": "def same(c): return c\nsame(ReLU).k = 2",
    "the class of an instance": "r = ReLU()\ntype(r).k = 2",
    "__class__ of an instance": "r = ReLU()\nr.__class__.k = 2",
    "a class decorator of another class": "def onto(base):\n    def deco(c):\n        base.k = c.k\n"
    "        return c\n    return deco\n@onto(ReLU)\nclass Other: k = 2",
    "a parent that a child's decorator fills in": "def lift(c):\n    c.__mro__[1].k = c.k\n    return c\n@lift\n"
    "class T(ReLU): k = 2",
    "a context manager that gives its argument": "from contextlib import contextmanager\n@contextmanager\n"
    "def opened(c): yield c\nwith opened(ReLU) as R: R.k = 2",
    "a context manager that changes": "from contextlib import contextmanager\n@contextmanager\ndef opened(c):\n"
    "    c.k = 2\n    yield\nwith opened(ReLU): pass",
    "globals().update of a class": "globals().update(ReLU=type('ReLU', (), {'k': 2}))",
    "globals() of a class": "globals()['ReLU'].k = 2",
    "a delegating setter": "def put(o, **kw):\n    for n, v in kw.items(): setattr(o, n, v)\nput(ReLU, k=2)",
    "the body of another class": "class Setup:\n    ReLU.k = 2",
    "a decorator in the body of another class": "def on(c):\n    def d(g):\n        c.k = 2\n        return g\n"
    "    return d\nclass Setup:\n    @on(ReLU)\n    def m(self): pass",
    "a lambda that is called at once": "(lambda c: setattr(c, 'k', 2))(ReLU)",
    "a lambda in map": "list(map(lambda c: setattr(c, 'k', 2), [ReLU]))",
    "several targets": "ReLU.j, ReLU.k = 1, 2",
    "a dict that is called": "dict(r=ReLU)['r'].k = 2",
    "a class that holds the class": "class H:\n    target = ReLU\nH.target.k = 2",
    "an instance that holds the class": "class H:\n    def __init__(self, c): self.c = c\n"
    "    def go(self): self.c.k = 2\nH(ReLU).go()",
    "such an instance in a value position": "class H:\n    def __init__(self, c): self.c = c\n"
    "    def go(self): self.c.k = 2\nh = H(ReLU)\n_ = h.go()",
    "a method that its parent defines": "class Base:\n    def on(self, c): c.k = 2\nclass D(Base):\n"
    "    def on(self, c): super().on(c)\nD().on(ReLU)",
    "a class method that changes its argument": "class P:\n    @classmethod\n    def on(cls, c): c.k = 2\nP.on(ReLU)",
    "a context manager that holds the class": "class P:\n    def __init__(self, c): self.c = c\n"
    "    def __enter__(self): self.c.k = 2\n"
    "    def __exit__(self, *a): pass\nwith P(ReLU): pass",
    "a generator that changes its argument": "def gen(c):\n    c.k = 2\n    yield 1\nfor _ in gen(ReLU): pass",
    "a closure without arguments": "def make(c):\n    def go(): c.k = 2\n    return go\ngo = make(ReLU)\ngo()",
    "a result in a tuple": "def pair(c): return c, 1\nc, _ = pair(ReLU)\nc.k = 2",
    "a class that a function defines": "def go():\n    global ReLU\n    class ReLU: k = 2\ngo()",
    "a dict in a dict": "D = {'a': {'b': ReLU}}\nD['a']['b'].k = 2",
    "a field of a dataclass": "from dataclasses import dataclass\n@dataclass\nclass H:\n    c: type\nh = H(ReLU)\n"
    "h.c.k = 2",
    "a SimpleNamespace": "from types import SimpleNamespace\nh = SimpleNamespace(c=ReLU)\nh.c.k = 2",
    "a defaultdict of lists": "from collections import defaultdict\nd = defaultdict(list)\nd['a'].append(ReLU)\n"
    "d['a'][0].k = 2",
    "calls in a chain": "class P:\n    def on(self, c):\n        c.k = 2\n        return self\n"
    "P().on(int and ReLU).on(ReLU)",
    "a default argument that is changed": "def better(c=ReLU): c.k = 2\nbetter()",
    "a helper that calls itself": "def better(c, n=2):\n    if n: better(c, n - 1)\n    else: c.k = 2\n"
    "_ = better(ReLU)",
}
"""What changes the class in another way."""
OTHERS = {
    "a decorator that adds a method, as d2l has it": "class ReLU:\n    k = 1\n    def backward(self): return 1\n"
    "def add_to_class(Class):\n    def wrapper(obj):\n        setattr(Class, obj.__name__, obj)\n"
    "    return wrapper\n@add_to_class(ReLU)\ndef backward(self): return 2\ndef f(): return ReLU().backward()",
    "such a decorator by keyword": "class ReLU:\n    k = 1\n    def backward(self): return 1\n"
    "def add_to_class(Class):\n    def wrapper(obj):\n        setattr(Class, obj.__name__, obj)\n"
    "    return wrapper\n@add_to_class(Class=ReLU)\ndef backward(self): return 2\ndef f(): return ReLU().backward()",
    "such a decorator that is a class": "class ReLU:\n    k = 1\n    def backward(self): return 1\nclass add_to:\n"
    "    def __init__(self, c): self.c = c\n    def __call__(self, g):\n        setattr(self.c, g.__name__, g)\n"
    "        return g\n@add_to(ReLU)\ndef backward(self): return 2\ndef f(): return ReLU().backward()",
    "such a decorator with a name of its own": "class ReLU:\n    k = 1\n    def backward(self): return 1\n"
    "def add_to_class(Class):\n    def wrapper(obj):\n        setattr(Class, obj.__name__, obj)\n"
    "    return wrapper\nadds = add_to_class(ReLU)\n@adds\ndef backward(self): return 2\n"
    "def f(): return ReLU().backward()",
    "such a decorator for two classes": "class ReLU:\n    k = 1\n    def backward(self): return 1\n"
    "class Tanh(ReLU): pass\ndef add_to(*classes):\n    def wrapper(g):\n"
    "        for c in classes: setattr(c, g.__name__, g)\n        return g\n    return wrapper\n"
    "@add_to(Tanh, ReLU)\ndef backward(self): return 2\ndef f(): return ReLU().backward()",
    "such a decorator made by a lambda": "class ReLU:\n    k = 1\n    def backward(self): return 1\n"
    "add_to = lambda c: lambda g: setattr(c, g.__name__, g)\n@add_to(ReLU)\ndef backward(self): return 2\n"
    "def f(): return ReLU().backward()",
    "a helper that fills in a function": "def setup(g): g.k = 2\ndef f(): return f.k\nsetup(f)",
    "a helper that fills in an object, by keyword": "class O: k = 1\ns = O()\ndef conf(o): o.k = 2\nconf(o=s)\n"
    "def f(): return s.k",
    "a helper that fills in an element": "cfg = {'m': [1]}\ndef init(m): m.append(2)\ninit(cfg['m'])\n"
    "def f(): return cfg['m'][-1]",
    "a helper that fills in an attribute of a class": "class N: s = [1]\ndef init(m): m.append(2)\ninit(N.s)\n"
    "def f(): return N.s[-1]",
    "a library's function that fills in an element": "import numpy as np\nP = {'W': np.ones((2, 2))}\n"
    "np.fill_diagonal(P['W'], 2)\ndef f(): return P['W'][0, 0]",
    "a library's function that fills in a class's attribute": "import numpy as np\nclass N: W = np.ones((2, 2))\n"
    "np.fill_diagonal(N.W, 2)\ndef f(): return N.W[0, 0]",
    "a library's function in a function": "import numpy as np\nP = np.ones((2, 2))\n"
    "def fill(): np.fill_diagonal(P, 2)\nfill()\ndef f(): return P[0, 0]",
    "a library's function in a helper": "import numpy as np\nclass N: W = np.ones((2, 2))\n"
    "def fill(a): np.fill_diagonal(a, 2)\nfill(N.W)\ndef f(): return N.W[0, 0]",
    "a library's function with a keyword": "import numpy as np\nP = [np.ones(2)]\nnp.copyto(dst=P[0], src=2)\n"
    "def f(): return P[0][0]",
    "a library's function with out=": "import numpy as np\nP = [np.ones(2)]\n_ = np.add(1, 1, out=P[0])\n"
    "def f(): return P[0][0]",
    "an in-place function of torch": "import torch\nclass N: W = torch.ones(2)\ntorch.nn.init.constant_(N.W, 2)\n"
    "def f(): return N.W[0]",
    "a heap": "import heapq\nclass N: h = [3]\nheapq.heappush(N.h, 2)\ndef f(): return N.h[0]",
    "a method of a type": "class N: s = [1]\nlist.append(N.s, 2)\ndef f(): return N.s[-1]",
    "operator.setitem": "import operator\nd = {}\n_ = operator.setitem(d, 'k', 2)\ndef f(): return d.get('k', 1)",
    "a registry by a decorator": "D = {}\ndef register(c):\n    D['relu'] = c\n    return c\n@register\n"
    "class ReLU:\n    k = 1\n    def backward(self): return 1\nD['relu'].k = 2\ndef f(): return ReLU.k",
    "vars of an object": "class O: k = 1\no = O()\nvars(o)['k'] = 2\ndef f(): return o.k",
    "__dict__ of a function": "def f(): return f.k\nf.__dict__['k'] = 2",
    "a class's base by a mixin": "class ReLU:\n    k = 1\n    def backward(self): return 1\nclass M:\n"
    "    def backward(self): return 2\nfor n, v in vars(M).items():\n    if n == 'backward': setattr(ReLU, n, v)\n"
    "def f(): return ReLU().backward()",
    "a class decorator that fills in": "def better(c):\n    c.k = 2\n    return c\n@better\nclass ReLU:\n    k = 1\n"
    "    def backward(self): return 1\ndef f(): return ReLU.k",
    "a method of torch's tensors by such a decorator": "import torch\ndef method(c):\n    def deco(g):\n"
    "        setattr(c, g.__name__, g)\n        return g\n    return deco\n@method(torch.Tensor)\n"
    "def double_it(self): return self * 2\ndef f(x=torch.ones(())): return x.double_it()",
    "a helper on torch's tensors": "import torch\ndef better(c): c.double_it = lambda self: self * 2\n"
    "better(torch.Tensor)\ndef f(x=torch.ones(())): return x.double_it()",
    "a helper on torch's tensors in a function": "import torch\ndef better(c): c.double_it = lambda self: self * 2\n"
    "def go(): better(torch.Tensor)\ngo()\ndef f(x=torch.ones(())): return x.double_it()",
    "eval": "s = [1]\neval('s.append(2)')\ndef f(): return s[-1]",
    "a method that calls a method": "class C:\n    k = 1\n    def put(self): self.k = 2\n    def go(self):\n"
    "        self.put()\n        return 0\nc = C()\n_ = c.go()\ndef f(): return c.k",
    "an instance's method that changes its argument": "class O:\n    def fit(self, m): m['k'] = 2\nm = {'k': 1}\n"
    "_ = O().fit(m)\ndef f(): return m['k']",
    "an augmented attribute through a helper": "class N: k = 1\ndef add(o): o.k += 1\nadd(N)\ndef f(): return N.k",
    "a type that is changed by a metaclass's method": "class M(type):\n    def put(c, v): c.k = v\n"
    "class ReLU(metaclass=M): k = 1\nReLU.put(2)\ndef f(): return ReLU.k",
    "a function registered by a call": "from functools import singledispatch\n@singledispatch\ndef g(x): return 1\n"
    "def h(x): return 2\ng.register(int)(h)\ndef f(): return g(3)",
    "the module itself as an argument": "import hw1\nclass ReLU:\n    k = 1\n    def backward(self): return 1\n"
    "def better(c): c.k = 2\nbetter(hw1.ReLU)\ndef f(): return ReLU.k",
    "an attribute that is deleted": "class ReLU:\n    k = 1\n    j = 2\n    def backward(self): return 1\n"
    "class A: k = 2\nclass ReLU(A):\n    k = 1\ndel ReLU.k\ndef f(): return ReLU.k",
    "delattr": "class A: k = 2\nclass ReLU(A): k = 1\ndelattr(ReLU, 'k')\ndef f(): return ReLU.k",
}
"""Whole files."""
CASES = {
    **{what: RELU + BETTER + text + USE for what, text in HELPED.items()},
    **{what: RELU + text + USE for what, text in FILLED.items()},
    **OTHERS,
}


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    """Take away what the cases leave in torch and in this process."""
    yield
    sys.modules.pop("hw1", None)
    if "double_it" in vars(torch.Tensor):
        del torch.Tensor.double_it  # type: ignore[attr-defined]


def in_python(source: str) -> float:
    """What Python itself gives for f() when all of the file has run."""
    module = types.ModuleType("hw1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "hw1", module)
        exec(source, vars(module))  # noqa: S102 - the cases of this file
        return float(module.f())


@pytest.mark.parametrize("what", CASES)
def test_what_is_filled_in_is_there(what: str) -> None:
    """Each case gives 2 in Python, and something else, or an exception, where the slice lacks what fills it in."""
    assert in_python(CASES[what]) == 2
    functions, loaded = load_py(CASES[what])
    assert "f" in functions, loaded
    assert float(functions["f"]()) == 2


HELPER = BETTER + (
    "def add_to_class(c):\n    def put(g):\n        setattr(c, g.__name__, g)\n        return g\n    return put\n"
)
K_OF_NET = "\ndef f(): return net()"


@pytest.mark.parametrize(
    ("main", "helper"),
    [
        (
            f"from helper import add_to_class as a\n{RELU}@a(ReLU)\ndef two(self): return 2\n"
            "def f(): return ReLU().two()",
            HELPER,
        ),
        (f"from helper import better\n{RELU}better(ReLU){USE}", HELPER),
        (f"from helper import better as fill\n{RELU}fill(ReLU){USE}", HELPER),
        (f"import helper as h\n{RELU}h.better(ReLU){USE}", HELPER),
        (f"from helper import *\n{RELU}better(ReLU){USE}", HELPER),
        (f"from helper import better\n{RELU}def go(c): better(c)\n_ = go(ReLU){USE}", HELPER),
        (
            f"import helper\n{RELU}@helper.add_to_class(ReLU)\ndef two(self): return 2\ndef f(): return ReLU().two()",
            HELPER,
        ),
        (f"from helper import ReLU, net\n{BETTER}better(ReLU){K_OF_NET}", RELU + "def net(): return ReLU.k"),
        (
            f"import helper\n{BETTER}better(helper.ReLU)\ndef f(): return helper.net()",
            RELU + "def net(): return ReLU.k",
        ),
        (f"from helper import net{K_OF_NET}", f"{RELU}{BETTER}better(ReLU)\ndef net(): return ReLU.k"),
        (
            "from helper import Net\nn = Net()\n_ = n.step()\ndef f(): return n.k",
            "class Net:\n    k = 1\n    def step(self): self.k = 2",
        ),
    ],
)
def test_files_fill_in_each_other(main: str, helper: str) -> None:
    """Whether what fills in, or what is filled in, stands in another file."""
    functions, loaded = load([("hw1.py", main.encode()), ("helper.py", helper.encode())], ["f"])
    assert "f" in functions, loaded
    assert float(functions["f"]()) == 2


NUMERIC = """
def numeric(g, x, h=0.1):
    loud.append(1)
    for i in range(len(x)):
        x[i] += h
        g(x)
        x[i] -= h
"""
"""A gradient check changes its argument and puts it back; it is not there for the function that it is given."""


@pytest.mark.parametrize(
    "beside",
    [
        "numeric(f, W)",
        "_ = numeric(f, W)",
        "numeric(lambda x: f(x), [1.0])",
        "check = numeric\ncheck(f, W)",
        "def test(g): numeric(g, W)\ntest(f)",
        "losses = []\nfor step in range(9): losses = np.append(losses, f(loud.append(1)))",
        "def check(layer, x): loud.append(layer)\ncheck(Net.forward, W)",
        "print(Net.forward, loud.append(1))",
        "R = Net\nR().forward(loud.append(1))",
        "for R in (Net, list): R(*loud.append(1) or ())",
        "nets = {'a': Net}\nnets['a']().forward(loud.append(1))",
    ],
)
def test_what_only_uses_a_function_or_class_does_not_run(beside: str) -> None:
    """Gradient checks, tests and training beside what is graded are left out, whoever else they change."""
    net = "class Net:\n    def forward(self, x): return x\n"
    source = f"import numpy as np\nloud = []\nW = [1.0]\n{net}def f(x): return Net().forward(x)\n{NUMERIC}{beside}\n"
    functions, loaded = load_py(source)
    assert functions["f"](3) == 3
    assert loaded.notes == ()
    assert "loud" not in vars(sys.modules["hw1"])
