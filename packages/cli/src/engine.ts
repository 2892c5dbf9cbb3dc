/** The engine that the commands compute on. */
import { cpu } from '@stratajs/backend-cpu';
import { type Used, use } from '@stratajs/core';

/** Opens it, and says on stderr when it is slower than it could be. */
export async function openEngine(): Promise<Used> {
  const used = await use(cpu());
  const { whyNotHigher } = used.info;
  if (whyNotHigher) console.error(`slower than it could be: ${whyNotHigher}`);
  return used;
}
