import { cpu } from '@stratajs/backend-cpu';
import { use } from '@stratajs/core';

/** Starts the engine that these tests run on. */
export async function startEngine(): Promise<void> {
  await use(cpu());
}
