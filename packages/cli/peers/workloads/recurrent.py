import torch

from .repeat import repeat


def recurrence(kind, batch, steps, inputs, hidden):
    def prepare(_):
        layer = kind(inputs, hidden, batch_first=True)
        x = torch.randn(batch, steps, inputs, requires_grad=True)
        dy = torch.randn(batch, steps, hidden)
        wanted = [x, *layer.parameters()]
        return repeat(lambda: torch.autograd.grad(layer(x)[0], wanted, dy)[0])

    return prepare


WORKLOADS = {
    "lstm": recurrence(torch.nn.LSTM, 32, 64, 128, 256),
    "gru": recurrence(torch.nn.GRU, 16, 32, 64, 128),
}
