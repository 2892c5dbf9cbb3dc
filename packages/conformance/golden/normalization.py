"""Batch, layer and group norm with statistics of their own. Channels are last, where PyTorch has them second."""
import torch.nn.functional as F
from sampling import exact, normal


def channels_second(x):
    return x.movedim(-1, 1)


def channels_last(x):
    return x.movedim(1, -1)


def batch_norm(x, weight=None, bias=None, epsilon=1e-5):
    return channels_last(F.batch_norm(channels_second(x), None, None, weight, bias, True, 0.0, epsilon))


def group_norm(groups):
    return lambda x, weight=None, bias=None: channels_last(F.group_norm(channels_second(x), groups, weight, bias))


def cases(case):
    case('batchNorm', batch_norm, normal(3, 2, 4, 5), normal(5), normal(5))
    case('batchNorm, epsilon', lambda x: batch_norm(x, epsilon=0.1), normal(7, 3))
    case('batchNorm, 600x16', batch_norm, normal(600, 16), normal(16), normal(16))
    case('batchNorm, 70x130', batch_norm, normal(70, 130), normal(130), normal(130))
    # A mean far from zero, which float32 cannot hold to the digits that the deviations need.
    case('batchNorm, far from zero', batch_norm, exact(normal(50, 3) + 10000), normal(3), normal(3))

    def variance(x):
        return x.var((0, 1), unbiased=False) * x.mean((0, 1))
    case('batchNorm, its statistics', variance, normal(5, 2, 3) + 1)

    case('layerNorm', lambda x, w, b: F.layer_norm(x, (7,), w, b), normal(4, 3, 7), normal(7), normal(7))
    case('layerNorm, two axes', lambda x, w, b: F.layer_norm(x, (3, 5), w, b), normal(4, 3, 5), normal(3, 5), normal(3, 5))
    case('layerNorm, 40x257', lambda x, w, b: F.layer_norm(x, (257,), w, b), normal(40, 257), normal(257), normal(257))
    case('layerNorm, far from zero', lambda x: F.layer_norm(x, (50,)), exact(normal(3, 50) + 10000))
    case('groupNorm', group_norm(2), normal(2, 3, 4, 6), normal(6), normal(6))
    case('groupNorm, one group', group_norm(1), normal(3, 5, 4))
    case('groupNorm, a group per channel', group_norm(4), normal(2, 5, 3, 4), normal(4), normal(4))
    case('groupNorm, no positions', group_norm(3), normal(5, 12), normal(12), normal(12))
    case('groupNorm, 300x32', group_norm(8), normal(2, 300, 32), normal(32), normal(32))
