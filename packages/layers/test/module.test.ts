import {
  activeBackend,
  CheckpointError,
  compile,
  ConfigError,
  gather,
  matmul,
  memory,
  mul,
  Parameter,
  ShapeError,
  State,
  sum,
  type Tensor,
  tensor,
  tidy,
  valueAndGrad,
} from '@stratajs/core';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import {
  BatchNorm2d,
  Conv2d,
  type ForwardHook,
  type Layer,
  Linear,
  Module,
  ReLU,
  Sequential,
} from '../src/index.js';
import { startEngine } from './engine.js';

beforeAll(startEngine);

/** Holds something in every way that the walk knows, and some that it ignores. */
class Mixed extends Module {
  scale = new Parameter(tensor([2]));
  count = new State(tensor(0));
  blocks = [new Linear(2, 2), new Linear(2, 2, { bias: false })];
  heads = { left: new Linear(2, 1), right: { deep: new Parameter(tensor([1, 1])) } };
  tied = this.blocks[0]!.weight;
  nothing = null;
  text = 'text';
  sizes = [1, 2, 3];
  when = new Date(0);
  secret = new Map([['x', new Linear(1, 1)]]);
  again = this.blocks[1]!;

  forward(x: Tensor): Tensor {
    return mul(x, this.scale.value);
  }
}

const names = [
  'scale',
  'count',
  'blocks.0.weight',
  'blocks.0.bias',
  'blocks.1.weight',
  'heads.left.weight',
  'heads.left.bias',
  'heads.right.deep',
];

describe('what a module holds', () => {
  test('is found in declaration order, each thing once under its first path', () => {
    const model = new Mixed();
    expect([...model.namedStates()].map(([name]) => name)).toEqual(names);
    expect([...model.namedParameters()].map(([name]) => name)).toEqual(
      names.filter((n) => n !== 'count'),
    );
    expect(model.parameters()).toHaveLength(7);
    expect(model.states()).toHaveLength(8);
    expect([...model.namedModules()].map(([path]) => path)).toEqual([
      '',
      'blocks.0',
      'blocks.1',
      'heads.left',
    ]);
    expect(model.children()).toEqual([...model.blocks, model.heads.left]);
    expect(model.blocks[0]!.weight.name).toBe('weight');
  });

  test('children are the modules held directly', () => {
    const inner = new Sequential(new Linear(1, 1), new ReLU());
    const outer = new Sequential(inner, new ReLU());
    expect(outer.children()).toEqual([...outer]);
    expect(new Linear(1, 1).children()).toEqual([]);
  });

  test('declares what other frameworks call it, and how it is laid out', () => {
    const conv = new Conv2d(1, 2, 3);
    expect([conv.weight.layout, conv.weight.externalName]).toEqual(['conv2d', 'weight']);
    expect(new Linear(1, 2).weight.layout).toBe('linear');
  });

  test('may not hold itself', () => {
    class Node extends Module {
      inner = new Sequential(new ReLU());
      parent: Module | null = null;
      forward(x: Tensor): Tensor {
        return x;
      }
    }
    class Holder extends Module {
      node = new Node();
      forward(x: Tensor): Tensor {
        return x;
      }
    }
    const holder = new Holder();
    holder.node.parent = holder;
    expect(() => holder.parameters()).toThrow(ConfigError);
    expect(() => holder.parameters()).toThrow(
      /'node.parent' \(Holder\), which is the model itself/,
    );
    holder.node.parent = holder.node;
    expect(() => holder.parameters()).toThrow(
      /'node.parent' \(Node\), which is 'node', which holds it/,
    );
  });

  test('two things may not have one path', () => {
    class Dotted extends Module {
      record = { 'a.b': new State(tensor(1)), a: { b: new State(tensor(2)) } };
      forward(): void {}
    }
    expect(() => new Dotted().states()).toThrow(/'record.a.b' twice/);
  });
});

