import { cpu } from '@stratajs/backend-cpu';
import { use } from '@stratajs/core';

/** The engine of this package's tests: plain JavaScript, which needs no build. */
export async function useTestEngine(): Promise<void> {
  await use(cpu({ tier: 'javascript' }));
}
