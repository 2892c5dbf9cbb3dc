import torch


def resnet50_shapes():
    """Shapes of all parameters; src/bench/workloads/updates.ts makes the same list."""
    shapes = [(64, 3, 7, 7), (64,), (64,)]
    channels = 64
    for width, blocks in ((64, 3), (128, 4), (256, 6), (512, 3)):
        for block in range(blocks):
            out = 4 * width
            shapes += [(width, channels, 1, 1), (width,), (width,)]
            shapes += [(width, width, 3, 3), (width,), (width,)]
            shapes += [(out, width, 1, 1), (out,), (out,)]
            if block == 0:
                shapes += [(out, channels, 1, 1), (out,), (out,)]
            channels = out
    return shapes + [(1000, 2048), (1000,)]


def update(optimizer):
    def prepare(_):
        parameters = [torch.nn.Parameter(torch.zeros(shape)) for shape in resnet50_shapes()]
        assert sum(p.numel() for p in parameters) == 25_557_032
        for p in parameters:
            p.grad = torch.randn_like(p)
        method = optimizer(parameters)

        def run(times):
            for _ in range(times):
                method.step()
            return parameters[1][0].item()

        return run

    return prepare


WORKLOADS = {
    "update-sgd": update(lambda p: torch.optim.SGD(p, lr=1e-5)),
    "update-momentum": update(lambda p: torch.optim.SGD(p, lr=1e-5, momentum=0.9)),
    "update-adam": update(lambda p: torch.optim.Adam(p, lr=1e-5)),
}
