import { BackendError } from '@stratajs/core';
import { describe, expect, it } from 'vitest';
import { BufferPool } from './buffer-pool.js';

const pool = (limit = 2 ** 30): BufferPool => new BufferPool((n) => new ArrayBuffer(n), limit);

describe('BufferPool', () => {
  it('gives views of exactly the length and type asked for', () => {
    const p = pool();
    for (const length of [0, 1, 15, 16, 17, 100, 1000, 12345]) {
      const { view } = p.take('float32', length);
      expect(view).toBeInstanceOf(Float32Array);
      expect(view.length).toBe(length);
    }
    expect(p.take('int32', 3).view).toBeInstanceOf(Int32Array);
    expect(p.take('bool', 3).view).toBeInstanceOf(Uint8Array);
  });

  it('wastes at most a quarter, and keeps classes apart', () => {
    for (let length = 17; length < 20_000; length += 7) {
      const { buffer } = pool().take('float32', length);
      expect(buffer.byteLength).toBeGreaterThanOrEqual(length * 4);
      expect(buffer.byteLength).toBeLessThanOrEqual(Math.ceil((length * 4 * 1.25) / 64) * 64 + 64);
    }
  });

  it('takes what was handed back again, under any type', () => {
    const p = pool();
    const first = p.take('float32', 100);
    p.give(first);
    const second = p.take('float32', 100);
    expect(second.view).toBe(first.view);
    p.give(second);
    const third = p.take('int32', 98);
    expect(third.buffer).toBe(first.buffer);
    expect(third.view).toBeInstanceOf(Int32Array);
    expect(third.view.length).toBe(98);
    expect(p.take('float32', 100).buffer).not.toBe(first.buffer);
  });

  it('never takes what others still see', () => {
    const p = pool();
    const block = p.take('float32', 100);
    p.escape((block.view as Float32Array).subarray(3, 5));
    p.give(block);
    expect(p.take('float32', 100).buffer).not.toBe(block.buffer);
    p.escape(new Float32Array(4)); // memory of others
  });

  it('keeps no more than its limit', () => {
    const p = pool(1000);
    const blocks = [1, 2, 3, 4].map(() => p.take('float32', 100));
    for (const block of blocks) p.give(block);
    expect(p.waiting).toBeLessThanOrEqual(1000);
    p.clear();
    expect(p.waiting).toBe(0);
  });

  it('lets go of what waits before it gives up', () => {
    let left = 2;
    const p = new BufferPool((n) => {
      if (left-- <= 0) throw new Error('none left');
      return new ArrayBuffer(n);
    }, 2 ** 30);
    p.give(p.take('float32', 10));
    p.take('float32', 10_000);
    p.give(p.take('float32', 10));
    expect(() => p.take('float32', 20_000)).toThrow(BackendError);
    expect(() => p.take('float32', 20_000)).toThrow(/20000 float32 elements, 0\.1 MiB/);
    expect(p.waiting).toBe(0);
  });
});
