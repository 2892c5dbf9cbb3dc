// Loaded before a program (NODE_OPTIONS=--require): stands between it and the addon.
//   STRATA_CHECK_ADDON   load this build in the place of dist/native/strata-cpu.node
//   STRATA_CHECK_RECORD  write the kernel calls of the best instruction set into files in this folder
// The file format is read by native/test/recording.h. All numbers are little-endian:
//   call      name length u8, name, error code length u8, error code ('' when it returned), storages u16, arguments u16
//   storage   bytes u32, bytes before the call, changed u8, if changed: bytes after it
//   argument  kind u8 (as ArgumentKind), then for a number f64, for an array: storage u16, byte offset u32, length u32
// A storage is memory that arguments share: arrays that overlap are views of one.
'use strict';
const { closeSync, openSync, writeSync } = require('node:fs');
const { join } = require('node:path');
const { threadId } = require('node:worker_threads');

const { STRATA_CHECK_ADDON: replacement, STRATA_CHECK_RECORD: folder } = process.env;
const KINDS = { absent: 0, number: 1, float32: 2, int32: 3, uint8: 4, other: 5 };

/** Calls that differ in nothing but the contents of arrays: as many of them are kept. */
const ALIKE = 3;
/** Calls on more memory than this are left out. */
const LARGEST = 32 << 20;

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

let file;
const seen = new Map();

function recorded(name, kernel) {
  return (...values) => {
    const call = describe(values);
    if (!call || !isNew(name, call)) return kernel(...values);
    const before = call.storages.map(({ bytes }) => Buffer.from(bytes));
    let code = '';
    try {
      return kernel(...values);
    } catch (error) {
      code = error.code ?? 'none';
      throw error;
    } finally {
      file ??= openSync(join(folder, `${process.pid}-${threadId}.calls`), 'w');
      writeSync(file, encode(name, code, call, before));
    }
  };
}

/** The arguments, and the storages that they lie in. Undefined for what the driver cannot pass on, or too much memory. */
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
  const total = storages.reduce((sum, { bytes }) => sum + bytes.length, 0);
  return total > LARGEST ? undefined : { args, storages };
}

function kindOf(value) {
  if (value instanceof Float32Array) return 'float32';
  if (value instanceof Int32Array) return 'int32';
  return value instanceof Uint8Array || value instanceof Uint8ClampedArray ? 'uint8' : 'other';
}

function isNew(name, { args, storages }) {
  const shape = args.map(({ kind, value, length, storage, offset }) => {
    // Short integer arrays are sizes, plans and axes.
    const sizes =
      kind === KINDS.int32 && length <= 64
        ? Buffer.from(storages[storage].bytes.subarray(offset, offset + 4 * length)).toString('hex')
        : '';
    return `${kind} ${value} ${length} ${storage} ${offset} ${sizes}`;
  });
  const key = `${name} ${shape.join(';')}`;
  const count = seen.get(key) ?? 0;
  seen.set(key, count + 1);
  return count < ALIKE;
}

function encode(name, code, { args, storages }, before) {
  const parts = [text(name), text(code), u16(storages.length), u16(args.length)];
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
  return Buffer.concat(parts);
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

process.on('exit', () => file !== undefined && closeSync(file));