describe('modes', () => {
  test('train and eval reach every module', () => {
    const model = new Sequential(new Sequential(new ReLU()), new BatchNorm2d(1));
    expect(model.eval()).toBe(model);
    expect([...model.namedModules()].map(([, m]) => m.training)).toEqual([
      false,
      false,
      false,
      false,
    ]);
    model.train();
    expect([...model.namedModules()].every(([, m]) => m.training)).toBe(true);
  });

  test('a frozen layer gets no gradient', () => {
    const model = new Sequential(new Linear(2, 2), new Linear(2, 1));
    model.layers[0].freeze();
    const x = tensor([[1, 2]]);
    const gradients = (): string[] =>
      Object.keys(valueAndGrad(() => sum(model.forward(x)), model)().grads);
    expect(gradients()).toEqual(['1.weight', '1.bias']);
    expect(
      model
        .unfreeze()
        .parameters()
        .every((p) => p.trainable),
    ).toBe(true);
    expect(gradients()).toHaveLength(4);
  });
});

describe('state dict', () => {
  test('goes round: the same values, and nothing alive after', async () => {
    const [a, b] = [new Mixed(), new Mixed()];
    const before = memory().numTensors;
    const dict = a.stateDict();
    expect(Object.keys(dict)).toEqual(names);
    b.loadStateDict(dict);
    for (const t of Object.values(dict)) t.dispose();
    expect(memory().numTensors).toBe(before);
    for (const name of names) {
      const [x, y] = [a, b].map((m) => new Map(m.namedStates()).get(name)!);
      expect(await x!.value.array()).toEqual(await y!.value.array());
    }
  });

  test('takes elements with their shape, as files hold them', async () => {
    const layer = new Linear(2, 1);
    layer.loadStateDict({
      weight: { shape: [1, 2], data: Float32Array.of(3, 4) },
      bias: { shape: [1], data: [5] },
    });
    expect(await layer.forward(tensor([[10, 100]])).array()).toEqual([[435]]);
  });

  test('names everything that does not fit, and loads nothing then', async () => {
    const model = new Sequential(new Linear(2, 3), new BatchNorm2d(3));
    const before = await model.layers[0].bias!.value.array();
    const load = (): void =>
      model.loadStateDict({
        '0.wieght': tensor([[1, 2]]),
        '0.bias': tensor([7, 7, 7]),
        '1.weight': tensor([1, 2]),
        '1.bias': { shape: [3], data: [1, 2] },
        '1.runningMean': tensor([1, 2, 3], [3], 'int32'),
        'quite.other': tensor([1]),
      });
    expect(load).toThrow(CheckpointError);
    expect(load).toThrow(/missing '0.weight'/);
    expect(load).toThrow(/missing '1.runningVar'/);
    expect(load).toThrow(/unexpected '0.wieght'. Did you mean '0.weight'\?/);
    expect(load).toThrow(/unexpected 'quite.other'\.\n/);
    expect(load).toThrow(/mis-shaped '1.weight': expected float32 \[3\], received float32 \[2\]/);
    expect(load).toThrow(/mis-shaped '1.bias': expected 3 elements, received 2/);
    expect(load).toThrow(
      /mis-shaped '1.runningMean': expected float32 \[3\], received int32 \[3\]/,
    );
    expect(await model.layers[0].bias!.value.array()).toEqual(before);
  });

  test('not strict: loads what is there, but no wrong shape', async () => {
    const layer = new Linear(1, 1);
    layer.loadStateDict({ weight: tensor([[2]]), other: tensor([1]) }, { strict: false });
    expect(await layer.weight.value.array()).toEqual([[2]]);
    expect(() => layer.loadStateDict({ weight: tensor([2]) }, { strict: false })).toThrow(
      CheckpointError,
    );
    expect(() => layer.loadStateDict({ weight: null as never }, { strict: false })).toThrow(
      /received null/,
    );
  });
});

