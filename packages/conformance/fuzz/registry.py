"""The operations of random programs over PyTorch, and how exactly an engine must compute each.

A function takes the values (float64, int64 or bool tensors; float32 ones in a second run, whose only
purpose is to estimate rounding) and the options of a node, and gives one tensor or a list of them. It is
evaluated on elements that are exact in float32, and its result is rounded to float32 once.
"""
import torch

#: Half of one unit in the last place of 1.
U = 2.0 ** -24

OPERATIONS = {}


class Rounding:
    """How much every gradient on the way is off on purpose, relative to itself: 0 but in runs that estimate rounding."""
    noise = 0.0


def off_by_slope(y, x, units):
    """y, as large as x, a function of each element whose slope is off by some units in the last place, either way."""
    if not Rounding.noise:
        return y
    return y + (x - x.detach()) * (units * Rounding.noise * torch.randn(x.shape, dtype=x.dtype).sign())


class Operation:
    def __init__(self, function, ulps, error, slope):
        self.function = function
        #: Allowed units in the last place of each element: a number, or from arguments and options.
        self.ulps = ulps if callable(ulps) else lambda xs, o: ulps
        #: From the arguments, the options and the results: an allowed absolute difference.
        self.error = error
        #: Units by which the derivative may be off where it is much smaller than 1.
        self.slope = slope


def operation(name, function, ulps=0.0, error=None, slope=0.0):
    """Exact, unless units in the last place or an absolute error are allowed."""
    OPERATIONS[name] = Operation(function, ulps, error, slope)


def of_abs(terms):
    """
    The error of a sum of products: its rounding is relative to the sum of absolute terms, which is the
    same operation on absolute arguments, and grows with the root of the number of terms.
    """
    def error(function, xs, o, results):
        absolute = function([x.abs() if x.is_floating_point() else x for x in xs], o)
        return (4 + 2 * terms(xs, o, results) ** 0.5) * U * greatest(absolute)
    return error


def of_results(units):
    """An error relative to the greatest element."""
    return lambda function, xs, o, results: units * U * max(greatest(r) for r in results)


def of_arguments(units):
    """An error relative to the greatest element of the arguments."""
    return lambda function, xs, o, results: units * U * max((greatest(x) for x in xs if x.is_floating_point()), default=0.0)


def constant(value):
    return lambda function, xs, o, results: value


def greatest(x):
    x = x.double().abs()
    x = x[torch.isfinite(x)]
    return float(x.max()) if x.numel() else 0.0
