"""Many elements to one, running sums, and where the extremes are."""
import math

import numpy
import torch
from elementwise_ops import real
from registry import U, constant, greatest, of_abs, of_arguments, of_results, operation


def axes_of(x, o):
    axis = o.get('axis')
    if axis is None:
        return list(range(x.dim()))
    axes = [axis] if isinstance(axis, int) else axis
    return [a % x.dim() for a in axes]


def rows(x, o):
    """[…kept, reduced], and the shape of the result."""
    axes = axes_of(x, o)
    kept = [i for i in range(x.dim()) if i not in axes]
    shape = [1 if i in axes else n for i, n in enumerate(x.shape) if i not in axes or o['keepDims']]
    count = math.prod(x.shape[i] for i in axes)
    outer = [x.shape[i] for i in kept]
    return x.permute(kept + axes).reshape([*outer, count]), shape


def reduction(name, f, numbers=real, ulps=0.0, error=None):
    """f reduces the last axis; of no elements it is asked, too."""
    def function(xs, o):
        r, shape = rows(numbers(xs[0]), o)
        return f(r).reshape(shape)
    operation(name, function, ulps, error)


def counted(xs, o, results):
    return max(1, math.prod(xs[0].shape[i] for i in axes_of(xs[0], o)))


def numbers(x):
    return x.long() if x.dtype == torch.bool else x


reduction('sum', lambda r: r.sum(-1), numbers, 0, of_abs(counted))
reduction('mean', lambda r: r.mean(-1) if r.shape[-1] else r.sum(-1), real, 3,
          lambda f, xs, o, results: of_abs(counted)(f, [real(x) for x in xs], o, results))
reduction('prod', lambda r: r.prod(-1), numbers, 0,
          lambda f, xs, o, results: U * (4 + counted(xs, o, results)) * greatest(results[0]))
# Elements that share the extreme share the gradient: PyTorch's amax.
reduction('max', lambda r: r.amax(-1) if r.shape[-1] else r.sum(-1), numbers)
reduction('min', lambda r: r.amin(-1) if r.shape[-1] else r.sum(-1), numbers)
reduction('all', lambda r: r.all(-1), lambda x: x)
reduction('any', lambda r: r.any(-1), lambda x: x)
# The mean may be off by a unit in the last place of the greatest element.
reduction('variance', lambda r: r.var(-1, unbiased=False) if r.shape[-1] else r.sum(-1), real, 8,
          lambda f, xs, o, results: (8 * U * greatest(real(xs[0]))) ** 2 + counted(xs, o, results) ** 0.5 * U * greatest(results[0]))


def norm(r):
    squares = (r * r).sum(-1)
    positive = squares > 0
    # The gradient at 0 is 0.
    return torch.where(positive, torch.sqrt(torch.where(positive, squares, torch.ones_like(squares))), squares * 0)


reduction('norm', norm, real, 4, lambda f, xs, o, results: counted(xs, o, results) ** 0.5 * U * greatest(results[0]))
reduction('logSumExp', lambda r: torch.logsumexp(r, -1), real, 5, of_arguments(4))
# x − max is rounded before its exponential is taken.
operation('softmax', lambda xs, o: torch.softmax(xs[0], o['axis']), lambda xs, o: 8 + greatest(xs[0]))
operation('logSoftmax', lambda xs, o: torch.log_softmax(xs[0], o['axis']), 5, of_arguments(6))


def cross_entropy(xs, o):
    logits, labels = xs
    if len(labels) == 0:
        return logits.sum(-1)
    return torch.nn.functional.cross_entropy(logits, labels, reduction='none', label_smoothing=o['labelSmoothing'])


operation('softmaxCrossEntropy', cross_entropy, 5, of_arguments(8))


def extreme(f):
    """Of equal elements the first, which PyTorch does not promise."""
    return lambda xs, o: torch.from_numpy(numpy.asarray(f(xs[0].detach().numpy(), o['axis']))).long()


operation('argMax', extreme(numpy.argmax))
operation('argMin', extreme(numpy.argmin))


def top_k(xs, o):
    x = xs[0]
    # Of equal elements the first comes first.
    order = torch.sort(x.detach(), dim=-1, descending=True, stable=True).indices[..., :o['k']]
    return [torch.gather(x, -1, order), order]


operation('topK', top_k)


def order(x, o):
    axis = o['axis'] % x.dim()
    return torch.sort(x.detach(), dim=axis, descending=o['descending'], stable=True).indices


operation('sort', lambda xs, o: torch.gather(xs[0], o['axis'] % xs[0].dim(), order(xs[0], o)))
operation('argsort', lambda xs, o: order(xs[0], o))


def cumsum(xs, o):
    x, axis = xs[0], o['axis']
    if x.numel() == 0:
        return x.clone()
    turned = x.flip(axis) if o['reverse'] else x
    y = torch.cumsum(turned, axis)
    if o['exclusive']:
        n = x.shape[axis]
        y = torch.cat([torch.zeros_like(y.narrow(axis, 0, 1)), y.narrow(axis, 0, n - 1)], axis)
    return y.flip(axis) if o['reverse'] else y


operation('cumsum', cumsum, 0, of_abs(lambda xs, o, results: xs[0].shape[o['axis']] if xs[0].dim() else 1))
