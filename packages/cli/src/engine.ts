/** The engines that the commands can compute on. */
import { cpu } from '@stratajs/backend-cpu';
import { type BackendPlugin, ConfigError, nearest, type Used, use } from '@stratajs/core';

/** What makes each engine, by its name; the first that can run is used unless one is named. */
export const ENGINES: Readonly<Record<string, () => BackendPlugin>> = {
  'strata-cpu': cpu,
};

/**
 * Opens an engine, and says on stderr when it is slower than it could be.
 *
 * @param name only this one. Default: the first that can run.
 * @throws ConfigError for an unknown name.
 */
export async function openEngine(name?: string): Promise<Used> {
  if (name !== undefined && !Object.hasOwn(ENGINES, name)) {
    throw new ConfigError(
      `Unknown backend. Received: '${name}'.${nearest(name, Object.keys(ENGINES))}`,
    );
  }
  const makers = name === undefined ? Object.values(ENGINES) : [ENGINES[name]!];
  const used = await use(...makers.map((make) => make()));
  const { whyNotHigher } = used.info;
  if (whyNotHigher) console.error(`slower than it could be: ${whyNotHigher}`);
  return used;
}
