// Small programs that lean on most of the engine, each large enough to be divided among threads. What they compute must not
// depend on the number of threads at all, and on the instruction set by rounding only.
import {
  adamUpdate,
  add,
  argMax,
  argMin,
  avgPool2d,
  cast,
  concat,
  conv1d,
  conv2d,
  conv3d,
  convTranspose2d,
  cumsum,
  depthwiseConv2d,
  div,
  dropout,
  einsum,
  exp,
  flatten,
  gather,
  gelu,
  grad,
  greater,
  linear,
  log1p,
  matmul,
  max,
  maxPool2d,
  mean,
  min,
  mul,
  pow,
  relu,
  reshape,
  resizeBilinear,
  reverse,
  Rng,
  rsqrt,
  scalar,
  sgdUpdate,
  sigmoid,
  slice,
  softmax,
  softmaxCrossEntropy,
  softplus,
  square,
  State,
  sub,
  sum,
  tanh,
  type Tensor,
  tidy,
  topK,
  transpose,
  valueAndGrad,
  variance,
  where,
} from '@stratajs/core';

export interface Program {
  /** Whether instruction sets agree bit for bit: selections, integers, random numbers. */
  readonly exact: boolean;
  run(): Tensor[];
}

const normal = (rng: Rng, shape: number[], std = 1): Tensor => rng.normal(shape, { std });

/** x normalized along its last axis. */
function layerNorm(x: Tensor): Tensor {
  const centred = sub(x, mean(x, { axis: -1, keepDims: true }));
  const spread = variance(x, { axis: -1, keepDims: true });
  return mul(centred, rsqrt(add(spread, 1e-5)));
}

/** Three steps of momentum on a convnet; its loss at each, and its parameters after them. */
function convnet(): Tensor[] {
  const rng = new Rng(11);
  const shapes = [
    [3, 3, 3, 24],
    [3, 3, 24, 1],
    [1, 1, 24, 40],
    [5, 5, 40, 16],
    [10, 4 * 4 * 16],
  ];
  const parameters = shapes.map((shape) => new State(normal(rng, shape, 0.15)));
  const velocities = shapes.map((shape) => new State(mul(normal(rng, shape), 0)));
  const x = normal(rng, [6, 16, 16, 3]);
  const labels = rng.integers([6], { min: 0, max: 10 });
  const loss = (...[first, depthwise, point, wide, last]: Tensor[]): Tensor => {
    let y = relu(conv2d(x, first!, { padding: 'same' }));
    y = relu(depthwiseConv2d(y, depthwise!, { padding: 'same' }));
    y = avgPool2d(conv2d(y, point!), { kernelSize: 2 });
    y = maxPool2d(relu(conv2d(y, wide!, { padding: 'same' })), { kernelSize: 2 });
    return mean(softmaxCrossEntropy(linear(flatten(y, 1), last!), labels));
  };
  const losses: Tensor[] = [];
  for (let step = 0; step < 3; step++) {
    const { value, grads } = valueAndGrad(loss)(...parameters.map((p) => p.value));
    sgdUpdate({ parameters, gradients: grads, velocities, learningRate: 0.05, momentum: 0.9 });
    losses.push(value);
  }
  return [...losses, ...parameters.map((p) => p.value)];
}

/** A transformer's layer with embedding: its output and gradients. */
function attention(): Tensor[] {
  const rng = new Rng(12);
  const [batch, length, width, heads] = [4, 33, 48, 3];
  const tokens = rng.integers([batch * length], { min: 0, max: 50 });
  const split = (y: Tensor): Tensor =>
    transpose(reshape(y, [batch, length, heads, width / heads]), [0, 2, 1, 3]);
  const layer = (table: Tensor, qkv: Tensor, out: Tensor, up: Tensor): Tensor => {
    const x = gather(table, tokens);
    const all = matmul(layerNorm(x), qkv);
    const [q, k, v] = [0, 1, 2].map((i) => split(slice(all, [0, i * width], [-1, width])));
    const weights = softmax(mul(matmul(q!, transpose(k!, [0, 1, 3, 2])), 0.25));
    const mixed = transpose(matmul(weights, v!), [0, 2, 1, 3]);
    const y = add(x, matmul(reshape(mixed, [batch * length, width]), out));
    return add(y, gelu(matmul(layerNorm(y), up)));
  };
  const inputs = [
    normal(rng, [50, width]),
    normal(rng, [width, 3 * width], 0.1),
    normal(rng, [width, width], 0.1),
    normal(rng, [width, width], 0.1),
  ] as const;
  const { value, grads } = valueAndGrad((...w: Tensor[]) =>
    mean(square(layer(...(w as [Tensor, Tensor, Tensor, Tensor])))),
  )(...inputs);
  return [layer(...inputs), value, ...grads];
}

