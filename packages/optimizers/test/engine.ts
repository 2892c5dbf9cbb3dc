import { testEngine } from '../../core/test/test-engine.js';
import { use } from '@stratajs/core';

/** Starts the engine that these tests run on. */
export async function startEngine(): Promise<void> {
  await use(testEngine());
}
