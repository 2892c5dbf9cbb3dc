import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Served {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves files and an empty page that loads `main.js`, on this machine only: isolated from other origins at `/`, and not at `/open/`. */
export async function servePage(files: ReadonlyMap<string, Uint8Array>): Promise<Served> {
  const page =
    '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/main.js"></script>';
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').slice(1);
    const isOpen = path === 'open/';
    const name = isOpen ? '' : path;
    const body = name === '' ? page : files.get(name);
    response.statusCode = body ? 200 : 404;
    response.setHeader('content-type', typeOf(name));
    if (!isOpen) {
      response.setHeader('cross-origin-opener-policy', 'same-origin');
      response.setHeader('cross-origin-embedder-policy', 'require-corp');
    }
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function typeOf(name: string): string {
  if (name === '') return 'text/html';
  return name.endsWith('.wasm') ? 'application/wasm' : 'text/javascript';
}
