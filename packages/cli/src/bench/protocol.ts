/**
 * How the driver talks with a side of a comparison: one JSON object a line. Each side is a process of
 * its own, so that neither's threads, heap or registries weigh on the other.
 */

export type Request =
  | { readonly prepare: string }
  /** Runs the prepared workload `run` times, ended by one read of its result. */
  | { readonly run: number };

export type Response =
  | { readonly ready: true; readonly description: string }
  | { readonly seconds: number; readonly result: number }
  | { readonly error: string };

/** Answers requests on standard input until it closes. */
export async function servePeer(
  description: () => string,
  prepare: (workload: string) => Promise<(times: number) => Promise<number>>,
): Promise<void> {
  const { createInterface } = await import('node:readline');
  let run: ((times: number) => Promise<number>) | undefined;
  const say = (response: Response): void =>
    void process.stdout.write(`${JSON.stringify(response)}\n`);
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as Request;
    try {
      if ('prepare' in request) {
        run = await prepare(request.prepare);
        say({ ready: true, description: description() });
      } else {
        if (!run) throw new Error('Nothing is prepared.');
        const start = process.hrtime.bigint();
        const result = await run(request.run);
        say({ seconds: Number(process.hrtime.bigint() - start) / 1e9, result });
      }
    } catch (error) {
      say({ error: error instanceof Error ? error.message : String(error) });
    }
  }
}
