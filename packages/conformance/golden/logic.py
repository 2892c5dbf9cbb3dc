"""Comparisons, logic and one-hot rows: 1 where it holds, 0 elsewhere, and no gradient."""
import torch
import torch.nn.functional as F
from sampling import integers


def cases(case):
    a, b = integers(3, 2, 6).double(), integers(3, 6).double()
    for name, op in {
        'equal': torch.eq, 'notEqual': torch.ne, 'greater': torch.gt, 'greaterEqual': torch.ge,
        'less': torch.lt, 'lessEqual': torch.le,
    }.items():
        case(name, lambda x, y: op(x, y).double(), a, b, grads=False)
    p, q = integers(2, 2, 6).double(), integers(2, 2, 6).double()
    for name, op in {
        'logicalAnd': torch.logical_and, 'logicalOr': torch.logical_or, 'logicalXor': torch.logical_xor,
    }.items():
        case(name, lambda x, y: op(x > 0, y > 0).double(), p, q, grads=False)
    case('logicalNot', lambda x: (x == 0).double(), p, grads=False)
    case('any', lambda x: (x > 0).any(1).double(), p, grads=False)
    case('all', lambda x: (x > 0).all(0).double(), p, grads=False)
    case('oneHot', lambda x: F.one_hot(x.long(), 4).double(), integers(4, 3).double(), grads=False)
    # log(x) of −1, 0 and 1: a NaN, an infinity, a number.
    for name in ['isNaN', 'isInf', 'isFinite']:
        test = getattr(torch, name.lower())
        case(name, lambda x: test(torch.log(x)).double(), torch.tensor([-1.0, 0, 1]).double(), grads=False)
