/** The command as a user runs it: what it prints, and its exit codes. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const bin = new URL('../dist/bin.js', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'strata-command-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Result {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `strata` in an empty folder; `onLine` may act on the process when a line is printed. */
function strata(
  args: readonly string[],
  onLine: (line: string, kill: (signal: NodeJS.Signals) => void) => void = () => {},
): Promise<Result> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [bin, ...args], { cwd: folder });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      for (const line of chunk.toString().split('\n')) onLine(line, (signal) => child.kill(signal));
    });
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

const last = (out: string): Record<string, unknown> =>
  JSON.parse(out.trim().split('\n').at(-1)!) as Record<string, unknown>;

describe('what reports', () => {
  it('models --json lists objects with id, family, task, parameters, paper', async () => {
    const { code, out } = await strata(['models', '--json']);
    expect(code).toBe(0);
    const models = JSON.parse(out) as Record<string, unknown>[];
    expect(models.find((m) => m['id'] === 'lenet5')).toMatchObject({
      family: 'vision',
      task: 'classification',
      parameters: 61_706,
    });
    for (const m of models)
      expect(Object.keys(m)).toEqual(['id', 'family', 'task', 'parameters', 'paper']);
  });

  it('info --json says which engine is used and why', async () => {
    const { code, out } = await strata(['info', '--json', '--kernels']);
    expect(code).toBe(0);
    const info = JSON.parse(out) as Record<string, Record<string, unknown>>;
    expect(info['used']).toMatchObject({ name: 'strata-cpu' });
    expect(['native', 'wasm', 'javascript']).toContain(info['used']!['tier']);
    expect(info['kernels']).toHaveProperty('BatchMatMul');
    if (info['used']!['tier'] === 'native') {
      expect(info['kernels']).toMatchObject({
        BatchMatMul: { runs: 'native', why: null },
        Unique: { runs: 'javascript', why: expect.stringContaining('depends on values') },
      });
    }
    expect(info['dataSets']).toContain('mnist');
  });

  it('summary shows layers and totals', async () => {
    const { code, out } = await strata(['summary', 'lenet5', '--json', '-o', 'numClasses=3']);
    expect(code).toBe(0);
    const { total, trainable } = JSON.parse(out) as { total: number; trainable: number };
    expect([total, trainable]).toEqual([61_706 - 7 * 85, 61_706 - 7 * 85]);
    expect((await strata(['summary', 'mlp'])).out).toMatch(/Linear/);
  });
});

describe('train, evaluate, resume', () => {
  const quick = [
    'train',
    'mlp',
    '--data',
    'digits',
    '--epochs',
    '5',
    '--json',
    '-o',
    'hidden=[32]',
  ];

  it('the last line of train --json is the result, and evaluate repeats its accuracy', async () => {
    const trained = await strata([...quick, '--run', 'first']);
    expect(trained.err).not.toMatch(/error/i);
    expect(trained.code).toBe(0);
    const result = last(trained.out);
    expect(result).toMatchObject({ backend: 'strata-cpu', runDir: 'first' });
    expect(result['testAccuracy']).toBeGreaterThan(0.5);
    expect(result['trainSeconds']).toBeGreaterThan(0);
    const evaluated = await strata(['evaluate', 'first', '--json']);
    expect(last(evaluated.out)['testAccuracy']).toBe(result['testAccuracy']);
  });

  it('Ctrl-C finishes the step, saves, says how to resume, ends with 130; resuming ends as if uninterrupted', async () => {
    let sent = false;
    const interrupted = await strata(
      [...quick.filter((a) => a !== '--json'), '--run', 'second'],
      (line, kill) => {
        // Its first line is printed when all is built and training begins.
        if (!sent && /mlp on digits/.test(line)) {
          sent = true;
          kill('SIGINT');
        }
      },
    );
    expect(interrupted.code).toBe(130);
    expect(interrupted.out).toMatch(
      /interrupted after step \d+; to go on: strata train --resume second/,
    );
    const resumed = await strata(['train', '--resume', 'second', '--json']);
    expect(resumed.code).toBe(0);
    expect(last(resumed.out)['testAccuracy']).toBe(
      last((await strata(['evaluate', 'first', '--json'])).out)['testAccuracy'],
    );
  });
});

describe('bad input', () => {
  it.each([
    [['trian'], 2, /train/],
    [['train', 'lenet'], 2, /Unknown model. Received: 'lenet'. Did you mean 'lenet5'\?/],
    [['train'], 2, /needs a model/],
    [['train', 'mlp'], 2, /needs a data set/],
    [['train', 'mlp', '--data', 'mnits'], 2, /'mnits'.* Did you mean 'mnist'/],
    [
      ['train', 'mlp', '--data', 'digits', '--epochs', '0'],
      2,
      /--epochs is a whole number of at least 1. Received: '0'/,
    ],
    [
      ['train', 'mlp', '--data', 'digits', '--learning-rate', 'fast'],
      2,
      /number above 0. Received: 'fast'/,
    ],
    [
      ['train', 'mlp', '--data', 'digits', '--optimizer', 'adamm'],
      2,
      /Unknown optimizer. Received: 'adamm'. Did you mean 'adam'/,
    ],
    [['train', 'mlp', '--data', 'digits', '-o', 'numClases=3'], 2, /Did you mean 'numClasses'/],
    [['train', 'mlp', '--data', 'digits', '-o', 'numClases'], 2, /key=value/],
    [
      ['train', 'mlp', '--data', 'digits', '--backend', 'strata-cpi'],
      2,
      /Unknown backend. Received: 'strata-cpi'. Did you mean 'strata-cpu'/,
    ],
    [['train', 'mlp', '--epoch', '3'], 2, /--epochs/],
    [['models', '--task', 'clasification'], 2, /Did you mean 'classification'/],
    [['summary', 'resnet'], 2, /Did you mean 'resnet20'/],
    [['evaluate', 'nowhere'], 1, /no config.json/],
    [['bench', 'matmul'], 2, /Did you mean 'matmul-1024'/],
    [['bench', '--peers', 'torch'], 2, /Unknown peer/],
    [['bench', '--isa', 'avx51'], 2, /Did you mean 'avx512'/],
  ])('%j exits with %i', async (args, expected, message) => {
    const { code, out, err } = await strata(args);
    expect(err).toMatch(message);
    expect(code).toBe(expected);
    expect(out).toBe('');
  });

  it('a run whose configuration is foreign or broken is refused', async () => {
    const run = mkdtempSync(join(folder, 'run-'));
    writeFileSync(join(run, 'config.json'), '{"model":');
    expect((await strata(['evaluate', run])).err).toMatch(/is not JSON/);
    writeFileSync(join(run, 'config.json'), '{}');
    expect((await strata(['train', '--resume', run])).err).toMatch(/another program made it/);
  });

  it('a flipped bit in a checkpoint is found', async () => {
    const run = join(folder, 'first', 'checkpoints');
    const checkpoint = join(run, readdirSync(run).sort().at(-1)!);
    const file = join(
      checkpoint,
      readdirSync(checkpoint).find((f) => f.endsWith('.safetensors'))!,
    );
    const bytes = readFileSync(file);
    bytes[bytes.length - 5]! ^= 4;
    writeFileSync(file, bytes);
    const { code, err } = await strata(['evaluate', 'first']);
    expect(code).toBe(1);
    expect(err).toMatch(/CheckpointError/);
  });
});
