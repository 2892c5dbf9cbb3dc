"""Matrix products, convolutions, pooling, resizing. Images are NHWC, filters HWIO, as in Strata."""
import torch
import torch.nn.functional as F
from sampling import distinct, normal


def channels_first(x):
    return x.permute(0, -1, *range(1, x.dim() - 1))


def channels_last(x):
    return x.permute(0, *range(2, x.dim()), 1)


def same(size, kernel, stride, dilation=1):
    """The padding of TensorFlow's 'same': the odd one goes behind."""
    reach = (kernel - 1) * dilation + 1
    total = max((-(-size // stride) - 1) * stride + reach - size, 0)
    return total // 2, total - total // 2


def conv2d(x, w, b=None, strides=1, pads=((0, 0), (0, 0)), dilations=1, groups=1):
    x = F.pad(channels_first(x), (*pads[1], *pads[0]))
    return channels_last(F.conv2d(x, w.permute(3, 2, 0, 1), b, strides, 0, dilations, groups))


def same2d(x, kernel, stride, dilation=1):
    return same(x.shape[1], kernel, stride, dilation), same(x.shape[2], kernel, stride, dilation)


def depthwise(x, w, **options):
    """w: [height, width, channels, multiplier]."""
    h, k, c, m = w.shape
    return conv2d(x, w.reshape(h, k, 1, c * m), groups=c, **options)


def resize(x, **options):
    return channels_last(F.interpolate(channels_first(x), **options))


def conv_transpose(x, w, stride, padding):
    """w: [height, width, out, in]."""
    return channels_last(F.conv_transpose2d(channels_first(x), w.permute(3, 2, 0, 1), None, stride, padding))


def max_pool(x, kernel, stride, pads=((0, 0), (0, 0))):
    x = F.pad(channels_first(x), (*pads[1], *pads[0]), value=float('-inf'))
    return channels_last(F.max_pool2d(x, kernel, stride))


def average_pool(x, kernel, stride, pads=((0, 0), (0, 0))):
    """Elements of the padding do not count."""
    padded = lambda t: F.pad(channels_first(t), (*pads[1], *pads[0]))
    total = F.avg_pool2d(padded(x), kernel, stride)
    return channels_last(total / F.avg_pool2d(padded(torch.ones_like(x)), kernel, stride))


def cases(case):
    a, b = normal(3, 4), normal(4, 2)
    case('matmul', lambda x, y: x @ y, a, b)
    case('matmul, transposeA', lambda x, y: x.t() @ y, normal(4, 3), b)
    case('matmul, transposeB', lambda x, y: x @ y.t(), a, normal(2, 4))
    case('matmul, transposed both', lambda x, y: x.t() @ y.t(), normal(4, 3), normal(2, 4))
    case('matmul, 17x35x19', lambda x, y: x @ y, normal(17, 35), normal(35, 19))
    case('matmul, batched', lambda x, y: x @ y, normal(2, 3, 4), normal(2, 4, 2))
    case('matmul, batch broadcast', lambda x, y: x @ y, normal(2, 3, 4), normal(4, 2))
    case('linear', F.linear, normal(5, 4), normal(3, 4), normal(3))
    case('linear, without bias', F.linear, normal(2, 3, 4), normal(3, 4))
    case('einsum, ij,jk->ki', lambda x, y: torch.einsum('ij,jk->ki', x, y), a, b)
    case('einsum, bij,bkj->bik', lambda x, y: torch.einsum('bij,bkj->bik', x, y), normal(2, 3, 4), normal(2, 5, 4))
    case('einsum, ij->j', lambda x: torch.einsum('ij->j', x), a)

    x, w = normal(2, 6, 7, 3), normal(3, 3, 3, 4)
    case('conv2d, valid', conv2d, x, w)
    case('conv2d, bias', lambda x, w, b: conv2d(x, w, b), x, w, normal(4))
    case('conv2d, same', lambda x, w: conv2d(x, w, pads=same2d(x, 3, 1)), x, w)
    case('conv2d, same, strides 2', lambda x, w: conv2d(x, w, strides=2, pads=same2d(x, 3, 2)), x, w)
    case('conv2d, padding 1, strides 2', lambda x, w: conv2d(x, w, strides=2, pads=((1, 1), (1, 1))), x, w)
    case('conv2d, padding uneven', lambda x, w: conv2d(x, w, pads=((2, 0), (0, 1))), x, w)
    case('conv2d, dilations 2', lambda x, w: conv2d(x, w, dilations=2, pads=same2d(x, 3, 1, 2)), x, w)
    case('conv2d, 1x1', conv2d, x, normal(1, 1, 3, 5))
    case('conv2d, 5x5 of one channel', lambda x, w: conv2d(x, w, pads=same2d(x, 5, 1)), normal(2, 8, 8, 1), normal(5, 5, 1, 6))
    case('conv2d, 16 to 17 channels', lambda x, w: conv2d(x, w, pads=same2d(x, 3, 1)), normal(1, 5, 5, 16), normal(3, 3, 16, 17))
    case('depthwiseConv2d', lambda x, w: depthwise(x, w, pads=same2d(x, 3, 1)), x, normal(3, 3, 3, 1))
    case('depthwiseConv2d, multiplier 2, strides 2', lambda x, w: depthwise(x, w, strides=2), x, normal(3, 3, 3, 2))
    case('convTranspose2d, strides 2', lambda x, w: conv_transpose(x, w, 2, 0), normal(2, 3, 4, 3), normal(2, 2, 5, 3))
    case('convTranspose2d, 3x3', lambda x, w: conv_transpose(x, w, 1, 0), normal(1, 4, 4, 2), normal(3, 3, 3, 2))
    conv1d = lambda x, w, stride: channels_last(F.conv1d(channels_first(x), w.permute(2, 1, 0), None, stride))
    case('conv1d', lambda x, w: conv1d(x, w, 1), normal(2, 7, 3), normal(3, 3, 4))
    case('conv1d, strides 2', lambda x, w: conv1d(x, w, 2), normal(2, 7, 3), normal(2, 3, 4))
    conv3d = lambda x, w: channels_last(F.conv3d(channels_first(x), w.permute(4, 3, 0, 1, 2)))
    case('conv3d', conv3d, normal(1, 3, 4, 4, 2), normal(2, 2, 2, 2, 3))

    d = distinct(0.11, 2, 5, 6, 2)
    case('maxPool2d', lambda x: max_pool(x, 2, 2), d)
    case('maxPool2d, overlapping', lambda x: max_pool(x, 3, 2), d)
    case('maxPool2d, same', lambda x: max_pool(x, 3, 2, same2d(x, 3, 2)), d)
    case('avgPool2d', lambda x: average_pool(x, 2, 2), x)
    case('avgPool2d, same', lambda x: average_pool(x, 3, 2, same2d(x, 3, 2)), x)
    ones = ((1, 1), (1, 1))
    case('maxPool2d, padding 1', lambda x: max_pool(x, 3, 2, ones), d)
    case('avgPool2d, padding 1', lambda x: average_pool(x, 3, 2, ones), x)
    case('depthwiseConv2d, dilations 2', lambda x, w: depthwise(x, w, pads=same2d(x, 3, 1, 2), dilations=2), x, normal(3, 3, 3, 2))
    case('convTranspose2d, padding 1, strides 2', lambda x, w: conv_transpose(x, w, 2, 1), normal(1, 3, 4, 2), normal(3, 3, 3, 2))
    case('convTranspose2d, outputPadding 1', lambda x, w: channels_last(F.conv_transpose2d(channels_first(x), w.permute(3, 2, 0, 1), None, 2, 1, 1)), normal(1, 3, 4, 2), normal(3, 3, 3, 2))
    small = normal(2, 3, 4, 2)
    case('resizeBilinear', lambda x: resize(x, size=(7, 9), mode='bilinear', align_corners=False), small)
    case('resizeBilinear, smaller', lambda x: resize(x, size=(2, 3), mode='bilinear', align_corners=False), small)
    case('resizeBilinear, alignCorners', lambda x: resize(x, size=(5, 6), mode='bilinear', align_corners=True), small)
    case('resizeNearestNeighbor', lambda x: resize(x, size=(6, 5), mode='nearest'), small)
    case('resizeNearestNeighbor, halfPixelCenters', lambda x: resize(x, size=(5, 3), mode='nearest-exact'), small)
    adaptive = lambda pool, x, size: channels_last(pool(channels_first(x), size))
    case('adaptiveAvgPool2d', lambda x: adaptive(F.adaptive_avg_pool2d, x, (2, 4)), d)
    case('adaptiveMaxPool2d', lambda x: adaptive(F.adaptive_max_pool2d, x, (2, 4)), d)
    case('maxPool2dWithIndices', lambda x: max_pool(x, 3, 2), d)
    g = normal(2, 6, 5, 8)
    case('conv2d, groups', lambda x, w, b: conv2d(x, w, b, pads=ones, groups=4), g, normal(3, 3, 2, 12), normal(12))
    case('conv2d, groups, strides 2', lambda x, w: conv2d(x, w, strides=2, pads=same2d(g, 3, 2), groups=2), g, normal(3, 3, 4, 6))
    case('conv2d, groups, dilations 2', lambda x, w: conv2d(x, w, pads=same2d(g, 3, 1, 2), dilations=2, groups=2), g, normal(3, 3, 4, 2))
    case('conv2d, a group for each channel', lambda x, w: conv2d(x, w, pads=ones, groups=8), g, normal(3, 3, 1, 16))
    case('conv2d, strides 2, dilations 2', lambda x, w: conv2d(x, w, strides=2, pads=ones, dilations=2), g, normal(2, 2, 8, 3))
    case('depthwiseConv2d, bias', lambda x, w, b: depthwise(x, w, b=b, pads=ones), g, normal(3, 3, 8, 1), normal(8))
    case('depthwiseConv2d, strides 2, dilations 2', lambda x, w: depthwise(x, w, strides=2, pads=ones, dilations=2), g, normal(2, 2, 8, 2))
    transposed = lambda x, w, b, groups, **options: channels_last(F.conv_transpose2d(channels_first(x), w.permute(3, 2, 0, 1), b, groups=groups, **options))
    t = normal(1, 3, 4, 8)
    case('convTranspose2d, bias', lambda x, w, b: transposed(x, w, b, 1, stride=2, padding=1), t, normal(4, 4, 5, 8), normal(5))
    case('convTranspose2d, groups, dilations 2', lambda x, w, b: transposed(x, w, b, 4, stride=2, dilation=2), t, normal(2, 3, 3, 8), normal(12))
    case('convTranspose2d, a group for each channel, bias', lambda x, w, b: transposed(x, w, b, 8, stride=2), t, normal(2, 2, 1, 8), normal(8))
    strided3d = lambda x, w, b: channels_last(F.conv3d(channels_first(x), w.permute(4, 3, 0, 1, 2), b, (1, 2, 1), (1, 1, 1), (2, 1, 1)))
    case('conv3d, bias, strides, padding, dilations', strided3d, normal(1, 4, 5, 4, 2), normal(2, 3, 2, 2, 3), normal(3))
    case('conv1d, groups', lambda x, w: channels_last(F.conv1d(channels_first(x), w.permute(2, 1, 0), None, 1, 1, 1, 2)), normal(2, 7, 4), normal(3, 2, 6))
