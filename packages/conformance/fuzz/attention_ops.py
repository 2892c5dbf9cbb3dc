"""Scaled dot-product attention."""
import math

import torch
from registry import Rounding, U, greatest, operation


def masks(xs, o):
    rest = list(xs[o['matrices']:])
    mask = rest.pop(0) if o['masked'] else None
    return mask, (rest.pop(0) if o['padded'] else None)


class Difference(torch.autograd.Function):
    """
    y as it is. Its gradient reaches the scores as P∘(d − Σ …), where d, the gradient of the weights P, and the sum over a row are
    both off by rounding relative to their absolute terms, also where their difference is 0: in a row that looks at one key, or
    whose d are equal. d comes as dy·vᵀ, or, where the weights are the result, as dy.
    """

    @staticmethod
    def forward(ctx, y, scores, p, v):
        ctx.save_for_backward(y, p, v)
        return y.clone()

    @staticmethod
    def backward(ctx, dy):
        y, p, v = ctx.saved_tensors
        if not Rounding.noise:
            return dy, None, None, None
        terms = dy.abs() if v is None else dy.abs() @ v.abs().transpose(-1, -2)
        terms = terms + (dy * y).abs().sum(-1, keepdim=True)
        return dy, Rounding.noise * p * terms * torch.randn(p.shape, dtype=p.dtype).sign(), None, None


def weights(xs, o):
    scores = scores_of(xs, o)
    p = weights_of(scores)
    return Difference.apply(p, scores, p.detach(), None)


def scores_of(xs, o):
    q, k = xs[0], xs[1]
    mask, lengths = masks(xs, o)
    scores = q @ k.transpose(-1, -2) * o['scale']
    if mask is not None and mask.is_floating_point():
        scores = scores + mask
    if scores.numel() == 0:
        return scores
    hidden = torch.zeros(scores.shape, dtype=torch.bool)
    if mask is not None and mask.dtype == torch.bool:
        hidden = hidden | ~mask
    keys = torch.arange(k.shape[-2])
    if o['causal']:
        hidden = hidden | (keys > torch.arange(q.shape[-2]).unsqueeze(-1))
    if lengths is not None:
        hidden = hidden | (keys >= lengths.reshape([-1] + [1] * (scores.dim() - 1)))
    return scores.masked_fill(hidden, -math.inf)


def weights_of(scores):
    if scores.numel() == 0:
        return scores
    top = scores.detach().amax(-1, keepdim=True)
    terms = torch.exp(scores - torch.where(top == -math.inf, torch.zeros_like(top), top))
    total = terms.sum(-1, keepdim=True)
    # A row of which everything is masked is zero; in PyTorch it would be NaN.
    return terms / torch.where(total == 0, torch.ones_like(total), total)


def attention(xs, o):
    scores = scores_of(xs, o)
    p = weights_of(scores)
    y = p @ xs[2]
    return Difference.apply(y, scores, p.detach(), xs[2].detach())


def of_weights(xs, o):
    """A score is off by the rounding of its products, and its exponential by as much relative to itself."""
    mask, _ = masks(xs, o)
    products = greatest(xs[0].abs() @ xs[1].abs().transpose(-1, -2)) * abs(o['scale'])
    added = greatest(mask) if mask is not None and mask.is_floating_point() else 0
    return U * (16 + 4 * (products + added) + 2 * xs[1].shape[-2] ** 0.5)


operation('attentionWeights', weights, 0, lambda f, xs, o, results: of_weights(xs, o))
operation('scaledDotProductAttention', attention, 0, lambda f, xs, o, results: of_weights(xs, o) * greatest(xs[2]))
