"""Golden values of @stratajs/layers from PyTorch in float64: python3 make.py writes layers.json, losses.json and grouped.json.

Inputs are multiples of 1/1024, hence exact in float32. Images and filters are written as Strata lays them out:
NHWC and HWIO.
"""

import json
import os
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(20261120)
torch.set_default_dtype(torch.float64)


def draw(*shape, scale=1.0):
    return torch.round(torch.randn(*shape) * scale * 1024) / 1024


def out(t):
    t = t.detach()
    return {"shape": list(t.shape), "data": t.reshape(-1).tolist()}


def nhwc(t):
    return t.permute(0, 2, 3, 1).contiguous()


def hwio(t):
    return t.permute(2, 3, 1, 0).contiguous()


def with_values(module):
    for p in module.parameters():
        p.data = draw(*p.shape, scale=0.5)
    return module


def images(module, x, training=True):
    """y, dx and the gradients of the parameters for sum(y * r), all in Strata's layout."""
    module.train(training)
    x.requires_grad_(True)
    y = module(x)
    r = draw(*y.shape)
    (y * r).sum().backward()
    result = {"x": out(nhwc(x)), "y": out(nhwc(y)), "r": out(nhwc(r)), "dx": out(nhwc(x.grad))}
    for name, p in module.named_parameters():
        put = hwio if p.dim() == 4 else (lambda t: t)
        result[name] = out(put(p))
        result["d" + name] = out(put(p.grad))
    return result


layers = {}

lin = with_values(nn.Linear(5, 3))
x = draw(2, 4, 5).requires_grad_(True)
y = lin(x)
r = draw(*y.shape)
(y * r).sum().backward()
layers["linear"] = {
    "x": out(x), "y": out(y), "r": out(r), "dx": out(x.grad),
    "weight": out(lin.weight), "bias": out(lin.bias),
    "dweight": out(lin.weight.grad), "dbias": out(lin.bias.grad),
}

layers["conv2d"] = images(with_values(nn.Conv2d(3, 4, 3, stride=2, padding=1)), draw(2, 3, 7, 6))
layers["conv2dDilated"] = images(
    with_values(nn.Conv2d(2, 3, (2, 3), dilation=2, bias=False)), draw(1, 2, 6, 7))
layers["maxPool2d"] = images(nn.MaxPool2d(2), draw(2, 2, 5, 6))
layers["maxPool2dPadded"] = images(nn.MaxPool2d(3, stride=2, padding=1), draw(1, 2, 6, 5))
layers["avgPool2d"] = images(nn.AvgPool2d(2), draw(2, 2, 4, 5))
layers["avgPool2dPadded"] = images(
    nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False), draw(1, 2, 6, 5))

x = draw(2, 3, 4, 5).requires_grad_(True)
y = x.mean((2, 3))
r = draw(*y.shape)
(y * r).sum().backward()
layers["globalAvgPool2d"] = {"x": out(nhwc(x)), "y": out(y), "r": out(r), "dx": out(nhwc(x.grad))}

bn = with_values(nn.BatchNorm2d(3, eps=1e-3, momentum=0.2))
first = images(bn, draw(4, 3, 3, 2, scale=2) + 5)
first["runningMean"], first["runningVar"] = out(bn.running_mean), out(bn.running_var)
bn.zero_grad()
second = images(bn, draw(4, 3, 3, 2), training=False)
layers["batchNorm2dTrain"], layers["batchNorm2dEval"] = first, second

# Second order: the gradient of sum(dx²) with respect to x, gamma and the cotangent r.
x = (draw(3, 2, 2, 2) + 1).requires_grad_(True)
gamma, beta = draw(2).requires_grad_(True), draw(2).requires_grad_(True)
y = F.batch_norm(x, None, None, gamma, beta, True, 0.1, 1e-5)
r = draw(*y.shape).requires_grad_(True)
dx, dgamma = torch.autograd.grad((y * r).sum(), [x, gamma], create_graph=True)
penalty = (dx * dx).sum() + (dgamma * dgamma).sum()
ddx, ddgamma, ddr = torch.autograd.grad(penalty, [x, gamma, r])
layers["batchNorm2dSecondOrder"] = {
    "x": out(nhwc(x)), "weight": out(gamma), "bias": out(beta), "r": out(nhwc(r)),
    "penalty": penalty.item(), "ddx": out(nhwc(ddx)), "ddweight": out(ddgamma), "ddr": out(nhwc(ddr)),
}

activations = {
    "ReLU": nn.ReLU(), "LeakyReLU": nn.LeakyReLU(0.2), "PReLU": nn.PReLU(), "ELU": nn.ELU(), "SELU": nn.SELU(),
    "Sigmoid": nn.Sigmoid(), "HardSigmoid": nn.Hardsigmoid(), "Tanh": nn.Tanh(), "Softplus": nn.Softplus(),
    "GELU": nn.GELU(), "SiLU": nn.SiLU(), "Softmax": nn.Softmax(-1),
}
grid = torch.tensor([[-6.0, -3.5, -2.0, -1.0, -0.125], [0.25, 0.5, 1.5, 3.25, 7.0]])
for name, module in activations.items():
    x = grid.clone().requires_grad_(True)
    y = module(x)
    r = draw(*y.shape)
    (y * r).sum().backward()
    layers[name] = {"x": out(x), "y": out(y), "r": out(r), "dx": out(x.grad)}
