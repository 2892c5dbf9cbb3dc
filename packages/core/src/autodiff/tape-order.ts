import type { Engine } from '../engine.js';

interface Node {
  readonly inputs: Readonly<Record<string, object>>;
}

interface RecordingEngine {
  readonly state: { activeTape: Node[] | null };
  addTapeNode(name: string, inputs: object, outputs: readonly object[], ...more: unknown[]): void;
}

const ordered = new WeakSet<Engine>();

/**
 * Keeps the tape in the order in which values are computed; does so once for an engine.
 *
 * A kernel whose gradient needs its own output (exp, sigmoid, softmax …) saves a clone of it, and
 * tfjs records that clone before the kernel itself. A second gradient walks the tape from its start,
 * meets the clone before it knows that the output depends on x, and drops it: the second derivative
 * of exp comes out as zero. So a kernel's node is put before the nodes that take its outputs.
 */
export function keepTapeInOrder(e: Engine): void {
  if (ordered.has(e)) return;
  ordered.add(e);
  const engine = e as unknown as RecordingEngine;
  const record = engine.addTapeNode;
  engine.addTapeNode = function (name, inputs, outputs, ...more) {
    record.call(engine, name, inputs, outputs, ...more);
    const tape = engine.state.activeTape!;
    const last = tape.length - 1;
    let at = last;
    while (at > 0 && takesOneOf(tape[at - 1]!, outputs)) at--;
    if (at < last) tape.splice(at, 0, tape.pop()!);
  };
}

function takesOneOf(node: Node, outputs: readonly object[]): boolean {
  for (const name in node.inputs) if (outputs.includes(node.inputs[name]!)) return true;
  return false;
}
