"""Float64 values of PyTorch for the extension kernels: python3 extension.py > extension.json"""
import json

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
generator = torch.Generator().manual_seed(0)


def normal(*shape):
    # Rounded to float32, so that both sides start from the same numbers.
    return torch.randn(*shape, generator=generator).float().double()


def cross_entropy():
    cases = []
    for smoothing, scale in [(0.0, 1.0), (0.1, 1.0), (1.0, 1.0), (0.0, 60.0), (0.3, 60.0)]:
        logits = (normal(4, 5) * scale).float().double().requires_grad_()
        labels = torch.tensor([3, 0, 4, 3])
        dy = normal(4).requires_grad_()
        direction = normal(4, 5)
        loss = F.cross_entropy(logits, labels, reduction="none", label_smoothing=smoothing)
        (grad,) = torch.autograd.grad(loss, logits, dy, create_graph=True)
        second, of_dy = torch.autograd.grad((grad * direction).sum(), [logits, dy])
        cases.append(
            {
                "labelSmoothing": smoothing,
                "logits": logits.tolist(),
                "labels": labels.tolist(),
                "dy": dy.tolist(),
                "direction": direction.tolist(),
                "loss": loss.tolist(),
                "grad": grad.tolist(),
                "second": second.tolist(),
                "ofDy": of_dy.tolist(),
            }
        )
    return cases


def updates(make, options, slots):
    start = [normal(3), normal(2, 2)]
    parameters = [p.clone().requires_grad_() for p in start]
    optimizer = make(parameters, **options)
    gradients, after = [], []
    for _ in range(5):
        for p in parameters:
            p.grad = normal(*p.shape)
        gradients.append([p.grad.tolist() for p in parameters])
        optimizer.step()
        after.append([p.tolist() for p in parameters])
    final = {s: [optimizer.state[p][s].tolist() for p in parameters] for s in slots}
    return {"options": options, "start": [p.tolist() for p in start], "gradients": gradients, "after": after, **final}


print(
    json.dumps(
        {
            "crossEntropy": cross_entropy(),
            "sgd": [
                updates(torch.optim.SGD, {"lr": 0.1}, []),
                updates(torch.optim.SGD, {"lr": 0.1, "weight_decay": 0.05}, []),
                updates(torch.optim.SGD, {"lr": 0.1, "momentum": 0.9}, ["momentum_buffer"]),
                updates(torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.05}, ["momentum_buffer"]),
                updates(
                    torch.optim.SGD,
                    {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.05},
                    ["momentum_buffer"],
                ),
            ],
            "adam": [
                updates(torch.optim.Adam, {"lr": 0.05, "betas": [0.9, 0.999], "eps": 1e-8}, ["exp_avg", "exp_avg_sq"]),
                updates(
                    torch.optim.Adam,
                    {"lr": 0.05, "betas": [0.8, 0.95], "eps": 1e-3, "weight_decay": 0.1},
                    ["exp_avg", "exp_avg_sq"],
                ),
                updates(torch.optim.Adam, {"lr": 0.05, "betas": [0.0, 0.9], "eps": 1e-8}, ["exp_avg", "exp_avg_sq"]),
            ],
            "adamw": [
                updates(
                    torch.optim.AdamW,
                    {"lr": 0.05, "betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.1},
                    ["exp_avg", "exp_avg_sq"],
                ),
            ],
        }
    )
)
