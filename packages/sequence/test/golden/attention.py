"""Golden values of attention and Transformer layers from PyTorch in float64: python3 attention.py writes attention.json.

Each case: the inputs, the state by PyTorch's names, y, a cotangent r, and the gradients of sum(y * r). Inputs and weights
are multiples of 1/1024, hence exact in float32.
"""
import json
import os

import torch
from torch import nn

torch.manual_seed(20261125)
torch.set_default_dtype(torch.float64)


def draw(*shape, scale=1.0):
    return torch.round(torch.randn(*shape) * scale * 1024) / 1024


def out(t):
    t = t.detach()
    return {"shape": list(t.shape), "data": t.reshape(-1).tolist()}


def record(module, run, *inputs):
    module.train()
    module.zero_grad()
    for p in module.parameters():
        p.data = draw(*p.shape, scale=0.4)
    xs = [x.requires_grad_(True) for x in inputs]
    y = run(*xs)
    r = draw(*y.shape)
    (y * r).sum().backward()
    return {
        "inputs": [out(x) for x in xs],
        "state": {name: out(p) for name, p in module.named_parameters()},
        "y": out(y),
        "r": out(r),
        "dInputs": [out(x.grad) for x in xs],
        "dState": {name: out(p.grad) for name, p in module.named_parameters()},
    }


def pattern(rows, columns):
    """True where a query may look; every row has such a key."""
    return (torch.arange(rows * columns) * 3 % 4 != 0).reshape(rows, columns)


def beyond(lengths, time):
    return torch.arange(time) >= torch.tensor(lengths).unsqueeze(1)


causal = torch.triu(torch.ones(5, 5), 1) > 0
cases = {}

mha = nn.MultiheadAttention(6, 2, batch_first=True)
cases["self"] = record(mha, lambda x: mha(x, x, x)[0], draw(2, 5, 6))
cases["selfLengths"] = record(mha, lambda x: mha(x, x, x, key_padding_mask=beyond([5, 2], 5))[0], draw(2, 5, 6))
cases["memory"] = record(mha, lambda x, m: mha(x, m, m, attn_mask=~pattern(3, 4))[0], draw(2, 3, 6), draw(2, 4, 6))
odd = nn.MultiheadAttention(6, 3, batch_first=True, bias=False, kdim=4, vdim=5)
cases["features"] = record(odd, lambda q, k, v: odd(q, k, v)[0], draw(2, 3, 6), draw(2, 4, 4), draw(2, 4, 5))

encoder = nn.TransformerEncoderLayer(6, 2, 8, dropout=0.0, batch_first=True)
cases["encoder"] = record(encoder, lambda x: encoder(x, src_key_padding_mask=beyond([5, 3], 5)), draw(2, 5, 6))
first = nn.TransformerEncoderLayer(6, 3, 8, dropout=0.0, activation="gelu", layer_norm_eps=1e-3, batch_first=True, norm_first=True)
cases["encoderFirst"] = record(first, lambda x: first(x, src_mask=causal), draw(2, 5, 6))
added = draw(5, 5)
cases["encoderAdded"] = {**record(encoder, lambda x: encoder(x, src_mask=added), draw(2, 5, 6)), "mask": out(added)}

decoder = nn.TransformerDecoderLayer(6, 2, 8, dropout=0.0, batch_first=True)
cases["decoder"] = record(
    decoder,
    lambda x, m: decoder(x, m, tgt_mask=causal, memory_key_padding_mask=beyond([4, 2], 4), tgt_key_padding_mask=beyond([5, 3], 5)),
    draw(2, 5, 6),
    draw(2, 4, 6),
)
decoder_first = nn.TransformerDecoderLayer(6, 2, 8, dropout=0.0, activation="gelu", batch_first=True, norm_first=True)
cases["decoderFirst"] = record(decoder_first, lambda x, m: decoder_first(x, m, memory_mask=~pattern(5, 4)), draw(2, 5, 6), draw(2, 4, 6))

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "attention.json"), "w") as f:
    f.write("{\n" + ",\n".join(f'"{name}": {json.dumps(case)}' for name, case in cases.items()) + "\n}\n")
