# expected: dlogprobs=passed; dprobs=passed; dcounts_sum_inv=passed; dcounts_sum=passed; dcounts=passed; dnorm_logits=passed; dlogit_maxes=passed; dlogits=passed; dh=passed; dW2=passed; db2=passed; dhpreact=passed; dbngain=passed; dbnraw=passed; dbnbias=passed; dbnvar_inv=passed; dbnvar=passed; dbndiff2=failed:biased-variance; dbndiff=passed; dbnmeani=passed; dhprebn=passed; dembcat=passed; dW1=passed; db1=passed; demb=passed; dC=passed
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
dlogprobs = None
dlogprobs = torch.zeros_like(logprobs)
dlogprobs[torch.arange(n), Yb] = -1.0 / n

# %% Back through the softmax.
dprobs = None
dcounts_sum_inv = None
dcounts_sum = None
dcounts = None
dnorm_logits = None
dprobs = dlogprobs / probs
dcounts_sum_inv = (counts * dprobs).sum(1, keepdim=True)
dcounts_sum = -dcounts_sum_inv / counts_sum**2
dcounts = counts_sum_inv * dprobs + dcounts_sum
dnorm_logits = counts * dcounts

# %% Back to the logits: they reach the loss on two ways.
dlogit_maxes = None
dlogits = None
dlogit_maxes = -dnorm_logits.sum(1, keepdim=True)
dlogits = dnorm_logits.clone()
dlogits[torch.arange(n), logits.max(1).indices] += dlogit_maxes[:, 0]

# %% Back through the second linear layer and tanh.
dh = None
dW2 = None
db2 = None
dhpreact = None
dh = dlogits @ W2.T
dW2 = h.T @ dlogits
db2 = dlogits.sum(0)
dhpreact = dh * (1 - h**2)

# %% Back through batch normalisation.
dbngain = None
dbnraw = None
dbnbias = None
dbnvar_inv = None
dbnvar = None
dbndiff2 = None
dbndiff = None
dbnmeani = None
dhprebn = None
dbngain = (bnraw * dhpreact).sum(0, keepdim=True)
dbnraw = bngain * dhpreact
dbnbias = dhpreact.sum(0, keepdim=True)
dbnvar_inv = (bndiff * dbnraw).sum(0, keepdim=True)
dbnvar = -0.5 * (bnvar + 1e-5) ** -1.5 * dbnvar_inv
dbndiff2 = torch.ones_like(bndiff2) * dbnvar / n
dbndiff = bnvar_inv * dbnraw + 2 * bndiff * dbndiff2
dbnmeani = -dbndiff.sum(0, keepdim=True)
dhprebn = dbndiff + dbnmeani / n

# %% Back through the first linear layer and the embedding.
dembcat = None
dW1 = None
db1 = None
demb = None
dC = None
dembcat = dhprebn @ W1.T
dW1 = embcat.T @ dhprebn
db1 = dhprebn.sum(0)
demb = dembcat.view(emb.shape)
dC = torch.zeros_like(C).index_put((Xb,), demb, accumulate=True)
