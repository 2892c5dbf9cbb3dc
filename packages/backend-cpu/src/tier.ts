import type { Addon } from './native.js';
import type { CpuSettings } from './options.js';
import type { Platform } from './platform/platform.js';

/** Which way it runs here, and why not a faster one. */
export interface ChosenTier {
  readonly settings: CpuSettings;
  readonly platform: Platform;
  /** The addon on the native tier, else null. */
  readonly addon: Addon | null;
  readonly whyNotHigher: string | null;
  /** Why it cannot run at all as it was asked to, or null. */
  readonly refusal: string | null;
}

export async function chooseTier(settings: CpuSettings): Promise<ChosenTier> {
  const { platform } = await import('#platform');
  if (settings.tier === 'javascript') {
    const whyNotHigher = "the tier 'javascript' was asked for (option tier or STRATA_CPU_TIER)";
    return { settings, platform, addon: null, whyNotHigher, refusal: null };
  }
  const loaded = platform.loadAddon();
  const reason = typeof loaded === 'string' ? loaded : unsupported(loaded, settings);
  if (typeof loaded !== 'string' && reason === null) {
    return { settings, platform, addon: loaded, whyNotHigher: null, refusal: null };
  }
  const refusal =
    settings.tier === 'native' || typeof loaded !== 'string'
      ? `The native tier of strata-cpu cannot run as asked: ${reason}.`
      : null;
  return { settings, platform, addon: null, whyNotHigher: reason, refusal };
}

function unsupported(addon: Addon, { isa }: CpuSettings): string | null {
  const able = addon.supported();
  if (isa === undefined || able.includes(isa)) return null;
  return `this processor or this build has no '${isa}'; it has ${able.map((i) => `'${i}'`).join(', ')}`;
}
