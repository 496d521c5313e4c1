# %% The sizes of this run; when your cells are graded, they differ from case to case.
import torch

torch.manual_seed(0)
n, block_size, n_embd, n_hidden, vocab_size = 4, 3, 2, 5, 6
Xb = torch.randint(vocab_size, (n, block_size))
Yb = torch.randint(vocab_size, (n,))

# %% The parameters.
C = torch.randn(vocab_size, n_embd)
W1, b1 = torch.randn(block_size * n_embd, n_hidden), torch.randn(n_hidden)
bngain, bnbias = torch.randn(1, n_hidden), torch.randn(1, n_hidden)
W2, b2 = torch.randn(n_hidden, vocab_size), torch.randn(vocab_size)

# %% The forward pass, one step per line.
emb = C[Xb]
embcat = emb.view(n, -1)
hprebn = embcat @ W1 + b1
bnmeani = hprebn.sum(0, keepdim=True) / n
bndiff = hprebn - bnmeani
bndiff2 = bndiff**2
bnvar = bndiff2.sum(0, keepdim=True) / (n - 1)
bnvar_inv = (bnvar + 1e-5) ** -0.5
bnraw = bndiff * bnvar_inv
hpreact = bngain * bnraw + bnbias
h = torch.tanh(hpreact)
logits = h @ W2 + b2
logit_maxes = logits.max(1, keepdim=True).values
norm_logits = logits - logit_maxes
counts = norm_logits.exp()
counts_sum = counts.sum(1, keepdim=True)
counts_sum_inv = counts_sum**-1
probs = counts * counts_sum_inv
logprobs = probs.log()
loss = -logprobs[torch.arange(n), Yb].mean()

# %% Back through the loss: a derivative is called d and the variable's name, and has the variable's shape.
eye = torch.eye(vocab_size)
targets = eye[Yb]
dlogprobs = -targets / n

# %% Back through the softmax.
dprobs = dlogprobs / probs
dcounts_sum_inv = torch.einsum("nv,nv->n", counts, dprobs)[:, None]
dcounts_sum = -dcounts_sum_inv * counts_sum_inv**2
direct = torch.einsum("nv,nj->nv", dprobs, counts_sum_inv)
through_sum = dcounts_sum.expand(n, vocab_size)
dcounts = direct + through_sum
dnorm_logits = torch.einsum("nv,nv->nv", dcounts, counts)

# %% Back to the logits: they reach the loss on two ways.
dlogit_maxes = -torch.einsum("nv->n", dnorm_logits).unsqueeze(1)
where_max = eye[logits.argmax(dim=1)]
dlogits = dnorm_logits + where_max * dlogit_maxes

# %% Back through the second linear layer and tanh.
dh = torch.einsum("nv,hv->nh", dlogits, W2)
dW2 = torch.einsum("nh,nv->hv", h, dlogits)
db2 = torch.einsum("nv->v", dlogits)
dhpreact = torch.einsum("nh,nh->nh", dh, 1 - h * h)

# %% Back through batch normalisation.
dbngain = torch.einsum("nh,nh->h", dhpreact, bnraw)[None]
dbnraw = torch.einsum("nh,jh->nh", dhpreact, bngain)
dbnbias = torch.einsum("nh->h", dhpreact)[None]
dbnvar_inv = torch.einsum("nh,nh->h", dbnraw, bndiff)[None]
dbnvar = -(bnvar_inv**3) / 2 * dbnvar_inv
dbndiff2 = (dbnvar / (n - 1)).repeat(n, 1)
dbndiff = dbnraw * bnvar_inv + dbndiff2 * bndiff * 2
dbnmeani = -torch.einsum("nh->h", dbndiff)[None]
dhprebn = dbndiff + dbnmeani / n

# %% Back through the first linear layer and the embedding.
dembcat = torch.einsum("nh,eh->ne", dhprebn, W1)
dW1 = torch.einsum("ne,nh->eh", embcat, dhprebn)
db1 = torch.einsum("nh->h", dhprebn)
demb = dembcat.reshape(n, block_size, n_embd)
dC = torch.einsum("ntv,nte->ve", eye[Xb], demb)
