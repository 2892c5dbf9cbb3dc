import torch

from .repeat import repeat


def encoder_layer(_):
    layer = torch.nn.TransformerEncoderLayer(128, 4, 512, dropout=0.0, batch_first=True)
    x = torch.randn(16, 64, 128, requires_grad=True)
    dy = torch.randn(16, 64, 128)
    wanted = [x, *layer.parameters()]
    return repeat(lambda: torch.autograd.grad(layer(x), wanted, dy)[0])


WORKLOADS = {"transformer-layer": encoder_layer}
