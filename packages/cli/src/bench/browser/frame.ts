/// <reference lib="dom" />
/** What one side's frame offers to the driver. */
import type { Run } from '../workloads/workload.js';

export interface FrameSide {
  readonly description: string;
  prepare(workload: string): Run;
}

/** A frame's `side`, as the driver calls it. */
export interface Frame {
  start(engine: string): Promise<string>;
  prepare(workload: string): void;
  run(times: number): Promise<{ readonly seconds: number; readonly result: number }>;
}

/** Makes `globalThis.side`; `start` opens an engine. */
export function serveFrame(start: (engine: string) => Promise<FrameSide>): void {
  let side: FrameSide;
  let run: Run;
  const frame: Frame = {
    async start(engine) {
      side = await start(engine);
      return side.description;
    },
    prepare(workload) {
      run = side.prepare(workload);
    },
    async run(times) {
      const start = performance.now();
      const result = await run(times);
      return { seconds: (performance.now() - start) / 1000, result };
    },
  };
  Object.assign(globalThis, { side: frame });
}
