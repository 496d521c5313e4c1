"""A whole backward pass in the cells of a notebook, from the embedding of characters to the cross-entropy.

Each link is asked by itself: the forward pass and random gradients that arrive at the link are given, and the oracle
computes the vector-Jacobian product of that link. Longer than most exercises: it is the list of the links.
"""

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from grader.convention import Convention
from grader.exercise import Exercise, Gradient, Integers, Size

EPS = 1e-5
"""Added to the variance."""
AVERAGE = torch.mean
"""What makes one loss of those of a batch; other courses add them up, torch.sum."""


def divisor(n: int) -> int:
    """What the variance is divided by: it is unbiased; the biased one is divided by n."""
    return n - 1


def forward_pass(
    C: Float[Tensor, "V E"],
    Xb: Int[Tensor, "N T"],
    W1: Float[Tensor, "T*E H"],
    b1: Float[Tensor, "H"],
    bngain: Float[Tensor, "1 H"],
    bnbias: Float[Tensor, "1 H"],
    W2: Float[Tensor, "H V"],
    b2: Float[Tensor, "V"],
    Yb: Int[Tensor, "N"],
    n: int,
    dcounts_sum: Float[Tensor, "N 1"],
    dlogit_maxes: Float[Tensor, "N 1"],
    dbndiff2: Float[Tensor, "N H"],
    dbnmeani: Float[Tensor, "1 H"],
) -> dict[str, Tensor]:
    emb = C[Xb]
    embcat = emb.reshape(n, -1)
    hprebn = embcat @ W1 + b1
    bnmeani = hprebn.sum(0, keepdim=True) / n
    bndiff = hprebn - bnmeani
    bndiff2 = bndiff**2
    bnvar = bndiff2.sum(0, keepdim=True) / divisor(n)
    bnvar_inv = (bnvar + EPS) ** -0.5
    bnraw = bndiff * bnvar_inv
    hpreact = bngain * bnraw + bnbias
    h = torch.tanh(hpreact)
    logits = h @ W2 + b2
    logit_maxes = logits.max(1, keepdim=True).values
    norm_logits = logits - logit_maxes
    counts = torch.exp(norm_logits)
    counts_sum = counts.sum(1, keepdim=True)
    counts_sum_inv = counts_sum**-1
    probs = counts * counts_sum_inv
    logprobs = torch.log(probs)
    return {
        "emb": emb,
        "embcat": embcat,
        "hprebn": hprebn,
        "bnmeani": bnmeani,
        "bndiff": bndiff,
        "bndiff2": bndiff2,
        "bnvar": bnvar,
        "bnvar_inv": bnvar_inv,
        "bnraw": bnraw,
        "hpreact": hpreact,
        "h": h,
        "logits": logits,
        "logit_maxes": logit_maxes,
        "norm_logits": norm_logits,
        "counts": counts,
        "counts_sum": counts_sum,
        "counts_sum_inv": counts_sum_inv,
        "probs": probs,
        "logprobs": logprobs,
    }


def loss_of_logprobs(logprobs: Float[Tensor, "N V"], Yb: Int[Tensor, "N"], n: int) -> Float[Tensor, ""]:
    return -AVERAGE(logprobs[torch.arange(n), Yb])


def logprobs_of_probs(probs: Float[Tensor, "N V"]) -> Float[Tensor, "N V"]:
    return torch.log(probs)


def probs_of_counts_sum_inv(counts: Float[Tensor, "N V"], counts_sum_inv: Float[Tensor, "N 1"]) -> Float[Tensor, "N V"]:
    return counts * counts_sum_inv


def counts_sum_inv_of_counts_sum(counts_sum: Float[Tensor, "N 1"]) -> Float[Tensor, "N 1"]:
    return counts_sum**-1


def both_of_counts(counts: Float[Tensor, "N V"], counts_sum_inv: Float[Tensor, "N 1"]) -> dict[str, Tensor]:
    return {"probs": counts * counts_sum_inv, "counts_sum": counts.sum(1, keepdim=True)}


def counts_of_norm_logits(norm_logits: Float[Tensor, "N V"]) -> Float[Tensor, "N V"]:
    return torch.exp(norm_logits)


def norm_logits_of_logit_maxes(logits: Float[Tensor, "N V"], logit_maxes: Float[Tensor, "N 1"]) -> Float[Tensor, "N V"]:
    return logits - logit_maxes


def both_of_logits(logits: Float[Tensor, "N V"], logit_maxes: Float[Tensor, "N 1"]) -> dict[str, Tensor]:
    return {"norm_logits": logits - logit_maxes, "logit_maxes": logits.max(1, keepdim=True).values}


def logits_of_h(h: Float[Tensor, "N H"], W2: Float[Tensor, "H V"], b2: Float[Tensor, "V"]) -> Float[Tensor, "N V"]:
    return h @ W2 + b2


