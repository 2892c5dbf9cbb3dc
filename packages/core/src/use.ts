/** Choosing the engine. */
import { setBackend, version_core } from '@tensorflow/tfjs-core';
import { describe, engine } from './engine.js';
import { BackendError, ConfigError } from './errors.js';
import { installExtensionKernels } from './extension/install.js';
import { watchLeaksInDevelopment } from './leak-watch.js';
import { nearest } from './nearest.js';
import { registerCoreGradients } from './ops/gradients.js';
import { type BackendPlugin, type DeviceInfo, type OpenBackend, PLUGIN_SPEC } from './plugin.js';
import { installSymbolDispose } from './symbol-dispose.js';

/** Which engine runs, and why not the ones named before it. */
export interface Used {
  readonly name: string;
  readonly info: DeviceInfo;
  /** The engines that were named before and cannot run, in order, each with its reason. */
  readonly passedOver: readonly { readonly name: string; readonly reason: string }[];
}

interface Opened {
  readonly plugin: BackendPlugin;
  readonly backend: OpenBackend;
}

// Opened once per process; shared between copies of core, as tfjs's own registries are.
const opened: Map<string, Opened> = ((globalThis as Record<symbol, unknown>)[
  Symbol.for('strata.backends')
] ??= new Map()) as Map<string, Opened>;

/**
 * Makes the first of the engines that can run here the active one. Tensors made before stay with
 * their engine.
 *
 * @throws BackendError when none can run, listing each engine's reason.
 * @throws ConfigError when a plugin is not one, or speaks another version of the interface.
 */
export async function use(...plugins: BackendPlugin[]): Promise<Used> {
  if (plugins.length === 0) {
    throw new ConfigError(
      'use() needs an engine. Received: none. Pass one, for example use(cpu()).',
    );
  }
  for (const plugin of plugins) checkPlugin(plugin, 'backend');
  const passedOver: { name: string; reason: string }[] = [];
  for (const plugin of plugins) {
    const reason = opened.has(plugin.name) ? null : await plugin.probe();
    if (reason !== null) {
      passedOver.push({ name: plugin.name, reason });
      continue;
    }
    const { backend } = opened.get(plugin.name) ?? (await open(plugin));
    if (!(await setBackend(plugin.name)) || engine().backendName !== plugin.name) {
      throw new BackendError(
        `The engine '${plugin.name}' did not become active after it opened. Active: '${engine().backendName}'. ` +
          'Its open() must register a tfjs backend under its own name.',
      );
    }
    return { name: plugin.name, info: backend.describe(), passedOver };
  }
  throw new BackendError(
    'None of the engines given to use() can run here:\n' +
      passedOver.map(({ name, reason }) => `  ${name}: ${reason}`).join('\n') +
      '\nAdd one that can, for example cpu() of @stratajs/backend-cpu, which always runs.',
  );
}

/** The active engine: its name and what it says of itself, or null before the first `use()`. */
export function activeBackend(): { readonly name: string; readonly info: DeviceInfo } | null {
  const name = engine().backendName;
  const active = name === null ? undefined : opened.get(name);
  return active ? { name: active.plugin.name, info: active.backend.describe() } : null;
}

/** The active engine as it was opened. */
export function openedBackend(): OpenBackend | undefined {
  return opened.get(engine().backendName ?? '')?.backend;
}

/** Names the plugin's fault when it is not one of this interface's version. */
export function checkPlugin(plugin: unknown, kind: 'backend' | 'models'): void {
  const call = kind === 'backend' ? 'use()' : 'register()';
  if (typeof plugin !== 'object' || plugin === null) {
    throw new ConfigError(
      `${call} takes plugins. Received: ${describe(plugin)}.` +
        (typeof plugin === 'function'
          ? ' Call it: a backend package exports a function that makes its plugin.'
          : ''),
    );
  }
  const {
    spec,
    name,
    kind: received,
  } = plugin as { spec?: unknown; name?: unknown; kind?: unknown };
  if (spec !== PLUGIN_SPEC) {
    throw new ConfigError(
      `The plugin '${String(name)}' speaks interface ${describe(spec)}, this core speaks '${PLUGIN_SPEC}'. ` +
        'Install versions of both that agree.',
    );
  }
  if (typeof name !== 'string' || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    throw new ConfigError(
      `A plugin's name is lower case with hyphens, for example 'my-engine'. Received: ${describe(name)}.`,
    );
  }
  if (received !== kind) {
    throw new ConfigError(
      `${call} takes plugins of kind '${kind}'. Received: '${name}' of kind ${describe(received)}.` +
        nearest(String(received), ['backend', 'models']),
    );
  }
}

async function open(plugin: BackendPlugin): Promise<Opened> {
  installSymbolDispose();
  watchLeaksInDevelopment();
  await import('#gradients');
  registerCoreGradients();
  let backend: OpenBackend;
  try {
    backend = await plugin.open();
  } catch (cause) {
    if (cause instanceof BackendError) throw cause;
    throw new BackendError(
      `The engine '${plugin.name}' failed to open: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
  const registered = (engine() as unknown as { registryFactory: Record<string, unknown> })
    .registryFactory;
  if (!(plugin.name in registered)) {
    throw new BackendError(
      `The engine '${plugin.name}' registered nothing with this program's @tensorflow/tfjs-core ${version_core}. ` +
        'Two copies of tfjs-core are installed: `npm ls @tensorflow/tfjs-core` shows them; keep 4.22.0.',
    );
  }
  installExtensionKernels(plugin.name);
  const entry = { plugin, backend };
  opened.set(plugin.name, entry);
  return entry;
}

/** Closes every engine that was opened; the next `use()` opens anew. */
export async function closeBackends(): Promise<void> {
  for (const { backend } of opened.values()) await backend.close();
  opened.clear();
}
