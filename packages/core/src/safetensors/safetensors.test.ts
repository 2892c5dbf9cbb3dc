import { describe, expect, it } from 'vitest';
import golden from '../../test/golden/safetensors.json' with { type: 'json' };
import { CheckpointError } from '../errors.js';
import { decodeSafetensors } from './decode.js';
import { encodeSafetensors } from './encode.js';
import type { SafetensorsEntry } from './format.js';

const reference = Uint8Array.from(Buffer.from(golden.file, 'base64'));

/** A file with this header, as text or JSON, and `length` bytes of data. */
function file(header: unknown, length: number = 0): Uint8Array {
  const json = new TextEncoder().encode(
    typeof header === 'string' ? header : JSON.stringify(header),
  );
  const bytes = new Uint8Array(8 + json.length + length);
  new DataView(bytes.buffer).setUint32(0, json.length, true);
  bytes.set(json, 8);
  return bytes;
}

const f32 = (begin: number, end: number): object => ({
  dtype: 'F32',
  shape: [(end - begin) / 4],
  data_offsets: [begin, end],
});

describe('a file of the reference implementation', () => {
  it('is read to the values that were written', () => {
    const { tensors, metadata } = decodeSafetensors(reference);
    const list = (name: string): unknown[] => [tensors[name]!.dtype, ...tensors[name]!.data];
    expect(metadata).toEqual({ format: 'np' });
    expect(Object.keys(tensors)).toHaveLength(18);
    const f = Math.fround;
    expect(tensors['layer.weight']!.shape).toEqual([2, 3]);
    expect(list('layer.weight')).toEqual(['F32', 1.5, -2.25, f(3e-39), Infinity, -0, f(3.4e38)]);
    expect(tensors['layer.bias']!.shape).toEqual([0, 3]);
    expect(tensors['über']).toEqual({ dtype: 'F32', shape: [], data: Float32Array.of(0.1) });
    expect(list('double')).toEqual(['F64', 0.5, -Infinity, f(1 / 3)]);
    expect(list('long')).toEqual(['I64', 0, -1, 2 ** 31 - 1, -(2 ** 31)]);
    expect(list('unsigned long')).toEqual(['U64', 0, 2 ** 31 - 1]);
    expect(list('unsigned')).toEqual(['U32', 0, 2 ** 31 - 1]);
    expect(list('int')).toEqual(['I32', 0, -1, 2 ** 31 - 1, -(2 ** 31)]);
    expect(list('short')).toEqual(['I16', -1, 2 ** 15 - 1, -(2 ** 15)]);
    expect(list('unsigned short')).toEqual(['U16', 0, 2 ** 16 - 1]);
    expect(list('tiny')).toEqual(['I8', -1, 127, -128]);
    expect(tensors['byte']).toEqual({ dtype: 'U8', shape: [1, 3], data: Uint8Array.of(0, 255, 7) });
    expect(list('bool')).toEqual(['BOOL', 1, 0, 1]);
    const half = tensors['half']!.data;
    expect([...new Uint32Array(half.buffer)]).toEqual(golden.halfBits);
  });

  it('is written back byte for byte, but for float64, which loses digits', () => {
    const { tensors, metadata } = decodeSafetensors(reference);
    const again = encodeSafetensors(tensors, metadata);
    expect(again.length).toBe(reference.length);
    const header = 8 + new DataView(reference.buffer).getUint32(0, true);
    const offsets = JSON.parse(new TextDecoder().decode(reference.subarray(8, header))) as Record<
      string,
      { data_offsets: [number, number] }
    >;
    const [begin, end] = offsets['double']!.data_offsets;
    const without = (bytes: Uint8Array): number[] =>
      [...bytes].filter((_, i) => i < header + begin || i >= header + end);
    expect(without(again)).toEqual(without(reference));
  });
});

