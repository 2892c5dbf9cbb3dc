"""Sampled points: float64 tensors whose values are exact in float32, away from kinks and ties."""
import torch

generator = torch.Generator()


def restart(seed):
    generator.manual_seed(seed)


def exact(t):
    """Rounds to float32, so that engine and oracle see the same numbers."""
    return t.float().double()


def normal(*shape):
    return exact(torch.randn(shape, generator=generator, dtype=torch.float64))


def uniform(low, high, *shape):
    return exact(low + (high - low) * torch.rand(shape, generator=generator, dtype=torch.float64))


def away(points, margin, low, high, *shape):
    """Uniform in [low, high], at least `margin` away from each of `points`."""
    x = uniform(low, high, *shape)
    for p in points:
        near = (x - p).abs() < margin
        x = torch.where(near, p + margin * torch.where(x < p, -1.0, 1.0) + (x - p), x)
    return exact(x)


def distinct(step, *shape):
    """A random permutation of multiples of `step` around 0: no two values are nearer than `step`."""
    n = 1
    for d in shape:
        n *= d
    order = torch.randperm(n, generator=generator).double()
    return exact(((order - n / 2 + 0.37) * step).reshape(shape))


def integers(below, *shape):
    return torch.randint(0, below, shape, generator=generator)
