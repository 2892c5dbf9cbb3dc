import { BackendError, closeBackends, use } from '@stratajs/core';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpu } from '../src/index.js';
import { addon } from './addon.js';
import { native } from './both.js';

const kernel = (name: string, inputs: object, attrs: object = {}): tf.Tensor =>
  tf.engine().runKernel(name, inputs as never, attrs as never) as tf.Tensor;
const blockOf = (t: tf.Tensor): unknown => native().data.get(t.dataId).block;

const withoutAddon = ['wasm', 'javascript'] as const;

describe.each(addon ? (['native', ...withoutAddon] as const) : withoutAddon)(
  'storage of the %s tier',
  (tier) => {
    beforeAll(async () => {
      await use(cpu({ tier, threads: 2 }));
      if (native().pool) native().pool!.poison = true;
    });
    afterAll(closeBackends);

    it('reads are copies', async () => {
      const x = tf.relu(tf.tensor1d([1, 2, 3]));
      for (const read of [await x.data(), x.dataSync(), native().readSync(x.dataId)]) {
        (read as Float32Array).fill(9);
      }
      expect([...x.dataSync()]).toEqual([1, 2, 3]);
      const flag = tf.greater(x, 2);
      flag.dataSync().fill(1);
      expect([...(await flag.data())]).toEqual([0, 0, 1]);
    });

    it('a read survives the tensor', async () => {
      const x = tf.relu(tf.tensor1d([1, 2, 3]));
      const read = x.data();
      x.dispose();
      const y = tf.add(tf.tensor1d([4, 5, 6]), 0);
      expect([...(await read)]).toEqual([1, 2, 3]);
      y.dispose();
    });

    it('storage has the type of its dtype', () => {
      const n = native();
      const types = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };
      const x = tf.tensor1d([0, 1, 2], 'int32');
      const made = [
        tf.oneHot(x, 3),
        tf.cast(x, 'float32'),
        tf.cast(x, 'bool'),
        tf.cast(tf.cast(x, 'bool'), 'float32'),
        kernel('Abs', { x }),
        kernel('Square', { x }),
        tf.real(tf.complex(tf.cast(x, 'float32'), tf.cast(x, 'float32'))),
        tf.concat([tf.slice(x, 0, 0), tf.slice(x, 0, 0)]),
      ];
      for (const t of made) {
        expect(t.dataSync()).toBeInstanceOf(types[t.dtype as keyof typeof types]);
        if (tier === 'wasm') continue;
        expect(n.values(t)).toBeInstanceOf(types[t.dtype as keyof typeof types]);
        expect(n.values(t).length).toBe(t.size);
      }
    });

    it('complex and string tensors', async () => {
      const re = tf.add(tf.tensor1d([1, 2]), 1);
      const z = tf.complex(re, tf.tensor1d([3, 4]));
      re.dispose();
      const other = tf.add(tf.tensor1d([7, 7]), 0);
      expect([...(await z.data())]).toEqual([2, 3, 3, 4]);
      expect([...tf.real(z).dataSync()]).toEqual([2, 3]);
      other.dispose();
      const words = tf.tensor1d(['a', 'ä']);
      expect(await words.data()).toEqual(['a', 'ä']);
      expect(tf.concat([words, words]).dataSync()).toEqual(['a', 'ä', 'a', 'ä']);
    });

    it('tensors of another engine move here', async () => {
      Object.assign(tf.engine().findBackend('cpu'), { firstUse: false });
      await tf.setBackend('cpu');
      const foreign = tf.tensor1d([1, 2, 3]);
      await tf.setBackend('strata-cpu');
      expect([...tf.add(foreign, 1).dataSync()]).toEqual([2, 3, 4]);
      await tf.setBackend('cpu');
      expect([...tf.mul(foreign, 2).dataSync()]).toEqual([2, 4, 6]);
      await tf.setBackend('strata-cpu');
      foreign.dispose();
    });

    it('a request that no machine meets', () => {
      const before = native().numDataIds();
      expect(() => tf.fill([100_000, 100_000, 10], 1)).toThrow(BackendError);
      expect(() => kernel('LinSpace', {}, { start: 0, stop: 1, num: 1e15 })).toThrow(BackendError);
      expect(() => tf.fill([100_000, 100_000, 10], 1)).toThrow(
        tier === 'native' ? /at most 2\^31 − 1 elements/ : /ran out of memory/,
      );
      expect(native().numDataIds()).toBe(before);
      expect([...tf.fill([2], 1).dataSync()]).toEqual([1, 1]);
    });

    it('random programs compute what they should', () => {
      let state = 12345;
      const next = (below: number): number => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return Math.floor((state / 2 ** 32) * below);
      };
      interface Held {
        readonly t: tf.Tensor;
        readonly values: Float32Array;
      }
      let live: Held[] = [];
      const hold = (t: tf.Tensor): void => {
        // Whatever a later step writes into this memory shows as a difference.
        live.push({ t, values: t.dataSync().slice() as Float32Array });
      };
      const before = native().numDataIds();
      for (let step = 0; step < 3000; step++) {
        const x = live[next(live.length)]?.t;
        if (x === undefined || live.length < 4) {
          const start = Array.from({ length: 12 }, () => next(9));
          hold(tf.tidy(() => tf.add(tf.tensor2d(start, [3, 4]), 0)));
          continue;
        }
        const flat = tf.reshape(x, [-1]);
        const made = [
          (): tf.Tensor[] => [tf.relu(x)],
          (): tf.Tensor[] => [tf.add(x, 1)],
          (): tf.Tensor[] => [x.clone()],
          (): tf.Tensor[] => [tf.reshape(x, [-1])],
          (): tf.Tensor[] => [tf.slice(flat, 1, 3)],
          (): tf.Tensor[] => tf.split(flat, [1, flat.size - 1]),
          (): tf.Tensor[] => tf.unstack(tf.slice(flat, 0, 4)),
          (): tf.Tensor[] => [tf.real(tf.complex(flat, flat))],
          (): tf.Tensor[] => [tf.imag(tf.cast(tf.complex(flat, flat), 'complex64'))],
          (): tf.Tensor[] => [tf.minimum(tf.cumsum(flat), 100)],
          (): tf.Tensor[] => [tf.slice(tf.mirrorPad(flat, [[1, 1]], 'reflect'), 0, 5)],
          (): tf.Tensor[] => [tf.cast(tf.cast(x, 'int32'), 'float32')],
          (): tf.Tensor[] => [tf.slice(tf.concat([flat, flat]), 2, 5)],
          (): tf.Tensor[] => [tf.concat([tf.topk(flat, 2).values, flat])],
          (): tf.Tensor[] => [tf.where(tf.greater(flat, 2), flat, tf.neg(flat))],
        ];
        const kept = tf.tidy(() => made[next(made.length)]!());
        flat.dispose();
        // Sizes stay small whatever the sequence.
        for (const t of kept) {
          if (t.size >= 4 && t.size <= 16) hold(t);
          else t.dispose();
        }
        while (live.length > 12) live.splice(next(live.length), 1)[0]!.t.dispose();
        if (step % 50 === 0) for (const { t, values } of live) expect(t.dataSync()).toEqual(values);
      }
      for (const { t, values } of live) expect(t.dataSync()).toEqual(values);
      for (const { t } of live) t.dispose();
      live = [];
      expect(native().numDataIds()).toBe(before);
    });

    if (tier !== 'native') return;

    it('memory goes round', () => {
      const x = tf.add(tf.ones([100]), 1);
      const block = blockOf(x);
      expect(block).not.toBeNull();
      const again = x.clone();
      x.dispose();
      const other = tf.add(tf.ones([100]), 2);
      expect(blockOf(other)).not.toBe(block);
      again.dispose();
      const third = tf.add(tf.ones([100]), 2);
      expect(blockOf(third)).toBe(block);
    });

    it('memory that JavaScript kernels alias leaves the pool', () => {
      const x = tf.add(tf.ones([8]), 1);
      const block = blockOf(x) as { escaped: boolean };
      // As they make their results.
      const z = native().makeTensorInfo([2, 4], 'float32', native().values(x));
      expect(block.escaped).toBe(true);
      expect(native().mayOverwrite(x)).toBe(false);
      x.dispose();
      native().disposeData(z.dataId);
      const y = tf.add(tf.ones([8]), 1);
      expect(blockOf(y)).not.toBe(block);
    });
  },
);
