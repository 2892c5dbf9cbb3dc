"""Golden values of @stratajs/vision from PyTorch in float64: python3 make.py writes models.json, with --search it finds RESNET_IMAGES.

Both sides fill every parameter by one formula, in Strata's layout and order, so that no weights need be stored. The
golden holds scores, the loss, and for each parameter the norm of its gradient and its product with one vector.
"""

import json
import math
import os
import sys
import torch
import torch.nn.functional as F
from torch import nn

torch.set_default_dtype(torch.float64)


def formula(size, k):
    """Element i of the k-th tensor, in [-1, 1): a hash, rounded to float32. Regular patterns condition a network badly."""
    i = torch.arange(size, dtype=torch.float64)
    t = torch.sin(12.9898 * i + 78.233 * k) * 43758.5453
    return (2 * (t - torch.floor(t)) - 1).float().double()


def fill(module):
    for k, (name, p) in enumerate(module.named_parameters()):
        values = formula(p.numel(), k)
        if p.dim() == 4:  # HWIO -> OIHW
            o, i, h, w = p.shape
            values = values.reshape(h, w, i, o).permute(3, 2, 0, 1) * math.sqrt(6 / (i * h * w))
        elif p.dim() == 2:
            values = values.reshape(p.shape) * math.sqrt(6 / p.shape[1])
        else:  # biases, and the scales of batch normalization
            values = values * 0.1 + (1 if ".bn" in "." + name and name.endswith("weight") else 0)
        p.data = values.float().double()
    return module


def layout(t):
    """OIHW -> HWIO"""
    return t.permute(2, 3, 1, 0) if t.dim() == 4 else t


# Of images that ResNet-20 gets: the k of the formula, out of 1000 … 1199, for which the argument of no relu lies as near to
# 0 as for the others. A rounding that moves an argument across 0 changes the gradients of all layers below by a thousandth.
RESNET_IMAGES = 1162


def images(n, size, channels, k=1000):
    return formula(n * size * size * channels, k).reshape(n, size, size, channels).permute(0, 3, 1, 2)


class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1, self.c3 = nn.Conv2d(1, 6, 5, padding=2), nn.Conv2d(6, 16, 5)
        self.f5, self.f6, self.out = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.c1(x)), 2)
        x = F.max_pool2d(F.relu(self.c3(x)), 2)
        x = x.permute(0, 2, 3, 1).flatten(1)  # Strata's images have channels last
        return self.out(F.relu(self.f6(F.relu(self.f5(x)))))


class Block(nn.Module):
    def __init__(self, i, o, stride):
        super().__init__()
        self.stride, self.wider = stride, o - i
        self.conv1, self.bn1 = nn.Conv2d(i, o, 3, stride, 1, bias=False), nn.BatchNorm2d(o)
        self.conv2, self.bn2 = nn.Conv2d(o, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o)

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        shortcut = x[:, :, :: self.stride, :: self.stride]
        half = self.wider // 2
        return F.relu(y + F.pad(shortcut, (0, 0, 0, 0, half, half)))


class ResNet20(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16)
        widths = [16, 16, 16, 16, 32, 32, 32, 64, 64, 64]
        self.blocks = nn.Sequential(*[Block(i, o, 1 if i == o else 2) for i, o in zip(widths, widths[1:])])
        self.fc = nn.Linear(64, 10)

    def forward(self, x):
        x = self.blocks(F.relu(self.bn1(self.conv1(x))))
        return self.fc(x.mean((2, 3)))


class Mlp(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 10))


def nearest_to_zero(k):
    """The least magnitude of an argument of relu, in training, on images k."""
    least = math.inf
    relu = F.relu

    def watched(x):
        nonlocal least
        least = min(least, x.abs().min().item())
        return relu(x)

    F.relu = watched
    with torch.no_grad():
        fill(ResNet20())(images(2, 32, 3, k))
    F.relu = relu
    return least


if "--search" in sys.argv:
    print(max((nearest_to_zero(k), k) for k in range(1000, 1200)))
    sys.exit()

models = {}
labels = torch.tensor([3, 7])
for name, model, x in (
    ("mlp", Mlp(), images(2, 8, 1)),
    ("lenet5", LeNet5(), images(2, 28, 1)),
    ("resnet20", ResNet20(), images(2, 32, 3, RESNET_IMAGES)),
):
    scores = fill(model)(x)
    loss = F.cross_entropy(scores, labels)
    loss.backward()
    models[name] = {
        "scores": scores.detach().tolist(),
        "loss": loss.item(),
        "norms": [p.grad.norm().item() for p in model.parameters()],
        "products": [
            (layout(p.grad).reshape(-1) * formula(p.numel(), 500)).sum().item() for p in model.parameters()
        ],
        "evalScores": model.eval()(x).detach().tolist(),
    }

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "models.json"), "w") as f:
    json.dump(models, f)
    f.write("\n")
