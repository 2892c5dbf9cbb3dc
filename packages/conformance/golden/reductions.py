"""Reductions, scans and order statistics."""
import torch
from sampling import away, distinct, normal


def cases(case):
    x, far = normal(2, 3, 4), distinct(0.15, 2, 3, 4)
    case('sum', lambda a: a.sum(), x)
    case('sum, axis', lambda a: a.sum(1), x)
    case('sum, axes kept', lambda a: a.sum((0, -1), keepdim=True), x)
    case('mean', lambda a: a.mean(), x)
    case('mean, axes', lambda a: a.mean((0, 2)), x)
    case('prod', lambda a: a.prod(), away([0], 0.5, -1.5, 1.5, 5))
    case('prod, axis', lambda a: a.prod(1), away([0], 0.5, -1.5, 1.5, 2, 3))
    case('max', lambda a: a.max(), far)
    case('max, axis', lambda a: a.amax(-1), far)
    case('max, axes kept', lambda a: a.amax((1, 2), keepdim=True), far)
    case('min', lambda a: a.min(), far)
    case('min, axis', lambda a: a.amin(0), far)
    case('variance', lambda a: a.var(unbiased=False), x)
    case('variance, axis', lambda a: a.var(-1, unbiased=False), x)
    case('norm', lambda a: a.norm(), x)
    case('norm, axis', lambda a: a.norm(dim=1), x)
    case('logSumExp', lambda a: torch.logsumexp(a, (0, 1, 2)), x)
    case('logSumExp, axis kept', lambda a: torch.logsumexp(a, 1, keepdim=True), x)
    case('cumsum', lambda a: a.cumsum(1), x)
    case('cumsum, exclusive', lambda a: a.cumsum(0) - a, x)
    case('cumsum, reverse', lambda a: a.flip(2).cumsum(2).flip(2), x)
    case('topK', lambda a: a.topk(2).values, far)
    case('argMax', lambda a: a.argmax(1).double(), far, grads=False)
    case('argMin', lambda a: a.argmin(-1).double(), far, grads=False)