layers["PReLU"]["weight"] = out(activations["PReLU"].weight)
layers["PReLU"]["dweight"] = out(activations["PReLU"].weight.grad)
x = grid.clone().requires_grad_(True)
channelled = nn.PReLU(5)
channelled.weight.data = draw(5)
y = channelled(x)
r = draw(*y.shape)
(y * r).sum().backward()
layers["PReLUPerChannel"] = {
    "x": out(x), "y": out(y), "r": out(r), "dx": out(x.grad),
    "weight": out(channelled.weight), "dweight": out(channelled.weight.grad),
}

# name -> (function of prediction and reduction, prediction, target, options of Strata)
labels = torch.tensor([2, 0, 3, 1, 1])
scores = draw(5, 4, scale=3)
soft = torch.softmax(draw(3, 4), -1)
soft = torch.round(soft * 1024) / 1024
soft[0, 0] = 0.0
signs = torch.tensor([[1.0, -1.0, 1.0], [-1.0, -1.0, 1.0]])
cases = {
    "crossEntropy": (lambda p, r: F.cross_entropy(p, labels, reduction=r), scores, labels, {}),
    "crossEntropySmoothed": (
        lambda p, r: F.cross_entropy(p, labels, reduction=r, label_smoothing=0.1), scores, labels,
        {"labelSmoothing": 0.1}),
    "negativeLogLikelihood": (
        lambda p, r: F.nll_loss(p, labels, reduction=r), -draw(5, 4).abs(), labels, {}),
    "meanSquaredError": (lambda p, r: F.mse_loss(p, target, reduction=r), draw(3, 4), None, {}),
    "meanAbsoluteError": (lambda p, r: F.l1_loss(p, target, reduction=r), draw(3, 4), None, {}),
    "huber": (lambda p, r: F.huber_loss(p, target, reduction=r, delta=0.75), draw(3, 4), None, {"delta": 0.75}),
    "binaryCrossEntropy": (
        lambda p, r: F.binary_cross_entropy_with_logits(p, target, reduction=r),
        torch.tensor([[0.0, -40.0, 30.0], [2.5, -0.75, 0.0]]),
        torch.tensor([[1.0, 1.0, 0.0], [0.25, 0.0, 0.5]]), {}),
    "hinge": (
        lambda p, r: {"none": lambda t: t, "mean": torch.mean, "sum": torch.sum}[r]((1 - signs * p).clamp(min=0)),
        draw(2, 3), signs, {}),
    "klDivergence": (
        lambda p, r: {"none": lambda t: t, "mean": torch.mean, "sum": torch.sum}[r](
            F.kl_div(p, soft, reduction="none").sum(-1)),
        -draw(3, 4).abs(), soft, {}),
}
losses = {}
for name, (f, prediction, target, options) in cases.items():
    if target is None:
        target = draw(*prediction.shape)
    p = prediction.clone().requires_grad_(True)
    entry = {"loss": name.replace("Smoothed", ""), "options": options, "prediction": out(p), "target": out(target)}
    for reduction in ("mean", "sum", "none"):
        p.grad = None
        value = f(p, reduction)
        r = draw(*value.shape) if reduction == "none" else torch.tensor(1.0)
        (value * r).sum().backward()
        entry[reduction] = {"value": out(value), "r": out(r), "gradient": out(p.grad)}
    losses[name] = entry

# Drawn after all others, whose values stay what they were.
norm = with_values(nn.LayerNorm(5))
x = draw(3, 2, 5).requires_grad_(True)
y = norm(x)
r = draw(*y.shape)
(y * r).sum().backward()
layers["layerNorm"] = {
    "x": out(x), "y": out(y), "r": out(r), "dx": out(x.grad), "weight": out(norm.weight), "bias": out(norm.bias),
    "dweight": out(norm.weight.grad), "dbias": out(norm.bias.grad),
}
layers["groupNorm"] = images(with_values(nn.GroupNorm(2, 6, eps=1e-3)), draw(2, 6, 3, 4))
layers["instanceNorm2d"] = images(nn.InstanceNorm2d(3), draw(2, 3, 4, 3))
layers["instanceNorm2dAffine"] = images(with_values(nn.InstanceNorm2d(3, affine=True)), draw(2, 3, 4, 3))

bn = with_values(nn.BatchNorm1d(4, momentum=0.2))
x = (draw(5, 4, 3) + 2).requires_grad_(True)
y = bn(x)
r = draw(*y.shape)
(y * r).sum().backward()
last = lambda t: t.permute(0, 2, 1).contiguous()
layers["batchNorm1dTrain"] = {
    "x": out(last(x)), "y": out(last(y)), "r": out(last(r)), "dx": out(last(x.grad)), "weight": out(bn.weight),
    "bias": out(bn.bias), "dweight": out(bn.weight.grad), "dbias": out(bn.bias.grad),
    "runningMean": out(bn.running_mean), "runningVar": out(bn.running_var),
}

torch.manual_seed(20261124)
grouped = {
    "conv2dGrouped": images(with_values(nn.Conv2d(6, 9, 3, stride=2, padding=1, groups=3)), draw(2, 6, 7, 6)),
    "conv2dByChannel": images(with_values(nn.Conv2d(4, 8, (2, 3), dilation=2, bias=False, groups=4)), draw(1, 4, 6, 7)),
}

here = os.path.dirname(os.path.abspath(__file__))
for name, content in {"layers": layers, "losses": losses, "grouped": grouped}.items():
    with open(os.path.join(here, name + ".json"), "w") as f:
        json.dump(content, f)
        f.write("\n")
