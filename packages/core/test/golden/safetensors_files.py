"""Files of the reference implementation: pip install safetensors numpy; python3 safetensors_files.py > safetensors.json"""
import base64
import json

import numpy as np
import safetensors.numpy

halves = [0, 0x8000, 1, 0x3FF, 0x400, 0x3C00, 0xBC01, 0x7BFF, 0x7C00, 0xFC00, 0x7E00, 0x7D01, 0x0155, 0x83FF]
tensors = {
    "layer.weight": np.array([[1.5, -2.25, 3e-39], [np.inf, -0.0, 3.4e38]], np.float32),
    "layer.bias": np.zeros((0, 3), np.float32),
    "über": np.full((), 0.1, np.float32),
    "𝄞": np.full((1,), 7, np.float32),
    "～": np.full((1,), 8, np.float32),
    "10": np.full((2,), 10, np.float32),
    "2": np.full((2,), 2, np.float32),
    "half": np.array(halves, np.uint16).view(np.float16),
    "double": np.array([0.5, -1e300, 1 / 3], np.float64),
    "long": np.array([0, -1, 2**31 - 1, -(2**31)], np.int64),
    "unsigned long": np.array([0, 2**31 - 1], np.uint64),
    "unsigned": np.array([0, 2**31 - 1], np.uint32),
    "int": np.array([0, -1, 2**31 - 1, -(2**31)], np.int32),
    "short": np.array([-1, 2**15 - 1, -(2**15)], np.int16),
    "unsigned short": np.array([0, 2**16 - 1], np.uint16),
    "tiny": np.array([-1, 127, -128], np.int8),
    "byte": np.array([[0, 255, 7]], np.uint8),
    "bool": np.array([True, False, True], np.bool_),
}
data = safetensors.numpy.save(tensors, {"format": "np"})
# numpy reads 16-bit floats; the bits of what it reads are what we must read.
floats = np.array(halves, np.uint16).view(np.float16).astype(np.float32).view(np.uint32)
print(json.dumps({"file": base64.b64encode(data).decode(), "halfBits": floats.tolist()}))
