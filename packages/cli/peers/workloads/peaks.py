import torch

from .repeat import repeat


def copy(_):
    source, target = torch.ones(2**26), torch.zeros(2**26)
    return repeat(lambda: target.copy_(source))


WORKLOADS = {"peak-copy": copy}
