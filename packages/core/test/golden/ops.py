"""Writes what PyTorch gives, in float64, for the operations of core: ops-<group>.json beside this file.

A case is one function of some float tensors. Written for it: the inputs, the value y, a cotangent dy, the
gradients of <y, dy> with respect to each input, and, for cotangents v of those, the gradients of
sum_i <grad_i, v_i> (second order; left out where PyTorch's is NaN).

Run: python3 packages/core/test/golden/ops.py
"""
import json
import math
import os

import torch
import torch.nn.functional as F

torch.manual_seed(20240)
torch.set_default_dtype(torch.float64)
GROUPS = {}


def normal(*shape):
    """Values that float32 holds exactly."""
    return torch.randn(shape).float().double()


def uniform(low, high, *shape):
    return (low + (high - low) * torch.rand(shape)).float().double()


def numbers(t):
    return [float(f"{v:.9g}") for v in t.detach().reshape(-1).tolist()]


def record(t):
    if t._is_zerotensor():
        t = torch.zeros(t.shape)
    return {"shape": list(t.shape), "data": numbers(t)}


def case(group, name, fn, *inputs, second=True):
    xs = [x.clone().requires_grad_() for x in inputs]
    y = fn(*xs)
    entry = {"inputs": [record(x) for x in inputs], "value": record(y)}
    dy = normal(*y.shape)
    grads = torch.autograd.grad(y, xs, dy, create_graph=True, allow_unused=True)
    grads = [torch.zeros_like(x) if g is None else g for g, x in zip(grads, xs)]
    entry.update(dy=record(dy), gradients=[record(g) for g in grads])
    if second:
        vs = [normal(*x.shape) for x in xs]
        total = sum((g * v).sum() for g, v in zip(grads, vs))
        seconds = [None] * len(xs)
        if total.requires_grad:
            seconds = torch.autograd.grad(total, xs, allow_unused=True)
        seconds = [torch.zeros_like(x) if s is None else s for s, x in zip(seconds, xs)]
        entry.update(directions=[record(v) for v in vs], seconds=[record(s) for s in seconds])
    GROUPS.setdefault(group, {})[name] = entry


# Unary
x = torch.cat([normal(7) * 2, torch.tensor([0.0, 0.5, -1.5])])
positive = uniform(0.1, 4, 8)
inside = uniform(-0.9, 0.9, 8)
for name, fn, data in [
    ("neg", torch.neg, x), ("abs", torch.abs, x), ("sign", torch.sign, x), ("square", torch.square, x),
    ("sqrt", torch.sqrt, positive), ("rsqrt", torch.rsqrt, positive), ("reciprocal", torch.reciprocal, positive),
    ("exp", torch.exp, x), ("expm1", torch.expm1, x), ("log", torch.log, positive), ("log1p", torch.log1p, positive),
    ("sin", torch.sin, x), ("cos", torch.cos, x), ("tan", torch.tan, inside), ("asin", torch.asin, inside),
    ("acos", torch.acos, inside), ("atan", torch.atan, x), ("sinh", torch.sinh, x), ("cosh", torch.cosh, x),
    ("asinh", torch.asinh, x), ("acosh", torch.acosh, positive + 1), ("atanh", torch.atanh, inside),
    ("erf", torch.erf, x), ("floor", torch.floor, x), ("ceil", torch.ceil, x), ("round", torch.round, x),
    ("clip", lambda t: torch.clamp(t, -0.8, 0.5), x),
]:
    case("unary", name, fn, data)
case("unary", "addN", lambda a, b, c: a + b + c, normal(2, 2), normal(2, 2), normal(2, 2))