describe('forward', () => {
  test('hooks see outputs and inputs, until they are removed', () => {
    const layer = new Linear(2, 3);
    const hook = vi.fn<ForwardHook>();
    const remove = layer.onForward(hook);
    const x = tensor([[1, 2]]);
    const y = layer.forward(x);
    expect(hook.mock.calls).toEqual([[y, [x], layer]]);
    remove();
    layer.forward(x);
    expect(hook).toHaveBeenCalledTimes(1);
    expect(() => layer.onForward(3 as never)).toThrow(ConfigError);
  });

  test('hooks work on a forward that is a field, too', () => {
    class Arrow extends Module {
      override forward = (x: Tensor): Tensor => mul(x, 2);
    }
    const model = new Sequential(new Arrow());
    expect(model.summary([3]).rows[1]).toEqual({
      path: '0',
      type: 'Arrow',
      outputShape: [3],
      parameters: 0,
    });
  });

  test('frees its temporaries, also when it throws', () => {
    class Wasteful extends Module {
      forward(x: Tensor, fail: boolean): Tensor {
        const y = mul(mul(x, 2), 3);
        if (fail) throw new Error('on purpose');
        return mul(y, 5);
      }
    }
    const model = new Wasteful();
    const x = tensor([1]);
    const before = memory().numTensors;
    model.forward(x, false);
    expect(memory().numTensors).toBe(before + 1);
    expect(() => model.forward(x, true)).toThrow('on purpose');
    expect(memory().numTensors).toBe(before + 1);
  });

  test('an error names the layer that threw, in the model that was called', () => {
    class Net extends Module {
      features: Sequential = new Sequential<readonly Layer[]>(
        new Conv2d(1, 2, 3),
        new Sequential(new Conv2d(3, 2, 3)),
      );
      forward(x: Tensor): Tensor {
        return this.features.forward(x);
      }
    }
    const net = new Net();
    const x = tensor(new Float32Array(64), [1, 8, 8, 1]);
    const before = memory().numTensors;
    let error: unknown;
    try {
      net.forward(x);
    } catch (e) {
      error = e;
    }
    expect(error).toBeInstanceOf(ShapeError);
    const { message, stack } = error as Error;
    expect(message).toBe(
      'Conv2d expects 3 channels on the last axis, images [N, height, width, 3]. ' +
        'Received: 2 channels, shape [1, 6, 6, 2]. Build it for the number of channels that comes. ' +
        "Layer: 'features.1.0' (Conv2d) of Net.",
    );
    expect(stack).toContain("Layer: 'features.1.0' (Conv2d) of Net.");
    expect(memory().numTensors).toBe(before);
    // The call is over: the next error knows another root.
    expect(() => net.features.forward(tensor([1]))).toThrow(
      /Layer: '0' \(Conv2d\) of Sequential\.$/,
    );
    expect(() => net.features.layers[0]!.forward(tensor([1]))).toThrow(
      /shape \[1\]\. Reshape the input\.$/,
    );
  });

  test('an error of an operation inside a model is named as well', () => {
    class Product extends Module {
      forward(x: Tensor): Tensor {
        return matmul(x, x);
      }
    }
    const model = new Sequential(new ReLU(), new Product());
    expect(() => model.forward(tensor([[1, 2, 3]]))).toThrow(
      /Layer: '1' \(Product\) of Sequential\./,
    );
  });

  test('an error of a kernel says the layer also when the model is compiled', () => {
    class Rows extends Module {
      table = new Parameter(tensor([[1], [2]]));
      forward(at: Tensor): Tensor {
        return gather(this.table.value, at);
      }
    }
    const model = new Sequential(new Sequential(new Rows()), new ReLU());
    const compiled = compile((at: Tensor) => model.forward(at));
    compiled(tensor([0, 1], [2], 'int32')).dispose();
    // Other tiers have tfjs's kernel, whose errors are not Strata's.
    const native = activeBackend()!.info.tier === 'native';
    expect(() => compiled(tensor([0, 7], [2], 'int32'))).toThrow(
      native ? /Layer: '0\.0' \(Rows\) of Sequential\.$/ : /7/,
    );
    compiled.dispose();
  });

  test('a program’s own error passes unchanged', () => {
    class Broken extends Module {
      forward(): Tensor {
        throw new RangeError('mine');
      }
    }
    expect(() => new Sequential(new Broken()).forward(tensor([1]))).toThrow(/^mine$/);
  });

  test('must be synchronous', () => {
    class Late extends Module {
      async forward(x: Tensor): Promise<Tensor> {
        return x;
      }
    }
    expect(() => new Late().forward(tensor([1]))).toThrow(ConfigError);
  });
});

test('dispose frees every state', () => {
  const before = memory().numTensors;
  const model = tidy(() => new Mixed());
  expect(memory().numTensors).toBe(before + 10);
  model.dispose();
  // One Linear hides in a Map, where the walk does not look; its two parameters live on.
  expect(memory().numTensors).toBe(before + 2);
  expect(() => model.forward(tensor([1]))).toThrow(/disposed/);
});
