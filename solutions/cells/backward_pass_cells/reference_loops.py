import torch

dlogprobs = torch.zeros_like(logprobs)
for i in range(n):
    dlogprobs[i, Yb[i]] -= 1.0 / n

dprobs = torch.zeros_like(probs)
for i in range(n):
    for j in range(probs.shape[1]):
        dprobs[i, j] = dlogprobs[i, j] * (1 / probs[i, j])

dcounts_sum_inv = torch.stack([(counts[i] * dprobs[i]).sum() for i in range(n)])[:, None]
dcounts_sum = dcounts_sum_inv * (-(counts_sum_inv**2))
dcounts = dprobs * counts_sum_inv
dcounts += torch.ones_like(counts) * dcounts_sum
dnorm_logits = torch.exp(norm_logits) * dcounts
dlogit_maxes = (-dnorm_logits).sum(1, keepdim=True)
dlogits = torch.zeros_like(logits)
for i in range(n):
    best = int(logits[i].argmax())
    for j in range(logits.shape[1]):
        dlogits[i, j] = dnorm_logits[i, j] + (dlogit_maxes[i, 0] if j == best else 0.0)

dh = torch.einsum("nv,hv->nh", dlogits, W2)
dW2, db2 = torch.zeros_like(W2), torch.zeros_like(b2)
for i in range(n):
    dW2 += torch.outer(h[i], dlogits[i])
    db2 += dlogits[i]
dhpreact = dh - dh * h * h

dbngain, dbnbias = torch.zeros_like(bngain), torch.zeros_like(bnbias)
for i in range(n):
    dbngain += bnraw[i] * dhpreact[i]
    dbnbias += dhpreact[i]
dbnraw = dhpreact * bngain
dbnvar_inv = sum(bndiff[i] * dbnraw[i] for i in range(n))[None]
dbnvar = dbnvar_inv * -0.5 * bnvar_inv**3
dbndiff2 = (dbnvar / (n - 1)).repeat(n, 1)
dbndiff = dbnraw * bnvar_inv
dbndiff = dbndiff + dbndiff2 * bndiff * 2
dbnmeani = 0 - dbndiff.sum(0)[None]
dhprebn = torch.zeros_like(hprebn)
for i in range(n):
    dhprebn[i] = dbndiff[i] + dbnmeani[0] / n

dembcat = torch.stack([W1 @ dhprebn[i] for i in range(n)])
dW1 = sum(torch.outer(embcat[i], dhprebn[i]) for i in range(n))
db1 = dhprebn.t().sum(1)
demb = dembcat.reshape(emb.shape)
dC = torch.zeros_like(C)
for i in range(Xb.shape[0]):
    for j in range(Xb.shape[1]):
        dC[Xb[i, j]] += demb[i, j]