# Binary
a, b = normal(2, 3), normal(3)
up = uniform(0.3, 2, 2, 1), uniform(0.3, 2, 1, 3)
for name, fn, inputs in [
    ("add", torch.add, (a, b)), ("sub", torch.sub, (a, b)), ("mul", torch.mul, (a, b)), ("div", torch.div, up),
    ("mod", torch.remainder, (a * 3, b)), ("pow", torch.pow, up),
    ("maximum", torch.maximum, (a, b)), ("minimum", torch.minimum, (normal(2, 1, 3), normal(4, 1))),
    ("squaredDifference", lambda s, t: (s - t) ** 2, (a, b)), ("atan2", torch.atan2, (a, b)),
    ("floorDiv", lambda s, t: torch.floor(s / t), (a * 3, b)),
    ("numberLeft", lambda t: 2 - 3 / t, positive), ("numberRight", lambda t: (t * 2 + 1) ** 3, x),
]:
    case("binary", name, fn, *(inputs if isinstance(inputs, tuple) else (inputs,)))

powers = torch.tensor([0.0, 1.0, 2.0, 3.0])
case("binary", "powOfZero", lambda t: torch.pow(t, powers), torch.tensor([0.0, 0.0, 0.0, -2.0]), second=False)

# Activations
case("activation", "relu", F.relu, x)
case("activation", "relu6", F.relu6, x * 4)
case("activation", "leakyRelu", lambda t: F.leaky_relu(t, 0.2), x)
slope = uniform(0.1, 0.5, 3)
case("activation", "prelu", lambda t, s: torch.where(t > 0, t, s * t), normal(4, 3), slope)
case("activation", "elu", F.elu, x)
case("activation", "selu", F.selu, normal(9) * 2)
case("activation", "sigmoid", torch.sigmoid, x * 5)
case("activation", "tanh", torch.tanh, x)
case("activation", "softplus", lambda t: torch.logaddexp(t, torch.zeros(())), x * 3)
case("activation", "gelu", lambda t: 0.5 * t * (1 + torch.erf(t / math.sqrt(2))), x)
case("activation", "geluTanh",
     lambda t: 0.5 * t * (1 + torch.tanh(math.sqrt(2 / math.pi) * (t + 0.044715 * t ** 3))), x)
case("activation", "silu", lambda t: t * torch.sigmoid(t), x)
case("activation", "hardSigmoid", lambda t: torch.clamp(t / 6 + 0.5, 0, 1), x * 2)
m = normal(2, 3, 4) * 2
case("activation", "softmaxLast", lambda t: torch.softmax(t, -1), m)
case("activation", "softmaxFirst", lambda t: torch.softmax(t, 0), m)
case("activation", "softmaxMiddle", lambda t: torch.softmax(t, 1), m)
case("activation", "logSoftmax", lambda t: torch.log_softmax(t, 1), m)
case("activation", "logSoftmaxFar", lambda t: torch.log_softmax(t, -1), (m + 3000).float().double())
case("activation", "logSumExp", lambda t: torch.logsumexp(t, (0, 2)), m)
case("activation", "logSumExpKept", lambda t: torch.logsumexp(t, (1,), keepdim=True), m)

# Reductions
r = normal(2, 3, 4)
case("reduce", "sum", lambda t: t.sum(), r)
case("reduce", "sumMiddle", lambda t: t.sum(1), r)
case("reduce", "sumOuterKept", lambda t: t.sum((0, 2), keepdim=True), r)
case("reduce", "mean", lambda t: t.mean((0, 1)), r)
case("reduce", "meanAll", lambda t: t.mean(), r)
zeros = r.clone()
zeros[0, 0, 1] = 0
zeros[1, 1, 0] = 0
zeros[1, 1, 3] = 0
case("reduce", "prod", lambda t: t.prod(2), zeros)
case("reduce", "prodTwo", lambda t: t.permute(1, 0, 2).reshape(3, 8).prod(1), r)
ties = torch.tensor([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0], [5.0, 4.0, -1.0]])
case("reduce", "max", lambda t: t.amax(1), ties)
case("reduce", "min", lambda t: t.amin((0, 1)), ties)
case("reduce", "variance", lambda t: t.var((0, 2), unbiased=False), r)
case("reduce", "norm", lambda t: t.norm(dim=1), r)
case("reduce", "cumsum", lambda t: t.cumsum(0), r)
case("reduce", "cumsumExclusive", lambda t: t.cumsum(1) - t, r)
case("reduce", "cumsumReverse", lambda t: t.flip(2).cumsum(2).flip(2), r)
case("reduce", "topK", lambda t: t.topk(2, -1)[0], r)

