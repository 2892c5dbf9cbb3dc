// node replay-in-node.cjs <addon> recording…: runs recorded kernel calls through the addon itself, on every instruction set of
// this processor, with one and with four threads; then again in two JavaScript workers at once, which load the addon and end.
// What native/test/replay.cc checks without Node, this checks of the addon's face towards JavaScript. Written for systems on
// which the package's own tests do not run: nothing is needed but Node.js. preload.cjs tells the format of recordings.
'use strict';
const { readFileSync } = require('node:fs');
const { Worker, isMainThread } = require('node:worker_threads');

const [, , path, ...recordings] = process.argv;
const addon = require(path);
const ARRAYS = { 2: Float32Array, 3: Int32Array, 4: Uint8Array };

/** The calls of one recording: { kernel, code, storages: { before, after }[], args }. */
function* callsIn(file) {
  const bytes = readFileSync(file);
  let at = 0;
  const take = (n) => bytes.subarray(at, (at += n));
  const [u8, u16, u32] = [
    () => take(1).readUInt8(),
    () => take(2).readUInt16LE(),
    () => take(4).readUInt32LE(),
  ];
  while (at < bytes.length) {
    take(4 + 16); // its bytes, its likeness
    const kernel = take(u8()).toString();
    const code = take(u8()).toString();
    const [storages, args] = [u16(), u16()].map((length) => Array.from({ length }));
    for (const i of storages.keys()) {
      const before = take(u32());
      storages[i] = { before, after: u8() === 0 ? before : take(before.length) };
    }
    for (const i of args.keys()) {
      const kind = u8();
      if (kind === 0) args[i] = null;
      else if (kind === 1) args[i] = take(8).readDoubleLE();
      else args[i] = { kind, storage: u16(), offset: u32(), length: u32() };
    }
    yield { kernel, code, storages, args };
  }
}

// Recorded calls take 32 MiB at most. One block for all: blocks of their own would be freed when the collector gets to it.
const BYTES = 33 << 20;
const [first, second] = [addon.allocate(BYTES), addon.allocate(BYTES)];

/** Runs a call on storages that lie one behind the other in `block`; gives the error's code, and the storages as they are then. */
function run(kernel, { storages, args }, block) {
  let end = 0;
  const memory = storages.map(({ before }) => {
    const storage = new Uint8Array(block, end, before.length);
    storage.set(before);
    end += Math.ceil(before.length / 64) * 64;
    return storage;
  });
  const values = args.map((arg) => {
    if (typeof arg !== 'object' || arg === null) return arg;
    const View = ARRAYS[arg.kind];
    if (!View) return {};
    return new View(block, memory[arg.storage].byteOffset + arg.offset, arg.length);
  });
  let code = '';
  try {
    kernel(...values);
  } catch (error) {
    code = error.code ?? 'none';
  }
  return { code, memory };
}

/** Whether floats are as native/test/placement.h allows, which tells why. */
function agree({ kernel, args }, actual, expected) {
  let largest = 0;
  for (const e of expected) if (Number.isFinite(e) && Math.abs(e) > largest) largest = Math.abs(e);
  const normalizes = kernel.startsWith('normalize') && args.at(-1) > 0;
  const termSize = normalizes ? 1 / Math.sqrt(args.at(-1)) : 1;
  const allowed = largest * (kernel.includes('onv') ? 5e-5 : 2e-6) + 2 ** -23 * termSize;
  return actual.every((a, i) => {
    const e = expected[i];
    if (!Number.isFinite(e)) return Object.is(a, e);
    return Math.abs(a - e) <= 1e-5 * Math.abs(e) + allowed;
  });
}

/** What is wrong with a call on an instruction set; '' when nothing is. */
function wrongWith(call, kernel) {
  addon.setThreads(1);
  const alone = run(kernel, call, first);
  if (alone.code !== call.code) return `error '${alone.code}', recorded '${call.code}'`;
  for (const arg of call.args) {
    if (!ARRAYS[arg?.kind]) continue;
    const end = arg.offset + arg.length * ARRAYS[arg.kind].BYTES_PER_ELEMENT;
    const actual = alone.memory[arg.storage].slice(arg.offset, end);
    const expected = Uint8Array.from(call.storages[arg.storage].after.subarray(arg.offset, end));
    if (Buffer.compare(actual, expected) === 0) continue;
    if (ARRAYS[arg.kind] !== Float32Array) return 'integers differ';
    const floats = [actual, expected].map(({ buffer }) => new Float32Array(buffer));
    if (!agree(call, ...floats)) return 'other numbers than recorded';
  }
  addon.setThreads(4);
  const together = run(kernel, call, second);
  const same = together.memory.every((m, i) => Buffer.compare(m, alone.memory[i]) === 0);
  return same ? '' : 'with 4 threads other bits than with one';
}

function replay(files) {
  const isas = addon.supported();
  const tables = isas.map((isa) => addon.kernels(isa));
  const called = new Set();
  let [calls, failures] = [0, 0];
  for (const file of files) {
    for (const call of callsIn(file)) {
      called.add(call.kernel);
      calls++;
      for (const [i, isa] of isas.entries()) {
        const wrong = wrongWith(call, tables[i][call.kernel]);
        if (wrong) failures++;
        if (wrong && failures <= 40) console.error(`${call.kernel}, ${isa}: ${wrong}`);
      }
    }
  }
  const all = Object.keys(tables[0]);
  const uncalled = isMainThread ? all.filter((name) => !called.has(name)) : [];
  console.log(
    `${called.size} of ${all.length} kernels, ${calls} calls on ${isas.join(', ')}: ${failures} failures`,
  );
  if (uncalled.length > 0) console.error(`no call of ${uncalled.join(', ')}`);
  if (failures > 0 || uncalled.length > 0) process.exitCode = 1;
}

console.log(`Node.js ${process.version}, ${process.platform} ${process.arch}`);
replay(recordings);
if (isMainThread) {
  for (let i = 0; i < 2; i++) {
    const worker = new Worker(__filename, { argv: [path, recordings.at(-1)] });
    worker.on('exit', (code) => (process.exitCode ||= code));
  }
}
