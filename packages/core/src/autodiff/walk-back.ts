/** Reverse accumulation over a tape. */
import { type Engine, run, type TapeNode } from '../engine.js';
import { sameShape } from '../ops/arguments.js';
import { endScope, type Owned } from '../scope.js';
import type { Tensor } from '../tensor.js';

/**
 * The cotangents of `xs`, from that of y; undefined for an x that y does not depend on.
 *
 * With `free`, what only this walk needs goes as soon as it has passed: saved tensors, and cotangents that
 * were made in the scope in which this runs.
 */
export function walkBack(
  e: Engine,
  tape: readonly TapeNode[],
  xs: readonly Tensor[],
  y: Tensor,
  dy: Tensor,
  free: boolean,
): (Tensor | undefined)[] {
  const wanted = new Set<number>();
  for (const x of xs) wanted.add(x.id);
  const dependent = new Set(wanted);
  const nodes = nodesFrom(tape, dependent);
  const cotangents = new Map<number, Tensor>([[y.id, dy]]);
  const scope = e.state.activeScope!.id;
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i]!;
    const dys = cotangentsOf(node, cotangents);
    if (dys === undefined) continue;
    passThrough(e, node, dys, dependent, cotangents, scope);
    if (!free) continue;
    for (const t of node.saved) t.dispose();
    for (const output of node.outputs) {
      const used = cotangents.get(output.id);
      if (used === undefined || wanted.has(output.id)) continue;
      cotangents.delete(output.id);
      release(used, scope);
    }
  }
  return xs.map((x) => cotangents.get(x.id));
}

/** The nodes that depend on the tensors in `dependent`, in order; their outputs join it. */
function nodesFrom(tape: readonly TapeNode[], dependent: Set<number>): TapeNode[] {
  const nodes: TapeNode[] = [];
  for (const node of tape) {
    for (const name in node.inputs) {
      if (!dependent.has(node.inputs[name]!.id)) continue;
      for (const output of node.outputs) dependent.add(output.id);
      nodes.push(node);
      break;
    }
  }
  return nodes;
}

/** Of a node's outputs, null for those that the result does not depend on; undefined when that is all of them. */
function cotangentsOf(
  { outputs }: TapeNode,
  cotangents: ReadonlyMap<number, Tensor>,
): (Tensor | null)[] | undefined {
  let found = false;
  const dys: (Tensor | null)[] = [];
  for (const output of outputs) {
    const dy = cotangents.get(output.id) ?? null;
    if (dy !== null) found = true;
    dys.push(dy);
  }
  return found ? dys : undefined;
}

/** Adds what flows back through a node to the cotangents of its inputs. */
function passThrough(
  e: Engine,
  node: TapeNode,
  dys: (Tensor | null)[],
  dependent: ReadonlySet<number>,
  cotangents: Map<number, Tensor>,
  scope: number,
): void {
  const { kernelName, inputs } = node;
  if (node.gradient === undefined) {
    throw new Error(`gradient function not found for ${kernelName}`);
  }
  const gradients = node.gradient(dys);
  const taken = [...dys];
  for (const name in inputs) {
    const x = inputs[name]!;
    if (!dependent.has(x.id)) continue;
    const gradient = gradients[name];
    if (gradient === undefined) {
      throw new Error(`The gradient of ${kernelName} covers no input '${name}'.`);
    }
    let dx = computed(e, gradient);
    if (dx.dtype !== 'float32' || !sameShape(dx.shape, x.shape)) {
      throw new Error(
        `The gradient of ${kernelName} for its input '${name}' is float32 of shape [${x.shape.join(', ')}]. ` +
          `Received: ${dx.dtype} of shape [${dx.shape.join(', ')}].`,
      );
    }
    // Each cotangent is a tensor of its own: it may be freed, or added to another, without the others.
    if (taken.includes(dx)) dx = run('Identity', { x: dx });
    taken.push(dx);
    const before = cotangents.get(x.id);
    if (before === undefined) {
      cotangents.set(x.id, dx);
    } else {
      cotangents.set(x.id, run('Add', { a: before, b: dx }));
      release(before, scope);
      release(dx, scope);
    }
  }
}

/** Frees a cotangent, unless it came from elsewhere: then it belongs to someone else. */
function release(t: Tensor, scope: number): void {
  if ((t as Owned).scopeId === scope && !(t as Owned).kept) t.dispose();
}

function computed(e: Engine, gradient: () => Tensor): Tensor {
  let result: Tensor | undefined;
  e.startScope('gradient');
  try {
    return (result = gradient());
  } finally {
    endScope(e, result === undefined ? [] : [result]);
  }
}
