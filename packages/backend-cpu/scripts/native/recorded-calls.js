// The kernel calls that many processes recorded (preload.cjs), made into one file within the limits of call-limits.cjs.
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import limits from './call-limits.cjs';

/**
 * Writes `output`, and says what it holds and what is left out. Throws, naming them, when of some of `kernels` it holds no call.
 * Which calls of a kernel are taken depends on the calls alone, not on which process was first.
 */
export function selectCalls(folder, output, kernels) {
  const { taken, counts, processes } = choose(folder);
  const out = openSync(output, 'w');
  for (const { path, begin, length } of taken) {
    const file = openSync(path, 'r');
    const bytes = read(file, begin, length);
    for (let done = 0; done < length;) done += writeSync(out, bytes, done);
    closeSync(file);
  }
  closeSync(out);
  const total = (verdict) =>
    [...counts.values()].reduce((sum, count) => sum + (count[verdict] ?? 0), 0);
  const bytes = taken.reduce((sum, { length }) => sum + length, 0);
  console.log(
    `${counts.size} kernel${counts.size === 1 ? '' : 's'} called by ${processes} processes and threads; ${taken.length} calls to replay (${bytes >> 20} MiB), ` +
      `${taken.filter(({ empty }) => empty).length} of them with empty arrays, ` +
      `${taken.filter(({ fails }) => fails).length} refused by the kernel.\n` +
      `Left out: ${total('alike')} calls like others, ${total('many')} beyond a kernel's number, ${total('large')} on more memory ` +
      `than the last limit.\nLimits: ${limits.describeLimits()}.`,
  );
  for (const [kernel, { many = 0, large = 0, taken: replayed }] of [...counts].toSorted()) {
    if (many + large > 0)
      console.log(
        `  ${kernel}: ${replayed} replayed; left out ${many} beyond its number, ${large} too large`,
      );
  }
  const unreplayed = kernels
    .filter((name) => !(counts.get(name)?.taken > 0))
    .map(
      (name) => `${name} (${counts.has(name) ? 'its calls are too large' : 'no test calls it'})`,
    );
  if (unreplayed.length > 0) throw new Error(`no call is replayed of ${unreplayed.join(', ')}`);
}

function choose(folder) {
  const names = readdirSync(folder).toSorted();
  const counts = new Map();
  const add = (kernel, verdict, by) => {
    const count = counts.get(kernel) ?? {};
    count[verdict] = (count[verdict] ?? 0) + by;
    counts.set(kernel, count);
  };
  const files = names.filter((name) => name.endsWith('.calls'));
  for (const name of files) {
    const path = join(folder, name.replace(/calls$/, 'json'));
    if (!existsSync(path)) throw new Error(`${path} is missing: its process ended too early`);
    const tally = JSON.parse(readFileSync(path, 'utf8'));
    for (const [kernel, verdicts] of Object.entries(tally)) {
      for (const [verdict, n] of Object.entries(verdicts))
        if (verdict !== 'taken') add(kernel, verdict, n);
    }
  }
  // In the order of their likeness, which is as good as random: what a limit lets through is of all kinds.
  const calls = files
    .flatMap((name) => callsIn(join(folder, name)))
    .toSorted((a, b) => (a.likeness < b.likeness ? -1 : Number(a.likeness > b.likeness)));
  const all = new limits.CallLimits();
  const taken = calls.filter(({ kernel, likeness, bytes }) => {
    const verdict = all.verdict(kernel, likeness, bytes);
    add(kernel, verdict, 1);
    return verdict === 'taken';
  });
  return { taken, counts, processes: files.length };
}

/** Where the calls of a file lie, and what is asked of them here; the format stands in preload.cjs. */
function callsIn(path) {
  const file = openSync(path, 'r');
  const calls = [];
  for (let begin = 0; ;) {
    const head = read(file, begin, 4);
    if (head.length === 0) break;
    const length = 4 + head.readUInt32LE(0);
    let at = begin + 4;
    const next = (n) => read(file, (at += n) - n, n);
    const likeness = next(16).toString('hex');
    const kernel = next(next(1)[0]).toString();
    const fails = next(1)[0];
    at += fails;
    const [storages, args] = [next(2).readUInt16LE(0), next(2).readUInt16LE(0)];
    let bytes = 0;
    for (let i = 0; i < storages; ++i) {
      const size = next(4).readUInt32LE(0);
      at += size;
      bytes += size;
      const [changed] = next(1);
      at += changed * size;
    }
    let empty = false;
    for (let i = 0; i < args; ++i) {
      const kind = next(1)[0];
      if (kind === 1) at += 8;
      else if (kind > 1) empty = next(10).readUInt32LE(6) === 0 || empty;
    }
    calls.push({ path, begin, length, likeness, kernel, bytes, empty, fails: fails > 0 });
    begin += length;
  }
  closeSync(file);
  return calls;
}

function read(file, position, length) {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(file, bytes, 0, length, position));
}
