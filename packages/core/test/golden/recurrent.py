"""Float64 values of PyTorch for lstm() and gru(), sequence by sequence: python3 recurrent.py > recurrent.json"""
import json

import torch

torch.set_default_dtype(torch.float64)
generator = torch.Generator().manual_seed(3)
N, T, I, H = 3, 4, 2, 3


def normal(*shape):
    # Rounded to float32, so that both sides start from the same numbers.
    return torch.randn(*shape, generator=generator).float().double()


def whole(kind, reverse, lengths, x, w_ih, w_hh, b_ih, b_hh, *state):
    """Outputs [N, T, H] and last states, each sequence alone and without its padding."""
    parameters = [w_ih, w_hh, b_ih, b_hh]
    outputs, last = [], [[] for _ in state]
    for n in range(N):
        length = T if lengths is None else lengths[n]
        first = [s[n : n + 1].unsqueeze(0) for s in state]
        y, after = x.new_zeros(0, H), first
        if length > 0:
            steps = x[n, :length].flip(0) if reverse else x[n, :length]
            call = torch._VF.lstm if kind == "lstm" else torch._VF.gru
            given = first if kind == "lstm" else first[0]
            y, *after = call(steps.unsqueeze(0), given, parameters, True, 1, 0.0, False, False, True)
            y = y[0].flip(0) if reverse else y[0]
        outputs.append(torch.cat([y, x.new_zeros(T - length, H)]))
        for s, a in zip(last, after):
            s.append(a[0, 0])
    return [torch.stack(outputs), *[torch.stack(s) for s in last]]


def case(kind, reverse, lengths):
    gates, states = (4, 2) if kind == "lstm" else (3, 1)
    shapes = [(N, T, I), (gates * H, I), (gates * H, H), (gates * H,), (gates * H,)] + [(N, H)] * states
    inputs = [normal(*s).requires_grad_() for s in shapes]
    outputs = whole(kind, reverse, lengths, *inputs)
    dys = [normal(*y.shape) for y in outputs]
    loss = sum((y * dy).sum() for y, dy in zip(outputs, dys))
    gradients = torch.autograd.grad(loss, inputs, create_graph=True)
    directions = [normal(*g.shape) for g in gradients]
    along = sum((g * d).sum() for g, d in zip(gradients, directions))
    seconds = torch.autograd.grad(along, inputs)
    listed = lambda ts: [{"shape": list(t.shape), "data": [round(v, 9) for v in t.flatten().tolist()]} for t in ts]
    return {
        "kind": kind,
        "reverse": reverse,
        "lengths": lengths,
        "inputs": listed(inputs),
        "outputs": listed(outputs),
        "dys": listed(dys),
        "gradients": listed(gradients),
        "directions": listed(directions),
        "seconds": listed(seconds),
    }


print(
    json.dumps(
        [
            case(kind, reverse, lengths)
            for kind in ("lstm", "gru")
            for reverse, lengths in [(False, None), (True, None), (False, [2, 4, 1]), (True, [3, 0, 4])]
        ]
    )
)