describe('encodeSafetensors', () => {
  const tensors: Record<string, SafetensorsEntry> = {
    b: { dtype: 'U8', shape: [3], data: Uint8Array.of(1, 2, 3) },
    a: { dtype: 'F32', shape: [2, 1], data: Float32Array.of(1, Number.NaN) },
    __proto: { dtype: 'I32', shape: [1], data: Int32Array.of(-5) },
  };

  it('writes the same bytes whatever the order, data at a multiple of 8, and reads them back', () => {
    const bytes = encodeSafetensors(tensors, { y: '1', x: 'ü"\n' });
    const { a, b, __proto } = tensors;
    expect(encodeSafetensors({ __proto: __proto!, a: a!, b: b! }, { x: 'ü"\n', y: '1' })).toEqual(
      bytes,
    );
    expect(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8).toBe(0);
    const read = decodeSafetensors(bytes);
    expect(read).toEqual({ tensors, metadata: { x: 'ü"\n', y: '1' } });
    expect(encodeSafetensors(read.tensors, read.metadata)).toEqual(bytes);
  });

  it('copies: neither file nor tensors see later changes, wherever they lie in their buffers', () => {
    const data = new Float32Array(8).subarray(3, 5).fill(7);
    const bytes = encodeSafetensors({ x: { dtype: 'F32', shape: [2], data } });
    data[0] = 0;
    const shifted = new Uint8Array(bytes.length + 1).subarray(1);
    shifted.set(bytes);
    const read = decodeSafetensors(shifted).tensors['x']!.data;
    shifted.fill(0);
    expect([...read]).toEqual([7, 7]);
  });

  it('keeps names that objects treat specially', () => {
    const named = Object.fromEntries(
      ['__proto__', 'constructor', '1', '0', 'a"b\\', ''].map((name, i) => [
        name,
        { dtype: 'F32', shape: [], data: Float32Array.of(i) } as const,
      ]),
    );
    const { tensors } = decodeSafetensors(encodeSafetensors(named));
    expect(Object.entries(tensors).sort()).toEqual(Object.entries(named).sort());
  });

  it('rounds 16-bit floats to nearest, ties to even', () => {
    const cases = [
      65504,
      65519.996,
      65520,
      1e-8,
      2 ** -25,
      2 ** -24,
      3 * 2 ** -26,
      2 ** -14 - 2 ** -26,
      1 + 2 ** -11,
      1 + 3 * 2 ** -11,
      -0.1,
    ];
    const read = (dtype: 'F16' | 'BF16', data: Float32Array): number[] => {
      const entry = { x: { dtype, shape: [data.length], data } };
      return [...decodeSafetensors(encodeSafetensors(entry)).tensors['x']!.data];
    };
    expect(read('F16', Float32Array.from(cases))).toEqual([
      65504,
      65504,
      Infinity,
      0,
      0,
      2 ** -24,
      2 ** -24,
      2 ** -14,
      1,
      1 + 2 ** -9,
      -0.0999755859375,
    ]);
    expect(
      read(
        'BF16',
        Float32Array.of(1 + 2 ** -8, 1 + 3 * 2 ** -8, 3.4e38, -Infinity, Number.NaN, 1e-40),
      ),
    ).toEqual([1, 1 + 2 ** -6, Infinity, -Infinity, Number.NaN, 2 ** -133]);
    // Every float16 is itself again.
    const all = Uint16Array.from({ length: 2 ** 16 }, (_, i) => i);
    const bytes = encodeSafetensors({
      x: { dtype: 'F16', shape: [2 ** 16], data: new Float32Array(2 ** 16) },
    });
    bytes.set(new Uint8Array(all.buffer), bytes.length - 2 ** 17);
    expect(encodeSafetensors(decodeSafetensors(bytes).tensors)).toEqual(bytes);
  });

  it('writes an empty file', () => {
    expect(decodeSafetensors(encodeSafetensors({}))).toEqual({ tensors: {}, metadata: {} });
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    [
      'another length',
      { x: { dtype: 'F32', shape: [3], data: new Float32Array(2) } },
      /'x'.*\[3\] and 2/,
    ],
    [
      'a negative size',
      { x: { dtype: 'F32', shape: [-1, -2], data: new Float32Array(2) } },
      /shape/,
    ],
    ['another class', { x: { dtype: 'F32', shape: [1], data: Int32Array.of(1) } }, /Float32Array/],
    [
      'an unknown type',
      { x: { dtype: 'F23', shape: [1], data: new Float32Array(1) } },
      /'F23'.*Did you mean/,
    ],
    [
      'a number too large',
      { x: { dtype: 'I8', shape: [1], data: Int32Array.of(128) } },
      /127.*Received: 128/,
    ],
    [
      'a negative number',
      { x: { dtype: 'U64', shape: [1], data: Int32Array.of(-1) } },
      /Received: -1/,
    ],
    [
      'a reserved name',
      { __metadata__: { dtype: 'F32', shape: [], data: new Float32Array(1) } },
      /Rename/,
    ],
  ])('refuses %s', (_, bad, message) => {
    const attempt = (): unknown => encodeSafetensors(bad as Record<string, SafetensorsEntry>);
    expect(attempt).toThrow(CheckpointError);
    expect(attempt).toThrow(message);
  });

  it('refuses metadata that is not text', () => {
    expect(() => encodeSafetensors({}, { n: 1 as unknown as string })).toThrow(/'n' is number 1/);
  });
});

