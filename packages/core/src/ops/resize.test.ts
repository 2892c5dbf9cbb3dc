import { beforeAll, describe } from 'vitest';
import { testGoldenCases } from '../../test/golden-cases.js';
import { testEngine } from '../../test/test-engine.js';
import { tidy } from '../memory.js';
import { use } from '../use.js';
import type { Tensor } from '../tensor.js';
import { mul, resizeBilinear, resizeNearestNeighbor, square } from './index.js';

beforeAll(async () => void (await use(testEngine())));

const cube = (y: Tensor): Tensor => tidy(() => mul(y, square(y)));

describe('resizing, against PyTorch', () => {
  testGoldenCases('resize', {
    bilinearUp: (x) => resizeBilinear(x, [5, 7]),
    bilinearDown: (x) => resizeBilinear(x, [2, 3]),
    bilinearCorners: (x) => resizeBilinear(x, [5, 7], { alignCorners: true }),
    nearestUp: (x) => resizeNearestNeighbor(x, [5, 7]),
    nearestDown: (x) => resizeNearestNeighbor(x, [2, 3]),
    bilinearCubed: (x) => tidy(() => cube(resizeBilinear(x, [4, 3]))),
    cornersCubed: (x) => tidy(() => cube(resizeBilinear(x, [4, 6], { alignCorners: true }))),
    nearestCubed: (x) => tidy(() => cube(resizeNearestNeighbor(x, [2, 7]))),
    nearestExact: (x) => resizeNearestNeighbor(x, [5, 7], { halfPixelCenters: true }),
  });
});
