import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Rng } from '@stratajs/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { latestCheckpoint } from '../../src/index.js';
import { useTestEngine } from '../engine.js';
import { bundle } from './bundle.js';
import { type Rule, takeUp } from './run.js';

const RULES: readonly Rule[] = ['momentum', 'compiled momentum', 'adam'];
const root = mkdtempSync(join(tmpdir(), 'strata-kill-'));
const child = join(root, 'child.mjs');

/** What an uninterrupted run passes through, and what it ends with. */
interface Reference {
  readonly moments: readonly string[];
  readonly result: object;
}
const reference = {} as Record<Rule, Reference>;

beforeAll(async () => {
  await useTestEngine();
  await bundle(fileURLToPath(new URL('child.ts', import.meta.url)), child);
  for (const rule of RULES) {
    const runDir = join(root, `whole-${rule}`);
    const moments: string[] = [];
    await takeUp(runDir, rule, (name) => moments.push(name));
    reference[rule] = { moments, result: resultOf(runDir) };
  }
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

/** All that a run leaves, but for how long it took: names of checkpoints, the last one's tensors, the log. */
function resultOf(runDir: string): object {
  const names = readdirSync(join(runDir, 'checkpoints'));
  const last = join(runDir, 'checkpoints', names.at(-1)!);
  return {
    names,
    model: readFileSync(join(last, 'model.safetensors')).toString('hex'),
    training: readFileSync(join(last, 'training.safetensors')).toString('hex'),
    log: readFileSync(join(runDir, 'metrics.jsonl'), 'utf8').replaceAll(/,"seconds":.*\}/g, '}'),
    others: readdirSync(runDir),
  };
}

/** Runs a child until it dies at a moment, counted from 1. Resolves to whether it was killed. */
function runChild(runDir: string, rule: Rule, moment: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const running = spawn(process.execPath, [child, runDir, rule, String(moment)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    running.on('error', reject);
    running.on('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve(true);
      else if (code === 0) resolve(false);
      else reject(new Error(`The child ended with ${code ?? signal}.`));
    });
  });
}

/** The step of the newest checkpoint that is in place after the first `count` moments. */
function published(moments: readonly string[], count: number): number {
  const steps = moments
    .slice(0, count)
    .map((name) => /^after rename step-(\d+)\.tmp$/.exec(name)?.[1]);
  return Number(steps.findLast((step) => step !== undefined) ?? 0);
}

/** Kills a run at a moment, then sees that no checkpoint is lost and that the resumed run ends as one never killed. */
async function killed(rule: Rule, at: number): Promise<void> {
  const { moments, result } = reference[rule];
  const runDir = join(root, `${rule}-${at}`);
  expect(await runChild(runDir, rule, at)).toBe(true);
  const newest = await latestCheckpoint(runDir); // throws if it is damaged
  const step = newest === null ? 0 : Number(newest.slice(-6));
  const least = published(moments, at);
  // A rename that was under way may have come through.
  const most = moments[at - 1]!.startsWith('during rename') ? published(moments, at + 1) : least;
  expect([least, most]).toContain(step);
  await takeUp(runDir, rule, () => {});
  expect(resultOf(runDir)).toEqual(result);
  rmSync(runDir, { recursive: true });
}

test('the run is worth killing: many moments, many checkpoints', () => {
  for (const { moments } of Object.values(reference)) {
    expect(moments.filter((name) => /^during rename step-\d+\.tmp/.test(name))).toHaveLength(9);
    expect(moments.filter((name) => name.startsWith('step '))).toHaveLength(15);
    expect(moments.length).toBeGreaterThan(300);
  }
});

test('compiled or not, the run leaves the same', () => {
  expect(reference['compiled momentum'].result).toEqual(reference.momentum.result);
});

describe('kill -9, then resume: the same weights, bit for bit', () => {
  // Drawn evenly: one moment from each part of the run.
  const rng = new Rng(20);
  const parts = Array.from({ length: 24 }, (_, i) => ({
    part: i,
    within: rng.nextUniform(),
    rule: RULES[i % 3]!,
  }));

  test.each(parts)('at a moment of part $part of 24, $rule', async ({ part, within, rule }) => {
    const { length } = reference[rule].moments;
    await killed(rule, 1 + Math.floor(((part + within) / 24) * length));
  });

  test.each(['before', 'during', 'after'])('%s the rename of a checkpoint', async (when) => {
    const at = reference.adam.moments.indexOf(`${when} rename step-000008.tmp`);
    expect(at).toBeGreaterThan(0);
    await killed('adam', at + 1);
  });

  test('while old checkpoints are being removed', async () => {
    const at = reference.adam.moments.indexOf('during remove step-000004.retired');
    expect(at).toBeGreaterThan(0);
    await killed('adam', at + 1);
  });

  test('again and again: each process resumes what the one before left', async () => {
    const draw = new Rng(21);
    const runDir = join(root, 'again');
    let kills = 0;
    while (kills < 6 && (await runChild(runDir, 'adam', 30 + draw.nextInt(90)))) kills++;
    expect(kills).toBeGreaterThanOrEqual(3);
    await takeUp(runDir, 'adam', () => {});
    expect(resultOf(runDir)).toEqual(reference.adam.result);
  });
});

test('a damaged newest checkpoint is named, not passed over; from the one before, by its path, the end is the same', async () => {
  const runDir = join(root, 'damaged');
  await runChild(
    runDir,
    'adam',
    reference.adam.moments.indexOf('after rename step-000008.tmp') + 1,
  );
  const [newest, previous] = ['step-000008', 'step-000006'].map((name) =>
    join(runDir, 'checkpoints', name),
  ) as [string, string];
  cpSync(join(previous, 'model.safetensors'), join(newest, 'model.safetensors'));
  await expect(takeUp(runDir, 'adam', () => {})).rejects.toThrow(
    new RegExp(
      `${newest} is damaged: model.safetensors was altered[^]*newest good one beside it is ${previous}`,
    ),
  );
  await takeUp(runDir, 'adam', () => {}, previous);
  expect(resultOf(runDir)).toEqual(reference.adam.result);
});
