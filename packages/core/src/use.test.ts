import { registerBackend, removeBackend } from '@tensorflow/tfjs-core';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { BackendError, ConfigError } from './errors.js';
import { type BackendPlugin, PLUGIN_SPEC } from './plugin.js';
import { activeBackend, closeBackends, use } from './use.js';

function plugin(name: string, changes: Partial<BackendPlugin> = {}): BackendPlugin {
  return {
    spec: PLUGIN_SPEC,
    kind: 'backend',
    name,
    gaps: {},
    probe: () => Promise.resolve(null),
    open: () => {
      registerBackend(name, () => Object.assign(new MathBackendCPU(), { firstUse: false }));
      return Promise.resolve({
        describe: () => ({ tier: 'test', description: name, whyNotHigher: null }),
        close: () => {
          removeBackend(name);
          return Promise.resolve();
        },
      });
    },
    ...changes,
  };
}

afterEach(() => closeBackends());

describe('use()', () => {
  it('takes the first engine that can run, and says why the others cannot', async () => {
    const used = await use(
      plugin('first', { probe: () => Promise.resolve('no such device') }),
      plugin('second'),
      plugin('third'),
    );
    expect(used.name).toBe('second');
    expect(used.passedOver).toEqual([{ name: 'first', reason: 'no such device' }]);
    expect(activeBackend()).toEqual({ name: 'second', info: used.info });
  });

  it('opens an engine once, and switches back to it', async () => {
    const a = plugin('engine-a');
    const open = vi.spyOn(a, 'open');
    await use(a);
    await use(plugin('engine-b'));
    expect((await use(a)).name).toBe('engine-a');
    expect(open).toHaveBeenCalledTimes(1);
  });

  it('lists every reason when none can run', async () => {
    const blocked = (reason: string): Partial<BackendPlugin> => ({
      probe: () => Promise.resolve(reason),
    });
    const failing = use(plugin('one', blocked('no driver')), plugin('two', blocked('no adapter')));
    await expect(failing).rejects.toThrow(BackendError);
    await expect(failing).rejects.toThrow(/one: no driver\n.*two: no adapter/);
  });

  it.each([
    ['nothing', [], /needs an engine/],
    ['a function that makes a plugin', [() => plugin('x')], /Call it/],
    ['null', [null], /takes plugins. Received: null/],
    [
      'another interface version',
      [plugin('later', { spec: 'v2' as never })],
      /'later' speaks interface 'v2', this core speaks 'v1'/,
    ],
    [
      'a name that breaks the registry',
      [plugin('my_engine')],
      /lower case with hyphens.*'my_engine'/,
    ],
    [
      'a family',
      [plugin('family', { kind: 'models' as never })],
      /kind 'backend'. Received: 'family' of kind 'models'/,
    ],
  ])('refuses %s', async (_, plugins, message) => {
    const using = use(...(plugins as BackendPlugin[]));
    await expect(using).rejects.toThrow(ConfigError);
    await expect(using).rejects.toThrow(message);
  });

  it('says so when open() fails, and when it registers nothing', async () => {
    const cause = new Error('driver lost');
    const failing = use(plugin('broken', { open: () => Promise.reject(cause) }));
    await expect(failing).rejects.toThrow(/'broken' failed to open: driver lost/);
    await expect(failing).rejects.toMatchObject({ cause });
    const open: BackendPlugin['open'] = () =>
      Promise.resolve({
        describe: () => ({ tier: 'x', description: '', whyNotHigher: null }),
        close: () => Promise.resolve(),
      });
    await expect(use(plugin('absent', { open }))).rejects.toThrow(
      /registered nothing.*Two copies/s,
    );
  });
});
