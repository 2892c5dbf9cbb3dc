"""LSTM and GRU over whole sequences, step by step by their formulas; gates in PyTorch's order."""
import torch
from sampling import normal


def lstm(x, wih, whh, bih, bhh, h, c, steps=None):
    out = []
    for t in steps or range(x.shape[1]):
        i, f, g, o = (x[:, t] @ wih.T + bih + h @ whh.T + bhh).chunk(4, 1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
        out.append(h)
    return torch.stack(out if steps is None else out[::-1], 1), c


def gru(x, wih, whh, bih, bhh, h, steps=None):
    out = []
    for t in steps or range(x.shape[1]):
        pr, pz, pn = (x[:, t] @ wih.T + bih).chunk(3, 1)
        ar, az, an = (h @ whh.T + bhh).chunk(3, 1)
        z = (pz + az).sigmoid()
        h = (1 - z) * (pn + (pr + ar).sigmoid() * an).tanh() + z * h
        out.append(h)
    return torch.stack(out if steps is None else out[::-1], 1)


def weights(gates, inputs, hidden):
    rows = gates * hidden
    return [normal(rows, inputs) * 0.5, normal(rows, hidden) * 0.5, normal(rows), normal(rows)]


def cases(case):
    case('lstm', lambda *xs: lstm(*xs)[0], normal(2, 5, 3), *weights(4, 3, 4), normal(2, 4), normal(2, 4))
    case('lstm, last cell', lambda *xs: lstm(*xs)[1], normal(3, 4, 2), *weights(4, 2, 5), normal(3, 5), normal(3, 5))
    case('lstm, reverse', lambda *xs: lstm(*xs, steps=[3, 2, 1, 0])[0], normal(2, 4, 3), *weights(4, 3, 3), normal(2, 3), normal(2, 3))
    case('gru', gru, normal(2, 5, 3), *weights(3, 3, 4), normal(2, 4))
    case('gru, reverse', lambda *xs: gru(*xs, steps=[3, 2, 1, 0]), normal(3, 4, 2), *weights(3, 2, 5), normal(3, 5))