describe('decodeSafetensors refuses', () => {
  const cases: [string, Uint8Array, RegExp][] = [
    ['too few bytes', Uint8Array.of(1, 2, 3), /3 bytes.*truncated/],
    [
      'a header longer than the file',
      file('{}').with(0, 200),
      /header of 200 bytes in a file of 10/,
    ],
    [
      'a header longer than any',
      file('{}').fill(255, 0, 8),
      /at most 100000000.*18446744073709551615/,
    ],
    ['a zip archive', Uint8Array.of(0x50, 0x4b, 3, 4, 9, 9, 9, 9, 9), /torch\.save/],
    ['an HDF5 file', Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0xd, 0xa, 0x1a, 0xa, 0), /HDF5/],
    ['what is not JSON', file('{"x":'), /header is JSON/],
    ['what is not UTF-8', file('{"x":1}').with(10, 0xff), /header is JSON/],
    ['an array', file('[]'), /JSON object/],
    [
      'a name twice',
      file(`{"x":${JSON.stringify(f32(0, 4))},"x" : ${JSON.stringify(f32(0, 4))}}`, 4),
      /'x' twice/,
    ],
    [
      'an escaped name twice',
      file(`{"a":${JSON.stringify(f32(0, 4))},"\\u0061":${JSON.stringify(f32(0, 4))}}`, 4),
      /'a' twice/,
    ],
    ['a key twice in metadata', file('{"__metadata__":{"k":"{","k":"}"}}'), /'k' twice/],
    ['metadata that is not text', file({ __metadata__: { n: 1 } }), /text by name.*\{"n":1\}/],
    ['a tensor that is a number', file({ x: 1 }), /'x'.*1/],
    ['no offsets', file({ x: { dtype: 'F32', shape: [1] } }, 4), /data_offsets/],
    [
      'three offsets',
      file({ x: { dtype: 'F32', shape: [1], data_offsets: [0, 4, 8] } }, 4),
      /data_offsets/,
    ],
    [
      'a negative size',
      file({ x: { dtype: 'F32', shape: [-1], data_offsets: [4, 0] } }, 4),
      /dtype, shape/,
    ],
    [
      'a fractional offset',
      file({ x: { dtype: 'F32', shape: [1], data_offsets: [0.5, 4.5] } }, 4),
      /dtype, shape/,
    ],
    [
      'an unknown type',
      file({ x: { dtype: 'F8_E4M3', shape: [4], data_offsets: [0, 4] } }, 4),
      /'F8_E4M3'/,
    ],
    [
      'a type of the prototype',
      file({ x: { dtype: 'toString', shape: [4], data_offsets: [0, 4] } }, 4),
      /dtype/,
    ],
    [
      'a shape of another size',
      file({ x: { dtype: 'F32', shape: [3], data_offsets: [0, 8] } }, 8),
      /12 bytes.*\[0, 8\]/,
    ],
    [
      'a shape beyond all numbers',
      file({ x: { dtype: 'F32', shape: [2 ** 40, 2 ** 40], data_offsets: [0, 0] } }),
      /'x'/,
    ],
    [
      'overlapping tensors',
      file({ x: f32(0, 8), y: f32(4, 12) }, 12),
      /'y' begins at byte 4.*overlap/,
    ],
    [
      'a hole between tensors',
      file({ x: f32(0, 4), y: f32(8, 12) }, 12),
      /'y' begins at byte 8.*hole/,
    ],
    ['a hole before the first', file({ x: f32(4, 8) }, 8), /'x' begins at byte 4.*hole/],
    ['data that end too soon', file({ x: f32(0, 8) }, 7), /8 bytes.*Received: 7.*truncated/],
    ['data that go on', file({ x: f32(0, 8) }, 9), /Received: 9.*appended/],
    [
      'integers beyond int32',
      file({ x: { dtype: 'I64', shape: [1], data_offsets: [0, 8] } }, 8).fill(0x7f, -8),
      /9187201950435737471.*'x'/,
    ],
    [
      'unsigned beyond int32',
      file({ x: { dtype: 'U32', shape: [1], data_offsets: [0, 4] } }, 4).fill(0x80, -4),
      /2155905152/,
    ],
  ];
  it.each(cases)('%s', (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes)).toThrow(CheckpointError);
    expect(() => decodeSafetensors(bytes)).toThrow(message);
  });

  it('anything but bytes', () => {
    expect(() => decodeSafetensors('x' as unknown as Uint8Array)).toThrow(CheckpointError);
  });

  it('every truncation of a good file', () => {
    for (let length = 0; length < reference.length; length++) {
      expect(() => decodeSafetensors(reference.subarray(0, length))).toThrow(CheckpointError);
    }
  });

  it('damage with a CheckpointError or not at all', () => {
    for (let i = 0; i < 1800; i++) {
      const bytes = reference.slice();
      bytes[i % bytes.length]! ^= 1 << (i % 7);
      try {
        decodeSafetensors(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(CheckpointError);
      }
    }
  });
});
