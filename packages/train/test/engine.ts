import { cpu } from '@stratajs/backend-cpu';
import { use } from '@stratajs/core';

/** The engine of this package's tests: native where it is built, else JavaScript (`STRATA_CPU_TIER` chooses). */
export async function useTestEngine(): Promise<void> {
  await use(cpu());
}
