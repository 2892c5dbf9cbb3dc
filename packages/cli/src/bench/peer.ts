/** One side of a comparison, as a child process that speaks the protocol. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { StrataError } from '@stratajs/core';
import type { Request, Response } from './protocol.js';

/** What a comparison asks of a side. */
export interface Contender {
  readonly name: string;
  /** What runs; known once a workload is prepared. */
  readonly description: string;
  prepare(workload: string): Promise<void>;
  /** Seconds that `times` runs took, the last one's result read, and that result. */
  run(times: number): Promise<{ readonly seconds: number; readonly result: number }>;
}

export class Peer implements Contender {
  readonly name: string;
  description = '';
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly waiting: ((response: Response) => void)[] = [];
  private stderr = '';

  constructor(name: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.name = name;
    this.child = spawn(command, args, { env: { ...process.env, ...env } });
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      // Libraries may print greetings: only the protocol's lines count.
      if (line.startsWith('{')) this.waiting.shift()?.(JSON.parse(line) as Response);
    });
    this.child.stderr.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.child.on('error', (error) => this.fail(error.message));
    this.child.on('exit', (code) =>
      this.fail(`ended with code ${code}\n${this.stderr.slice(-2000)}`),
    );
  }

  async prepare(workload: string): Promise<void> {
    const response = await this.ask({ prepare: workload });
    if ('description' in response) this.description = response.description;
  }

  async run(times: number): Promise<{ readonly seconds: number; readonly result: number }> {
    const response = await this.ask({ run: times });
    if (!('seconds' in response)) throw new StrataError(`${this.name} gave no time.`);
    if (!Number.isFinite(response.result)) {
      throw new StrataError(`${this.name} computed ${response.result}: its time means nothing.`);
    }
    return response;
  }

  close(): void {
    this.child.removeAllListeners('exit');
    this.child.kill();
  }

  private async ask(request: Request): Promise<Response> {
    const response = await new Promise<Response>((resolve) => {
      this.waiting.push(resolve);
      this.child.stdin.write(`${JSON.stringify(request)}\n`);
    });
    if ('error' in response) throw new StrataError(`${this.name}: ${response.error}`);
    return response;
  }

  private fail(error: string): void {
    for (const resolve of this.waiting.splice(0)) resolve({ error });
  }
}