# Shapes
s = normal(2, 3, 4)
case("shape", "reshape", lambda t: t.reshape(4, 6), s)
case("shape", "transpose", lambda t: t.permute(2, 0, 1), s)
case("shape", "transposeReversed", lambda t: t.permute(2, 1, 0), s)
case("shape", "concat", lambda p, q: torch.cat([p, q], 1), normal(2, 2), normal(2, 3))
case("shape", "stack", lambda p, q: torch.stack([p, q], -1), normal(2, 2), normal(2, 2))
case("shape", "unstack", lambda t: t[:, 0] * t[:, 2], s)
case("shape", "split", lambda t: t[:, :, :1] * t[:, :, 1:], normal(2, 3, 2))
case("shape", "splitSizes", lambda t: t[:, 1:3].sum(1) * t[:, 3], normal(2, 4))
case("shape", "slice", lambda t: t[1:, 1:3, :2], s)
case("shape", "stridedSlice", lambda t: t[:, ::2, 1:4:2], s)
case("shape", "stridedSliceBack", lambda t: t.flip(2)[:, 1:, 0:3:2], s)  # x[:, 1:, -1:-4:-2]
case("shape", "pad", lambda t: F.pad(t, (1, 0, 0, 2)), normal(2, 3))
mirror = normal(3, 4)
reflect = lambda t: t[[1, 0, 1, 2, 1, 0]][:, [2, 1, 0, 1, 2, 3, 2]]
symmetric = lambda t: t[[0, 0, 1, 2, 2, 1, 0]][:, [1, 0, 0, 1, 2, 3]]
case("shape", "mirrorPad", reflect, mirror)
case("shape", "mirrorPadSymmetric", symmetric, mirror)
case("shape", "tile", lambda t: t.repeat(2, 1, 3), s)
case("shape", "tileFive", lambda t: t.repeat(1, 2, 1, 1, 2), normal(1, 2, 2, 1, 2))
case("shape", "reverse", lambda t: t.flip(0, 2), s)
case("shape", "broadcastTo", lambda t: t.expand(2, 4, 3), normal(4, 1))
case("shape", "gatherFirst", lambda t: t[[2, 0, 2]], normal(3, 2))
case("shape", "gatherMiddle", lambda t: t[:, [[0, 1], [2, 2]]], s)
case("shape", "gatherLast", lambda t: t[..., [3, 3]], s)
case("shape", "gatherNd", lambda t: t[[0, 1, 1], [2, 0, 0]], s)
case("shape", "scatterNd", lambda t: torch.zeros(4, 2).index_add(0, torch.tensor([1, 3, 1]), t), normal(3, 2))
case("shape", "where", lambda p, q: torch.where(p > 0, p * p, q), normal(2, 3), normal(3))
d2s = lambda t: t.reshape(1, 2, 1, 2, 2, 3).permute(0, 1, 3, 2, 4, 5).reshape(1, 4, 2, 3)
case("shape", "depthToSpace", d2s, normal(1, 2, 1, 12))

