import torch
import torch.nn.functional as F
from torch import nn


def step(model, x, optimizer, channels_last=False, classes=10):
    if channels_last:
        model = model.to(memory_format=torch.channels_last)
        x = x.to(memory_format=torch.channels_last)
    optimizer = optimizer(model.parameters())
    y = torch.randint(0, classes, (x.shape[0],))
    loss_function = nn.CrossEntropyLoss()

    def run(times):
        for _ in range(times):
            optimizer.zero_grad()
            loss = loss_function(model(x), y)
            loss.backward()
            optimizer.step()
        return loss.item()

    return run


def adam(parameters):
    return torch.optim.Adam(parameters, lr=1e-3)


def sgd(parameters):
    return torch.optim.SGD(parameters, lr=0.01, momentum=0.9)


def lenet5(_):
    model = nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )
    return step(model, torch.rand(64, 1, 28, 28), adam)


def mlp(_):
    model = nn.Sequential(
        nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10)
    )
    return step(model, torch.rand(128, 784), adam)


class Block(nn.Module):
    """Two 3x3 convolutions beside a shortcut without parameters (option A of the paper)."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.stride = stride
        self.missing = outputs - inputs

    def forward(self, x):
        hidden = torch.relu_(self.bn1(self.conv1(x)))
        residual = self.bn2(self.conv2(hidden))
        if self.missing:
            half = self.missing // 2
            x = F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, half, self.missing - half))
        return torch.relu_(residual + x)


def resnet20(channels_last):
    layers = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(inplace=True)]
    inputs = 16
    for outputs in (16, 32, 64):
        for i in range(3):
            layers.append(Block(inputs, outputs, 2 if i == 0 and inputs != outputs else 1))
            inputs = outputs
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10)]
    model = nn.Sequential(*layers)
    assert sum(p.numel() for p in model.parameters()) == 269_722

    return step(model, torch.rand(32, 3, 32, 32), sgd, channels_last)


def resnet18(channels_last):
    from torchvision.models import resnet18 as published  # Debian: python3-torchvision

    return step(published(), torch.rand(4, 3, 224, 224), sgd, channels_last)


WORKLOADS = {"lenet5-step": lenet5, "mlp-step": mlp, "resnet20-step": resnet20, "resnet18-step": resnet18}
