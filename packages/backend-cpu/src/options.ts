import { ConfigError } from '@stratajs/core';

/** Ways in which this engine runs, the fastest first. */
const TIERS = ['native', 'wasm', 'javascript'] as const;
export type Tier = (typeof TIERS)[number];

/** Instruction sets that the native tier can be told to use. */
export const ISAS = ['avx512', 'avx2', 'neon', 'generic'] as const;
export type Isa = (typeof ISAS)[number];

/** What was asked for; `undefined` leaves the choice to the machine. */
export interface CpuSettings {
  readonly tier: Tier | undefined;
  readonly threads: number | undefined;
  readonly isa: Isa | undefined;
  readonly wasmPath: string | undefined;
}

const MOST_THREADS = 256;

/**
 * The options of `cpu()`, each of them but the path else from the environment: STRATA_CPU_TIER,
 * STRATA_THREADS, STRATA_ISA.
 *
 * @throws ConfigError for an unknown option or a value outside what is allowed.
 */
export function settingsOf(options: object): CpuSettings {
  const known = ['tier', 'threads', 'isa', 'wasmPath'];
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw new ConfigError(
        `cpu() takes the options ${known.join(', ')}. Received: '${name}'. Leave it out.`,
      );
    }
  }
  const given = options as Readonly<Record<keyof CpuSettings, unknown>>;
  return {
    tier: oneOf(TIERS, given.tier, 'tier', 'STRATA_CPU_TIER'),
    threads: threadsOf(given.threads),
    isa: oneOf(ISAS, given.isa, 'isa', 'STRATA_ISA'),
    wasmPath: folderOf(given.wasmPath),
  };
}

function folderOf(option: unknown): string | undefined {
  if (option === undefined || option === null) return undefined;
  if (typeof option === 'string' && option !== '') return option.replace(/\/?$/, '/');
  throw new ConfigError(
    "The option 'wasmPath' is the folder or address where the .wasm files lie. " +
      `Received: ${shown(option)}. Leave it out to take those of @tensorflow/tfjs-backend-wasm.`,
  );
}

function oneOf<T extends string>(
  values: readonly T[],
  option: unknown,
  name: string,
  variable: string,
): T | undefined {
  const value = option ?? environment(variable);
  if (value === undefined) return undefined;
  const found = values.find((v) => v === value);
  if (found !== undefined) return found;
  const source = option === undefined || option === null ? variable : `The option '${name}'`;
  throw new ConfigError(
    `${source} is one of ${values.map((v) => `'${v}'`).join(', ')}. Received: ${shown(value)}. ` +
      'Leave it out to let the machine decide.',
  );
}

function threadsOf(option: unknown): number | undefined {
  const text = environment('STRATA_THREADS');
  const fromOption = option !== undefined && option !== null;
  if (!fromOption && text === undefined) return undefined;
  const value = fromOption ? option : Number(text);
  if (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MOST_THREADS) {
    return value as number;
  }
  throw new ConfigError(
    `${fromOption ? "The option 'threads'" : 'STRATA_THREADS'} is a whole number from 1 to ${MOST_THREADS}. ` +
      `Received: ${shown(fromOption ? option : text)}. Leave it out to use every core.`,
  );
}

/** An environment variable, where there is an environment; an empty one counts as absent. */
function environment(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.[name] || undefined;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value);
}