# Products
p, q = normal(3, 4), normal(4, 2)
case("matmul", "plain", torch.matmul, p, q)
case("matmul", "transposeA", lambda u, v: u.mT @ v, normal(4, 3), q)
case("matmul", "transposeB", lambda u, v: u @ v.mT, p, normal(2, 4))
case("matmul", "transposeBoth", lambda u, v: u.mT @ v.mT, normal(4, 3), normal(2, 4))
case("matmul", "batch", torch.matmul, normal(2, 3, 4), normal(2, 4, 2))
case("matmul", "batchTransposed", lambda u, v: u.mT @ v.mT, normal(2, 4, 3), normal(2, 2, 4))
case("matmul", "batchBroadcast", torch.matmul, normal(2, 1, 3, 2), normal(3, 2, 2))
case("matmul", "batchLeft", torch.matmul, p, normal(2, 4, 2))
case("matmul", "batchRight", torch.matmul, normal(2, 3, 4), q)
case("matmul", "linear", F.linear, normal(3, 4), normal(2, 4), normal(2))
case("matmul", "linearDeep", F.linear, normal(2, 3, 4), normal(2, 4), normal(2))
case("matmul", "linearVector", F.linear, normal(4), normal(2, 4), normal(2))
case("matmul", "linearPlain", F.linear, normal(3, 4), normal(2, 4))
for name, equation, shapes in [
    ("product", "ij,jk->ik", [(2, 3), (3, 2)]), ("implicit", "ij,jk", [(2, 3), (3, 2)]),
    ("batch", "bij,bjk->bik", [(2, 2, 3), (2, 3, 2)]), ("trace", "ii->", [(3, 3)]), ("diagonal", "ii->i", [(3, 3)]),
    ("outer", "i,j->ij", [(2,), (3,)]), ("inner", "i,i->", [(3,), (3,)]), ("permute", "ijk->kij", [(2, 3, 2)]),
    ("sums", "ijk->j", [(2, 3, 2)]), ("attention", "bthd,bshd->bhts", [(1, 2, 2, 3), (1, 3, 2, 3)]),
    ("ellipsis", "...d,d->...", [(2, 2, 3), (3,)]), ("ellipsisBroadcast", "...ij,...jk->...ik", [(2, 1, 2, 3), (2, 3, 2)]),
    ("three", "ij,jk,kl->il", [(2, 3), (3, 2), (2, 2)]), ("unshared", "ij,k->i", [(2, 3), (2,)]),
    ("hadamard", "ij,ij->ij", [(2, 3), (2, 3)]),
]:
    case("einsum", name + " " + equation, lambda *ts, e=equation: torch.einsum(e, *ts), *[normal(*sh) for sh in shapes])


# Convolutions, on channels last
def same(size, kernel, stride, dilation=1):
    reach = (kernel - 1) * dilation + 1
    needed = max(0, (math.ceil(size / stride) - 1) * stride + reach - size)
    return needed // 2, needed - needed // 2


def conv(t, w, bias=None, strides=(1, 1), pads=((0, 0), (0, 0)), dilations=(1, 1), groups=1):
    t = F.pad(t.permute(0, 3, 1, 2), (*pads[1], *pads[0]))
    return F.conv2d(t, w, bias, strides, 0, dilations, groups).permute(0, 2, 3, 1)


oihw = lambda w: w.permute(3, 2, 0, 1)
image, filt, bias = normal(2, 5, 4, 2), normal(3, 2, 2, 3), normal(3)
case("conv", "valid", lambda t, w: conv(t, oihw(w)), image, filt)
case("conv", "bias", lambda t, w, c: conv(t, oihw(w), c), image, filt, bias)
case("conv", "same", lambda t, w, c: conv(t, oihw(w), c, (2, 1), (same(5, 3, 2), same(4, 2, 1))), image, filt, bias)
case("conv", "number", lambda t, w: conv(t, oihw(w), None, (2, 2), ((1, 1), (1, 1))), image, filt)
case("conv", "pairs", lambda t, w, c: conv(t, oihw(w), c, (1, 2), ((2, 0), (0, 1))), image, filt, bias)
case("conv", "dilated", lambda t, w, c: conv(t, oihw(w), c, (1, 1), ((1, 1), (1, 1)), (2, 3)), image, filt, bias)
case("conv", "dilatedSame", lambda t, w: conv(t, oihw(w), None, (1, 1), (same(5, 3, 1, 2), same(4, 2, 1, 2)), (2, 2)), image, filt)
case("conv", "cut", lambda t, w: conv(t, oihw(w), None, (3, 3)), normal(1, 6, 6, 1), normal(2, 2, 1, 1))
case("conv", "conv1d", lambda t, w, c: F.conv1d(t.mT, w.permute(2, 1, 0), c, 2, 1).mT, normal(2, 6, 2), normal(3, 2, 2), normal(2))
case("conv", "conv1dDilated", lambda t, w: F.conv1d(F.pad(t.mT, (2, 0)), w.permute(2, 1, 0), None, 1, 0, 2).mT,
     normal(1, 5, 2), normal(2, 2, 2))


