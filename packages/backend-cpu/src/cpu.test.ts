import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BackendError, closeBackends, ConfigError, matmul, tensor, use } from '@stratajs/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { addon } from '../test/addon.js';
import { cpu, kernelTable, whyJavascript } from './index.js';
import { javascriptReasons } from './javascript-reasons.js';

afterEach(async () => {
  vi.unstubAllEnvs();
  await closeBackends();
});

describe('options of cpu()', () => {
  it.each([
    [{ tier: 'fast' }, "'tier' is one of 'native', 'wasm', 'javascript'. Received: 'fast'"],
    [{ isa: 'sse' }, "'isa' is one of 'avx512', 'avx2', 'neon', 'generic'. Received: 'sse'"],
    [{ threads: 0 }, "'threads' is a whole number from 1 to 256. Received: 0"],
    [{ threads: 1.5 }, 'Received: 1.5'],
    [{ threads: '4' }, "Received: '4'"],
    [{ threads: 1000 }, 'Received: 1000'],
    [{ thread: 4 }, "takes the options tier, threads, isa, wasmPath. Received: 'thread'"],
    [
      { wasmPath: '' },
      "'wasmPath' is the folder or address where the .wasm files lie. Received: ''",
    ],
    [{ wasmPath: 1 }, 'Received: 1'],
  ])('%j is refused', (options, message) => {
    expect(() => cpu(options as object)).toThrow(ConfigError);
    expect(() => cpu(options as object)).toThrow(message);
  });

  it.each([
    [
      'STRATA_CPU_TIER',
      'gpu',
      "STRATA_CPU_TIER is one of 'native', 'wasm', 'javascript'. Received: 'gpu'",
    ],
    ['STRATA_THREADS', 'many', "STRATA_THREADS is a whole number from 1 to 256. Received: 'many'"],
    ['STRATA_THREADS', '0', "Received: '0'"],
    ['STRATA_ISA', 'mmx', "STRATA_ISA is one of 'avx512'"],
  ])('%s=%s is refused', (name, value, message) => {
    vi.stubEnv(name, value);
    expect(() => cpu()).toThrow(ConfigError);
    expect(() => cpu()).toThrow(message);
  });

  it('an option goes before the environment, an empty variable counts as none', async () => {
    vi.stubEnv('STRATA_CPU_TIER', 'native');
    vi.stubEnv('STRATA_THREADS', '');
    expect((await use(cpu({ tier: 'javascript' }))).info.tier).toBe('javascript');
  });

  it('the environment asks for the JavaScript tier', async () => {
    vi.stubEnv('STRATA_CPU_TIER', 'javascript');
    const { info } = await use(cpu());
    expect(info).toMatchObject({ tier: 'javascript', threads: 1 });
    expect(info.whyNotHigher).toContain('STRATA_CPU_TIER');
    expect(info.description).toContain('plain JavaScript');
    expect(Object.values(kernelTable())).not.toContain('native');
    expect(kernelTable()).toMatchObject({ Add: 'javascript', StrataAdamUpdate: 'composite' });
  });

  it('an instruction set that is not here is a reason', async () => {
    if (addon?.supported().includes('neon')) return;
    const reason = await cpu({ isa: 'neon', tier: 'native' }).probe();
    expect(reason).toMatch(/native tier of strata-cpu cannot run as asked/);
    await expect(use(cpu({ isa: 'neon', tier: 'native' }))).rejects.toThrow(BackendError);
  });

  it('the table of kernels is that of the open engine', () => {
    expect(() => kernelTable()).toThrow(BackendError);
  });
});

describe.runIf(addon)('the native tier', () => {
  it('takes threads and instruction set from the environment', async () => {
    vi.stubEnv('STRATA_ISA', 'generic');
    vi.stubEnv('STRATA_THREADS', '3');
    const { info } = await use(cpu());
    expect(info).toMatchObject({ tier: 'native', isa: 'generic', threads: 3, whyNotHigher: null });
    expect(info.description).toMatch(/generic, 3 threads$/);
    expect(kernelTable()).toMatchObject({ Add: 'native', Unique: 'javascript' });
  });

  it('is the default, with the best instruction set', async () => {
    const { info } = await use(cpu());
    expect(info).toMatchObject({ tier: 'native', isa: addon!.supported()[0] });
    expect(info.threads).toBeGreaterThanOrEqual(1);
  });

  it('says of every kernel that it leaves to JavaScript why, and of no other', async () => {
    await use(cpu());
    const kernels = Object.entries(kernelTable());
    const unexplained = kernels.filter(
      ([name, origin]) => (origin === 'javascript') !== (whyJavascript(name) !== null),
    );
    // A kernel that became native must leave javascript-reasons.ts; a new one in JavaScript must enter it.
    expect(Object.fromEntries(unexplained)).toEqual({});
    const known = new Set(kernels.map(([name]) => name));
    expect([...javascriptReasons.keys()].filter((name) => !known.has(name))).toEqual([]);
  });
});

describe('the WASM tier', () => {
  it('runs when it is asked for', async () => {
    vi.stubEnv('STRATA_CPU_TIER', 'wasm');
    const { info } = await use(cpu());
    expect(info).toMatchObject({ tier: 'wasm', simd: true, threads: 1 });
    expect(info.whyNotHigher).toBe(
      "the tier 'wasm' was asked for (option tier or STRATA_CPU_TIER)",
    );
    expect(info.description).toMatch(/WebAssembly with SIMD, 1 thread$/);
    expect(kernelTable()).toMatchObject({
      Add: 'wasm',
      Conv2DBackpropFilter: 'wasm',
      MaxPoolGrad: 'host copy',
      UnsortedSegmentSum: 'host copy',
      StrataAdamUpdate: 'composite',
    });
    expect(Object.values(kernelTable())).not.toContain('javascript');
  });

  it('says where it looks for its program', async () => {
    const refusal = await cpu({ tier: 'wasm', wasmPath: '/nowhere' }).probe();
    expect(refusal).toMatch(
      /^The WASM tier of strata-cpu cannot run as asked: \/nowhere\/tfjs-backend-wasm-simd.wasm cannot be used: ENOENT/,
    );
    await expect(use(cpu({ tier: 'wasm', wasmPath: '/nowhere' }))).rejects.toThrow(BackendError);
  });

  it('takes its program from another place', async () => {
    const path = fileURLToPath(import.meta.resolve('@tensorflow/tfjs-backend-wasm/package.json'));
    await use(cpu({ tier: 'wasm', wasmPath: join(dirname(path), 'wasm-out') }));
    expect(await matmul(tensor([[1, 2]]), tensor([[3], [4]])).array()).toEqual([[11]]);
  });

  it('leaves the handling of uncaught errors to the program', async () => {
    const events = ['uncaughtException', 'unhandledRejection'] as const;
    const listeners = (): unknown[] =>
      events.map((event) => process.listeners(event as 'uncaughtException'));
    const before = listeners();
    await use(cpu({ tier: 'wasm' }));
    expect(listeners()).toEqual(before);
  });
});

it('opens anew in another tier', async () => {
  const tiers = addon
    ? (['native', 'wasm', 'javascript', 'native'] as const)
    : (['wasm', 'javascript', 'wasm'] as const);
  for (const tier of tiers) {
    expect((await use(cpu({ tier }))).info.tier).toBe(tier);
    expect(kernelTable()['Add']).toBe(tier);
    expect(await matmul(tensor([[1, 2]]), tensor([[3], [4]])).array()).toEqual([[11]]);
    await closeBackends();
  }
});