def h_of_hpreact(hpreact: Float[Tensor, "N H"]) -> Float[Tensor, "N H"]:
    return torch.tanh(hpreact)


def hpreact_of_bngain(
    bngain: Float[Tensor, "1 H"], bnraw: Float[Tensor, "N H"], bnbias: Float[Tensor, "1 H"]
) -> Float[Tensor, "N H"]:
    return bngain * bnraw + bnbias


def bnraw_of_bnvar_inv(bndiff: Float[Tensor, "N H"], bnvar_inv: Float[Tensor, "1 H"]) -> Float[Tensor, "N H"]:
    return bndiff * bnvar_inv


def bnvar_inv_of_bnvar(bnvar: Float[Tensor, "1 H"]) -> Float[Tensor, "1 H"]:
    return (bnvar + EPS) ** -0.5


def bnvar_of_bndiff2(bndiff2: Float[Tensor, "N H"], n: int) -> Float[Tensor, "1 H"]:
    return bndiff2.sum(0, keepdim=True) / divisor(n)


def both_of_bndiff(bndiff: Float[Tensor, "N H"], bnvar_inv: Float[Tensor, "1 H"]) -> dict[str, Tensor]:
    return {"bnraw": bndiff * bnvar_inv, "bndiff2": bndiff**2}


def bndiff_of_bnmeani(hprebn: Float[Tensor, "N H"], bnmeani: Float[Tensor, "1 H"]) -> Float[Tensor, "N H"]:
    return hprebn - bnmeani


def both_of_hprebn(hprebn: Float[Tensor, "N H"], bnmeani: Float[Tensor, "1 H"], n: int) -> dict[str, Tensor]:
    return {"bndiff": hprebn - bnmeani, "bnmeani": hprebn.sum(0, keepdim=True) / n}


def hprebn_of_embcat(
    embcat: Float[Tensor, "N T*E"], W1: Float[Tensor, "T*E H"], b1: Float[Tensor, "H"]
) -> Float[Tensor, "N H"]:
    return embcat @ W1 + b1


def embcat_of_emb(emb: Float[Tensor, "N T E"], n: int) -> Float[Tensor, "N T*E"]:
    return emb.reshape(n, -1)


def emb_of_C(C: Float[Tensor, "V E"], Xb: Int[Tensor, "N T"]) -> Float[Tensor, "N T E"]:
    return C[Xb]


def use(
    student: Any,
    C: Any,
    Xb: Any,
    W1: Any,
    b1: Any,
    bngain: Any,
    bnbias: Any,
    W2: Any,
    b2: Any,
    Yb: Any,
    n: Any,
    emb: Any,
    embcat: Any,
    hprebn: Any,
    bnmeani: Any,
    bndiff: Any,
    bndiff2: Any,
    bnvar: Any,
    bnvar_inv: Any,
    bnraw: Any,
    hpreact: Any,
    h: Any,
    logits: Any,
    logit_maxes: Any,
    norm_logits: Any,
    counts: Any,
    counts_sum: Any,
    counts_sum_inv: Any,
    probs: Any,
    logprobs: Any,
    dlogprobs: Any,
    dprobs: Any,
    dcounts_sum_inv: Any,
    dcounts_sum: Any,
    dcounts: Any,
    dnorm_logits: Any,
    dlogit_maxes: Any,
    dlogits: Any,
    dh: Any,
    dhpreact: Any,
    dbnraw: Any,
    dbnvar_inv: Any,
    dbnvar: Any,
    dbndiff2: Any,
    dbndiff: Any,
    dbnmeani: Any,
    dhprebn: Any,
    dembcat: Any,
    demb: Any,
) -> Iterator[dict[str, Any]]:
    vocab_size, n_embd, n_hidden, block_size = len(C), C.shape[1], len(b1), Xb.shape[1]
    known = {name: value for name, value in locals().items() if name != "student"}
    yield {"dlogprobs": lambda: student.run("dlogprobs", **known)}
    yield {"dprobs": lambda: student.run("dprobs", **known)}
    yield {"dcounts_sum_inv": lambda: student.run("dcounts_sum_inv", **known)}
    yield {"dcounts_sum": lambda: student.run("dcounts_sum", **known)}
    yield {"dcounts": lambda: student.run("dcounts", **known)}
    yield {"dnorm_logits": lambda: student.run("dnorm_logits", **known)}
    yield {"dlogit_maxes": lambda: student.run("dlogit_maxes", **known)}
    yield {"dlogits": lambda: student.run("dlogits", **known)}
    yield {"dh": lambda: student.run("dh", **known)}
    yield {"dW2": lambda: student.run("dW2", **known)}
    yield {"db2": lambda: student.run("db2", **known)}
    yield {"dhpreact": lambda: student.run("dhpreact", **known)}
    yield {"dbngain": lambda: student.run("dbngain", **known)}
    yield {"dbnraw": lambda: student.run("dbnraw", **known)}
    yield {"dbnbias": lambda: student.run("dbnbias", **known)}
    yield {"dbnvar_inv": lambda: student.run("dbnvar_inv", **known)}
    yield {"dbnvar": lambda: student.run("dbnvar", **known)}
    yield {"dbndiff2": lambda: student.run("dbndiff2", **known)}
    yield {"dbndiff": lambda: student.run("dbndiff", **known)}
    yield {"dbnmeani": lambda: student.run("dbnmeani", **known)}
    yield {"dhprebn": lambda: student.run("dhprebn", **known)}
    yield {"dembcat": lambda: student.run("dembcat", **known)}
    yield {"dW1": lambda: student.run("dW1", **known)}
    yield {"db1": lambda: student.run("db1", **known)}
    yield {"demb": lambda: student.run("demb", **known)}
    yield {"dC": lambda: student.run("dC", **known)}