def depthwise(t, w, c=None, **options):
    h, k, channels, multiplier = w.shape
    w = w.permute(2, 3, 0, 1).reshape(channels * multiplier, 1, h, k)
    return conv(t, w, c, groups=channels, **options)


dimage, dfilt = normal(1, 5, 5, 2), normal(3, 3, 2, 2)
case("conv", "depthwise", lambda t, w, c: depthwise(t, w, c, pads=((1, 1), (1, 1))), dimage, dfilt, normal(4))
case("conv", "depthwiseStrided", lambda t, w: depthwise(t, w, strides=(2, 2), pads=(same(5, 3, 2), same(5, 3, 2))), dimage, dfilt)
case("conv", "depthwiseDilated", lambda t, w: depthwise(t, w, dilations=(2, 2)), dimage, dfilt)
case("conv", "depthwiseBoth", lambda t, w: depthwise(t, w, strides=(2, 2), pads=((1, 1), (1, 1)), dilations=(2, 2)), dimage, dfilt)


def transposed(t, w, c=None, **options):
    return F.conv_transpose2d(t.permute(0, 3, 1, 2), w.permute(3, 2, 0, 1), c, **options).permute(0, 2, 3, 1)


timage, tfilt = normal(1, 3, 2, 2), normal(3, 3, 2, 2)
case("conv", "transposed", lambda t, w, c: transposed(t, w, c), timage, tfilt, normal(2))
case("conv", "transposedStrided",
     lambda t, w: transposed(t, w, stride=2, padding=1, output_padding=1), timage, tfilt)
case("conv", "transposedDilated", lambda t, w: transposed(t, w, stride=2, dilation=2), timage, tfilt)
case("conv", "transposedSame", lambda t, w: transposed(t, w, stride=2)[:, :6, :4], timage, tfilt)


def conv3(t, w, c=None, **options):
    return F.conv3d(t.permute(0, 4, 1, 2, 3), w.permute(4, 3, 0, 1, 2), c, **options).permute(0, 2, 3, 4, 1)


case("conv", "conv3d", lambda t, w, c: conv3(t, w, c, stride=(1, 2, 1), padding=1), normal(1, 3, 4, 3, 2), normal(2, 3, 2, 2, 2), normal(2))
case("conv", "conv3dDilated", lambda t, w: conv3(t, w, dilation=(1, 2, 1)), normal(1, 2, 4, 3, 1), normal(2, 2, 2, 1, 2))

# Pools and resizing
pimage = normal(1, 5, 6, 2)


def windows(t, kernel, stride, pads, fill):
    t = F.pad(t.permute(0, 3, 1, 2), (*pads[1], *pads[0]), value=fill)
    return t.unfold(2, kernel[0], stride[0]).unfold(3, kernel[1], stride[1])  # [N, C, H', W', h, w]


def max_pool(t, kernel, stride, pads=((0, 0), (0, 0))):
    return windows(t, kernel, stride, pads, -math.inf).amax((4, 5)).permute(0, 2, 3, 1)


def avg_pool(t, kernel, stride, pads=((0, 0), (0, 0))):
    total = windows(t, kernel, stride, pads, 0).sum((4, 5))
    count = windows(torch.ones_like(t), kernel, stride, pads, 0).sum((4, 5))
    return (total / count).permute(0, 2, 3, 1)


for name, pool in [("max", max_pool), ("avg", avg_pool)]:
    case("pool", name + "Valid", lambda t: pool(t, (2, 2), (2, 2)), pimage)
    case("pool", name + "Overlapping", lambda t: pool(t, (3, 2), (2, 1)), pimage)
    case("pool", name + "Same", lambda t: pool(t, (3, 3), (2, 2), (same(5, 3, 2), same(6, 3, 2))), pimage)
    case("pool", name + "Pairs", lambda t: pool(t, (2, 3), (2, 2), ((1, 0), (0, 2))), pimage)


def resize(t, size, **options):
    return F.interpolate(t.permute(0, 3, 1, 2), size, **options).permute(0, 2, 3, 1)


