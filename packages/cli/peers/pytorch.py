"""PyTorch's side of a comparison, in the protocol of src/bench/protocol.ts.

Arguments: threads, layout ('contiguous' or 'channels-last').
"""
import json
import sys
import time

import torch

from workloads import WORKLOADS

torch.set_num_threads(int(sys.argv[1]))
LAYOUT = sys.argv[2]


def blas():
    """The library that multiplies matrices: Debian's torch takes what is installed, and its plain one is slow."""
    run = torch.randn(8, 8) @ torch.randn(8, 8)
    assert run.shape == (8, 8)
    try:
        maps = open("/proc/self/maps").read()
    except OSError:
        return "unknown BLAS"
    for name in ("mkl", "openblas", "blis", "atlas"):
        if name in maps:
            return name
    return "reference BLAS: apt-get install libopenblas0"


def main():
    run = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if "prepare" in request:
                torch.manual_seed(1)
                run = WORKLOADS[request["prepare"]](LAYOUT == "channels-last")
                answer = {"ready": True, "description": f"PyTorch {torch.__version__}, {blas()}"}
            else:
                start = time.perf_counter()
                result = run(request["run"])
                answer = {"seconds": time.perf_counter() - start, "result": result}
        except Exception as error:  # the driver reports it
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


main()
