import torch

from .repeat import repeat

CHAIN = 4 * 2**20
TABLE = 1_000_000


def relu_chain(_):
    x = torch.randn(CHAIN)
    return repeat(lambda: torch.relu(x * 2 + 1))


def elementwise_chain(_):
    x, a = torch.linspace(0.9, -0.9, CHAIN), torch.linspace(-0.5, 0.5, CHAIN)

    def step():
        y = torch.relu(x * a + 0.5 - a)
        return -torch.maximum(torch.square(torch.abs(y + x)) * 0.25, a)

    return repeat(step)


def along_rows(function):
    def prepare(_):
        x = torch.randn(4096, 1024)
        return repeat(lambda: function(x))

    return prepare


def transpose(_):
    x = torch.randn(4096, 4096)
    return repeat(lambda: x.t().contiguous())


def gather(_):
    table, indices = torch.randn(TABLE, 64), torch.randint(0, TABLE, (TABLE,))
    return repeat(lambda: table.index_select(0, indices))


def top_k(_):
    x = torch.randn(TABLE)
    return repeat(lambda: torch.topk(x, 100).values)


WORKLOADS = {
    "relu-chain": relu_chain,
    "elementwise-chain": elementwise_chain,
    "sum-rows": along_rows(lambda x: x.sum(1)),
    "mean-rows": along_rows(lambda x: x.mean(1)),
    "softmax-rows": along_rows(lambda x: torch.softmax(x, 1)),
    "transpose": transpose,
    "gather": gather,
    "top-k": top_k,
}
