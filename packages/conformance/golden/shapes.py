"""Operations that move elements."""
import torch
import torch.nn.functional as F
from sampling import normal


def scatter(shape, indices, updates):
    return torch.zeros(shape, dtype=torch.float64).index_put(indices, updates, accumulate=True)


def symmetric(a):
    return torch.cat([a[:, :1], a, a[:, -2:].flip(1)], 1)


def depth_to_space(a, block):
    n, h, w, c = a.shape
    a = a.reshape(n, h, w, block, block, c // block**2).permute(0, 1, 3, 2, 4, 5)
    return a.reshape(n, h * block, w * block, c // block**2)


def cases(case):
    x, m = normal(2, 3, 4), normal(3, 4)
    case('reshape', lambda a: a.reshape(4, 6), x)
    case('flatten', lambda a: a.flatten(), x)
    case('transpose', lambda a: a.t(), m)
    case('transpose, permutation', lambda a: a.permute(2, 0, 1), x)
    case('expandDims', lambda a: a.unsqueeze(1), m)
    case('squeeze', lambda a: a.squeeze(1), normal(3, 1, 2))
    case('concat', lambda a, b: torch.cat([a, b], 1), normal(2, 3), normal(2, 2))
    case('stack', lambda a, b: torch.stack([a, b], 1), normal(2, 3), normal(2, 3))
    case('unstack', lambda a: a.unbind(1)[1] * 2 + a.unbind(1)[2], m)
    case('split', lambda a: a.split([1, 3], 1)[1], m)
    case('slice', lambda a: a[1:, :2, 1:3], x)
    case('stridedSlice', lambda a: a[0:3:2, 1:4:2], m)
    case('pad', lambda a: F.pad(a, (2, 1, 1, 0), value=0.5), m)
    case('mirrorPad, reflect', lambda a: F.pad(a[None], (2, 1), mode='reflect')[0], m)
    case('mirrorPad, symmetric', symmetric, m)
    case('tile', lambda a: a.repeat(2, 3), normal(2, 3))
    case('reverse', lambda a: a.flip(1), m)
    case('broadcastTo', lambda a: a.expand(2, 3, 4), normal(3, 1))
    case('gather', lambda a: a[:, [2, 0, 2]], normal(2, 3))
    case('gather, rows', lambda a: a[torch.tensor([[1, 0], [2, 1]])], m)
    case('gatherNd', lambda a: a[[0, 2, 0], [1, 3, 1]], m)
    case('scatterNd', lambda a: scatter((4, 2), [torch.tensor([3, 1, 3])], a), normal(3, 2))
    case('cast', lambda a: a.clone(), m)
    case('identity', lambda a: a.clone(), m)
    case('depthToSpace', lambda a: depth_to_space(a, 2), normal(1, 2, 2, 8))
