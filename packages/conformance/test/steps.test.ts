import {
  type BackendPlugin,
  closeBackends,
  type Executable,
  type OpenBackend,
  type Program,
  tensor,
  use,
} from '@stratajs/core';
import { afterEach, describe, expect, it } from 'vitest';
import { shrinkStep } from '../src/fuzz/shrink-step.js';
import { generateStep } from '../src/programs/generate-step.js';
import { judgeStep } from '../src/programs/judge-step.js';
import { signatures, sizeOf } from '../src/programs/program.js';
import { type Effect, type Role, type StepProgram } from '../src/programs/step-program.js';
import { copiedCpu } from './copied-cpu.js';

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
    const has = (what: (step: StepProgram) => boolean): void =>
      expect(steps.filter(what).length).toBeGreaterThan(3);
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

type Damage = (program: Program) => void;

/** Plain kernels, with a compiler that damages programs and leaves their replay to core. */
function damaging(damage: Damage): BackendPlugin {
  const plugin = copiedCpu('strata-damaging');
  return {
    ...plugin,
    open: async (): Promise<OpenBackend> => ({
      ...(await plugin.open()),
      compile: (program: Program) => {
        damage(program);
        return undefined as unknown as Executable;
      },
    }),
  };
}

const instructionsOf = (program: Program): Program['instructions'][number][] =>
  program.instructions as Program['instructions'][number][];

const damages: Readonly<Record<string, Damage>> = {
  'forgets what States are to hold': (program) => {
    const instructions = instructionsOf(program);
    const kept = instructions.filter(({ kind }) => kind !== 'write');
    instructions.splice(0, instructions.length, ...kept);
  },
  'draws the numbers of the recording again': (program) => {
    const instructions = instructionsOf(program);
    instructions.forEach((instruction, at) => {
      if (instruction.kind === 'kernel') instructions[at] = { ...instruction, draw: undefined };
    });
  },
  'does not move generators on': (program) => void (program.draws as unknown[]).splice(0),
  'gives results in another order': (program) => void (program.outputs as number[]).reverse(),
  'takes Scalars for constants': (program) => {
    const values = program.values as Program['values'][number][];
    values.forEach((value, i) => {
      if (value.source.kind !== 'scalar') return;
      const held = tensor([value.source.scalar.value], [], value.dtype);
      values[i] = { ...value, source: { kind: 'constant', tensor: held } };
    });
  },
  'takes one argument for another': (program) => {
    const values = program.values as Program['values'][number][];
    values.forEach((value, i) => {
      const { source, shape, dtype } = value;
      const twin = values.find(
        (other) =>
          other !== value &&
          other.source.kind === 'argument' &&
          other.dtype === dtype &&
          String(other.shape) === String(shape),
      );
      if (source.kind === 'argument' && twin) values[i] = { ...value, source: twin.source };
    });
  },
  'keeps a tensor': () => void tensor([1]),
  'leaves an instruction out': (program) => void instructionsOf(program).pop(),
};

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
