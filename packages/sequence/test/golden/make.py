"""Golden values of @stratajs/sequence from PyTorch in float64: python3 make.py writes recurrent.json.

Inputs and weights are multiples of 1/1024, hence exact in float32.
"""

import json
import os
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.manual_seed(20261125)
torch.set_default_dtype(torch.float64)
N, T, INPUTS, HIDDEN = 3, 5, 4, 3


def draw(*shape, scale=1.0):
    return torch.round(torch.randn(*shape) * scale * 1024) / 1024


def out(t):
    t = t.detach()
    return {"shape": list(t.shape), "data": [round(v, 9) for v in t.reshape(-1).tolist()]}


def case(kind, lengths=None, with_state=False, **options):
    layer = getattr(nn, kind)(INPUTS, HIDDEN, batch_first=True, **options)
    for p in layer.parameters():
        p.data = draw(*p.shape, scale=0.5)
    x = draw(N, T, INPUTS).requires_grad_()
    rows = options.get("num_layers", 1) * (2 if options.get("bidirectional") else 1)
    state = [draw(rows, N, HIDDEN).requires_grad_() for _ in range(2 if kind == "LSTM" else 1)] if with_state else []
    given = None if not state else (tuple(state) if kind == "LSTM" else state[0])
    if lengths is None:
        y, last = layer(x, given)
    else:
        packed, last = layer(pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False), given)
        y, _ = pad_packed_sequence(packed, batch_first=True, total_length=T)
    outputs = [y, *(last if kind == "LSTM" else [last])]
    dys = [draw(*v.shape) for v in outputs]
    sum((v * dy).sum() for v, dy in zip(outputs, dys)).backward()
    named = dict(layer.named_parameters())
    return {
        "lengths": lengths,
        "x": out(x),
        "state": [out(s) for s in state],
        "parameters": {name: out(p) for name, p in named.items()},
        "outputs": [out(v) for v in outputs],
        "dys": [out(dy) for dy in dys],
        "dx": out(x.grad),
        "dState": [out(s.grad) for s in state],
        "dParameters": {name: out(p.grad) for name, p in named.items()},
    }


both = {"num_layers": 2, "bidirectional": True}
cases = {
    "lstm": case("LSTM"),
    "lstmStacked": case("LSTM", num_layers=3, with_state=True, bias=False),
    "lstmPacked": case("LSTM", [2, 5, 3], True, **both),
    "gru": case("GRU"),
    "gruPacked": case("GRU", [5, 1, 4], True, **both),
    "rnn": case("RNN"),
    "rnnRelu": case("RNN", nonlinearity="relu", with_state=True, bias=False),
    "rnnPacked": case("RNN", [4, 2, 5], True, **both),
}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "recurrent.json"), "w") as file:
    json.dump(cases, file)
