import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A server on this machine whose answers the test decides, with what was asked of it. */
export interface FileServer {
  readonly url: string;
  /** `<path>` or `<path> <range>` per request, in order. */
  readonly requests: string[];
  answer: Handler;
  /** Breaks every connection that is open. */
  hangUp(): void;
  close(): Promise<void>;
}

export async function startFileServer(): Promise<FileServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const { range } = request.headers;
    requests.push(range === undefined ? request.url! : `${request.url} ${range}`);
    self.answer(request, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const self: FileServer = {
    url: `http://127.0.0.1:${port}`,
    requests,
    answer: (_, response) => void response.writeHead(404).end(),
    hangUp: () => server.closeAllConnections(),
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
  return self;
}

/**
 * Serves `bytes`, honouring ranges. With `pauseAfter` the answer stops after so many bytes of it and the
 * connection stays open: a test hangs up once the client has them.
 */
export function serve(bytes: Uint8Array, options: { pauseAfter?: number } = {}): Handler {
  return (request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const body = bytes.subarray(start);
    if (start > 0 && body.length === 0) return void response.writeHead(416).end();
    if (start > 0) {
      const range = `bytes ${start}-${bytes.length - 1}/${bytes.length}`;
      response.writeHead(206, { 'content-range': range, 'content-length': body.length });
    } else {
      response.writeHead(200, { 'content-length': body.length });
    }
    if (options.pauseAfter === undefined) response.end(body);
    else response.write(body.subarray(0, options.pauseAfter));
  };
}
