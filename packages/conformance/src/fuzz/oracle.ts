/** PyTorch in a process of its own, asked for what programs ought to give. */
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { StrataError } from '@stratajs/core';
import type { Expectation } from '../programs/judge.js';
import type { Program } from '../programs/program.js';

const SCRIPT = fileURLToPath(new URL('../../fuzz/torch_programs.py', import.meta.url));

type Answer = Expectation | { readonly error: string };

/** The Python that has PyTorch, or null: STRATA_PYTHON, the first on the PATH, Debian's. */
export function findTorch(): string | null {
  for (const python of [process.env['STRATA_PYTHON'], 'python3', '/usr/bin/python3']) {
    if (python && spawnSync(python, ['-c', 'import torch']).status === 0) return python;
  }
  return null;
}

export class TorchOracle {
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;
  private readonly answers: AsyncIterator<string>;

  constructor(python: string) {
    this.child = spawn(python, [SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.answers = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  /** What each of the programs ought to give. @throws StrataError when PyTorch cannot run one. */
  async expect(programs: readonly Program[]): Promise<Expectation[]> {
    const asked = this.ask(programs);
    const expectations: Expectation[] = [];
    for (const program of programs) {
      const { value, done } = await this.answers.next();
      if (done) throw new StrataError('PyTorch ended before it had answered. See what it printed.');
      const answer = JSON.parse(value as string) as Answer;
      if ('error' in answer) {
        throw new StrataError(
          `PyTorch cannot run a program: ${answer.error}. Correct fuzz/*.py or the operation's entry in src/programs/ops. ` +
            `The program: ${JSON.stringify(program)}`,
        );
      }
      expectations.push(answer);
    }
    await asked;
    return expectations;
  }

  close(): void {
    this.child.stdin.end();
  }

  private async ask(programs: readonly Program[]): Promise<void> {
    for (const program of programs) {
      const room = this.child.stdin.write(`${JSON.stringify(program)}\n`);
      if (!room) await new Promise((resolve) => this.child.stdin.once('drain', resolve));
    }
  }
}
