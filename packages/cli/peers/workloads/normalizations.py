import torch
import torch.nn.functional as F

from .repeat import repeat


def normalization(shape, size, function):
    def prepare(channels_last):
        layout = torch.channels_last if channels_last else torch.contiguous_format
        x, dy = (torch.randn(shape).to(memory_format=layout) for _ in range(2))
        x.requires_grad_()
        weight, bias = torch.ones(size, requires_grad=True), torch.zeros(size, requires_grad=True)
        return repeat(lambda: torch.autograd.grad(function(x, weight, bias), (x, weight, bias), dy)[0])

    return prepare


WORKLOADS = {
    "layer-norm": normalization((4096, 1024), 1024, lambda x, w, b: F.layer_norm(x, (1024,), w, b)),
    "batch-norm": normalization((8, 64, 56, 56), 64, lambda x, w, b: F.batch_norm(x, None, None, w, b, training=True)),
}
