// Steps of ResNet-18, eager or compiled as the argument says: prints what memory they take and how long they are.
import { cpu } from '@stratajs/backend-cpu';
import { compile, tidy, use } from '@stratajs/core';
import { median } from './compare.js';
import { peakMegabytes, restartPeak } from './resident-peak.js';
import type { Measured } from './step-memory.js';
import { resnet18Step } from './workloads/training.js';
import type { Mode } from './workloads/workload.js';

const STEPS = 12;
/** The first ones record, and let go of what that took. */
const SETTLING = 5;
const RECORDINGS = 5;

const mode = process.argv[2] as Mode;
await use(cpu());
const step = resnet18Step();
const megabytes = (): number => process.memoryUsage.rss() / 1e6;
const before = megabytes();

/** Seconds of one step; finalizers run between two, as in a program that waits for its data. */
async function timed(run: () => readonly { dispose(): void }[]): Promise<number> {
  const start = process.hrtime.bigint();
  for (const t of run()) t.dispose();
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  await new Promise((resolve) => setImmediate(resolve));
  return seconds;
}

const compiled = compile(() => step());
const run = mode === 'compiled' ? compiled : () => tidy(() => [...step()]);
await timed(run);
const afterFirst = megabytes();
for (let i = 1; i < SETTLING; i++) await timed(run);
// Between two steps little is held: what counts is the most at any moment of them.
const hasPeak = restartPeak();
for (let i = SETTLING; i < STEPS; i++) await timed(run);
const peak = hasPeak ? peakMegabytes() - before : null;
const program = mode === 'compiled' ? compiled.explain() : null;

// More recordings, beside steps that are as warm as they are.
const eager: number[] = [];
const again: number[] = [];
for (let i = 0; i < RECORDINGS; i++) {
  const fresh = compile(() => step());
  eager.push(await timed(() => tidy(() => [...step()])));
  const first = await timed(fresh);
  again.push(first - (await timed(fresh)));
  fresh.dispose();
}
const measured: Measured = {
  megabytes: peak,
  firstMegabytes: afterFirst - before,
  arenaMegabytes: program?.engine ? program.engine.arenaBytes / 1e6 : null,
  eagerSeconds: median(eager),
  recordingSeconds: median(again),
};
console.log(JSON.stringify(measured));
