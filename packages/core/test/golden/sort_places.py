"""Writes sort-places.json: where PyTorch's stable sort takes elements from that are equal, not numbers or infinite.

Run: python3 packages/core/test/golden/sort_places.py
"""
import json
import os

import torch

SPECIAL = [float("nan"), float("inf"), -float("inf"), 0.0, -0.0, 1.0, -1.0, 1e-45, -1e-45, 3.4e38, float("nan")]
WHOLE = [-(2**31), 2**31 - 1, 0, -1, 1, 5]

torch.manual_seed(1)
cases = []
for dtype, elements in (("float32", SPECIAL), ("int32", WHOLE)):
    for shape in ([1], [9], [64], [5, 33], [2, 7, 3]):
        count = 1
        for size in shape:
            count *= size
        picks = torch.randint(0, len(elements), (count,)).tolist()
        values = [elements[i] for i in picks]
        x = torch.tensor(values, dtype=getattr(torch, dtype)).reshape(shape)
        for axis in range(len(shape)):
            for descending in (False, True):
                places = x.sort(dim=axis, descending=descending, stable=True).indices.flatten().tolist()
                # JSON has no NaN: elements are told by their place among SPECIAL or WHOLE.
                cases.append({"dtype": dtype, "shape": shape, "picks": picks, "axis": axis,
                              "descending": descending, "places": places})

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sort-places.json")
with open(path, "w") as f:
    f.write("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
