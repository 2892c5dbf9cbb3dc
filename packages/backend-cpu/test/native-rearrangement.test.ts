// Blocks of pixels, mirrored edges and einsum, which native code does by strided copies and products, against tfjs's kernels.
import { closeBackends, use } from '@stratajs/core';
import '@tensorflow/tfjs-backend-cpu';
import { engine } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpu, type Isa } from '../src/index.js';
import { addon, isas } from './addon.js';
import { agree, bools, integers, native, operand, run } from './both.js';

const KINDS = [operand, integers, bools];

describe.runIf(addon).each(isas as Isa[])('rearrangement on %s', (isa) => {
  beforeAll(async () => {
    await use(cpu({ tier: 'native', isa, threads: 2 }));
    Object.assign(engine().findBackend('cpu'), { firstUse: false });
    native().pool!.poison = true;
  });
  afterAll(closeBackends);

  it('DepthToSpace', () => {
    for (const [shape, blockSize] of [
      [[2, 3, 4, 8], 2],
      [[1, 2, 2, 27], 3],
      [[0, 2, 2, 4], 2],
    ] as const) {
      for (const kind of KINDS) {
        agree('DepthToSpace', { x: kind(shape, 1) }, { blockSize, dataFormat: 'NHWC' });
      }
    }
  });

  it('SpaceToBatchND and BatchToSpaceND', () => {
    const flat = [
      [0, 0],
      [0, 0],
    ];
    const some = [
      [1, 0],
      [2, 1],
    ];
    for (const kind of KINDS) {
      const images = kind([2, 5, 9, 3], 1);
      agree('SpaceToBatchND', { x: images }, { blockShape: [2, 3], paddings: some });
      agree('SpaceToBatchND', { x: kind([1, 4, 6, 2], 2) }, { blockShape: [2, 3], paddings: flat });
      agree('SpaceToBatchND', { x: kind([2, 6], 3) }, { blockShape: [3], paddings: [[0, 0]] });
      agree('BatchToSpaceND', { x: kind([12, 3, 4, 3], 4) }, { blockShape: [2, 3], crops: flat });
      agree('BatchToSpaceND', { x: kind([12, 3, 4, 3], 5) }, { blockShape: [2, 3], crops: some });
      agree('BatchToSpaceND', { x: kind([6, 2], 6) }, { blockShape: [3], crops: [[1, 0]] });
    }
  });

  it('FlipLeftRight', () => {
    for (const shape of [
      [2, 3, 5, 3],
      [1, 4, 1, 17],
      [2, 0, 5, 3],
    ]) {
      for (const kind of KINDS) agree('FlipLeftRight', { image: kind(shape, 1) });
    }
  });

  it.each(['reflect', 'symmetric'])('MirrorPad, %s', (mode) => {
    for (const [shape, paddings] of [
      [[5], [[3, 4]]],
      [
        [4, 6],
        [
          [0, 2],
          [3, 0],
        ],
      ],
      [
        [2, 5, 20, 3],
        [
          [0, 0],
          [2, 3],
          [1, 4],
          [0, 0],
        ],
      ],
      [[1, 2, 3, 2, 2, 2], Array.from({ length: 6 }, (_, i) => (i === 0 ? [0, 0] : [1, 1]))],
    ] as const) {
      for (const kind of KINDS) agree('MirrorPad', { x: kind(shape, 1) }, { paddings, mode });
    }
    const edge = mode === 'symmetric' ? 5 : 4;
    agree('MirrorPad', { x: operand([5], 1) }, { paddings: [[edge, edge]], mode });
  });

  it('axes of every kind up to six', () => {
    const x = [2, 3, 2, 2, 3, 2];
    for (const kind of KINDS) {
      agree('Tile', { x: kind(x, 1) }, { reps: [2, 1, 2, 3, 2, 2] });
      agree('Transpose', { x: kind(x, 2) }, { perm: [4, 0, 5, 2, 1, 3] });
      agree('Reverse', { x: kind(x, 3) }, { dims: [0, 2, 4] });
      agree('Slice', { x: kind(x, 4) }, { begin: [1, 0, 1, 0, 1, 0], size: [1, 2, 1, 2, 2, 1] });
      const paddings = x.map((_, i) => [i % 2, 1]);
      agree('PadV2', { x: kind(x, 5) }, { paddings, constantValue: 1 });
    }
  });

  it.each([
    ['ij->ji', [[3, 5]]],
    ['ijk->k', [[3, 5, 2]]],
    ['ij->', [[3, 5]]],
    [
      'ij,jk->ik',
      [
        [7, 5],
        [5, 9],
      ],
    ],
    [
      'ji,jk->ik',
      [
        [5, 7],
        [5, 9],
      ],
    ],
    [
      'ij,kj->ki',
      [
        [7, 5],
        [9, 5],
      ],
    ],
    [
      'bij,bjk->bik',
      [
        [3, 4, 5],
        [3, 5, 6],
      ],
    ],
    [
      'bij,bkj->bki',
      [
        [3, 4, 5],
        [3, 6, 5],
      ],
    ],
    [
      'bhqd,bkhd->bhqk',
      [
        [2, 3, 4, 5],
        [2, 6, 3, 5],
      ],
    ],
    ['i,j->ij', [[4], [6]]],
    ['i,i->', [[40], [40]]],
    ['ij,j->i', [[4, 6], [6]]],
    [
      'ijk,jl->il',
      [
        [3, 4, 5],
        [4, 2],
      ],
    ],
    [
      'ij,ij->ij',
      [
        [4, 6],
        [4, 6],
      ],
    ],
    [
      'abc,cd->abd',
      [
        [2, 3, 4],
        [4, 5],
      ],
    ],
    [
      'ij,jk->ik',
      [
        [3, 0],
        [0, 4],
      ],
    ],
  ])('Einsum %s of %j', (equation, shapes) => {
    const inputs = shapes.map((shape, i) => operand(shape, i + 1));
    agree('Einsum', inputs, { equation }, { tolerance: 2e-6, floor: 1 });
  });

  it('Einsum leaves integers, and what it cannot read, to tfjs', () => {
    const whole = [integers([2, 3], 1), integers([3, 2], 2)];
    agree('Einsum', whole, { equation: 'ij,jk->ik' }, { covered: false });
    const twice = [operand([2, 2], 1)];
    expect(() => run('strata-cpu', 'Einsum', twice, { equation: 'ii->i' })).toThrow('duplicate');
  });
});
