"""A backward pass in cells: fill in dlogprobs, dprobs, dcounts_sum_inv, dcounts_sum, dcounts, dnorm_logits, dlogit_maxes, dlogits, dh, dW2, db2, dhpreact, dbngain, dbnraw, dbnbias, dbnvar_inv, dbnvar, dbndiff2, dbndiff, dbnmeani, dhprebn, dembcat, dW1, db1, demb, dC and hand in this file. An output that is not done yet stays None."""

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
# YOUR CODE HERE

# %% Back through the softmax.
dprobs = None
dcounts_sum_inv = None
dcounts_sum = None
dcounts = None
dnorm_logits = None
# YOUR CODE HERE

# %% Back to the logits: they reach the loss on two ways.
dlogit_maxes = None
dlogits = None
# YOUR CODE HERE

# %% Back through the second linear layer and tanh.
dh = None
dW2 = None
db2 = None
dhpreact = None
# YOUR CODE HERE

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
# YOUR CODE HERE

# %% Back through the first linear layer and the embedding.
dembcat = None
dW1 = None
db1 = None
demb = None
dC = None
# YOUR CODE HERE
