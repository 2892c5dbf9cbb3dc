"""Writes src/golden/*.ts: what PyTorch computes in float64 at sampled points.

    python3 golden/make_golden.py        (torch 1.13; from packages/conformance)

Each case holds its inputs, a random cotangent c, the value f(x) and the gradients of sum(c * f(x)).
"""
import json
from pathlib import Path

import numpy
import torch

import attention
import contractions
import elementwise
import logic
import losses
import normalization
import recurrent
import reductions
import sampling
import shapes
import updates

OUT = Path(__file__).parent.parent / 'src' / 'golden'


def inputs_of(t):
    """The shortest decimals that parse to the same float32."""
    return [float(str(numpy.float32(v))) for v in t.detach().flatten().tolist()]


def results_of(t):
    return [float('%.10g' % v) + 0.0 for v in t.detach().flatten().tolist()]


def tensor(t, values):
    return {'shape': list(t.shape), 'values': values(t)}


def collect(module, seed):
    sampling.restart(seed)
    found = []

    def case(name, fn, *xs, grads=True):
        xs = [x.detach().contiguous().requires_grad_(grads) for x in xs]
        value = fn(*xs)
        entry = {'name': name, 'inputs': [tensor(x, inputs_of) for x in xs], 'value': tensor(value, results_of)}
        if grads:
            cotangent = sampling.normal(*value.shape)
            if value.requires_grad:
                (cotangent * value).sum().backward()
            entry['cotangent'] = inputs_of(cotangent)
            entry['grads'] = [results_of(x.grad if x.grad is not None else torch.zeros_like(x)) for x in xs]
        found.append(entry)

    module.cases(case)
    return found


def write(name, doc, export, declared, body):
    source = f'/** {doc} Written by golden/make_golden.py with PyTorch {torch.__version__}. */\n'
    source += f"import type {{ {declared[1]} }} from './types.js';\n\nexport const {export}: {declared[0]} = {body};\n"
    (OUT / f'{name}.ts').write_text(source)


def main():
    modules = [elementwise, reductions, shapes, contractions, losses, logic, normalization, attention, recurrent]
    found = [c for seed, m in enumerate(modules) for c in collect(m, seed + 1)]
    lines = ',\n'.join(json.dumps(c, separators=(',', ':')) for c in found)
    write('operations', 'Values and gradients of operations.', 'operations',
          ('readonly GoldenCase[]', 'GoldenCase'), f'[\n{lines}\n]')
    sampling.restart(100)
    body = {}
    for name, u in updates.all_updates().items():
        steps = lambda key, values: [[values(t) for t in step] for step in u[key]]
        body[name] = {'shapes': u['shapes'], 'start': [inputs_of(t) for t in u['start']],
                      'gradients': steps('gradients', inputs_of), 'after': steps('after', results_of)}
    lines = ',\n'.join(f'{json.dumps(k)}:{json.dumps(v, separators=(",", ":"))}' for k, v in body.items())
    write('updates', 'Steps of optimizer updates.', 'updates',
          ('Readonly<Record<string, GoldenUpdate>>', 'GoldenUpdate'), f'{{\n{lines}\n}}')
    print(len(found), 'operations,', len(body), 'updates')


main()
