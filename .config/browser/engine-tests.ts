/** What every engine for browsers is tested to do, by the programs of its test/page/main.ts. */
import { cpu } from '@stratajs/backend-cpu';
import { closeBackends } from '@stratajs/core';
import { expect, it } from 'vitest';
import type { Checked } from './page/conformance.js';
import type { Growth } from './page/growth.js';
import type { Differing } from './page/normal-numbers.js';
import type { Differences } from './page/own-kernels.js';
import type { Trained } from './page/train.js';
import { trajectories, type Trajectories } from './page/trajectories.js';
import type { TestBrowser } from './test-browser.js';

export interface TestedEngine {
  /** As in 'strata-webgl'. */
  readonly name: string;
  readonly tier: string;
  readonly browser: () => TestBrowser;
}

/** Bytes, compressed, of a page that trains a perceptron on built-in data. */
const MOST_KILOBYTES = 260;

/** Inside a `describe`, which opens the browser first. Where a processor stands in for the GPU, some take minutes. */
export function engineTests({ name, tier, browser }: TestedEngine): void {
  it('imports nothing of Node', () => {
    const { bundle } = browser();
    expect(bundle.ofNode).toEqual([]);
    const kilobytes = Math.round(bundle.gzipped('train') / 1000);
    console.log(`a page that trains mlp on digits with ${name}: ${kilobytes} kB gzipped`);
    expect(kilobytes).toBeLessThanOrEqual(MOST_KILOBYTES);
  });

  it('trains mlp on digits to 90 %', async () => {
    const { result, complaints } = await browser().run<Trained>('train');
    const { accuracy, seconds, device } = result;
    console.log(`${(100 * accuracy).toFixed(1)} % in ${seconds.toFixed(1)} s on ${device}`);
    expect(complaints).toEqual([]);
    expect(result).toMatchObject({ engine: name, tier, disposed: true });
    expect(result.device).not.toBe('');
    expect(result.losses.at(-1)).toBeLessThan(result.losses[0]! / 4);
    expect(result.accuracy).toBeGreaterThanOrEqual(0.9);
    expect(new Set(result.tensors).size).toBe(1);
  }, 300_000);

  it('trains networks of every kind as the CPU engine does', async () => {
    const { result, complaints } = await browser().run<Trajectories>('trajectories');
    expect(complaints).toEqual([]);
    const expected = await trajectories(cpu());
    await closeBackends();
    expect(Object.keys(result)).toEqual(Object.keys(expected));
    for (const [network, losses] of Object.entries(expected)) {
      expect(result[network], network).toEqual(losses.map((v) => expect.closeTo(v, 3)));
    }
  }, 300_000);

  it.each(['growEager', 'growReplayed'])(
    'holds nothing more after 2,000 steps: %s',
    async (program) => {
      const { result, complaints } = await browser().run<Growth>(program);
      expect(complaints).toEqual([]);
      expect(result.late).toEqual(result.early);
      expect(result.losses[1]).toBeLessThan(result.losses[0]);
    },
    300_000,
  );

  it("draws the host's normal numbers, bit by bit", async () => {
    const { result, complaints } = await browser().run<Differing>('draw');
    expect(complaints).toEqual([]);
    expect(result).toEqual({ drawn: 401 * 1501, elsewhere: [] });
  });

  it("has kernels of its own that give what core's composites give", async () => {
    const { result, complaints } = await browser().run<Differences>('ownKernels');
    expect(complaints).toEqual([]);
    expect(result).toEqual({ compared: 90, differing: {} });
  }, 300_000);

  it('computes in a worker', async () => {
    const { result, complaints } = await browser().run('worker');
    expect(complaints).toEqual([]);
    expect(result).toEqual({ name, document: 'undefined', product: [[11]] });
  });

  it('passes the conformance checks, trigonometry to 1e-3', async () => {
    const { result, complaints } = await browser().run<Checked>('check');
    const passed = result.total - result.strict.length;
    console.log(`conformance ${name}: ${passed} of ${result.total} checks pass`);
    expect(complaints).toEqual([]);
    expect(result.total).toBeGreaterThan(600);
    // Shaders' languages leave the precision of their trigonometric functions open; in software they give 2e-4.
    expect(result.strict.filter((c) => !/\b(sin|cos|tan|asin|acos|atan)\b/.test(c.name))).toEqual(
      [],
    );
    expect(result.loose).toEqual([]);
  }, 600_000);
}
