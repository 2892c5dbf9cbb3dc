// Loaded before a program (NODE_OPTIONS=--require): stands between it and the addon.
//   STRATA_CHECK_ADDON   load this build in the place of dist/native/strata-cpu.node
//   STRATA_CHECK_RECORD  write the kernel calls of the best instruction set into files in this folder, within the limits of
//                        call-limits.cjs, and beside each file, as JSON, how many calls of each kernel there were and were
//                        left out
// The file format is read by native/test/recording.h and recorded-calls.js. All numbers are little-endian:
//   call      bytes that follow u32, likeness 16 bytes (equal for calls that differ in nothing but what arrays hold),
//             name length u8, name, error code length u8, error code ('' when it returned), storages u16, arguments u16
//   storage   bytes u32, bytes before the call, changed u8, if changed: bytes after it
//   argument  kind u8 (as ArgumentKind), then for a number f64, for an array: storage u16, byte offset u32, length u32
// A storage is memory that arguments share: arrays that overlap are views of one.
'use strict';
const { createHash } = require('node:crypto');
const { openSync, renameSync, writeFileSync, writeSync } = require('node:fs');
const { join } = require('node:path');
const { setImmediate } = require('node:timers');
const { threadId } = require('node:worker_threads');
const { CallLimits } = require('./call-limits.cjs');

const { STRATA_CHECK_ADDON: replacement, STRATA_CHECK_RECORD: folder } = process.env;
const KINDS = { absent: 0, number: 1, float32: 2, int32: 3, uint8: 4, other: 5 };

const built = join(__dirname, '../../dist/native/strata-cpu.node');
const dlopen = process.dlopen;
process.dlopen = function (module, path, ...rest) {
  const isAddon = path === built;
  dlopen.call(this, module, isAddon && replacement ? replacement : path, ...rest);
  if (isAddon && folder) module.exports = recording(module.exports);
};

function recording(addon) {
  const [best] = addon.supported();
  const kernels = (isa) => {
    const table = addon.kernels(isa);
    if (isa !== best) return table;
    return Object.fromEntries(
      Object.entries(table).map(([name, kernel]) => [name, recorded(name, kernel)]),
    );
  };
  return { ...addon, kernels };
}

const recordPath = folder && join(folder, `${process.pid}-${threadId}-${process.hrtime.bigint()}`);
let file;
const limits = new CallLimits();
/** kernel → how many calls were 'taken', and how many each limit left out. */
const tally = {};
let pending;

function recorded(name, kernel) {
  return (...values) => {
    const call = describe(values);
    const likeness = likenessOf(name, call);
    const verdict = limits.verdict(name, likeness, call.bytes);
    pending ??= setImmediate(writeTally);
    tally[name] ??= {};
    tally[name][verdict] = (tally[name][verdict] ?? 0) + 1;
    if (verdict !== 'taken') return kernel(...values);
    const before = call.storages.map(({ bytes }) => Buffer.from(bytes));
    let code = '';
    try {
      return kernel(...values);
    } catch (error) {
      code = error.code ?? 'none';
      throw error;
    } finally {
      file ??= openSync(`${recordPath}.calls`, 'wx');
      writeAll(file, encode(name, likeness, code, call, before));
    }
  };
}

/** The arguments, and the storages that they lie in. */
function describe(values) {
  const spans = [];
  const args = values.map((value) => {
    if (value === null || value === undefined) return { kind: KINDS.absent };
    if (typeof value === 'number') return { kind: KINDS.number, value };
    const kind = KINDS[kindOf(value)];
    if (!ArrayBuffer.isView(value)) return { kind };
    const { buffer, byteOffset, byteLength, length } = value;
    const arg = { kind, length, byteOffset };
    const end = byteOffset + byteLength;
    const overlapping = spans.filter(
      (s) => s.buffer === buffer && s.begin < end && byteOffset < s.end,
    );
    const span = { buffer, begin: byteOffset, end, args: [arg] };
    for (const other of overlapping) {
      span.begin = Math.min(span.begin, other.begin);
      span.end = Math.max(span.end, other.end);
      span.args.push(...other.args);
      spans.splice(spans.indexOf(other), 1);
    }
    spans.push(span);
    return arg;
  });
  spans.forEach((span, i) => {
    for (const arg of span.args)
      Object.assign(arg, { storage: i, offset: arg.byteOffset - span.begin });
  });
  const storages = spans.map(({ buffer, begin, end }) => ({
    bytes: new Uint8Array(buffer, begin, end - begin),
  }));
  return { args, storages, bytes: storages.reduce((sum, { bytes }) => sum + bytes.length, 0) };
}

function kindOf(value) {
  if (value instanceof Float32Array) return 'float32';
  if (value instanceof Int32Array) return 'int32';
  return value instanceof Uint8Array || value instanceof Uint8ClampedArray ? 'uint8' : 'other';
}

/** Equal for calls that differ in nothing but what arrays hold. */
function likenessOf(name, { args, storages }) {
  const shape = args.map(({ kind, value, length, storage, offset }) => {
    // Short integer arrays are sizes, plans and axes.
    const sizes =
      kind === KINDS.int32 && length <= 64
        ? Buffer.from(storages[storage].bytes.subarray(offset, offset + 4 * length)).toString('hex')
        : '';
    return `${kind} ${value} ${length} ${storage} ${offset} ${sizes}`;
  });
  return `${name} ${shape.join(';')}`;
}

function encode(name, likeness, code, { args, storages }, before) {
  const parts = [
    createHash('md5').update(likeness).digest(),
    text(name),
    text(code),
    u16(storages.length),
    u16(args.length),
  ];
  storages.forEach(({ bytes }, i) => {
    const changed = Buffer.compare(before[i], bytes) !== 0;
    parts.push(u32(bytes.length), before[i], Buffer.of(Number(changed)));
    if (changed) parts.push(Buffer.from(bytes));
  });
  for (const { kind, value, storage, offset, length } of args) {
    parts.push(Buffer.of(kind));
    if (kind === KINDS.number) parts.push(f64(value));
    else if (length !== undefined) parts.push(u16(storage), u32(offset), u32(length));
    else if (kind === KINDS.other) parts.push(u16(0xffff), u32(0), u32(0));
  }
  return Buffer.concat([u32(parts.reduce((sum, { length }) => sum + length, 0)), ...parts]);
}

function writeAll(to, bytes) {
  for (let done = 0; done < bytes.length;) done += writeSync(to, bytes, done);
}

const text = (value) => Buffer.concat([Buffer.of(value.length), Buffer.from(value)]);
const sized = (bytes, write) => (value) => {
  const buffer = Buffer.alloc(bytes);
  buffer[write](value);
  return buffer;
};
const u16 = sized(2, 'writeUInt16LE');
const u32 = sized(4, 'writeUInt32LE');
const f64 = sized(8, 'writeDoubleLE');

/** Test runners end their processes by force, so that it is written whenever there is time, too, and replaced as a whole. */
function writeTally() {
  pending = undefined;
  if (file === undefined) return;
  writeFileSync(`${recordPath}.part`, JSON.stringify(tally));
  renameSync(`${recordPath}.part`, `${recordPath}.json`);
}

process.on('exit', writeTally);
