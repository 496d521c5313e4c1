"""A grader for hand-written gradients: hidden cases, torch.autograd as oracle, a sandbox that holds no answer."""

__version__ = "0.1.0"
