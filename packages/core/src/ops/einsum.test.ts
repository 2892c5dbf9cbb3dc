import { readFileSync } from 'node:fs';
import { beforeAll, describe } from 'vitest';
import { testGoldenCases } from '../../test/golden-cases.js';
import { testEngine } from '../../test/test-engine.js';
import { use } from '../use.js';
import { einsum } from './index.js';

beforeAll(async () => void (await use(testEngine())));

const file = new URL('../../test/golden/ops-einsum.json', import.meta.url);
const names = Object.keys(JSON.parse(readFileSync(file, 'utf8')) as object);

describe('einsum, against PyTorch', () => {
  testGoldenCases(
    'einsum',
    Object.fromEntries(names.map((name) => [name, (...xs) => einsum(name.split(' ')[1]!, ...xs)])),
  );
});
