"""Golden values of @stratajs/optimizers from PyTorch in float64: python3 make.py writes optimizers.json and schedules.json.

Parameters and gradients are multiples of 1/1024, hence exact in float32.
"""

import json
import os
import torch

torch.manual_seed(20261120)
torch.set_default_dtype(torch.float64)


def draw(*shape, scale=1.0):
    return torch.round(torch.randn(*shape) * scale * 1024) / 1024


def out(t):
    t = t.detach()
    return {"shape": list(t.shape), "data": t.reshape(-1).tolist()}


start = {"a": draw(3, 4), "b": draw(5)}
grads = [{name: draw(*p.shape) for name, p in start.items()} for _ in range(5)]
rates = [0.1, 0.2, 0.05, 0.05, 0.1]

kinds = {
    "SGD": ("SGD", lambda ps: torch.optim.SGD(ps, 0.1), {}),
    "SGDDecayed": ("SGD", lambda ps: torch.optim.SGD(ps, 0.1, weight_decay=0.1), {"weightDecay": 0.1}),
    "SGDMomentum": (
        "SGD", lambda ps: torch.optim.SGD(ps, 0.1, momentum=0.9, weight_decay=0.01),
        {"momentum": 0.9, "weightDecay": 0.01}),
    "SGDNesterov": (
        "SGD", lambda ps: torch.optim.SGD(ps, 0.1, momentum=0.9, nesterov=True), {"momentum": 0.9, "nesterov": True}),
    "Adam": ("Adam", lambda ps: torch.optim.Adam(ps, 0.1), {}),
    "AdamSettings": (
        "Adam", lambda ps: torch.optim.Adam(ps, 0.1, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1),
        {"beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3, "weightDecay": 0.1}),
    "AdamW": ("AdamW", lambda ps: torch.optim.AdamW(ps, 0.1), {}),
    "AdamWSettings": (
        "AdamW", lambda ps: torch.optim.AdamW(ps, 0.1, betas=(0.5, 0.9), weight_decay=0.3),
        {"beta1": 0.5, "beta2": 0.9, "weightDecay": 0.3}),
}
optimizers = {
    "start": {n: out(p) for n, p in start.items()},
    "grads": [{n: out(g) for n, g in step.items()} for step in grads],
    "rates": rates,
    "runs": {},
}
for name, (kind, make, options) in kinds.items():
    ps = {n: p.clone().requires_grad_(True) for n, p in start.items()}
    optimizer = make(list(ps.values()))
    after = []
    for step, rate in zip(grads, rates):
        for group in optimizer.param_groups:
            group["lr"] = rate
        for n, p in ps.items():
            p.grad = step[n].clone()
        optimizer.step()
        after.append({n: out(p) for n, p in ps.items()})
    optimizers["runs"][name] = {"kind": kind, "options": options, "after": after}

# Clipping by the norm of all gradients together.
clipping = []
for max_norm in (1.0, 100.0):
    ps = {n: p.clone().requires_grad_(True) for n, p in start.items()}
    for n, p in ps.items():
        p.grad = grads[0][n].clone()
    torch.nn.utils.clip_grad_norm_(list(ps.values()), max_norm)
    clipping.append({"maxNorm": max_norm, "grads": {n: out(p.grad) for n, p in ps.items()}})
optimizers["clipByGlobalNorm"] = clipping


def rates_of(make, initial, steps):
    p = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([p], initial)
    schedule = make(optimizer)
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return rates


lr = torch.optim.lr_scheduler
schedules = []


def golden(name, options, make, initial, steps):
    schedules.append({"name": name, "options": options, "rates": rates_of(make, initial, steps)})


def one_cycle(options, **torch_options):
    # The scheduler takes one step() less than there are rates.
    p = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([p], 1.0)
    total = options["totalSteps"]
    schedule = lr.OneCycleLR(optimizer, options["maxLearningRate"], total_steps=total, **torch_options)
    rates = []
    for i in range(total):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if i < total - 1:
            schedule.step()
    schedules.append({"name": "oneCycle", "options": options, "rates": rates})


one_cycle({"maxLearningRate": 0.004, "totalSteps": 50})
one_cycle({"maxLearningRate": 0.1, "totalSteps": 7})
one_cycle({"maxLearningRate": 1.0, "totalSteps": 20, "pctStart": 0.5, "divFactor": 10, "finalDivFactor": 100},
          pct_start=0.5, div_factor=10.0, final_div_factor=100.0)
golden("step", {"initial": 0.1, "stepSize": 3, "gamma": 0.5},
       lambda o: lr.StepLR(o, 3, 0.5), 0.1, 10)
golden("exponential", {"initial": 0.1, "gamma": 0.9}, lambda o: lr.ExponentialLR(o, 0.9), 0.1, 10)
golden("cosine", {"initial": 0.1, "totalSteps": 10, "minimum": 0.01},
       lambda o: lr.CosineAnnealingLR(o, 10, 0.01), 0.1, 11)

here = os.path.dirname(os.path.abspath(__file__))
for name, content in {"optimizers": optimizers, "schedules": schedules}.items():
    with open(os.path.join(here, name + ".json"), "w") as f:
        json.dump(content, f)
        f.write("\n")
