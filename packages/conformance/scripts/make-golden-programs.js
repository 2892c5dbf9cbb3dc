// Writes src/golden/programs.ts: a small random program for every operation, with what PyTorch makes of it.
//
//     node scripts/make-golden-programs.js [--all]        (from packages/conformance, built; needs PyTorch)
//
// Programs that are there stay, but for those that hold an operation no more known; --all draws every
// one anew.
import { readFileSync, writeFileSync } from 'node:fs';
import { findTorch, TorchOracle } from '../dist/fuzz.js';
import { generateProgram, programOps } from '../dist/programs.js';

const FILE = new URL('../src/golden/programs.ts', import.meta.url);
const HEAD = `/**
 * Random programs, and what PyTorch makes of them: a JSON text for each operation. Written by
 * scripts/make-golden-programs.js.
 */
export const goldenPrograms: Readonly<Record<string, string>> = {
`;

/** The programs that are there, as lines of source text by operation. */
function present() {
  const lines = new Map();
  for (const line of readFileSync(FILE, 'utf8').split('\n')) {
    const [, op, text] = /^ {2}(\w+): '(.*)',$/.exec(line) ?? [];
    if (op === undefined) continue;
    const { program } = JSON.parse(text);
    if (program.nodes.every((node) => programOps[node.op])) lines.set(op, text);
  }
  return lines;
}

/** A program from some seed on in which nothing that the operation takes or gives is empty, where there is one near. */
function small(op, place) {
  const drawn = Array.from({ length: 30 }, (_, i) =>
    generateProgram(place + 1 + i, { op, mostElements: 24, mostNodes: 5 }),
  );
  const full = ({ inputs, nodes }) => {
    const values = [...inputs, ...nodes.flatMap(({ results }) => results)];
    const node = nodes.find((one) => one.op === op);
    const near = [...node.inputs.map((i) => values[i]), ...node.results];
    return near.every(({ shape }) => !shape.includes(0));
  };
  return drawn.find(full) ?? drawn[0];
}

const python = findTorch();
if (python === null)
  throw new Error('No Python with PyTorch (Debian: apt-get install python3-torch).');
const oracle = new TorchOracle(python);
const lines = process.argv.includes('--all') ? new Map() : present();
const missing = Object.keys(programOps).filter((op) => !lines.has(op));
const programs = missing.map(small);
const expectations = await oracle.expect(programs);
oracle.close();
missing.forEach((op, i) => {
  lines.set(op, JSON.stringify({ program: programs[i], expectation: expectations[i] }));
});
const body = Object.keys(programOps)
  .sort()
  .map((op) => `  ${op}: '${lines.get(op)}',\n`);
writeFileSync(FILE, `${HEAD}${body.join('')}};\n`);
console.log(`${missing.length} new, ${body.length} in all`);
