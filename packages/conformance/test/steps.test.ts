import { closeBackends, use } from '@stratajs/core';
import { afterEach, describe, expect, it } from 'vitest';
import { shrinkStep } from '../src/fuzz/shrink-step.js';
import { generateStep } from '../src/programs/generate-step.js';
import { judgeStep } from '../src/programs/judge-step.js';
import { signatures, sizeOf } from '../src/programs/program.js';
import { type Effect, type Role, type StepProgram } from '../src/programs/step-program.js';
import { copiedCpu } from './copied-cpu.js';
import { damages, damaging } from './damaging-compiler.js';

afterEach(closeBackends);

const steps = Array.from({ length: 200 }, (_, i) => generateStep(i));
/** Plain JavaScript kernels take long over the others. */
const short = steps
  .filter(({ graph }) => signatures(graph).every(({ shape }) => sizeOf(shape) < 3000))
  .slice(0, 60);

describe('generateStep()', () => {
  it('gives plain JSON, the same for the same seed', () => {
    for (const seed of [0, 1, 2 ** 40]) {
      const step = generateStep(seed);
      expect(JSON.parse(JSON.stringify(step))).toEqual(step);
      expect(generateStep(seed)).toEqual(step);
    }
  });

  it('draws every role and effect, results that come twice, and arguments and States as results', () => {
    const roles = new Set(steps.flatMap((step) => step.roles));
    expect(roles).toEqual(new Set<Role>(['argument', 'state', 'captured', 'constant']));
    const effects = new Set(steps.flatMap((step) => step.effects.map(({ effect }) => effect.kind)));
    const all = ['assign', 'read', 'dropout', 'noise', 'scale', 'draw', 'sgd', 'adam', 'average'];
    expect(effects).toEqual(new Set<Effect['kind']>(all as Effect['kind'][]));
    const has = (what: (step: StepProgram) => boolean): void => expect(steps.some(what)).toBe(true);
    has(({ outputs }) => new Set(outputs.map((x) => JSON.stringify(x))).size < outputs.length);
    has(({ outputs, roles }) =>
      outputs.some(({ of, index }) => of === 'value' && roles[index] === 'argument'),
    );
    has(({ outputs }) => outputs.some(({ of }) => of === 'state'));
    has(({ outputs }) => outputs.some(({ of }) => of === 'gradient'));
    has(({ outputs }) => outputs.length === 0);
    has(({ graph }) => signatures(graph).some(({ shape }) => sizeOf(shape) > 65_536));
  });
});

describe('judgeStep()', () => {
  it('finds nothing wrong with core’s own replay', async () => {
    await use(copiedCpu('strata-damaging'));
    for (const step of short) expect(await judgeStep(step)).toEqual([]);
  });

  it.each(Object.entries(damages))('finds a compiler that %s', async (_, damage) => {
    await use(damaging(damage));
    let found = 0;
    for (const step of short) found += (await judgeStep(step)).length > 0 ? 1 : 0;
    expect(found).toBeGreaterThan(0);
  });

  it('is told of a smaller step', async () => {
    await use(damaging(damages['forgets what States are to hold']!));
    const fails = async (step: StepProgram): Promise<boolean> =>
      (await judgeStep(step)).some(({ where }) => where === 'state');
    for (const step of short) {
      if (step.graph.nodes.length < 4 || !(await fails(step))) continue;
      const small = await shrinkStep(step, fails);
      expect(await fails(small)).toBe(true);
      expect(small.graph.nodes.length).toBeLessThan(step.graph.nodes.length);
      expect(small.effects.length).toBe(1);
      return;
    }
    throw new Error('No step was large enough.');
  });
});
