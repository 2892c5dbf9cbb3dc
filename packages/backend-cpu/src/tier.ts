import type { Addon } from './native.js';
import type { CpuSettings } from './options.js';
import type { Platform } from './platform/platform.js';
import type { WasmProgram } from './wasm/program.js';

/** Which way it runs here, and why not a faster one. */
export interface ChosenTier {
  readonly settings: CpuSettings;
  readonly platform: Platform;
  /** What the tier runs on. */
  readonly tier:
    | { readonly name: 'native'; readonly addon: Addon }
    | { readonly name: 'wasm'; readonly program: WasmProgram }
    | { readonly name: 'javascript' };
  readonly whyNotHigher: string | null;
  /** Why it cannot run at all as it was asked to, or null. */
  readonly refusal: string | null;
}

export async function chooseTier(settings: CpuSettings): Promise<ChosenTier> {
  const { platform } = await import('#platform');
  const reasons: string[] = [];
  const chosen = (tier: ChosenTier['tier'], refusal: string | null = null): ChosenTier => ({
    settings,
    platform,
    tier,
    whyNotHigher: reasons.length > 0 ? reasons.join('; ') : null,
    refusal,
  });
  const asked = settings.tier;

  if (asked === undefined || asked === 'native') {
    const loaded = platform.loadAddon();
    const reason = typeof loaded === 'string' ? loaded : unsupported(loaded, settings);
    if (typeof loaded !== 'string' && reason === null) {
      return chosen({ name: 'native', addon: loaded });
    }
    reasons.push(reason as string);
    if (asked === 'native' || typeof loaded !== 'string') {
      return chosen({ name: 'javascript' }, refused('native', reason as string));
    }
  } else {
    reasons.push(`the tier '${asked}' was asked for (option tier or STRATA_CPU_TIER)`);
  }

  if (asked !== 'javascript') {
    const threads = settings.threads ?? platform.availableParallelism();
    const program = await platform.loadWasm(settings.wasmPath, threads);
    if (typeof program !== 'string') return chosen({ name: 'wasm', program });
    reasons.push(`no WebAssembly: ${program}`);
    if (asked === 'wasm') return chosen({ name: 'javascript' }, refused('WASM', program));
  }
  return chosen({ name: 'javascript' });
}

function refused(tier: string, reason: string): string {
  return `The ${tier} tier of strata-cpu cannot run as asked: ${reason}.`;
}

function unsupported(addon: Addon, { isa }: CpuSettings): string | null {
  const able = addon.supported();
  if (isa === undefined || able.includes(isa)) return null;
  return `this processor or this build has no '${isa}'; it has ${able.map((i) => `'${i}'`).join(', ')}`;
}
