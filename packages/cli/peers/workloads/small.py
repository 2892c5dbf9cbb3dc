import torch

from .repeat import repeat


def add_one(_):
    a, b = torch.tensor([1.0]), torch.tensor([2.0])
    return repeat(lambda: a + b)


def grad_small(_):
    x, w = torch.randn(4, 4), torch.randn(4, 4, requires_grad=True)
    return repeat(lambda: torch.autograd.grad(torch.relu(x @ w).sum(), w)[0])


def scalar_chain(_):
    x = torch.tensor([2.0])

    def step():
        y = x
        for _ in range(500):
            y = y * 0.999 + 0.001
        return y

    return repeat(step)


WORKLOADS = {"add-one": add_one, "grad-small": grad_small, "scalar-chain": scalar_chain}
