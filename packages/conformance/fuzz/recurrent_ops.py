"""LSTM and GRU over whole sequences, step by step by their formulas; gates in PyTorch's order."""
import torch
from registry import U, off_by_slope, operation


def arguments(xs, o, states):
    x, wih, whh, *rest = xs
    zeros = torch.zeros(whh.shape[0], dtype=x.dtype)
    bih = rest.pop(0) if o['biasIh'] else zeros
    bhh = rest.pop(0) if o['biasHh'] else zeros
    none = torch.zeros(x.shape[0], whh.shape[1], dtype=x.dtype)
    state = [rest.pop(0) if o['state'] else none for _ in range(states)]
    steps = x.shape[1]
    lengths = rest.pop(0) if o['lengths'] else torch.full((x.shape[0],), steps)
    order = reversed(range(steps)) if o['reverse'] else range(steps)
    # Whether each sequence has the step.
    return x, wih, whh, bih, bhh, state, [(t, (lengths > t).unsqueeze(1)) for t in order]


def stacked(out, x, hidden):
    """The outputs of steps in their order in time; out maps a step to its own."""
    return torch.stack([out[t] for t in sorted(out)], 1) if out else torch.zeros(x.shape[0], 0, hidden, dtype=x.dtype)


# Engines take slopes from rounded results, near 1 too: 1 − y², y·(1 − y). Those are within units in the last place.
SLOPE = 5.0


def sigmoid(a):
    return off_by_slope(a.sigmoid(), a, SLOPE)


def tanh(a):
    return off_by_slope(a.tanh(), a, SLOPE)


def lstm(xs, o):
    x, wih, whh, bih, bhh, (h, c), steps = arguments(xs, o, 2)
    out = {}
    for t, there in steps:
        i, f, g, u = (x[:, t] @ wih.T + bih + h @ whh.T + bhh).chunk(4, 1)
        next_c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        next_h = sigmoid(u) * tanh(next_c)
        out[t] = torch.where(there, next_h, torch.zeros_like(h))
        h, c = torch.where(there, next_h, h), torch.where(there, next_c, c)
    return [stacked(out, x, whh.shape[1]), h, c]


def gru(xs, o):
    x, wih, whh, bih, bhh, (h,), steps = arguments(xs, o, 1)
    out = {}
    for t, there in steps:
        pr, pz, pn = (x[:, t] @ wih.T + bih).chunk(3, 1)
        ar, az, an = (h @ whh.T + bhh).chunk(3, 1)
        z = sigmoid(pz + az)
        next_h = (1 - z) * tanh(pn + sigmoid(pr + ar) * an) + z * h
        out[t] = torch.where(there, next_h, torch.zeros_like(h))
        h = torch.where(there, next_h, h)
    return [stacked(out, x, whh.shape[1]), h]


# Errors go along with the steps, to first order: each e… below bounds how far the value of its name is off.

#: Units in the last place of sigmoid and tanh, with the operations around them.
FUNCTION = 6


def of_products(x, w, b):
    """Rounding of x·wᵀ + b is relative to its absolute terms, and grows with the root of their number."""
    return (4 + 2 * w.shape[1] ** 0.5) * U * (x.abs() @ w.abs().T + b.abs())


def through_sigmoid(a, e):
    s = a.sigmoid()
    return s, s * (1 - s) * e + FUNCTION * U * s


def through_tanh(a, e):
    s = a.tanh()
    return s, (1 - s * s) * e + FUNCTION * U * s.abs()


def lstm_error(function, xs, o, results):
    x, wih, whh, bih, bhh, (h, c), steps = arguments(xs, o, 2)
    eh, ec, most = torch.zeros_like(h), torch.zeros_like(c), 0.0
    for t, there in steps:
        a = x[:, t] @ wih.T + bih + h @ whh.T + bhh
        ea = of_products(x[:, t], wih, bih) + of_products(h, whh, bhh) + eh @ whh.abs().T
        (ai, af, ag, au), (ei, ef, eg, eu) = a.chunk(4, 1), ea.chunk(4, 1)
        (i, ei), (f, ef), (u, eu) = [through_sigmoid(*p) for p in ((ai, ei), (af, ef), (au, eu))]
        g, eg = through_tanh(ag, eg)
        next_ec = f * ec + c.abs() * ef + i * eg + g.abs() * ei + 2 * U * ((f * c).abs() + (i * g).abs())
        next_c = f * c + i * g
        squashed, es = through_tanh(next_c, next_ec)
        next_h, next_eh = u * squashed, u * es + squashed.abs() * eu + U * (u * squashed).abs()
        h, c = torch.where(there, next_h, h), torch.where(there, next_c, c)
        eh, ec = torch.where(there, next_eh, eh), torch.where(there, next_ec, ec)
        most = max([most] + [float(e.max()) for e in (eh, ec) if e.numel()])
    return most


def gru_error(function, xs, o, results):
    x, wih, whh, bih, bhh, (h,), steps = arguments(xs, o, 1)
    eh, most = torch.zeros_like(h), 0.0
    for t, there in steps:
        (pr, pz, pn), (ar, az, an) = (x[:, t] @ wih.T + bih).chunk(3, 1), (h @ whh.T + bhh).chunk(3, 1)
        epr, epz, epn = of_products(x[:, t], wih, bih).chunk(3, 1)
        ear, eaz, ean = (of_products(h, whh, bhh) + eh @ whh.abs().T).chunk(3, 1)
        (r, er), (z, ez) = through_sigmoid(pr + ar, epr + ear), through_sigmoid(pz + az, epz + eaz)
        n, en = through_tanh(pn + r * an, epn + r * ean + an.abs() * er + 2 * U * (r * an).abs())
        # n + z·(h − n) as well as (1 − z)·n + z·h.
        next_eh = (1 - z) * en + z * eh + (h - n).abs() * ez + 4 * U * (h.abs() + n.abs())
        h, eh = torch.where(there, (1 - z) * n + z * h, h), torch.where(there, next_eh, eh)
        most = max(most, float(eh.max()) if eh.numel() else 0.0)
    return most


operation('lstm', lstm, 0, lstm_error)
operation('gru', gru, 0, gru_error)
