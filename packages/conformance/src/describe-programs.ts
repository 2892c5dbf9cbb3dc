/** Random programs for engines: one call in a vitest file. */
import { activeBackend, type BackendPlugin, closeBackends, StrataError, use } from '@stratajs/core';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { findTorch, TorchOracle } from './fuzz/oracle.js';
import { goldenPrograms } from './golden/programs.js';
import { generateProgram } from './programs/generate.js';
import { generateStep } from './programs/generate-step.js';
import { type Expectation, type JudgeOptions, judgeProgram } from './programs/judge.js';
import { judgeStep } from './programs/judge-step.js';
import type { Program } from './programs/program.js';

export interface ProgramOptions extends JudgeOptions {
  /** How many programs are drawn and compared with PyTorch, where it is installed, and how many steps, compiled and eager. Default 100. */
  readonly count?: number;
  /** The seed of the first of each. Default 1. */
  readonly seed?: number;
}

/**
 * Describes random programs on an engine to vitest:
 *
 *     import { describePrograms } from '@stratajs/conformance';
 *     describePrograms(myEngine());
 *
 * A program for every operation is compared with what PyTorch gave when the golden file was made; others
 * with the PyTorch that is installed, where one is. Steps of programs, with States, updates and draws, must give
 * the same bits compiled as eagerly. One engine in each test file.
 */
export function describePrograms(plugin: BackendPlugin, options: ProgramOptions = {}): void {
  const { count = 100, seed = 1 } = options;
  const python = findTorch();
  let judged = 0;

  describe(`random programs on ${plugin.name}`, () => {
    beforeAll(async () => {
      await use(plugin);
    });
    afterAll(async () => {
      const device = activeBackend()?.info;
      const where = device ? ` (${device.tier}: ${device.description})` : '';
      const golden = Object.keys(goldenPrograms).length;
      const live =
        python === null ? 'none drawn: no PyTorch here' : `${judged} drawn agree with PyTorch`;
      console.log(`random programs ${plugin.name}: ${golden} golden; ${live}${where}`);
      await closeBackends();
    });

    for (const [op, text] of Object.entries(goldenPrograms)) {
      it(`agrees with PyTorch's golden results of a program with ${op}`, async () => {
        const { program, expectation } = JSON.parse(text) as {
          program: Program;
          expectation: Expectation;
        };
        await assertAgrees(program, expectation, options);
      });
    }

    it(`gives the same bits compiled as eagerly: ${count} steps drawn from seed ${seed}`, async () => {
      for (let i = 0; i < count; i++) await assertSameCompiled(seed + i);
    });

    if (python !== null && count > 0) {
      it(`agrees with PyTorch on ${count} programs drawn from seed ${seed}`, async () => {
        const oracle = new TorchOracle(python);
        try {
          const programs = Array.from({ length: count }, (_, i) => generateProgram(seed + i));
          const expectations = await oracle.expect(programs);
          for (const [i, program] of programs.entries()) {
            await assertAgrees(program, expectations[i]!, options);
            judged++;
          }
        } finally {
          oracle.close();
        }
      });
    }
  });
}

async function assertSameCompiled(seed: number): Promise<void> {
  const program = generateStep(seed);
  const mismatches = await judgeStep(program);
  if (mismatches.length === 0) return;
  throw new StrataError(
    `The step of seed ${seed}:\n${mismatches.map(({ message }) => message).join('\n')}\nThe step: ${JSON.stringify(program)}`,
  );
}

async function assertAgrees(
  program: Program,
  expectation: Expectation,
  options: JudgeOptions,
): Promise<void> {
  const mismatches = await judgeProgram(program, expectation, options);
  if (mismatches.length === 0) return;
  throw new StrataError(
    `${mismatches.map(({ message }) => message).join('\n')}\nThe program: ${JSON.stringify(program)}`,
  );
}
