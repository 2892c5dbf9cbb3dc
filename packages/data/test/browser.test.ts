/** Downloads in a real browser: broken off, left, taken up again, kept. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
// By their place: as a package they would depend on this one, in a circle.
import { chromiumPath, openTestBrowser, type TestBrowser } from '../../../.config/browser/index.js';
import { type FileServer, serve, startFileServer } from './file-server.js';
import type { Downloaded } from './page/main.js';
import { realData } from './real-data.js';

if (chromiumPath === null) {
  console.log('skipped: no Chromium found. Install one, or set CHROME_PATH to its executable.');
}

const IMAGES = 't10k-images-idx3-ubyte.gz';
const fileOf = (name: string): Buffer => readFileSync(join(realData!, 'mnist', name));

describe.skipIf(chromiumPath === null || realData === undefined)('in Chromium', () => {
  let browser: TestBrowser;
  let mirror: FileServer;
  /** Answers to requests of the images, in order; whole files after that. */
  let answers: FileServer['answer'][];

  beforeAll(async () => {
    browser = await openTestBrowser(new URL('./page/', import.meta.url));
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    answers = [];
    mirror = await startFileServer();
    mirror.answer = (request, response) => {
      // Of another origin: what it does not expose, the page does not see.
      response.setHeader('access-control-allow-origin', '*');
      const name = request.url!.slice(1);
      if (name === 'arrived') return mirror.hangUp();
      if (!name.startsWith('t10k-')) return void response.writeHead(404).end();
      const answer = name === IMAGES ? answers.shift() : undefined;
      (answer ?? serve(fileOf(name)))(request, response);
    };
  });
  afterEach(() => mirror.close());

  // First, since what is whole is asked for no more.
  it('goes on where a page was left and where a connection broke, and keeps what is whole', async () => {
    answers = [
      serve(fileOf(IMAGES), { pauseAfter: 1_300_000 }),
      serve(fileOf(IMAGES), { pauseAfter: 200_000 }),
    ];
    await browser.run('leave', { given: mirror.url });
    const { result } = await browser.run<Downloaded>('finish', { given: mirror.url });
    expect(result).toMatchObject({ source: 'download', examples: 10_000, sum: 264_923_200 });
    const [whole, left, arrived, broken, ...others] = mirror.requests;
    expect([whole, arrived]).toEqual([`/${IMAGES}`, '/arrived']);
    expect(others).toEqual(['/t10k-labels-idx1-ubyte.gz']);
    const startOf = (request: string | undefined): number =>
      Number(/bytes=(\d+)-$/.exec(request!)![1]);
    expect(startOf(left)).toBeGreaterThanOrEqual(2 ** 20);
    expect(startOf(broken)).toBeGreaterThan(startOf(left));
    expect(result.first).toBeGreaterThan(startOf(left));

    mirror.requests.length = 0;
    const again = await browser.run<Downloaded>('finish', { given: mirror.url });
    expect(again.result).toEqual({ ...result, source: 'cache', first: null });
    expect(mirror.requests).toEqual([]);
  });

  it('says so where the server has packed files unpacked', async () => {
    mirror.answer = ({ url }, response) => {
      response.setHeader('access-control-allow-origin', '*');
      response.setHeader('content-encoding', 'gzip');
      response.end(readFileSync(join(realData!, url!)));
    };
    const { result } = await browser.run<string>('read', { given: mirror.url });
    expect(result).toMatch(/was unpacked on its way.*serve it without that header/);
  });

  it('says what the address did wrong', async () => {
    const { result } = await browser.run<string>('fail', { given: `${mirror.url}/elsewhere` });
    expect(result).toMatch(/elsewhere.*404/);
  });
});
