"""The same elements in another shape, order or number; reading and writing at places; constants."""
import math

import torch
from registry import U, of_abs, operation


def reshaped(x, o):
    shape = list(o['shape'])
    if -1 in shape:
        shape[shape.index(-1)] = x.numel() // math.prod(n for n in shape if n != -1)
    return x.reshape(shape)


def flatten(xs, o):
    x = xs[0]
    if x.dim() == 0:
        return x.reshape(1)
    at = o['startAxis'] % x.dim()
    return x.reshape([*x.shape[:at], math.prod(x.shape[at:])])


def squeeze(xs, o):
    x = xs[0]
    axes = o.get('axes')
    return x.reshape([n for i, n in enumerate(x.shape) if (n != 1 if axes is None else i not in axes)])


def taken(x, axis, places):
    return x.index_select(axis, torch.tensor(list(places), dtype=torch.int64))


def slice_(xs, o):
    x = xs[0]
    for axis, (begin, size) in enumerate(zip(o['begin'], o['size'])):
        x = x.narrow(axis, begin, x.shape[axis] - begin if size == -1 else size)
    return x.clone()


def strided_slice(xs, o):
    x = xs[0]
    for axis, triple in enumerate(zip(o['begin'], o['end'], o['strides'])):
        x = taken(x, axis, range(x.shape[axis])[slice(*triple)])
    return x.clone()


def pad(xs, o):
    x = xs[0]
    shape = [n + before + after for n, (before, after) in zip(x.shape, o['paddings'])]
    y = torch.full(shape, o['value'], dtype=x.dtype)
    inside = tuple(slice(before, before + n) for n, (before, _) in zip(x.shape, o['paddings']))
    mask = torch.zeros(shape, dtype=torch.bool)
    mask[inside] = True
    if x.dim() == 0:
        return x.clone()
    return y.masked_scatter(mask, x)


def mirror_pad(xs, o):
    x = xs[0]
    skip = 1 if o['mode'] == 'reflect' else 0
    for axis, (before, after) in enumerate(o['paddings']):
        n = x.shape[axis]
        front = range(before - 1 + skip, skip - 1, -1)
        back = range(n - 1 - skip, n - 1 - skip - after, -1)
        x = taken(x, axis, [*front, *range(n), *back])
    return x.clone()


def depth_to_space(xs, o):
    x, b = xs[0], o['blockSize']
    n, h, w, c = x.shape
    return x.reshape(n, h, w, b, b, c // (b * b)).permute(0, 1, 3, 2, 4, 5).reshape(n, h * b, w * b, c // (b * b))


def split(xs, o):
    x, parts, axis = xs[0], o['parts'], o['axis']
    n = x.shape[axis]
    sizes = parts if isinstance(parts, list) else [n // parts] * parts
    return [t.clone() for t in torch.split(x, sizes, axis)]


operation('reshape', lambda xs, o: reshaped(xs[0], o))
operation('flatten', flatten)
operation('transpose', lambda xs, o: xs[0].permute(o.get('perm', list(range(xs[0].dim()))[::-1])))
operation('expandDims', lambda xs, o: xs[0].unsqueeze(o['axis']))
operation('squeeze', squeeze)
operation('tile', lambda xs, o: xs[0].repeat(o['reps']) if xs[0].dim() else xs[0].clone())
operation('broadcastTo', lambda xs, o: xs[0].expand(o['shape']).clone())
operation('reverse', lambda xs, o: xs[0].flip(o.get('axes', list(range(xs[0].dim())))))
operation('slice', slice_)
operation('stridedSlice', strided_slice)
operation('pad', pad)
operation('mirrorPad', mirror_pad)
operation('depthToSpace', depth_to_space)
operation('concat', lambda xs, o: torch.cat(list(xs), o['axis']))
operation('stack', lambda xs, o: torch.stack(list(xs), o['axis']))
operation('unstack', lambda xs, o: [t.clone() for t in torch.unbind(xs[0], o['axis'])])
operation('split', split)


def gather(xs, o):
    x, indices = xs
    at = o['axis'] % x.dim()
    flat = x.index_select(at, indices.reshape(-1))
    return flat.reshape([*x.shape[:at], *indices.shape, *x.shape[at + 1:]])


def places(indices, shape):
    """Each row of indices as one index into the axes that it names, made one."""
    depth = indices.shape[-1]
    flat = torch.zeros(indices.shape[:-1], dtype=torch.int64)
    for i in range(depth):
        flat = flat * shape[i] + indices[..., i]
    return flat, depth


def gather_nd(xs, o):
    x, indices = xs
    flat, depth = places(indices, x.shape)
    rows = x.reshape([math.prod(x.shape[:depth]), *x.shape[depth:]])
    return rows.index_select(0, flat.reshape(-1)).reshape([*flat.shape, *x.shape[depth:]])


def scatter_nd(xs, o):
    indices, updates = xs
    shape = o['shape']
    flat, depth = places(indices, shape)
    rows = torch.zeros(math.prod(shape[:depth]), *shape[depth:], dtype=updates.dtype)
    if updates.numel() == 0:
        return rows.reshape(shape)
    return rows.index_add(0, flat.reshape(-1), updates.reshape([flat.numel(), *shape[depth:]])).reshape(shape)


def one_hot(xs, o):
    depth = torch.arange(o['depth'])
    return (xs[0].unsqueeze(-1) == depth).to(torch.float64)


operation('gather', gather)
operation('gatherNd', gather_nd)
operation('scatterNd', scatter_nd, 0, of_abs(lambda xs, o, results: xs[0].numel()))
operation('oneHot', one_hot)

TYPES = {'float32': torch.float64, 'int32': torch.int64, 'bool': torch.bool}


def full(o, value):
    return torch.full(o['shape'], value, dtype=TYPES[o['dtype']])


operation('zerosLike', lambda xs, o: torch.zeros_like(xs[0]))
operation('onesLike', lambda xs, o: torch.ones_like(xs[0]))
operation('zeros', lambda xs, o: full(o, 0))
operation('ones', lambda xs, o: full(o, 1))
operation('full', lambda xs, o: full(o, o['value']))
operation('eye', lambda xs, o: torch.eye(o['n'], o['m'], dtype=torch.float64))


def arange(xs, o):
    count = max(0, math.ceil((o['stop'] - o['start']) / o['step']))
    whole = all(float(o[k]).is_integer() for k in ('start', 'stop', 'step'))
    values = [o['start'] + i * o['step'] for i in range(count)]
    return torch.tensor(values, dtype=torch.int64 if whole else torch.float64)


operation('arange', arange)
operation('linspace', lambda xs, o: torch.linspace(o['start'], o['stop'], o['num'], dtype=torch.float64), 1,
          lambda f, xs, o, results: U * 1e-6)
