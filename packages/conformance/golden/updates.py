"""Five steps of torch.optim's rules: parameters, gradients of each step, parameters after each."""
import torch
from sampling import normal

STEPS = 5


def run(make, shapes):
    start = [normal(*s) for s in shapes]
    gradients = [[normal(*s) for s in shapes] for _ in range(STEPS)]
    parameters = [torch.nn.Parameter(p.clone()) for p in start]
    optimizer = make(parameters)
    after = []
    for step in gradients:
        for p, g in zip(parameters, step):
            p.grad = g.clone()
        optimizer.step()
        after.append([p.detach().clone() for p in parameters])
    return {'shapes': shapes, 'start': start, 'gradients': gradients, 'after': after}


def all_updates():
    shapes = [[3, 2], [5], [1, 7]]
    sgd, adam, adamw = torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW
    return {
        'sgd': run(lambda p: sgd(p, lr=0.1), shapes),
        'sgd, weightDecay': run(lambda p: sgd(p, lr=0.1, weight_decay=0.05), shapes),
        'sgd, momentum': run(lambda p: sgd(p, lr=0.1, momentum=0.9), shapes),
        'sgd, nesterov': run(lambda p: sgd(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.05), shapes),
        'adam': run(lambda p: adam(p, lr=0.01), shapes),
        'adam, weightDecay': run(lambda p: adam(p, lr=0.01, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.05), shapes),
        'adam, decoupled': run(lambda p: adamw(p, lr=0.01, weight_decay=0.05), shapes),
    }
