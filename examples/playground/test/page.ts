/** The page as its visitors get it, served by this machine, and what tests do on it. */
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import { build, preview } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const configFile = `${root}vite.config.ts`;

export interface Site {
  readonly url: string;
  close(): Promise<void>;
}

export async function serveSite(): Promise<Site> {
  await build({ root, configFile, logLevel: 'error' });
  const server = await preview({ root, configFile, logLevel: 'error', preview: { port: 0 } });
  return { url: server.resolvedUrls!.local[0]!, close: () => server.close() };
}

export interface Visit {
  readonly page: Page;
  /** What the browser complained of. */
  readonly complaints: readonly string[];
}

export interface VisitOptions {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
  /** Code that the worker runs first. */
  readonly inWorker?: string;
}

/** Opens the page in a browser that has stored nothing, and waits until a network is ready. */
export async function visit(
  browser: Browser,
  { url }: Site,
  { width = 1280, height = 1000, dark = false, inWorker }: VisitOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`${error.name}: ${error.message}`));
  page.on('console', (m) => {
    if (m.type() === 'error' || m.type() === 'warning') complaints.push(m.text());
  });
  if (inWorker !== undefined) {
    // The worker's is the one script called main.
    await page.route(/\/main-[^/]*\.js$/, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: `${inWorker};\n${await response.text()}` });
    });
  }
  await page.goto(url);
  await statusIs(page, 'ready');
  return { page, complaints };
}

export async function statusIs(page: Page, status: string): Promise<void> {
  await page.locator(`.status[data-status=${status}]`).waitFor({ timeout: 60_000 });
}

export async function figure(page: Page, name: string): Promise<number> {
  return Number.parseFloat((await page.locator(`[data-figure=${name}]`).textContent())!);
}

export async function stepOf(page: Page): Promise<number> {
  const text = (await page.locator('.status').textContent())!;
  return Number(/step ([\d,]+)/.exec(text)![1]!.replaceAll(',', ''));
}

export const press = (page: Page, name: string): Promise<void> =>
  page.getByRole('button', { name, exact: true }).click();

/** What the page calls engines, networks and images, and the protocol. */
const IDS = {
  'WebGL 2': 'webgl',
  WebGPU: 'webgpu',
  WebAssembly: 'wasm',
  Perceptron: 'mlp',
  'LeNet-5': 'lenet5',
  'ResNet-20': 'resnet20',
  MNIST: 'mnist',
} as const;

export type Choosable = keyof typeof IDS;

/** Presses a radio button, and waits for the network that this begins. */
export async function check(page: Page, name: Choosable): Promise<void> {
  await page.getByRole('radio', { name }).click();
  await opened(page, IDS[name]);
}

/** Takes a size of batches, and waits for the network that this begins. */
export async function chooseBatch(page: Page, size: string): Promise<void> {
  await page.locator('label', { hasText: 'Batch' }).locator('select').selectOption(size);
  await opened(page, size);
}

/** Waits until a network is ready whose settings include this one. */
async function opened(page: Page, setting: string): Promise<void> {
  await page
    .locator(`.status[data-status=ready][data-opened~="${setting}"]`)
    .waitFor({ timeout: 60_000 });
}

export async function pause(page: Page): Promise<void> {
  await press(page, 'Pause');
  await statusIs(page, 'paused');
}

/** Trains until so many steps are done, and pauses. */
export async function train(page: Page, steps: number): Promise<void> {
  await press(page, 'Train');
  await expect.poll(() => stepOf(page), { timeout: 60_000 }).toBeGreaterThanOrEqual(steps);
  await pause(page);
}

/** Drags the pen over points of the pad, in parts of its side. */
export async function draw(
  page: Page,
  points: readonly (readonly [number, number])[],
): Promise<void> {
  const pad = page.locator('.paper canvas');
  await pad.scrollIntoViewIfNeeded();
  const box = (await pad.boundingBox())!;
  for (const [i, [x, y]] of points.entries()) {
    await page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: 6 });
    if (i === 0) await page.mouse.down();
  }
  await page.mouse.up();
}

/** Drops a file on the page. */
export async function drop(page: Page, name: string, bytes: Uint8Array): Promise<void> {
  await page.evaluate(
    async ([name, content]) => {
      const file = await (await fetch(`data:application/octet-stream;base64,${content}`)).blob();
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([file], name));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true }));
    },
    [name, Buffer.from(bytes).toString('base64')] as const,
  );
}

export async function noticeOf(page: Page): Promise<string> {
  const notice = page.getByRole('alert');
  await notice.waitFor();
  return (await notice.locator('p').textContent())!;
}
