/** The playground in a real browser, as visitors use it. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromiumPath, launchChromium } from '@stratajs/browser-tests';
import { encodeSafetensors } from '@stratajs/core';
import { decodeCheckpoint } from '@stratajs/train';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  check,
  type Choosable,
  chooseBatch,
  draw,
  drop,
  figure,
  noticeOf,
  pause,
  press,
  serveSite,
  type Site,
  statusIs,
  stepOf,
  train,
  visit,
} from './page.js';

if (chromiumPath === null) {
  console.log('skipped: no Chromium found. Install one, or set CHROME_PATH to its executable.');
}

const realData = process.env['STRATA_DATA_DIR'] || undefined;
if (realData === undefined) {
  console.log('The test on MNIST is skipped: STRATA_DATA_DIR names no folder with it.');
}

const SEVEN = [
  [0.3, 0.2],
  [0.7, 0.2],
  [0.58, 0.5],
  [0.48, 0.85],
] as const;

let site: Site;
let browser: Browser;

/** Into a folder that git leaves alone. */
const screenshot = (page: Page, name: string): Promise<unknown> =>
  page.screenshot({
    path: fileURLToPath(new URL(`../screenshots/${name}.png`, import.meta.url)),
    fullPage: true,
  });

describe.skipIf(chromiumPath === null)('in Chromium', () => {
  beforeAll(async () => {
    site = await serveSite();
    browser = await launchChromium(['--enable-unsafe-webgpu']);
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  it('trains to 95 % on digits, and reads a drawn one', async () => {
    const { page, complaints } = await visit(browser, site);
    await screenshot(page, 'start');
    await press(page, 'Train');
    await expect.poll(() => stepOf(page), { timeout: 60_000 }).toBeGreaterThan(60);
    await screenshot(page, 'training');
    console.log((await page.locator('.status').textContent())!);
    await expect.poll(() => figure(page, 'held'), { timeout: 120_000 }).toBeGreaterThanOrEqual(95);
    await pause(page);
    await draw(page, SEVEN);
    await expect.poll(() => figure(page, 'guess')).toBe(7);
    await screenshot(page, 'trained');
    await page.getByRole('button', { name: 'Dark' }).click();
    await screenshot(page, 'dark');
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await screenshot(page, 'phone');
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 240_000);

  it.skipIf(realData === undefined)(
    'learns MNIST where the server has it',
    async () => {
      const { page, complaints } = await visit(browser, site);
      await check(page, 'MNIST');
      const kept = await page.evaluate(
        "caches.open('strata-data').then((c) => c.keys()).then((all) => all.length)",
      );
      expect(kept).toBe(4);
      await press(page, 'Train');
      await expect
        .poll(() => figure(page, 'held'), { timeout: 120_000 })
        .toBeGreaterThanOrEqual(90);
      await pause(page);
      expect(complaints).toEqual([]);
      await page.context().close();
    },
    240_000,
  );

  // ResNet-20 on WebGPU takes minutes where a processor stands in for the GPU; that engine's own tests train it.
  it.each<[Choosable, Choosable]>([
    ['WebGL 2', 'LeNet-5'],
    ['WebGL 2', 'ResNet-20'],
    ['WebGPU', 'Perceptron'],
    ['WebGPU', 'LeNet-5'],
    ['WebAssembly', 'LeNet-5'],
    ['WebAssembly', 'ResNet-20'],
  ])(
    'trains on %s: %s',
    async (engine, network) => {
      const { page, complaints } = await visit(browser, site);
      await chooseBatch(page, '16');
      await check(page, network);
      await check(page, engine);
      const steps = network === 'ResNet-20' ? 1 : 80;
      await press(page, 'Train');
      await expect.poll(() => stepOf(page), { timeout: 120_000 }).toBeGreaterThanOrEqual(steps);
      await pause(page);
      console.log(`${engine}, ${network}: ${(await page.locator('.status').textContent())!}`);
      expect(await figure(page, 'held')).toBeGreaterThanOrEqual(network === 'ResNet-20' ? 0 : 50);
      expect(complaints).toEqual([]);
      await page.context().close();
    },
    240_000,
  );

  it('saves, and goes on from there after a reload, and from a file that Node reads', async () => {
    const { page, complaints } = await visit(browser, site);
    await train(page, 3);
    const [step, held] = [await stepOf(page), await figure(page, 'held')];
    await press(page, 'Save');
    expect(await noticeOf(page)).toBe(`Step ${step} is saved in this browser.`);
    const downloading = page.waitForEvent('download');
    await press(page, 'Download');
    const download = await downloading;
    expect(download.suggestedFilename()).toBe(`strata-mlp-${step}.safetensors`);
    const bytes = await readFile(await download.path());
    const checkpoint = await decodeCheckpoint(bytes);
    expect(checkpoint.step).toBe(step);
    expect(Object.keys(checkpoint.model)).toContain('layers.1.weight');

    await page.reload();
    await statusIs(page, 'ready');
    expect(await stepOf(page)).toBe(0);
    await press(page, 'Load');
    await statusIs(page, 'paused');
    expect([await stepOf(page), await figure(page, 'held')]).toEqual([step, held]);

    await press(page, 'Reset');
    await statusIs(page, 'ready');
    const altered = new Uint8Array(bytes);
    altered[altered.length - 5]! ^= 1;
    await drop(page, 'altered.safetensors', altered);
    expect(await noticeOf(page)).toMatch(/Received: altered\.safetensors, which was altered/);
    await drop(page, 'short.safetensors', bytes.subarray(0, 1000));
    await expect.poll(() => noticeOf(page)).toMatch(/short\.safetensors cannot be read/);
    await drop(page, 'photo.png', new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10, 0, 0]));
    await expect.poll(() => noticeOf(page)).toMatch(/photo\.png cannot be read as a checkpoint/);
    const foreign = { w: { dtype: 'F32', shape: [1], data: new Float32Array(1) } } as const;
    await drop(page, 'foreign.safetensors', encodeSafetensors(foreign, {}));
    await expect.poll(() => noticeOf(page)).toMatch(/another program's, or weights alone/);
    expect([await stepOf(page), await page.locator('.status').getAttribute('data-status')]).toEqual(
      [0, 'ready'],
    );
    await drop(page, 'good.safetensors', bytes);
    await statusIs(page, 'paused');
    expect([await stepOf(page), await figure(page, 'held')]).toEqual([step, held]);
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 60_000);

  it('asks before it moves to another engine, and keeps the weights', async () => {
    const { page, complaints } = await visit(browser, site);
    await train(page, 3);
    const [step, held] = [await stepOf(page), await figure(page, 'held')];
    const wasm = page.getByRole('radio', { name: 'WebAssembly' });
    await wasm.click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect(await page.getByRole('radio', { name: 'WebGL 2' }).isChecked()).toBe(true);
    await wasm.click();
    expect(await dialog.textContent()).toContain(`goes on at step ${step}`);
    await dialog.getByRole('button', { name: 'Move the network' }).click();
    await expect.poll(() => page.locator('.device').textContent()).toMatch(/WebAssembly/);
    expect([await stepOf(page), await figure(page, 'held')]).toEqual([step, held]);
    await press(page, 'Go on');
    await expect.poll(() => stepOf(page), { timeout: 60_000 }).toBeGreaterThan(step);
    await pause(page);
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 60_000);

  it('says that its engine was lost, and goes on elsewhere when told to', async () => {
    const inWorker = `{
      const original = OffscreenCanvas.prototype.getContext;
      self.contexts = [];
      OffscreenCanvas.prototype.getContext = function (...of) {
        const context = original.apply(this, of);
        if (context) self.contexts.push(context);
        return context;
      };
    }`;
    const { page } = await visit(browser, site, { inWorker });
    await press(page, 'Train');
    await expect.poll(() => stepOf(page), { timeout: 60_000 }).toBeGreaterThan(2);
    await page
      .workers()[0]!
      .evaluate('contexts.forEach((c) => c.getExtension("WEBGL_lose_context")?.loseContext())');
    await statusIs(page, 'lost');
    const dialog = page.getByRole('dialog');
    expect(await dialog.textContent()).toContain("took the engine's WebGL context away");
    await dialog.getByRole('button', { name: 'On WebAssembly' }).click();
    await statusIs(page, 'paused');
    const step = await stepOf(page);
    await press(page, 'Go on');
    await expect.poll(() => stepOf(page), { timeout: 60_000 }).toBeGreaterThan(step);
    await page.context().close();
  }, 60_000);

  it('says why an engine cannot run, and begins on another', async () => {
    const poor = await launchChromium(['--disable-gpu', '--disable-software-rasterizer']);
    try {
      const { page } = await visit(poor, site);
      expect(await page.getByRole('radio', { name: 'WebGL 2' }).isDisabled()).toBe(true);
      expect(await page.getByText('no WebGL 2 context').isVisible()).toBe(true);
      expect(
        await page
          .getByText(/WebGPU.*no adapter|navigator\.gpu/)
          .first()
          .isVisible(),
      ).toBe(true);
      expect(await page.getByRole('radio', { name: 'WebAssembly' }).isChecked()).toBe(true);
      await train(page, 3);
    } finally {
      await poor.close();
    }
  }, 60_000);

  it('says that nothing can be stored where storage is denied', async () => {
    const inWorker = `indexedDB.open = () => { throw new DOMException('denied', 'SecurityError'); }`;
    const { page } = await visit(browser, site, { inWorker });
    await press(page, 'Save');
    expect(await noticeOf(page)).toMatch(/denied/);
    await train(page, 1);
    await page.context().close();
  }, 60_000);

  it('can be used with the keyboard alone, and goes on while nobody looks', async () => {
    const { page, complaints } = await visit(browser, site);
    const focused = (): Promise<string> =>
      page.evaluate(
        'document.activeElement.ariaLabel || document.activeElement.value || document.activeElement.textContent',
      );
    const tabTo = async (name: string): Promise<void> => {
      for (let i = 0; i < 25 && !(await focused()).startsWith(name); i++)
        await page.keyboard.press('Tab');
      expect(await focused()).toMatch(new RegExp(`^${name}`));
    };
    await page.keyboard.press('Tab');
    await tabTo('Train');
    await page.keyboard.press('Enter');
    await expect.poll(() => stepOf(page), { timeout: 60_000 }).toBeGreaterThan(1);
    // Another tab comes to the front.
    const other = await page.context().newPage();
    await other.bringToFront();
    const step = await stepOf(page);
    await expect.poll(() => stepOf(page), { timeout: 60_000 }).toBeGreaterThan(step + 20);
    await other.close();
    await tabTo('Drawing pad');
    await page.keyboard.press(' ');
    for (const key of ['ArrowRight', 'ArrowDown', 'ArrowDown', 'ArrowDown'])
      await page.keyboard.press(key);
    await page.keyboard.press(' ');
    await expect.poll(() => figure(page, 'guess')).toBeGreaterThanOrEqual(0);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('[data-figure=guess]').textContent()).toBe('?');
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 60_000);
});
