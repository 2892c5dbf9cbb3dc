// `pnpm fuzz`: random programs on every tier of the CPU engine, against PyTorch; with `--compiled` random steps (programs with
// States, updates, draws), compiled against eager, bit for bit, for which no PyTorch is needed.
//
//     pnpm fuzz [--compiled] [--count 1000] [--seed 1] [--tiers native,wasm,javascript] [--isa avx512,avx2] [--op conv2d]
//     pnpm fuzz [--compiled] --program '<a program as JSON, or the name of its file>' [--tiers …] [--isa …]
//
// Of the three WebAssembly programs `wasm` is the one with 128-bit vectors, `wasm-scalar` the one without: on x86-64 Node
// runs it when V8 is told that the processor has no SSE 4.1. The third has threads, which Node does not get
// (.github/decisions/2026-11-24-wasm-program.md): browsers alone run it.
//
// Needs the workspace built. Exit code 1 when a program gives something else than it should.
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { EngineProcess, findTorch, fuzz, fuzzSteps, TorchOracle } from '@stratajs/conformance/fuzz';
import { leftOut, programOps } from '@stratajs/conformance/programs';

const { values: args } = parseArgs({
  options: {
    count: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    tiers: { type: 'string', default: 'native,wasm,javascript' },
    isa: { type: 'string' },
    op: { type: 'string' },
    compiled: { type: 'boolean', default: false },
    program: { type: 'string' },
  },
});

/** Every tier asked for, the native one on every instruction set: names, options of cpu(), options of Node. */
function engines() {
  return args.tiers.split(',').flatMap((tier) => {
    if (tier === 'wasm-scalar') return [[tier, { tier: 'wasm' }, ['--no-enable-sse4-1']]];
    if (tier !== 'native') return [[tier, { tier }]];
    return (args.isa?.split(',') ?? instructionSets()).map((isa) => [
      `native ${isa}`,
      { tier, isa },
    ]);
  });
}

function instructionSets() {
  const addon = fileURLToPath(new URL('../dist/native/strata-cpu.node', import.meta.url));
  return existsSync(addon) ? createRequire(import.meta.url)(addon).supported() : [undefined];
}

async function openAll() {
  const script = fileURLToPath(new URL('fuzz-engine.js', import.meta.url));
  const opened = [];
  for (const [name, options, nodeOptions] of engines()) {
    const engine = new EngineProcess(name, script, [JSON.stringify(options)], nodeOptions);
    const answer = await engine.opened();
    if ('ready' in answer) {
      console.log(`${name}: ${answer.ready}`);
      opened.push(engine);
    } else {
      console.log(`${name}: skipped. ${answer.refusal}`);
      engine.close();
    }
  }
  return opened;
}

function tell({ engine, seed, program, step, mismatches }) {
  console.log(`\n${engine}, seed ${seed}:`);
  for (const { message } of mismatches) console.log(`  ${message}`);
  const [tier, isa] = engine.split(' ');
  const only = `${step ? '--compiled ' : ''}--tiers ${tier}${isa ? ` --isa ${isa}` : ''}`;
  const text = JSON.stringify(step ?? program);
  console.log(`  pnpm fuzz ${only} --program ${shown(text, `${tier}-${seed}`)}`);
}

/** A program as an argument of the command line; a long one in a file. */
function shown(text, name) {
  if (text.length < 1000) return `'${text}'`;
  const file = join(mkdtempSync(join(tmpdir(), 'strata-fuzz-')), `${name}.json`);
  writeFileSync(file, text);
  return file;
}

/** @param judge gives what an engine does wrong with the program. */
async function runOne(opened, judge) {
  let failures = 0;
  for (const engine of opened) {
    const mismatches = await judge(engine);
    console.log(`${engine.name}: ${mismatches.length === 0 ? 'agrees' : ''}`);
    for (const { message } of mismatches) console.log(`  ${message}`);
    failures += mismatches.length;
  }
  return failures;
}

async function runMany(opened, oracle) {
  const [count, seed] = [Number(args.count), Number(args.seed)];
  const { agreed, failed, operations, gradients } = await fuzz({
    count,
    seed,
    oracle,
    engines: opened,
    op: args.op,
    onFailure: tell,
    onProgress: (done) => done % 1000 === 0 && console.log(`${done} programs`),
  });
  const nodes = Object.values(operations).reduce((n, m) => n + m, 0);
  const without = Object.keys(programOps).filter((op) => !operations[op]);
  console.log(
    `\n${count} programs from seed ${seed}: ${nodes} operations, ${gradients} gradients; ` +
      `${Object.keys(operations).length} of ${Object.keys(programOps).length} kinds of operations` +
      (without.length > 0 && !args.op ? `, not ${without.join(', ')}` : ''),
  );
  for (const [op, reason] of Object.entries(leftOut)) console.log(`left out: ${op} (${reason})`);
  return summed(opened, agreed, failed);
}

async function runSteps(opened) {
  const [count, seed] = [Number(args.count), Number(args.seed)];
  const { agreed, failed, held } = await fuzzSteps({
    count,
    seed,
    engines: opened,
    onFailure: tell,
    onProgress: (done) => done % 1000 === 0 && console.log(`${done} steps`),
  });
  const numbers = Object.entries(held).map(([what, n]) => `${n} ${what}`);
  console.log(`\n${count} steps from seed ${seed}: ${numbers.join(', ')}`);
  return summed(opened, agreed, failed);
}

function summed(opened, agreed, failed) {
  let failures = 0;
  for (const { name } of opened) {
    const kinds = Object.entries(failed[name]).map(([where, n]) => `${where} ${n}`);
    failures += kinds.length;
    console.log(
      `${name}: ${agreed[name]} of ${args.count} agree${kinds.length > 0 ? `; not: ${kinds.join(', ')}` : ''}`,
    );
  }
  return failures;
}

function givenProgram() {
  const text = args.program;
  return JSON.parse(existsSync(text) ? readFileSync(text, 'utf8') : text);
}

async function againstTorch(opened, oracle) {
  if (!args.program) return runMany(opened, oracle);
  const program = givenProgram();
  const [expectation] = await oracle.expect([program]);
  return runOne(opened, async (engine) => (await engine.judge([[program, expectation]]))[0]);
}

async function againstEager(opened) {
  if (!args.program) return runSteps(opened);
  const step = givenProgram();
  return runOne(opened, async (engine) => (await engine.judgeSteps([step]))[0]);
}

if (args.compiled && args.op) {
  console.error('--op draws programs for PyTorch. Leave out --compiled.');
  process.exit(2);
}
const python = args.compiled ? null : findTorch();
if (python === null && !args.compiled) {
  console.error(
    'pnpm fuzz needs PyTorch (Debian: apt-get install python3-torch; STRATA_PYTHON names the python3 that has it).',
  );
  process.exit(2);
}
const opened = await openAll();
if (opened.length === 0) {
  console.error('No tier runs here.');
  process.exit(2);
}
const oracle = python === null ? null : new TorchOracle(python);
const failures = oracle ? await againstTorch(opened, oracle) : await againstEager(opened);
for (const engine of opened) engine.close();
oracle?.close();
process.exitCode = failures > 0 ? 1 : 0;
