"""Element-wise operations and activations."""
import torch
import torch.nn.functional as F
from sampling import away, distinct, normal, uniform


def cases(case):
    x23, y23 = normal(2, 3), normal(2, 3)
    case('add', lambda a, b: a + b, x23, y23)
    case('add, broadcast', lambda a, b: a + b, normal(2, 1, 3), normal(4, 1))
    case('add, number', lambda a: a + 0.5, x23)
    case('sub', lambda a, b: a - b, x23, normal(3))
    case('mul', lambda a, b: a * b, x23, normal(2, 1))
    case('mul, same operand twice', lambda a: a * a, x23)
    case('div', lambda a, b: a / b, x23, away([0], 0.5, -2, 2, 2, 3))
    case('floorDiv', lambda a, b: torch.floor(a / b), away([0, 2], 0.3, -4, 4, 3), torch.tensor([2.0, 2, 2]).double(), grads=False)
    case('mod', torch.remainder, uniform(0.2, 1.8, 2, 3) + torch.tensor([4.0, -2, 0]).double(), torch.tensor([2.0, 2, 2]).double())
    case('pow', torch.pow, uniform(0.3, 2, 2, 3), uniform(-2, 2, 3))
    case('pow, number', lambda a: a ** 3, x23)
    far = distinct(0.2, 2, 6)
    case('maximum', torch.maximum, far[:, :3].contiguous(), far[:, 3:].contiguous())
    case('minimum', torch.minimum, far[:, :3].contiguous(), far[:, 3:].contiguous())
    case('squaredDifference', lambda a, b: (a - b) ** 2, x23, normal(3))
    case('atan2', torch.atan2, away([0], 0.3, -2, 2, 2, 3), away([0], 0.3, -2, 2, 2, 3))
    case('addN', lambda a, b, c: a + b + c, x23, y23, normal(2, 3))

    real, positive, nonzero = uniform(-3, 3, 2, 5), uniform(0.2, 3, 2, 5), away([0], 0.2, -3, 3, 2, 5)
    inner, above = uniform(-0.9, 0.9, 2, 5), uniform(1.2, 4, 2, 5)
    halves = away([-2.5, -2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2, 2.5], 0.1, -3, 3, 2, 5)
    for name, x in {
        'neg': real, 'abs': nonzero, 'sign': nonzero, 'sqrt': positive, 'rsqrt': positive, 'square': real,
        'reciprocal': nonzero, 'exp': real, 'expm1': real, 'log': positive, 'log1p': positive, 'sin': real,
        'cos': real, 'tan': inner, 'asin': inner, 'acos': inner, 'atan': real, 'sinh': real, 'cosh': real,
        'asinh': real, 'acosh': above, 'atanh': inner, 'erf': real, 'floor': halves, 'ceil': halves,
        'round': halves,
    }.items():
        case(name, getattr(torch, name), x)
    case('clip', lambda a: a.clip(-0.75, 1.25), away([-0.75, 1.25], 0.1, -3, 3, 2, 5))

    case('relu', F.relu, nonzero)
    case('relu6', F.relu6, away([0, 6], 0.2, -4, 9, 2, 5))
    case('leakyRelu', lambda a: F.leaky_relu(a, 0.2), nonzero)
    case('prelu', lambda a, s: torch.where(a > 0, a, a * s), nonzero, uniform(0.1, 0.4, 5))
    case('elu', F.elu, nonzero)
    case('selu', F.selu, nonzero)
    case('sigmoid', torch.sigmoid, real)
    case('tanh', torch.tanh, real)
    case('softplus', F.softplus, real)
    case('gelu', F.gelu, real)
    case('gelu, approximate', lambda a: F.gelu(a, approximate='tanh'), real)
    case('silu', F.silu, real)
    case('hardSigmoid', F.hardsigmoid, away([-3, 3], 0.2, -5, 5, 2, 5))
    case('softmax', lambda a: F.softmax(a, -1), real)
    case('softmax, axis', lambda a: F.softmax(a, 1), normal(2, 4, 3))
    case('logSoftmax', lambda a: F.log_softmax(a, -1), real)
    case('logSoftmax, axis', lambda a: F.log_softmax(a, 0), normal(4, 3))
    case('where', lambda a, b: torch.where(torch.tensor([[True, False, True]]), a, b), x23, y23)
    case('where, of a comparison', lambda a: torch.where(a > 0, a * 2, a * -0.5), nonzero)
    case('stopGradient', lambda a: a * a.detach(), x23)
