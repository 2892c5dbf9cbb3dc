"""Scaled dot-product attention, by its formula."""
import math

import torch
from sampling import normal


def weights(q, k, seen=None, added=0.0):
    scores = q @ k.mT / math.sqrt(q.shape[-1]) + added
    if seen is not None:
        scores = scores.masked_fill(~seen, -math.inf)
    return torch.softmax(scores, -1)


def attention(q, k, v, seen=None, added=0.0):
    return weights(q, k, seen, added) @ v


def causal(rows, keys):
    return torch.ones(rows, keys).tril() > 0


def cases(case):
    q, k, v = normal(2, 2, 4, 3), normal(2, 2, 5, 3), normal(2, 2, 5, 6)
    case('scaledDotProductAttention', attention, q, k, v)
    case('scaledDotProductAttention, causal', lambda q, k, v: attention(q, k, v, causal(4, 5)), q, k, v)
    case('scaledDotProductAttention, added mask', lambda q, k, v, m: attention(q, k, v, added=m), q, k, v, normal(2, 1, 1, 5))
    lengths = torch.tensor([2, 5]).reshape(2, 1, 1, 1)
    case('scaledDotProductAttention, lengths', lambda q, k, v: attention(q, k, v, torch.arange(5) < lengths), q, k, v)
    # Every third key is masked, and more than one block of any engine is.
    seen = torch.arange(150) % 3 != 1
    long = normal(150, 8), normal(150, 8), normal(150, 4)
    case('scaledDotProductAttention, 150x150', lambda q, k, v: attention(q, k, v, seen & causal(150, 150)), *long)
    case('attentionWeights', weights, normal(2, 3, 4), normal(2, 5, 4))
