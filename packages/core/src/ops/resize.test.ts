import { beforeAll, describe } from 'vitest';
import { testGoldenCases } from '../../test/golden-cases.js';
import { testEngine } from '../../test/test-engine.js';
import { use } from '../use.js';
import { resizeBilinear, resizeNearestNeighbor } from './index.js';

beforeAll(async () => void (await use(testEngine())));

describe('resizing, against PyTorch', () => {
  testGoldenCases('resize', {
    bilinearUp: (x) => resizeBilinear(x, [5, 7]),
    bilinearDown: (x) => resizeBilinear(x, [2, 3]),
    bilinearCorners: (x) => resizeBilinear(x, [5, 7], { alignCorners: true }),
    nearestUp: (x) => resizeNearestNeighbor(x, [5, 7]),
    nearestDown: (x) => resizeNearestNeighbor(x, [2, 3]),
    nearestExact: (x) => resizeNearestNeighbor(x, [5, 7], { halfPixelCenters: true }),
  });
});
