/** What the quick start prints around its training. */
import { dirname } from 'node:path';
import type { DeviceInfo } from '@stratajs/core';
import type { ArrayDataset } from '@stratajs/data';
import type { History } from '@stratajs/train';

/** Which engine computes and which data it learns from, and why not better ones. */
export function announce(info: DeviceInfo, { name, length, source }: ArrayDataset): void {
  console.log(`engine: ${info.tier}, ${info.description}`);
  if (info.whyNotHigher) console.log(`  slower than it could be: ${info.whyNotHigher}`);
  console.log(`data: ${name}, ${length} images (${source.kind})`);
  if (source.standsInFor) console.log(`  in place of MNIST: ${source.standsInFor.reason}`);
}

/** The test accuracy, and where the run lies. */
export function conclude(scores: Readonly<Record<string, number>>, history: History): void {
  const percent = (100 * scores['accuracy']!).toFixed(2);
  console.log(`test accuracy ${percent} %, trained in ${history.seconds.toFixed(1)} s`);
  if (history.checkpoint) console.log(`run: ${dirname(dirname(history.checkpoint))}`);
}
