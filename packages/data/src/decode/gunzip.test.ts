import { gzipSync } from 'node:zlib';
import { DataError } from '@stratajs/core';
import { describe, expect, it } from 'vitest';
import { gunzip } from './gunzip.js';

const plain = Uint8Array.from({ length: 100_000 }, (_, i) => (i * i) % 251);
const packed = new Uint8Array(gzipSync(plain));

describe('gunzip', () => {
  it('gives back what was packed, up to the limit itself', async () => {
    expect(await gunzip(packed, plain.length, 'a.gz')).toEqual(plain);
  });

  it('refuses to unpack more than the limit', async () => {
    await expect(gunzip(packed, plain.length - 1, 'a.gz')).rejects.toThrow(
      /a\.gz may unpack to 99999 bytes at most/,
    );
  });

  it.each([0, 1])('refuses %i bytes', async (n) => {
    await expect(gunzip(packed.slice(0, n), 10, 'a.gz')).rejects.toThrow(/begins with.*a\.gz/);
  });

  it('refuses bytes that are no gzip', async () => {
    await expect(gunzip(plain, 1e6, 'a.gz')).rejects.toThrow(/1f 8b.*Received: 00 01 in a\.gz/);
  });

  it.each([10, 500, packed.length - 9, packed.length - 1])(
    'refuses a file cut short to %i bytes',
    async (n) => {
      const error = await gunzip(packed.slice(0, n), 1e6, 'a.gz').catch((e: unknown) => e);
      expect(error).toBeInstanceOf(DataError);
      expect((error as Error).message).toMatch(/a\.gz cannot be unpacked/);
    },
  );

  it.each([200, packed.length - 8, packed.length - 4])(
    'refuses a flipped bit in byte %i',
    async (i) => {
      const damaged = packed.slice();
      damaged[i]! ^= 4;
      await expect(gunzip(damaged, 1e6, 'a.gz')).rejects.toBeInstanceOf(DataError);
    },
  );
});
