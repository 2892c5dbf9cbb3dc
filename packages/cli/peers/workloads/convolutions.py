import torch
import torch.nn.functional as F

from .repeat import repeat

# name: (x, filter, y, function), in PyTorch's order of axes
CONVOLUTIONS = {
    "conv-3x3": ((8, 64, 56, 56), (64, 64, 3, 3), (8, 64, 56, 56), lambda x, w: F.conv2d(x, w, padding=1)),
    "conv-7x7": ((8, 3, 224, 224), (64, 3, 7, 7), (8, 64, 112, 112), lambda x, w: F.conv2d(x, w, padding=3, stride=2)),
    "conv-1x1": ((8, 256, 28, 28), (512, 256, 1, 1), (8, 512, 28, 28), F.conv2d),
    "conv-depthwise": (
        (8, 128, 56, 56), (128, 1, 3, 3), (8, 128, 56, 56), lambda x, w: F.conv2d(x, w, padding=1, groups=128)
    ),
    "conv-grouped": (
        (8, 256, 28, 28), (256, 8, 3, 3), (8, 256, 28, 28), lambda x, w: F.conv2d(x, w, padding=1, groups=32)
    ),
    "conv-transposed": (
        (8, 128, 16, 16), (128, 64, 4, 4), (8, 64, 32, 32), lambda x, w: F.conv_transpose2d(x, w, padding=1, stride=2)
    ),
}


def tensors(shapes, channels_last):
    layout = torch.channels_last if channels_last else torch.contiguous_format
    return [torch.randn(shape).to(memory_format=layout) for shape in shapes]


def forward(x, w, _, function):
    def prepare(channels_last):
        a, b = tensors((x, w), channels_last)

        def step():
            with torch.no_grad():
                return function(a, b)

        return repeat(step)

    return prepare


def training(x, w, y, function):
    def prepare(channels_last):
        a, b, dy = tensors((x, w, y), channels_last)
        a.requires_grad_()
        b.requires_grad_()
        return repeat(lambda: torch.autograd.grad(function(a, b), (a, b), dy)[1])

    return prepare


WORKLOADS = {name: training(*c) for name, c in CONVOLUTIONS.items()}
WORKLOADS["conv-3x3-forward"] = forward(*CONVOLUTIONS["conv-3x3"])
