"""PyTorch's side of a comparison, in the protocol of src/bench/protocol.ts. Argument: threads."""
import json
import sys
import time

import torch
from torch import nn

torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(1)


def matmul_1024():
    a, b = torch.randn(1024, 1024), torch.randn(1024, 1024)

    def run(times):
        for _ in range(times):
            c = a @ b
        return c[0, 0].item()

    return run


def training_step(model, x, classes=10):
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    y = torch.randint(0, classes, (x.shape[0],))
    loss_function = nn.CrossEntropyLoss()

    def run(times):
        for _ in range(times):
            optimizer.zero_grad()
            loss = loss_function(model(x), y)
            loss.backward()
            optimizer.step()
        return loss.item()

    return run


def lenet5():
    model = nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )
    return training_step(model, torch.rand(64, 1, 28, 28))


def mlp():
    model = nn.Sequential(
        nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10)
    )
    return training_step(model, torch.rand(128, 784))


WORKLOADS = {"matmul-1024": matmul_1024, "lenet5-step": lenet5, "mlp-step": mlp}


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
                run = WORKLOADS[request["prepare"]]()
                answer = {"ready": True, "description": f"PyTorch {torch.__version__}, {blas()}"}
            else:
                start = time.perf_counter()
                result = run(request["run"])
                answer = {"seconds": time.perf_counter() - start, "result": result}
        except Exception as error:  # the driver reports it
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


main()
