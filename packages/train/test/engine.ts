import { use } from '@stratajs/core';
import { testEngine } from '../../core/test/test-engine.js';

export async function useTestEngine(): Promise<void> {
  await use(testEngine('test-engine'));
}