rimage = normal(1, 3, 4, 2)
case("resize", "bilinearUp", lambda t: resize(t, (5, 7), mode="bilinear", align_corners=False), rimage)
case("resize", "bilinearDown", lambda t: resize(t, (2, 3), mode="bilinear", align_corners=False), rimage)
case("resize", "bilinearCorners", lambda t: resize(t, (5, 7), mode="bilinear", align_corners=True), rimage)
case("resize", "nearestUp", lambda t: resize(t, (5, 7), mode="nearest"), rimage)
case("resize", "nearestDown", lambda t: resize(t, (2, 3), mode="nearest"), rimage)
case("resize", "nearestExact", lambda t: resize(t, (5, 7), mode="nearest-exact"), rimage)


def adaptive(pool, t, size):
    return pool(t.permute(0, 3, 1, 2), size).permute(0, 2, 3, 1)


aimage = normal(2, 5, 7, 2)
for name, pool in [("Max", F.adaptive_max_pool2d), ("Avg", F.adaptive_avg_pool2d)]:
    case("pool", "adaptive" + name, lambda t: adaptive(pool, t, (2, 3)), aimage)
    case("pool", "adaptive" + name + "Whole", lambda t: adaptive(pool, t, (1, 1)), aimage)
    case("pool", "adaptive" + name + "Larger", lambda t: adaptive(pool, t, (7, 8)), aimage)
windex = normal(2, 5, 6, 3)
case("pool", "maxIndexed", lambda t: max_pool(t, (3, 2), (2, 2)), windex)
# Convolutions in groups
torch.manual_seed(20241)
ones = ((1, 1), (1, 1))
gimage, gfilt = normal(2, 5, 4, 6), normal(3, 3, 2, 9)
case("grouped", "bias", lambda t, w, c: conv(t, oihw(w), c, pads=ones, groups=3), gimage, gfilt, normal(9))
case("grouped", "same", lambda t, w: conv(t, oihw(w), None, (2, 1), (same(5, 3, 2), same(4, 3, 1)), groups=3), gimage, gfilt)
case("grouped", "strided", lambda t, w: conv(t, oihw(w), None, (2, 2), ((2, 0), (0, 1)), groups=2), gimage, normal(2, 3, 3, 4))
case("grouped", "dilated", lambda t, w, c: conv(t, oihw(w), c, (1, 1), ((2, 2), (1, 1)), (2, 1), groups=2), gimage, normal(3, 3, 3, 2), normal(2))
case("grouped", "both", lambda t, w, c: conv(t, oihw(w), c, (2, 1), ((2, 2), (2, 2)), (2, 2), groups=2), gimage, normal(3, 2, 3, 4), normal(4))
case("grouped", "byChannel", lambda t, w, c: conv(t, oihw(w), c, pads=ones, groups=6), gimage, normal(3, 3, 1, 12), normal(12))
case("grouped", "one", lambda t, w: conv(t, oihw(w), None, (2, 2), ones, (2, 2)), gimage, normal(2, 2, 6, 3))
case("grouped", "depthwiseBias", lambda t, w, c: depthwise(t, w, c, strides=(2, 2), pads=ones, dilations=(2, 1)), gimage, normal(3, 3, 6, 1), normal(6))


def grouped_transposed(t, w, c=None, groups=1, **options):
    """w: [height, width, out channels of a group, in channels]."""
    return F.conv_transpose2d(t.permute(0, 3, 1, 2), w.permute(3, 2, 0, 1), c, groups=groups, **options).permute(0, 2, 3, 1)


case("grouped", "transposed", lambda t, w, c: grouped_transposed(t, w, c, 3, stride=2, padding=1), gimage, normal(3, 3, 2, 6), normal(6))
case("grouped", "transposedDilated", lambda t, w, c: grouped_transposed(t, w, c, 2, stride=(2, 1), dilation=(1, 2)), gimage, normal(3, 2, 1, 6), normal(2))
case("grouped", "transposedByChannel", lambda t, w, c: grouped_transposed(t, w, c, 6, stride=2), gimage, normal(2, 2, 1, 6), normal(6))
case("grouped", "conv1d", lambda t, w, c: F.conv1d(t.mT, w.permute(2, 1, 0), c, 2, 1, 1, 2).mT, normal(2, 7, 4), normal(3, 2, 6), normal(6))
case("grouped", "conv3dBoth", lambda t, w, c: conv3(t, w, c, stride=(1, 2, 1), padding=(2, 1, 0), dilation=(2, 1, 1)), normal(1, 4, 4, 3, 2), normal(2, 3, 2, 2, 2), normal(2))

