"""Name of a workload -> function of `channels_last` that prepares it; as in src/bench/workloads."""
from . import (
    convolutions,
    elementwise,
    normalizations,
    peaks,
    products,
    recurrent,
    small,
    training,
    transformer,
    updates,
)

WORKLOADS = {}
for _module in (
    convolutions,
    elementwise,
    normalizations,
    peaks,
    products,
    recurrent,
    small,
    training,
    transformer,
    updates,
):
    WORKLOADS.update(_module.WORKLOADS)
