/** Runs programs on engines that have no compiler of their own: kernel by kernel, without tape, scopes or checks. */
import { type Attributes, type Engine, engine, type Inputs, share } from '../engine.js';
import { addToMessage, CompileError } from '../errors.js';
import { noGrad } from '../autodiff/tape.js';
import { scalarTensor } from '../ops/operand.js';
import { runKernel } from '../run-kernel.js';
import type { Executable } from '../plugin.js';
import { endScope } from '../scope.js';
import { State } from '../state/state.js';
import type { Tensor } from '../tensor.js';
import { type KernelCall, lastUses, type Program, readsOf, type ValueSource } from './program.js';

/** States are written when all kernels have run: a run that throws leaves them as they were. */
export function replayOf(program: Program): Executable {
  const { values, instructions, outputs, draws } = program;
  const last = lastUses(program);
  const written = new Map<State, number>();
  const frees = instructions.map((): number[] => []);
  const writtenAt = new Map<State, number>();
  instructions.forEach((instruction, at) => {
    if (instruction.kind === 'kernel') return;
    const { state, value } = instruction;
    if (!writtenAt.has(state)) writtenAt.set(state, at);
    written.set(state, value);
  });
  for (const value of written.values()) last[value] = instructions.length;
  instructions.forEach((instruction, at) => {
    const made = instruction.kind === 'kernel' ? instruction.outputs : [];
    for (const value of made) if (last[value] === -1) frees[at]!.push(value);
    for (const value of new Set(readsOf(instruction)))
      if (last[value] === at) frees[at]!.push(value);
  });
  const starts = values.flatMap(({ source, dtype }, value) => {
    if (source.kind === 'result') return [];
    // What a state held first and is read after it holds something else must not be overwritten.
    const outlives =
      source.kind === 'state' && last[value]! > (writtenAt.get(source.state) ?? Infinity);
    return [{ source, dtype, value, outlives }];
  });

  const run = (args: readonly Tensor[]): Tensor[] => {
    const e = engine();
    const slots: (Tensor | undefined)[] = Array.from({ length: values.length });
    /** Slots whose tensors this run disposes. */
    const owned = new Uint8Array(values.length);
    let results: Tensor[] = [];
    e.startScope('program');
    try {
      return noGrad(() => {
        for (const { source, dtype, value, outlives } of starts) {
          const t = startOf(source, args, dtype);
          slots[value] = outlives ? share(t) : t;
          if (outlives || source.kind === 'scalar') owned[value] = 1;
        }
        const drawn = draws.map(({ rng, blocks }) => rng.take(blocks));
        instructions.forEach((instruction, at) => {
          if (instruction.kind === 'kernel') {
            const draw = instruction.draw === undefined ? undefined : drawn[instruction.draw];
            const made = runCall(e, instruction, slots, draw);
            instruction.outputs.forEach((value, i) => {
              slots[value] = made[i]!;
              owned[value] = 1;
            });
          }
          for (const value of frees[at]!) {
            if (owned[value] === 1) slots[value]!.dispose();
            slots[value] = undefined;
          }
        });
        const given = new Set<number>();
        const taken = (value: number): Tensor => {
          if (owned[value] === 0 || given.has(value)) return share(slots[value]!);
          given.add(value);
          return slots[value]!;
        };
        results = outputs.map(taken);
        const next = [...written].map(([state, value]) => [state, taken(value)] as const);
        for (const [state, t] of next) State.replace(state, t);
        return results;
      });
    } finally {
      endScope(e, results);
    }
  };
  return { run, dispose: () => {} };
}

function startOf(
  source: Exclude<ValueSource, { kind: 'result' }>,
  args: readonly Tensor[],
  dtype: Tensor['dtype'],
): Tensor {
  switch (source.kind) {
    case 'argument':
      return args[source.index]!;
    case 'state':
      return State.heldBy(source.state);
    case 'scalar':
      return scalarTensor(source.scalar.value, dtype as 'float32');
    case 'constant':
      return source.tensor;
    case 'captured':
      if (!source.tensor.isDisposed) return source.tensor;
      throw new CompileError(
        `A compiled function needs the tensors that it uses beside its arguments as long as it is called. Received: one of ` +
          `shape [${source.tensor.shape.join(', ')}] has been disposed. keep() it, or pass it as an argument.`,
      );
  }
}

function tensorsOf(inputs: KernelCall['inputs'], slots: readonly (Tensor | undefined)[]): Inputs {
  // tfjs's kernels of lists want an array, whatever the type of a kernel's inputs says.
  if (Array.isArray(inputs))
    return inputs.map((value: number) => slots[value]) as unknown as Inputs;
  const tensors: Record<string, Tensor> = {};
  for (const [name, value] of Object.entries(inputs)) tensors[name] = slots[value]!;
  return tensors;
}

function runCall(
  e: Engine,
  { name, inputs, attrs, draw, place }: KernelCall,
  slots: readonly (Tensor | undefined)[],
  drawn: unknown,
): Tensor[] {
  const tensors = tensorsOf(inputs, slots);
  const attributes: Attributes | undefined = draw === undefined ? attrs : { ...attrs, draw: drawn };
  try {
    const made = runKernel(e, name, tensors, attributes);
    return Array.isArray(made) ? made : [made];
  } catch (error) {
    if (place !== undefined) addToMessage(error, place);
    throw error;
  }
}
