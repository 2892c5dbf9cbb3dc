"""Sums of products, pools and resizing. Images are NHWC, filters HWIO, as in Strata."""
import math
import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from registry import U, greatest, of_abs, of_arguments, operation

sys.path.append(str(Path(__file__).parent.parent / 'golden'))
from contractions import channels_first, channels_last, same  # noqa: E402


def matmul(xs, o):
    a = xs[0].transpose(-1, -2) if o['transposeA'] else xs[0]
    b = xs[1].transpose(-1, -2) if o['transposeB'] else xs[1]
    return a @ b


def inner(xs, o, results):
    return max(1, xs[0].shape[-2 if o.get('transposeA') else -1])


def linear(xs, o):
    y = xs[0] @ xs[1].transpose(0, 1)
    return y + xs[2] if len(xs) > 2 else y


def einsum(xs, o):
    equation = o['equation']
    return torch.einsum(equation, *xs)


operation('matmul', matmul, 0, of_abs(inner))
operation('linear', linear, 0, of_abs(lambda xs, o, results: xs[0].shape[-1] + 1))
operation('einsum', einsum, 0, of_abs(lambda xs, o, results: max(1, math.prod(max(x.shape, default=1) for x in xs))))


def listed(value, count):
    return [value] * count if isinstance(value, int) else list(value)


def pads(o, sizes, kernel, strides, dilations):
    padding = o.get('padding', 'valid')
    if padding == 'valid':
        return [(0, 0)] * len(sizes)
    if padding == 'same':
        return [same(n, k, s, d) for n, k, s, d in zip(sizes, kernel, strides, dilations)]
    if isinstance(padding, int):
        return [(padding, padding)] * len(sizes)
    return [tuple(pair) for pair in padding]


def flat(pairs):
    """The order of F.pad: the last axis first."""
    return [n for pair in reversed(pairs) for n in pair]


CONVOLUTIONS = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}


def convolve(x, w, o, groups=None):
    count = x.dim() - 2
    groups = groups or o.get('groups', 1)
    strides, dilations = listed(o['strides'], count), listed(o['dilations'], count)
    pairs = pads(o, x.shape[1:-1], w.shape[:count], strides, dilations)
    x = F.pad(channels_first(x), flat(pairs))
    w = w.permute(-1, -2, *range(count)).contiguous()
    if x.shape[0] == 0:
        # PyTorch refuses some of these: the shape of one image will do.
        one = CONVOLUTIONS[count](torch.zeros(1, *x.shape[1:], dtype=x.dtype), w, None, strides, 0, dilations, groups)
        return channels_last(one)[:0] + 0 * (x.sum() + w.sum())
    return channels_last(CONVOLUTIONS[count](x, w, None, strides, 0, dilations, groups))


def biased(f):
    def function(xs, o):
        y = f(xs[0], xs[1], o)
        return y + xs[2] if len(xs) > 2 else y
    return function


def depthwise(x, w, o):
    h, k, c, m = w.shape
    return convolve(x, w.reshape(h, k, 1, c * m), o, groups=c)


def conv_transpose(x, w, o):
    """The gradient of the convolution that it transposes; w: [height, width, out, in]."""
    strides, dilations = listed(o['strides'], 2), listed(o['dilations'], 2)
    kernel = w.shape[:2]
    reach = [(k - 1) * d + 1 for k, d in zip(kernel, dilations)]
    if o['padding'] == 'same':
        size = [n * s for n, s in zip(x.shape[1:3], strides)]
        pairs = [same(n, k, s, d) for n, k, s, d in zip(size, kernel, strides, dilations)]
    else:
        pairs = pads(o, x.shape[1:3], kernel, strides, dilations)
        size = [(n - 1) * s + r + e - sum(p)
                for n, s, r, e, p in zip(x.shape[1:3], strides, reach, listed(o['outputPadding'], 2), pairs)]
    if x.shape[0] == 0:
        return torch.zeros(0, *size, w.shape[2], dtype=x.dtype) + 0 * (x.sum() + w.sum())
    full = F.conv_transpose2d(channels_first(x), w.permute(3, 2, 0, 1), None, strides, 0, 0, 1, dilations)
    # What the padding covers is cut away; where windows end early, zeros follow.
    below = [max(0, pairs[i][0] + size[i] - full.shape[2 + i]) for i in range(2)]
    full = F.pad(full, [0, below[1], 0, below[0]])
    return channels_last(full[:, :, pairs[0][0]:pairs[0][0] + size[0], pairs[1][0]:pairs[1][0] + size[1]])


def taps(xs, o, results):
    w = xs[1]
    return math.prod(w.shape[:-1]) + 1


def convolution_error(f, xs, o, results):
    # Winograd's and Fourier's algorithms, which 'auto' may choose: their transforms multiply what rounding does.
    transformed = o.get('algorithm', 'auto') not in ('direct', 'im2col')
    return (16 if transformed else 1) * of_abs(taps)(f, xs, o, results)


for name in ['conv1d', 'conv2d', 'conv3d']:
    operation(name, biased(convolve), 0, convolution_error)
operation('depthwiseConv2d', biased(depthwise), 0, of_abs(lambda xs, o, results: math.prod(xs[1].shape[:2]) + 1))
operation('convTranspose2d', biased(conv_transpose), 0,
          of_abs(lambda xs, o, results: math.prod(xs[1].shape[:2]) * xs[1].shape[3] + 1))


