/** Strata in a browser: everything above the platform seam, on WebGL. */
import { chromiumPath, openTestBrowser, type TestBrowser } from '@stratajs/browser-tests';
import type { Checked } from '@stratajs/browser-tests/page/conformance';
import type { Growth } from '@stratajs/browser-tests/page/growth';
import type { Differing } from '@stratajs/browser-tests/page/normal-numbers';
import type { Differences } from '@stratajs/browser-tests/page/own-kernels';
import type { Trained } from '@stratajs/browser-tests/page/train';
import { trajectories, type Trajectories } from '@stratajs/browser-tests/page/trajectories';
import { cpu } from '@stratajs/backend-cpu';
import { closeBackends } from '@stratajs/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Errors } from './page/convolve.js';
import type { Lost } from './page/lose.js';
import type { Refused } from './page/refuse.js';

if (chromiumPath === null) {
  console.log('skipped: no Chromium found. Install one, or set CHROME_PATH to its executable.');
}

let browser: TestBrowser;

describe.skipIf(chromiumPath === null)('in Chromium', () => {
  beforeAll(async () => {
    browser = await openTestBrowser(new URL('./page/', import.meta.url));
  });
  afterAll(() => browser?.close());

  it('imports nothing of Node', () => {
    expect(browser.bundle.ofNode).toEqual([]);
    const kilobytes = Math.round(browser.bundle.gzipped('train') / 1000);
    console.log(`a page that trains mlp on digits with WebGL: ${kilobytes} kB gzipped`);
    expect(kilobytes).toBeLessThanOrEqual(260);
  });

  it('says why it cannot run, and never throws when asked', async () => {
    const { result, complaints } = await browser.run<Refused>('refuse');
    expect(complaints).toEqual([]);
    expect(result).toEqual({
      sound: null,
      withoutContext: expect.stringContaining('no WebGL 2 context'),
      withoutFloat32: expect.stringContaining('float32 textures'),
      brokenContext: expect.stringContaining('no more contexts'),
      error: expect.stringMatching(
        /^BackendError: .*strata-webgl: the browser gives no WebGL 2 context/s,
      ),
    });
  });

  it('tells of a lost context in the next call, hangs in none, and opens anew', async () => {
    const { result } = await browser.run<Lost>('lose');
    const lost = expect.stringMatching(/^BackendError: .*context away.*checkpoint/);
    expect(result).toEqual({ errors: [lost, lost, lost], again: [[11]] });
  });

  it('trains mlp on digits with WebGL to 90 %', async () => {
    const { result, complaints } = await browser.run<Trained>('train');
    const { accuracy, seconds, device } = result;
    console.log(`${(100 * accuracy).toFixed(1)} % in ${seconds.toFixed(1)} s on ${device}`);
    expect(complaints).toEqual([]);
    expect(result).toMatchObject({ engine: 'strata-webgl', tier: 'webgl2', disposed: true });
    expect(result.device).not.toBe('');
    expect(result.losses.at(-1)).toBeLessThan(result.losses[0]! / 4);
    expect(result.accuracy).toBeGreaterThanOrEqual(0.9);
    expect(new Set(result.tensors).size).toBe(1);
  }, 300_000);

  it('trains networks of every kind as the CPU engine does', async () => {
    const { result, complaints } = await browser.run<Trajectories>('trajectories');
    expect(complaints).toEqual([]);
    const expected = await trajectories(cpu());
    await closeBackends();
    const rounded = (of: Trajectories): unknown =>
      Object.entries(of).map(([name, losses]) => [name, losses.map((v) => expect.closeTo(v, 3))]);
    expect(Object.entries(result)).toEqual(rounded(expected));
  }, 300_000);

  it.each(['growEager', 'growReplayed'])(
    'holds nothing more after 2,000 steps: %s',
    async (program) => {
      const { result, complaints } = await browser.run<Growth>(program);
      expect(complaints).toEqual([]);
      expect(result.late).toEqual(result.early);
      expect(result.losses[1]).toBeLessThan(result.losses[0]);
    },
    300_000,
  );

  it.each(['convolveMany', 'convolveLarge'])('%s: images from the host', async (program) => {
    const { result, complaints } = await browser.run<Errors>(program);
    expect(complaints).toEqual([]);
    const [y, dx, dFilter] = result;
    expect(Math.max(y, dx)).toBeLessThan(1e-4);
    // Each of some 50,000 terms.
    expect(dFilter).toBeLessThan(1e-2);
  });

  it("draws the host's normal numbers, bit by bit", async () => {
    const { result, complaints } = await browser.run<Differing>('draw');
    expect(complaints).toEqual([]);
    expect(result).toEqual({ drawn: 401 * 1501, elsewhere: [] });
  });

  it("has kernels of its own that give what core's composites give", async () => {
    const { result, complaints } = await browser.run<Differences>('ownKernels');
    expect(complaints).toEqual([]);
    expect(result).toEqual({ compared: 90, differing: {} });
  }, 300_000);

  it('computes in a worker', async () => {
    const { result, complaints } = await browser.run('worker');
    expect(complaints).toEqual([]);
    expect(result).toEqual({ name: 'strata-webgl', document: 'undefined', product: [[11]] });
  });

  it('passes the conformance checks, sines and cosines to 1e-3', async () => {
    const { result, complaints } = await browser.run<Checked>('check');
    console.log(
      `conformance strata-webgl: ${result.total - result.strict.length} of ${result.total} checks pass`,
    );
    expect(complaints).toEqual([]);
    expect(result.total).toBeGreaterThan(600);
    // GLSL leaves the precision of its trigonometric functions open; the software renderer gives 2e-4.
    expect(
      result.strict.filter(({ name }) => !/\b(sin|cos|tan|asin|acos|atan)\b/.test(name)),
    ).toEqual([]);
    expect(result.loose).toEqual([]);
    // Where a processor draws for the GPU, minutes.
  }, 600_000);
});
