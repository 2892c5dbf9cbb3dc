"""What PyTorch makes of random programs.

    python3 fuzz/torch_programs.py < programs.jsonl > expectations.jsonl      (torch 1.13)

Each line of the input is a program, each line of the output its Expectation (src/programs/judge.ts). Every
node is computed in float64 from the values before it, which are rounded to float32, as its own result
then is. The gradient runs along a graph whose values are these. How far an engine may be off follows, for
a value, from the operation (registry.py); for a gradient from what rounding does to it, seen in a run
in float32 and in runs in which every gradient on the way is off by some units in the last place.
"""
import base64
import json
import sys
import warnings

import torch

import attention_ops  # noqa: F401
import contraction_ops  # noqa: F401
import elementwise_ops  # noqa: F401
import movement_ops  # noqa: F401
import normalization_ops  # noqa: F401
import recurrent_ops  # noqa: F401
import reduction_ops  # noqa: F401
from registry import OPERATIONS, Rounding, U, greatest, off_by_slope

STORED = {'float32': torch.float32, 'int32': torch.int32, 'bool': torch.uint8}


def tensor_of(entry):
    values = [float(v) for v in entry['values']]
    dtype = entry['dtype']
    t = torch.tensor(values, dtype=torch.float64).reshape(entry['shape'])
    return t.float().double() if dtype == 'float32' else t.to(torch.int64 if dtype == 'int32' else torch.bool)


def rounded(t, dtype):
    """As an engine holds it: float32, or int32 that has wrapped around."""
    if dtype == 'float32':
        return t.detach().float().double()
    if dtype == 'int32':
        return (t.detach() + 2 ** 31) % 2 ** 32 - 2 ** 31
    return t.detach()


def encoded(t, dtype):
    return base64.b64encode(t.detach().to(STORED[dtype]).contiguous().numpy().tobytes()).decode()


def apply(node, values):
    results = OPERATIONS[node['op']].function([values[i] for i in node['inputs']], node['options'])
    return list(results) if isinstance(results, (list, tuple)) else [results]


def check(node, results):
    for result, said in zip(results, node['results'], strict=True) if sys.version_info >= (3, 10) else zip(results, node['results']):
        kind = 'float32' if result.is_floating_point() else 'bool' if result.dtype == torch.bool else 'int32'
        if list(result.shape) != said['shape'] or kind != said['dtype'] or len(results) != len(node['results']):
            raise ValueError(f"{node['op']} {node['options']}: PyTorch gives {kind} {list(result.shape)}, the program says {said}")


def forward(program):
    """The values, and what is expected of each."""
    Rounding.noise = 0.0
    values, expected = [], []
    for entry in program['inputs']:
        t = tensor_of(entry)
        values.append(t)
        expected.append({'data': encoded(t, entry['dtype']), 'relative': 0, 'absolute': 0})
    for node in program['nodes']:
        op = OPERATIONS[node['op']]
        xs = [values[i] for i in node['inputs']]
        results = apply(node, values)
        check(node, results)
        absolute = op.error(op.function if len(results) == 1 else None, xs, node['options'], results) if op.error else 0.0
        for result, said in zip(results, node['results']):
            t = rounded(result, said['dtype'])
            floating = said['dtype'] == 'float32'
            values.append(t)
            expected.append({'data': encoded(t, said['dtype']), 'relative': 2 * U * op.ulps(xs, node['options']) if floating else 0,
                             'absolute': absolute if floating else 0})
    return values, expected


class Replace(torch.autograd.Function):
    """Other elements in passing; the gradient is off by some relative noise."""

    @staticmethod
    def forward(ctx, result, elements, noise):
        ctx.noise = noise
        return elements.clone()

    @staticmethod
    def backward(ctx, dy):
        if ctx.noise:
            dy = dy * (1 + ctx.noise * torch.randn(dy.shape, dtype=dy.dtype))
        return dy, None, None


def gradients(program, values, dtype, noise):
    Rounding.noise = noise
    wanted = program['gradient']
    held = [v.to(dtype) if v.is_floating_point() else v for v in values]
    count = len(program['inputs'])
    leaves = [held[i].clone().requires_grad_() for i in wanted['inputs']]
    graph = held[:count]
    for i, leaf in zip(wanted['inputs'], leaves):
        graph[i] = Replace.apply(leaf, held[i], noise) if noise else leaf
    for node in program['nodes']:
        if len(graph) > wanted['of']:
            break
        for result in apply(node, graph):
            slope = OPERATIONS[node['op']].slope
            x = graph[node['inputs'][0]].double() if noise and slope else None
            if x is not None and x.shape == result.shape:
                result = off_by_slope(result, x, slope)
            elements = held[len(graph)]
            moving = result.is_floating_point() and result.requires_grad
            graph.append(Replace.apply(result, elements, noise) if moving else elements)
    loss = (graph[wanted['of']] * held[wanted['cotangent']]).sum()
    if not loss.requires_grad:
        return [torch.zeros_like(leaf) for leaf in leaves]
    found = torch.autograd.grad(loss, leaves, allow_unused=True)
    return [torch.zeros_like(leaf) if g is None else g for g, leaf in zip(found, leaves)]


#: How much of what rounding was seen to do an engine may do.
MARGIN = 16


def backward(program, values):
    if 'gradient' not in program:
        return []
    torch.manual_seed(1)
    exact = gradients(program, values, torch.float64, 0)
    others = [gradients(program, values, torch.float32, 0)]
    others += [gradients(program, values, torch.float64, 2 * U) for _ in range(2)]
    expected = []
    for i, g in enumerate(exact):
        seen = max(greatest(o[i].double() - g) for o in others)
        absolute = MARGIN * (seen + U * greatest(g))
        expected.append({'data': encoded(g, 'float32'), 'relative': 0, 'absolute': max(absolute, 2.0 ** -140)})
    return expected


def main():
    warnings.filterwarnings('ignore')
    torch.set_num_threads(1)
    for line in sys.stdin:
        program = json.loads(line)
        try:
            values, expected = forward(program)
            answer = {'values': expected, 'gradients': backward(program, values)}
        except Exception as error:  # A program that PyTorch cannot run is a mistake in the tables.
            answer = {'error': f'{type(error).__name__}: {error}'}
        print(json.dumps(answer), flush=True)


main()