def windowed(x, o, value):
    """Padded images, with the kernel and the strides."""
    kernel, strides = listed(o['kernelSize'], 2), listed(o['strides'], 2)
    pairs = pads(o, x.shape[1:3], kernel, strides, [1, 1])
    return F.pad(channels_first(x), flat(pairs), value=value), kernel, strides


def max_pool(xs, o):
    x, kernel, strides = windowed(xs[0], o, float('-inf'))
    if x.shape[0] == 0:
        return empty_pool(x, kernel, strides)
    return channels_last(F.max_pool2d(x, kernel, strides))


def empty_pool(x, kernel, strides):
    sizes = [(n - k) // s + 1 for n, k, s in zip(x.shape[2:], kernel, strides)]
    return torch.zeros(0, *sizes, x.shape[1], dtype=x.dtype) + 0 * torch.nan_to_num(x, 0, 0, 0).sum()


def average_pool(xs, o):
    """Elements of the padding do not count."""
    x, kernel, strides = windowed(xs[0], o, 0.0)
    if x.shape[0] == 0:
        return empty_pool(x, kernel, strides)
    ones, _, _ = windowed(torch.ones_like(xs[0]), o, 0.0)
    return channels_last(F.avg_pool2d(x, kernel, strides) / F.avg_pool2d(ones, kernel, strides))


def first_maxima(windows, positions):
    """Values and places [N, C, h, w] of windows [N, C, h, w, k] whose elements lie at positions [N, C, h, w, k]."""
    at = torch.from_numpy(windows.detach().numpy().argmax(-1)).unsqueeze(-1)
    return windows.gather(-1, at).squeeze(-1), positions.gather(-1, at).squeeze(-1)


def places_of(x):
    """For every element of x [N, H, W, C] its place in row-major order, channels first."""
    return channels_first(torch.arange(x.numel()).reshape(x.shape))


def max_pool_with_indices(xs, o):
    x, kernel, strides = windowed(xs[0], o, float('-inf'))
    if x.shape[0] == 0:
        empty = empty_pool(x, kernel, strides)
        return [empty, empty.detach().long()]
    pairs = pads(o, xs[0].shape[1:3], kernel, strides, [1, 1])
    places = F.pad(places_of(xs[0]), flat(pairs), value=0)
    unfold = lambda t: t.unfold(2, kernel[0], strides[0]).unfold(3, kernel[1], strides[1]).flatten(4)
    values, indices = first_maxima(unfold(x), unfold(places))
    return [channels_last(values), channels_last(indices)]


def adaptive(xs, o, f):
    x, (h, w) = channels_first(xs[0]), o['size']
    places = places_of(xs[0])
    bounds = lambda n, size, i: slice(i * n // size, -(-(i + 1) * n // size))
    windows = [(bounds(x.shape[2], h, i), bounds(x.shape[3], w, j)) for i in range(h) for j in range(w)]
    found = [f(x[:, :, r, c].flatten(2), places[:, :, r, c].flatten(2)) for r, c in windows]
    return [channels_last(torch.stack(parts, -1).reshape(*x.shape[:2], h, w)) for parts in zip(*found)]


operation('maxPool2dWithIndices', max_pool_with_indices)
operation('adaptiveMaxPool2dWithIndices', lambda xs, o: adaptive(xs, o, first_maxima))
operation('adaptiveMaxPool2d', lambda xs, o: adaptive(xs, o, first_maxima)[0])
operation('adaptiveAvgPool2d', lambda xs, o: adaptive(xs, o, lambda t, _: [t.mean(-1)])[0], 3,
          of_abs(lambda xs, o, results: math.prod(xs[0].shape[1:3])))
operation('maxPool2d', max_pool)
operation('avgPool2d', average_pool, 3, of_abs(lambda xs, o, results: math.prod(listed(o['kernelSize'], 2))))


def positions(outputs, inputs, o):
    """For each output the place in the input, in float32 as engines compute it."""
    corners = o['alignCorners'] and outputs > 1
    scale = (inputs - 1) / (outputs - 1) if corners else inputs / outputs
    shift = 0.5 if o['halfPixelCenters'] else 0.0
    return scale, shift


def bilinear_matrix(outputs, inputs, o, dtype):
    scale, shift = positions(outputs, inputs, o)
    m = torch.zeros(outputs, inputs, dtype=dtype)
    for i in range(outputs):
        place = min(max(scale * (i + shift) - shift, 0.0), inputs - 1)
        low = math.floor(place)
        m[i, low] += 1 - (place - low)
        if place > low:
            m[i, low + 1] += place - low
    return m


def nearest_matrix(outputs, inputs, o, dtype):
    scale, shift = positions(outputs, inputs, o)
    m = torch.zeros(outputs, inputs, dtype=dtype)
    for i in range(outputs):
        at = scale * (i + shift)
        pixel = math.floor(at + 0.5) if o['alignCorners'] else math.floor(at)
        m[i, min(max(pixel, 0), inputs - 1)] = 1
    return m


def resize(matrix):
    def function(xs, o):
        x = xs[0]
        rows = matrix(o['size'][0], x.shape[1], o, x.dtype)
        columns = matrix(o['size'][1], x.shape[2], o, x.dtype)
        return torch.einsum('yh,xw,nhwc->nyxc', rows, columns, x)
    return function


operation('resizeBilinear', resize(bilinear_matrix), 0, of_arguments(64))
operation('resizeNearestNeighbor', resize(nearest_matrix))