# Sorting
torch.manual_seed(20242)
unsorted = normal(3, 5, 4)
case("sort", "ascending", lambda t: t.sort(-1)[0], unsorted)
case("sort", "descendingMiddle", lambda t: t.sort(1, descending=True)[0], unsorted)
case("sort", "first", lambda t: t.sort(0)[0] ** 2, unsorted)
case("sort", "vector", lambda t: t.sort()[0], normal(37))

# What is linear has no second derivative of its own: powers of it have.
torch.manual_seed(20245)
cimage = normal(2, 3, 4, 2)
case("resize", "bilinearCubed", lambda t: resize(t, (4, 3), mode="bilinear", align_corners=False) ** 3, cimage)
case("resize", "cornersCubed", lambda t: resize(t, (4, 6), mode="bilinear", align_corners=True) ** 3, cimage)
case("resize", "nearestCubed", lambda t: resize(t, (2, 7), mode="nearest") ** 3, cimage)

# Attention by its formula; 'seen' says where a query may look.
torch.manual_seed(20246)


def attention(t, u, w, seen=None, add=0, scale=None):
    scores = t @ u.mT * (t.shape[-1] ** -0.5 if scale is None else scale) + add
    if seen is not None:
        scores = scores.masked_fill(~seen, -math.inf)
    return torch.softmax(scores, -1) @ w


def pattern(*shape):
    return (torch.arange(math.prod(shape)) * 7 % 5 != 0).reshape(shape)


queries, keys, vals = normal(2, 2, 4, 3), normal(2, 2, 5, 3), normal(2, 2, 5, 2)
case("attention", "plain", attention, queries, keys, vals)
case("attention", "matrices", lambda t, u, w: attention(t, u, w, scale=0.7), normal(3, 4), normal(2, 4), normal(2, 3))
case("attention", "causal", lambda t, u, w: attention(t, u, w, torch.ones(4, 5).tril() > 0), queries, keys, vals)
case("attention", "causalTall", lambda t, u, w: attention(t, u, w, torch.ones(6, 3).tril() > 0), normal(2, 6, 2), normal(2, 3, 2), normal(2, 3, 4))
case("attention", "seen", lambda t, u, w: attention(t, u, w, pattern(2, 1, 4, 5)), queries, keys, vals)
case("attention", "seenKeys", lambda t, u, w: attention(t, u, w, pattern(2, 1, 1, 5)), queries, keys, vals)
case("attention", "added", lambda t, u, w, m: attention(t, u, w, add=m), queries, keys, vals, normal(2, 1, 4, 5))
case("attention", "addedCausal", lambda t, u, w, m: attention(t, u, w, torch.ones(4, 5).tril() > 0, m), queries, keys, vals, normal(4, 5))
case("attention", "lengths", lambda t, u, w: attention(t, u, w, torch.arange(5) < torch.tensor([2, 5]).reshape(2, 1, 1, 1)), queries, keys, vals)
case("attention", "broadcast", attention, normal(2, 1, 3, 2), normal(3, 4, 2), normal(1, 1, 4, 2))
case("attention", "weights", lambda t, u, m: torch.softmax(t @ u.mT / 2 + m, -1), normal(2, 3, 4), normal(2, 5, 4), normal(1, 5))

here = os.path.dirname(os.path.abspath(__file__))
for group, cases in GROUPS.items():
    with open(os.path.join(here, f"ops-{group}.json"), "w") as f:
        f.write("{\n" + ",\n".join(f'"{n}": {json.dumps(c)}' for n, c in cases.items()) + "\n}\n")
