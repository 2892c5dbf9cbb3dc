"""Element by element."""
import math

import torch
from registry import U, constant, greatest, of_arguments, of_results, operation


def unary(name, f, ulps=0.0, error=None, slope=0.0):
    """Takes whole numbers and truth values as float."""
    operation(name, lambda xs, o: f(real(xs[0])), ulps, error, slope)


def real(x):
    return x if x.is_floating_point() else x.to(torch.float64)


def whole(name, f):
    """Keeps whole numbers whole; truth values count as such. No gradient where it is 0 everywhere."""
    operation(name, lambda xs, o: f(xs[0].long() if xs[0].dtype == torch.bool else xs[0]))


class Expm1(torch.autograd.Function):
    """
    eˣ − 1, whose derivative is eˣ. PyTorch's expm1 takes it from the result, as y + 1, which has lost
    all digits of eˣ near −37 and is 0 below, in float64 too.
    """

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.expm1(x)

    @staticmethod
    def backward(ctx, dy):
        x, = ctx.saved_tensors
        return dy * torch.exp(x)


expm1 = Expm1.apply


whole('neg', torch.neg)
whole('abs', torch.abs)
# Of NaN 0.
whole('sign', lambda x: torch.sign(x).detach())
whole('square', lambda x: x * x)
flat = lambda f: lambda x: f(x).detach() if x.is_floating_point() else x
whole('floor', flat(torch.floor))
whole('ceil', flat(torch.ceil))
whole('round', flat(torch.round))
# These two alone keep bool.
operation('identity', lambda xs, o: xs[0].clone())
operation('stopGradient', lambda xs, o: xs[0].detach().clone())

unary('sqrt', torch.sqrt)
unary('reciprocal', lambda x: 1 / x)
# Kernels of the CPU engine are within 2.5 units in the last place; others get as much again.
for name in ['rsqrt', 'exp', 'log', 'log1p', 'tan', 'asin', 'acos', 'atan', 'sinh', 'cosh', 'asinh',
             'acosh', 'atanh', 'sigmoid', 'tanh']:
    # Engines take the slope of these two from their rounded results, near 1 too: 1 − y², y·(1 − y).
    unary(name, getattr(torch, name), 5, slope=5.0 if name in ('tanh', 'sigmoid') else 0.0)
unary('expm1', expm1, 5)
# Near multiples of π the result is as exact as the reduction of the argument.
unary('sin', torch.sin, 5)
unary('cos', torch.cos, 5)
# Engines may approximate it to about 1e-7.
unary('erf', torch.erf, 5, constant(2e-7))
SCALE, ALPHA = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717

unary('relu', lambda x: torch.where((x > 0) | torch.isnan(x), x, torch.zeros_like(x)))


def between(x, low, high):
    """The gradient passes inside, bounds included."""
    return torch.where(x < low, low, torch.where(x > high, high, x))


def relu6(x):
    # The gradient is 0 at 0 and 1 at 6, where PyTorch's is 0.
    return torch.where(x > 6, 6.0, torch.where((x > 0) | torch.isnan(x), x, torch.zeros_like(x)))


unary('relu6', relu6)
# PyTorch loses eˣ − 1 near 0; engines may compute it so in float64. They take the slope of elu from its rounded
# result, as y + 1, and that of selu from x.
unary('elu', lambda x: torch.where(x < 0, expm1(torch.where(x < 0, x, x * 0)), x), 5, constant(2.0 ** -52), slope=5.0)
unary('selu', lambda x: SCALE * torch.where(x > 0, x, ALPHA * expm1(torch.where(x > 0, x * 0, x))), 6,
      constant(2.0 ** -51))
# PyTorch's own is linear from 20 on.
unary('softplus', lambda x: -torch.nn.functional.logsigmoid(-x), 5)
# x·sigmoid(x), whose second factor may be subnormal.
unary('silu', torch.nn.functional.silu, 8,
      lambda f, xs, o, results: 2.0 ** -148 * greatest(xs[0]))


def hard_sigmoid(x):
    # clip(x·(1/6) + 1/2, 0, 1): rounding decides what lies on the bounds.
    sixth = torch.tensor(1 / 6, dtype=torch.float32)
    inner = (x.detach().float() * sixth + 0.5).to(x.dtype)
    return torch.where((inner >= 0) & (inner <= 1), x / 6 + 0.5, (inner > 1).to(x.dtype))


operation('hardSigmoid', lambda xs, o: torch.where(torch.isnan(real(xs[0])), real(xs[0]), hard_sigmoid(real(xs[0]))),
          0, constant(4 * U))