exercise = Exercise(
    title="A backward pass in cells",
    use=use,
    forward=forward_pass,
    given=(
        "emb",
        "embcat",
        "hprebn",
        "bnmeani",
        "bndiff",
        "bndiff2",
        "bnvar",
        "bnvar_inv",
        "bnraw",
        "hpreact",
        "h",
        "logits",
        "logit_maxes",
        "norm_logits",
        "counts",
        "counts_sum",
        "counts_sum_inv",
        "probs",
        "logprobs",
    ),
    asks={
        "dlogprobs": Gradient("logprobs", of=loss_of_logprobs),
        "dprobs": Gradient("probs", upstream="dlogprobs", of=logprobs_of_probs),
        "dcounts_sum_inv": Gradient("counts_sum_inv", upstream="dprobs", of=probs_of_counts_sum_inv),
        "dcounts_sum": Gradient("counts_sum", upstream="dcounts_sum_inv", of=counts_sum_inv_of_counts_sum),
        "dcounts": Gradient("counts", upstream={"probs": "dprobs", "counts_sum": "dcounts_sum"}, of=both_of_counts),
        "dnorm_logits": Gradient("norm_logits", upstream="dcounts", of=counts_of_norm_logits),
        "dlogit_maxes": Gradient("logit_maxes", upstream="dnorm_logits", of=norm_logits_of_logit_maxes),
        "dlogits": Gradient(
            "logits", upstream={"norm_logits": "dnorm_logits", "logit_maxes": "dlogit_maxes"}, of=both_of_logits
        ),
        "dh": Gradient("h", upstream="dlogits", of=logits_of_h),
        "dW2": Gradient("W2", upstream="dlogits", of=logits_of_h),
        "db2": Gradient("b2", upstream="dlogits", of=logits_of_h),
        "dhpreact": Gradient("hpreact", upstream="dh", of=h_of_hpreact),
        "dbngain": Gradient("bngain", upstream="dhpreact", of=hpreact_of_bngain),
        "dbnraw": Gradient("bnraw", upstream="dhpreact", of=hpreact_of_bngain),
        "dbnbias": Gradient("bnbias", upstream="dhpreact", of=hpreact_of_bngain),
        "dbnvar_inv": Gradient("bnvar_inv", upstream="dbnraw", of=bnraw_of_bnvar_inv),
        "dbnvar": Gradient("bnvar", upstream="dbnvar_inv", of=bnvar_inv_of_bnvar),
        "dbndiff2": Gradient("bndiff2", upstream="dbnvar", of=bnvar_of_bndiff2),
        "dbndiff": Gradient("bndiff", upstream={"bnraw": "dbnraw", "bndiff2": "dbndiff2"}, of=both_of_bndiff),
        "dbnmeani": Gradient("bnmeani", upstream="dbndiff", of=bndiff_of_bnmeani),
        "dhprebn": Gradient("hprebn", upstream={"bndiff": "dbndiff", "bnmeani": "dbnmeani"}, of=both_of_hprebn),
        "dembcat": Gradient("embcat", upstream="dhprebn", of=hprebn_of_embcat),
        "dW1": Gradient("W1", upstream="dhprebn", of=hprebn_of_embcat),
        "db1": Gradient("b1", upstream="dhprebn", of=hprebn_of_embcat),
        "demb": Gradient("emb", upstream="dembcat", of=embcat_of_emb),
        "dC": Gradient("C", upstream="demb", of=emb_of_C),
    },
    sizes={"N": (3, 5), "T": (1, 3), "E": (1, 3), "H": (1, 4), "V": (3, 5)},
    inputs={"Xb": Integers(0, "V"), "Yb": Integers(0, "V"), "n": Size("N")},
    conventions=(
        Convention(
            "biased-variance",
            {"divisor": lambda n: n},
            "Here the variance is divided by n, as other courses have it; in this notebook it is divided by n - 1.",
        ),
        Convention(
            "sum-instead-of-mean",
            {"AVERAGE": torch.sum},
            "Here the losses of the batch are added up, as some courses do; this course takes their mean.",
        ),
    ),
)
