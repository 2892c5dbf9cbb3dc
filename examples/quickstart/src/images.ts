import type { DeviceInfo } from '@stratajs/core';
import { type ArrayDataset, mnist } from '@stratajs/data';

/**
 * MNIST, or the generated digits where it cannot be had. Without native code only the first few thousand
 * images: what a short wait allows.
 */
export async function images(split: 'train' | 'test', { tier }: DeviceInfo): Promise<ArrayDataset> {
  const all = await mnist({ split, fallback: 'digits' });
  return tier === 'native'
    ? all
    : all.slice(0, Math.min(all.length, split === 'train' ? 4_000 : 1_000));
}