operation('gelu', lambda xs, o: torch.nn.functional.gelu(real(xs[0]), approximate='tanh' if o['approximate'] else 'none'),
          8, of_arguments(4))


def prelu(xs, o):
    x, alpha = xs
    # At 0 the gradient is alpha, but 0·∞ is 0.
    return torch.where(x > 0, x, torch.where(x < 0, x * alpha, x * torch.nan_to_num(alpha, 0, 0, 0)))


operation('leakyRelu', lambda xs, o: torch.where(xs[0] > 0, xs[0], xs[0] * float(torch.tensor(o['slope'], dtype=torch.float32))), 1)
operation('prelu', prelu)
operation('clip', lambda xs, o: between(xs[0], o['min'], o['max']) if xs[0].is_floating_point()
          else xs[0].clamp(o['min'], o['max']))


def computed(xs, o, least):
    """Two arguments as they are computed with: the wider dtype, at least `least`."""
    a = xs[0]
    b = xs[1] if len(xs) > 1 else number(a, o['number'])
    floating = a.is_floating_point() or b.is_floating_point() or least == 'float32'
    if not floating:
        return a.long(), b.long()
    kind = next((x.dtype for x in (a, b) if x.is_floating_point()), torch.float64)
    return a.to(kind), b.to(kind)


def number(beside, value):
    """A whole number beside whole numbers stays whole."""
    if not beside.is_floating_point() and float(value).is_integer():
        return torch.tensor(int(value))
    return torch.tensor(float(torch.tensor(value, dtype=torch.float32)), dtype=torch.float64 if not
                        beside.is_floating_point() else beside.dtype)


def binary(name, f, ulps=0.0, least='int32', error=None):
    operation(name, lambda xs, o: f(*computed(xs, o, least)), ulps, error)


def floor_divide(a, b):
    if not a.is_floating_point():
        return torch.div(a, b, rounding_mode='floor')
    # The quotient is rounded before, and may be rounded up to a whole number.
    return torch.floor(a.detach().float() / b.detach().float()).to(a.dtype)


def power(a, b):
    if not a.is_floating_point():
        return torch.pow(a, b)
    # As JavaScript: ±1 to the power of NaN or an infinity is NaN, where IEEE 754 has 1.
    undefined = (a.abs() == 1) & ~torch.isfinite(b)
    return torch.where(undefined, float('nan'), torch.pow(a, b))


binary('add', torch.add)
binary('sub', torch.sub)
binary('mul', torch.mul)
binary('div', torch.div, least='float32')
binary('floorDiv', floor_divide)
binary('mod', torch.remainder, error=of_results(2))
binary('pow', power, 8)
# Where they are equal the gradient goes to a alone.
binary('maximum', lambda a, b: torch.where((a >= b) | torch.isnan(a), a, b))
binary('minimum', lambda a, b: torch.where((a <= b) | torch.isnan(a), a, b))
binary('squaredDifference', lambda a, b: (a - b) * (a - b), 3)
binary('atan2', torch.atan2, 5, least='float32')
binary('equal', torch.eq)
binary('notEqual', torch.ne)
binary('greater', torch.gt)
binary('greaterEqual', torch.ge)
binary('less', torch.lt)
binary('lessEqual', torch.le)
operation('logicalAnd', lambda xs, o: xs[0] & xs[1])
operation('logicalOr', lambda xs, o: xs[0] | xs[1])
operation('logicalXor', lambda xs, o: xs[0] ^ xs[1])
operation('logicalNot', lambda xs, o: ~xs[0])
operation('isNaN', lambda xs, o: torch.isnan(xs[0]))
operation('isInf', lambda xs, o: torch.isinf(xs[0]))
operation('isFinite', lambda xs, o: torch.isfinite(xs[0]))
operation('addN', lambda xs, o: sum(xs), 0, lambda f, xs, o, r: 0 if len(xs) < 3 else of_arguments(len(xs) * len(xs))(f, xs, o, r)
          if xs[0].is_floating_point() else 0)


def where(xs, o):
    condition, a, b = xs
    if a.dtype != b.dtype:
        a, b = computed([a, b], o, 'int32')
    return torch.where(condition, a, b)


operation('where', where)


def cast(xs, o):
    x = xs[0]
    if o['dtype'] == 'float32':
        return x.clone() if x.is_floating_point() else x.to(torch.float64)
    return x.detach().to({'int32': torch.int64, 'bool': torch.bool}[o['dtype']])


operation('cast', cast)
