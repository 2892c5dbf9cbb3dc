/** Compiled runs of a step against eager ones, on the engine that is open. */
import { backend } from '@tensorflow/tfjs-core';
import { memory } from '@stratajs/core';
import { shortest } from './elements.js';
import type { Mismatch } from './judge.js';
import { firstResults, signatures } from './program.js';
import { CALLS, type StepProgram } from './step-program.js';
import { sameBits, type Seen, StepRun } from './step-run.js';

/**
 * Runs a step several times eagerly and, from the same start, several times compiled, and compares bit for bit: results, States, slots and generators
 * after each call, errors, and tensors that were held meanwhile. Nothing may be left over.
 */
export async function judgeStep(program: StepProgram): Promise<Mismatch[]> {
  const before = alive();
  const found: Mismatch[] = [];
  const eager = new StepRun(program, 'eager');
  const compiled = new StepRun(program, 'compiled');
  try {
    for (let n = 0; n < CALLS && found.length === 0; n++) {
      const expected = await eager.next(n);
      const received = await compiled.next(n);
      found.push(...compare(program, n, received, expected));
      const held = { eager: await eager.disturbed(), compiled: await compiled.disturbed() };
      for (const [how, tensors] of Object.entries(held)) {
        for (const what of tensors)
          found.push({ where: 'held', message: `Call ${n + 1}, ${how}, changes ${what}.` });
      }
      if (expected.error !== null) break;
    }
  } finally {
    eager.dispose();
    compiled.dispose();
  }
  const after = alive();
  if (found.length === 0 && String(after) !== String(before)) {
    const message = `It leaves ${after[0]! - before[0]!} tensors and ${after[1]! - before[1]!} storages of the engine behind.`;
    found.push({ where: 'leak', message });
  }
  return found;
}

function alive(): readonly number[] {
  return [memory().numTensors, backend().numDataIds()];
}

function compare(program: StepProgram, n: number, received: Seen, expected: Seen): Mismatch[] {
  if (received.error !== expected.error) {
    // Kernels whose results nobody reads are left out, and with them what they would have thrown.
    if (expected.error !== null && !returnsAll(program)) return [];
    const message = `Compiled, call ${n + 1} ends otherwise. Expected: ${ended(expected)}. Received: ${ended(received)}.`;
    return [{ where: `error (${(received.error ?? expected.error)!.slice(0, 60)})`, message }];
  }
  const found: Mismatch[] = [];
  for (const [name, elements] of expected.elements) {
    const other = received.elements.get(name) ?? new Float32Array(0);
    if (sameBits(other, elements)) continue;
    const at = Math.max(
      0,
      elements.findIndex((x, i) => !Object.is(x, other[i])),
    );
    const some = (list: typeof elements): string => shortest(list.subarray(at, at + 5)).join(', ');
    found.push({
      where: operationOf(program, name),
      message:
        `Compiled, call ${n + 1} gives another ${name}${described(program, name)}: element ${at} of ${elements.length} differs. ` +
        `Expected: ${some(elements)}. Received: ${some(other)}.`,
    });
  }
  if (received.rngs !== expected.rngs) {
    const message = `Compiled, call ${n + 1} leaves generators elsewhere. Expected: ${expected.rngs}. Received: ${received.rngs}.`;
    found.push({ where: 'generator', message });
  }
  return found;
}

function returnsAll({ graph, outputs }: StepProgram): boolean {
  const returned = new Set(outputs.flatMap(({ of, index }) => (of === 'value' ? [index] : [])));
  return returned.size === signatures(graph).length;
}

function ended({ error }: Seen): string {
  return error ?? 'results';
}

function described(program: StepProgram, name: string): string {
  const operand = operandOf(program, name);
  return operand === undefined
    ? ''
    : ` (${operand.of} ${operand.index}, ${operationOf(program, name)})`;
}

/** The operation that a result comes from, else what it is. */
function operationOf(program: StepProgram, name: string): string {
  const operand = operandOf(program, name);
  if (operand?.of !== 'value') return operand?.of ?? name.split(' ')[0]!;
  const node = firstResults(program.graph).findLastIndex((first) => first <= operand.index);
  return operand.index < program.graph.inputs.length ? 'input' : program.graph.nodes[node]!.op;
}

function operandOf(program: StepProgram, name: string): StepProgram['outputs'][number] | undefined {
  const [kind, k] = name.split(' ');
  return kind === 'output' ? program.outputs[Number(k)] : undefined;
}
