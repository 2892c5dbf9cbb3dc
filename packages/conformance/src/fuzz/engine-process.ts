/** An engine in a process of its own: engines of one name exclude each other in one process. */
import { type ChildProcess, fork } from 'node:child_process';
import { type BackendPlugin, StrataError, use } from '@stratajs/core';
import {
  type Expectation,
  type JudgeOptions,
  judgeProgram,
  type Mismatch,
} from '../programs/judge.js';
import { judgeStep } from '../programs/judge-step.js';
import type { Program } from '../programs/program.js';
import type { StepProgram } from '../programs/step-program.js';

/** What the process is told, and what it says. */
type Task = readonly [program: Program, expectation: Expectation];
type Request = { readonly tasks: readonly Task[] } | { readonly steps: readonly StepProgram[] };
type Reply =
  | { readonly ready: string }
  | { readonly refusal: string }
  | { readonly mismatches: Mismatch[][] };

/** What runs in the process: opens the engine, then judges programs as they come. */
export async function serveEngine(
  plugin: BackendPlugin,
  options: JudgeOptions = {},
): Promise<void> {
  const say = (reply: Reply): void => void process.send!(reply);
  const refusal = await plugin.probe();
  if (refusal !== null) {
    say({ refusal });
    process.disconnect();
    return;
  }
  const { info } = await use(plugin);
  process.on('message', async (request: Request) => {
    const mismatches: Mismatch[][] = [];
    if ('steps' in request) {
      for (const step of request.steps) mismatches.push(await judgeStep(step));
    } else {
      for (const [program, expectation] of request.tasks) {
        mismatches.push(await judgeProgram(program, expectation, options));
      }
    }
    say({ mismatches });
  });
  say({ ready: `${info.tier}: ${info.description}` });
}

export class EngineProcess {
  readonly name: string;
  private readonly child: ChildProcess;

  /**
   * @param script a module that calls serveEngine(), with what `args` tell it.
   * @param nodeOptions of the command line of the process's Node; those of this one come before.
   */
  constructor(
    name: string,
    script: string,
    args: readonly string[],
    nodeOptions: readonly string[] = [],
  ) {
    this.name = name;
    const execArgv = [...process.execArgv, ...nodeOptions];
    this.child = fork(script, args, { serialization: 'advanced', execArgv });
  }

  /** What the engine says of itself; or why it cannot run here. */
  async opened(): Promise<{ ready: string } | { refusal: string }> {
    return (await this.reply()) as { ready: string } | { refusal: string };
  }

  /** Programs against what they ought to give. */
  judge(tasks: readonly Task[]): Promise<Mismatch[][]> {
    return this.ask({ tasks });
  }

  /** Steps, compiled against eager. */
  judgeSteps(steps: readonly StepProgram[]): Promise<Mismatch[][]> {
    return this.ask({ steps });
  }

  close(): void {
    this.child.removeAllListeners();
    if (this.child.connected) this.child.disconnect();
  }

  private async ask(request: Request): Promise<Mismatch[][]> {
    this.child.send(request);
    const reply = await this.reply();
    return (reply as { mismatches: Mismatch[][] }).mismatches;
  }

  private reply(): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const settle = (): void => void this.child.off('message', heard).off('exit', ended);
      const heard = (reply: unknown): void => {
        settle();
        resolve(reply as Reply);
      };
      const ended = (code: number | null, signal: string | null): void => {
        settle();
        reject(
          new StrataError(
            `The process of ${this.name} ended (${signal ?? code}) while it ran programs.`,
          ),
        );
      };
      this.child.once('message', heard).once('exit', ended);
    });
  }
}
