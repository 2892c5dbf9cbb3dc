import torch

from .repeat import repeat


def product(m, k, n, batch=None, transpose_a=False, transpose_b=False):
    def prepare(_):
        lead = () if batch is None else (batch,)
        a = torch.randn(*lead, *((k, m) if transpose_a else (m, k)))
        b = torch.randn(*lead, *((n, k) if transpose_b else (k, n)))
        a = a.transpose(-1, -2) if transpose_a else a
        b = b.transpose(-1, -2) if transpose_b else b
        return repeat(lambda: a @ b)

    return prepare


WORKLOADS = {
    "peak-product": product(2048, 2048, 2048),
    "matmul-1024": product(1024, 1024, 1024),
    "matmul-1024-ta": product(1024, 1024, 1024, transpose_a=True),
    "matmul-1024-tb": product(1024, 1024, 1024, transpose_b=True),
    "matmul-1024-tatb": product(1024, 1024, 1024, transpose_a=True, transpose_b=True),
    "matmul-odd": product(37, 513, 129),
    "matmul-tall": product(4096, 64, 64),
    "matmul-deep": product(64, 4096, 64),
    "matmul-batched": product(128, 64, 128, batch=32),
}
