"""Normalization by mean and variance, as in training."""
import math

import torch
from registry import U, greatest, operation


def affine(xs, o):
    rest = list(xs[1:])
    weight = rest.pop(0) if o['weighted'] else 1.0
    bias = rest.pop(0) if o['biased'] else 0.0
    return weight, bias


def normalized(x, axes, o):
    mean = x.mean(axes, keepdim=True)
    variance = ((x - mean) ** 2).mean(axes, keepdim=True)
    return (x - mean) / torch.sqrt(variance + o['epsilon']), mean, variance


def batch_norm(xs, o):
    x = xs[0]
    weight, bias = affine(xs, o)
    y, mean, variance = normalized(x, list(range(x.dim() - 1)), o)
    return [y * weight + bias, mean.reshape(-1), variance.reshape(-1)]


def layer_norm(xs, o):
    x = xs[0]
    weight, bias = affine(xs, o)
    y, _, _ = normalized(x, list(range(-len(o['normalizedShape']), 0)), o)
    return y * weight + bias


def group_norm(xs, o):
    x, groups = xs[0], o['groups']
    weight, bias = affine(xs, o)
    grouped = x.reshape(x.shape[0], math.prod(x.shape[1:-1]), groups, x.shape[-1] // groups)
    y, _, _ = normalized(grouped, [1, 3], o)
    return y.reshape(x.shape) * weight + bias


def error(function, xs, o, results):
    """x − μ is off by the rounding of the greatest x, and is divided by at least √ε."""
    weight, bias = affine(xs, o)
    size = lambda t: greatest(t) if isinstance(t, torch.Tensor) else abs(t)
    x = greatest(xs[0])
    return 4 * U * (x / math.sqrt(o['epsilon']) * size(weight) + size(bias) + greatest(results[0])) + 4 * U * x


# The gradient is a difference, which rounding leaves over where it is 0: of groups of one value.
SLOPE = 4.0

operation('batchNorm', batch_norm, 8, error, SLOPE)
operation('layerNorm', layer_norm, 8, error, SLOPE)
operation('groupNorm', group_norm, 8, error, SLOPE)