/** Functions and broadcasts over 60,000 elements, and the gradient of their sum. */
function elementwise(): Tensor[] {
  const rng = new Rng(13);
  const [x, row] = [normal(rng, [200, 300]), normal(rng, [300])];
  const column = rng.uniform([200, 1], { min: 0.5, max: 2 });
  const f = (x: Tensor, row: Tensor, column: Tensor): Tensor => {
    const y = add(mul(tanh(mul(x, row)), column), exp(mul(x, -0.5)));
    const z = where(greater(y, 1), log1p(softplus(y)), sigmoid(y));
    return div(pow(column, z), add(square(sub(y, row)), 1));
  };
  const { value, grads } = valueAndGrad((...xs: Tensor[]) =>
    sum(f(...(xs as [Tensor, Tensor, Tensor]))),
  )(x, row, column);
  return [f(x, row, column), value, ...grads];
}

function reductions(): Tensor[] {
  const x = normal(new Rng(14), [70, 41, 50]);
  const axes = [[0], [1], [2], [0, 2], [1, 2], [0, 1, 2]];
  return axes.flatMap((axis) => [
    sum(x, { axis }),
    mean(x, { axis }),
    variance(x, { axis }),
    softmax(x, axis[0]!),
  ]);
}

/** Convolutions of other kinds, with gradients; sums along an axis, einsum, resizing. */
function others(): Tensor[] {
  const rng = new Rng(15);
  const gradients = (f: (...xs: Tensor[]) => Tensor, ...shapes: number[][]): Tensor[] => {
    const xs = shapes.map((shape) => normal(rng, shape));
    const { grads } = valueAndGrad((...ys: Tensor[]) => sum(square(f(...ys))))(...xs);
    return [f(...xs), ...grads];
  };
  return [
    ...gradients((x, w) => conv1d(x, w, { strides: 2, padding: 'same' }), [3, 65, 9], [5, 9, 20]),
    ...gradients((x, w) => conv3d(x, w, { padding: 'same' }), [2, 6, 7, 8, 3], [3, 3, 3, 3, 8]),
    ...gradients((x, w) => convTranspose2d(x, w, { strides: 2 }), [2, 9, 8, 12], [4, 4, 7, 12]),
    ...gradients((a, b) => einsum('bij,bkj->bik', a, b), [5, 30, 40], [5, 20, 40]),
    ...gradients((x) => cumsum(x, 1), [30, 200]),
    ...gradients((x) => resizeBilinear(x, [17, 23]), [2, 9, 11, 5]),
  ];
}

/** Two steps of Adam, far from where a square root of nearly nothing divides. */
function adam(): Tensor[] {
  const rng = new Rng(16);
  const shape = [300, 101];
  const state = (value: Tensor): State => new State(value);
  const p = state(normal(rng, shape));
  const [m, v] = [state(mul(p.value, 0)), state(mul(p.value, 0))];
  const step = state(scalar(0, 'int32'));
  for (let i = 0; i < 2; i++) {
    const gradients = [rng.uniform(shape, { min: 0.5, max: 1 })];
    const settings = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    adamUpdate({
      parameters: [p],
      firstMoments: [m],
      secondMoments: [v],
      gradients,
      step,
      ...settings,
    });
  }
  return [p.value, m.value, v.value];
}

/** Draws, choices and rearrangements: no rounding at all. */
function selections(): Tensor[] {
  const rng = new Rng(17);
  const x = normal(rng, [90, 70, 12]);
  const whole = rng.integers([90, 70, 12], { min: -9, max: 9 });
  const rows = rng.integers([500], { min: 0, max: 90 });
  const { values, indices } = topK(x, 5);
  const pool = (x: Tensor): Tensor => maxPool2d(x, { kernelSize: 3, strides: 2, padding: 'same' });
  const image = reshape(x, [3, 30, 70, 12]);
  const drawn = [x, whole, rng.uniform([20_001]), dropout(x, 0.4, { rng })];
  const extremes = [max(x, { axis: 1 }), min(x, { axis: [0, 2] }), argMax(x, 1), argMin(x, 2)];
  const moved = [transpose(x, [2, 0, 1]), concat([x, reverse(x, 1)], 1), gather(x, rows)];
  const counted = [mul(whole, whole), sum(whole, { axis: [0, 1] }), cast(greater(x, 0.5), 'int32')];
  return [
    ...drawn,
    ...extremes,
    ...moved,
    ...counted,
    values,
    indices,
    pool(image),
    grad((x) => sum(pool(x)))(image),
  ];
}

export const programs: Readonly<Record<string, Program>> = {
  convnet: { exact: false, run: convnet },
  attention: { exact: false, run: attention },
  elementwise: { exact: false, run: elementwise },
  reductions: { exact: false, run: reductions },
  others: { exact: false, run: others },
  adam: { exact: false, run: adam },
  selections: { exact: true, run: selections },
};

export type Results = readonly (Float32Array | Int32Array | Uint8Array)[];

/** The results of a program on the engine that is open. */
export async function results(program: Program): Promise<Results> {
  const tensors = tidy(() => program.run());
  return Promise.all(tensors.map(async (t) => (await t.data()) as Results[number]));
}
