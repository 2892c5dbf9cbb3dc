import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** The browser to test in: CHROME_PATH, else where Linux distributions put Chromium; null without one. */
export const chromiumPath: string | null =
  [
    process.env['CHROME_PATH'],
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
  ].find((path) => path !== undefined && path !== '' && existsSync(path)) ?? null;

/** Headless, with graphics in software, talking to nobody but the test's own server. */
export function launchChromium(args: readonly string[]): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath!,
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--enable-unsafe-swiftshader',
      ...args,
    ],
  });
}
