import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { addon, values } from './addon.js';

const path = fileURLToPath(new URL('../dist/native/strata-cpu.node', import.meta.url));

describe.runIf(addon)('the addon', () => {
  it('runs some instruction set, and says which when asked for an unknown one', () => {
    const supported = addon!.supported();
    expect(supported.length).toBeGreaterThan(0);
    for (const isa of ['sse9', '', 'x'.repeat(300)]) {
      expect(() => addon!.kernels(isa)).toThrow(`this processor runs ${supported.join(', ')}`);
    }
    expect(() => addon!.kernels(7 as unknown as string)).toThrow('isa must be a string');
  });

  it('allocates, and throws with a code what it cannot', () => {
    for (const bytes of [0, 1, 64, 4097, 5 << 20])
      expect(addon!.allocate(bytes).byteLength).toBe(bytes);
    const array = new Float32Array(addon!.allocate(4000)).fill(1);
    expect(array.reduce((a, b) => a + b)).toBe(1000);
    for (const bytes of [-1, NaN, Infinity, 2 ** 33, 2 ** 60]) {
      expect(() => addon!.allocate(bytes)).toThrow(
        expect.objectContaining({ code: 'STRATA_OUT_OF_MEMORY' }),
      );
    }
  });

  it('takes a number of threads of at least one', () => {
    for (const count of [3, 1, 2]) {
      addon!.setThreads(count);
      expect(addon!.threads()).toBe(count);
    }
    for (const count of [0, -1, 'two']) {
      expect(() => addon!.setThreads(count as number)).toThrow('at least 1');
    }
  });

  it('names the kind of argument that it wanted and got', () => {
    const { matmul } = addon!.kernels(addon!.supported()[0]!);
    const sizes = Int32Array.of(1, 1, 1, 0, 0, 0, 1, 1, 1);
    const one = new Float32Array(1);
    const call =
      (...args: unknown[]) =>
      () =>
        matmul!(...(args as Float32Array[]));
    expect(call(null, one, null, one, sizes)).toThrow(
      'argument 0 must be a Float32Array; received nothing',
    );
    expect(call(one, 1, null, one, sizes)).toThrow(
      'argument 1 must be a Float32Array; received a number',
    );
    expect(call(one, one, null, sizes, sizes)).toThrow('received an Int32Array');
    expect(call(one, one, {}, one, sizes)).toThrow('received a value of another kind');
    expect(call()).toThrow(expect.objectContaining({ code: 'STRATA_BAD_ARGUMENT' }));
  });

  it('serves several JavaScript threads at once, which may end while the pool lives on', async () => {
    const [m, n, k] = [96, 130, 300];
    const a = values(m * k, 1);
    const b = values(k * n, 2);
    const sizes = Int32Array.of(m, n, k, 0, 0, 0, 1, 1, 1);
    const expected = new Float32Array(m * n);
    addon!.kernels(addon!.supported()[0]!).matmul!(a, b, null, expected, sizes);
    const source = `
      const { parentPort, workerData: { path, a, b, sizes, length } } = require('node:worker_threads');
      const addon = require(path);
      addon.setThreads(3);
      const { matmul } = addon.kernels(addon.supported()[0]);
      const out = new Float32Array(addon.allocate(4 * length));
      for (let i = 0; i < 200; ++i) matmul(a, b, null, out.fill(NaN), sizes);
      parentPort.postMessage(Float32Array.from(out));`;
    const workerData = { path, a, b, sizes, length: expected.length };
    for (let round = 0; round < 2; ++round) {
      const results = await Promise.all(
        Array.from({ length: 3 }, () => {
          const worker = new Worker(source, { eval: true, workerData });
          return new Promise((resolve, reject) => {
            let result: unknown;
            worker.on('message', (value) => (result = value));
            worker.on('error', reject);
            worker.on('exit', () => resolve(result));
          });
        }),
      );
      for (const result of results) expect(result).toEqual(expected);
    }
    addon!.setThreads(2);
  });
});
