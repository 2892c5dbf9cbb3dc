// Compiles native/ into one addon or program: every file of native/kernels once per instruction set, the rest once. Only
// what changed is compiled again.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile, words } from './compiler.js';
import { kernelTable } from './kernel-table.js';

export const source = fileURLToPath(new URL('../../native', import.meta.url));

const FLAGS = [
  '-std=c++17',
  '-O3',
  '-Wall',
  '-Wextra',
  '-ffp-contract=fast',
  '-fno-math-errno',
  '-fno-exceptions',
  '-fno-rtti',
  '-fno-threadsafe-statics',
  '-fvisibility=hidden',
];

/**
 * @param {object} options
 * @param options.compiler what findCompiler() gives
 * @param options.target   what targetOf() gives
 * @param options.main     the file of native/ that makes it an addon or a program
 * @param options.output   the file to make; its objects go into a folder `objects` beside it
 * @param options.link     flags for the linker
 * @param options.flags    flags after all others, for every compilation
 * @returns {Promise<{ compiled: number, of: number, warnings: number } | null>} null when all was there already
 */
export async function build({ compiler, target, main, output, link, flags = [] }) {
  const objects = join(dirname(output), 'objects');
  mkdirSync(objects, { recursive: true });
  const isas = Object.keys(target.isas);
  const kernels = filesIn('kernels');
  const table = join(objects, 'kernel-table.cc');
  const tableText = kernelTable(kernels, isas);
  if (!existsSync(table) || readFileSync(table, 'utf8') !== tableText)
    writeAtomically(table, tableText);

  const include = createRequire(import.meta.url)('node-api-headers').include_dir;
  const common = [...FLAGS, ...target.flags, `-I${source}`, `-I${include}`];
  const start = join(source, main);
  const shared = sharedFolders()
    .flatMap(filesIn)
    .filter((file) => isFor(target.system, file) && (!speaksToNode(file) || speaksToNode(start)));
  const once = [start, ...shared, table];
  const units = once.map((file) => ({
    file,
    object: join(objects, `${basename(file, '.cc')}.o`),
    flags: [...common, ...flags],
  }));
  for (const file of kernels) {
    // A file may ask for flags of its own: `// strata-flags: -ffp-contract=off`.
    const own = words(/^\/\/ strata-flags: (.*)$/m.exec(readFileSync(file, 'utf8'))?.[1]);
    for (const isa of isas) {
      units.push({
        file,
        isa,
        object: join(objects, `${basename(file, '.cc')}.${isa}.o`),
        flags: [...common, ...target.isas[isa], `-DSTRATA_ISA=${isa}`, ...own, ...flags],
      });
    }
  }
  for (const unit of units) {
    const identity = [compiler.command, compiler.args, compiler.version, unit.flags];
    unit.stamp = hash(JSON.stringify(identity), closure(unit.file));
  }

  const stale = units.filter(({ object, stamp }) => !isCurrent(object, stamp));
  const queue = [...stale];
  let warnings = 0;
  await Promise.all(
    Array.from({ length: availableParallelism() }, async () => {
      for (let unit = queue.shift(); unit; unit = queue.shift()) {
        const printed = await compileUnit(compiler, unit);
        if (printed) console.error(printed);
        warnings += (printed.match(/\bwarning:/g) ?? []).length;
      }
    }),
  );

  const linkStamp = hash(JSON.stringify([link, units.map(({ stamp }) => stamp)]));
  if (isCurrent(output, linkStamp)) return null;
  const temporary = `${output}.${process.pid}`;
  // The target's flags again: sanitizers, for one, are the linker's business, too.
  const parts = [...flags, ...units.map(({ object }) => object), ...link];
  await compile(compiler, [...parts, '-o', temporary]);
  renameSync(temporary, output);
  writeAtomically(`${output}.stamp`, linkStamp);
  return { compiled: stale.length, of: units.length, warnings };
}

/** Folders of native/ whose files are compiled once: all but the kernels and the programs that test them. */
function sharedFolders() {
  return readdirSync(source, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !['kernels', 'test'].includes(entry.name))
    .map(({ name }) => name)
    .toSorted();
}

/** `memory-posix.cc` and `memory-win32.cc` do the same thing on different systems; a name without a system is for all. */
function isFor(system, file) {
  const [, own] = /-(posix|win32)\.cc$/.exec(file) ?? [];
  return own === undefined || own === system;
}

/** Node's functions are in Node alone: a program that has nothing to do with it is made without the files that call them. */
const speaksToNode = (file) => /^#include <node_api\.h>/m.test(closure(file));

function filesIn(folder) {
  return readdirSync(join(source, folder))
    .filter((name) => name.endsWith('.cc'))
    .toSorted()
    .map((name) => join(source, folder, name));
}

/** A file's text with that of every local header it includes, directly or not: what its object depends on. */
function closure(path, seen = new Set()) {
  if (seen.has(path)) return '';
  seen.add(path);
  const text = readFileSync(path, 'utf8');
  let all = text;
  for (const [, name] of text.matchAll(/^#include "([^"]+)"/gm)) {
    const local = [join(source, name), join(dirname(path), name)].find((candidate) =>
      existsSync(candidate),
    );
    if (local) all += closure(local, seen);
  }
  return all;
}

async function compileUnit(compiler, unit) {
  const { file, object, flags, stamp } = unit;
  const temporary = `${object}.${process.pid}`;
  const printed = await compile(compiler, [...flags, '-c', file, '-o', temporary]);
  renameSync(temporary, object);
  if (unit.isa) checkNothingShared(unit);
  writeAtomically(`${object}.stamp`, stamp);
  return printed;
}

/**
 * A function that the linker may merge between objects (weak) must not come from one instruction set's object: the copy
 * that it keeps might not run on this processor.
 */
function checkNothingShared({ object, isa }) {
  const { status, stdout } = spawnSync('nm', ['--defined-only', object], { encoding: 'utf8' });
  if (status !== 0) return; // no nm that reads it: the check is for developers
  const shared = stdout
    .split('\n')
    .filter((line) => / [VWu] /.test(line) && !line.includes(`${isa.length}${isa}`));
  if (shared.length > 0) {
    throw new Error(
      `${shared.join('\n')}\n${object} shares these symbols with other instruction sets; ` +
        'put them into the namespace of STRATA_BEGIN, or make them static or STRATA_INLINE.',
    );
  }
}

/** Writes through a temporary name, so that a build running at the same time never sees half a file. */
function writeAtomically(path, text) {
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}

function isCurrent(path, stamp) {
  return (
    existsSync(path) &&
    existsSync(`${path}.stamp`) &&
    readFileSync(`${path}.stamp`, 'utf8') === stamp
  );
}

function hash(...texts) {
  const all = createHash('sha256');
  for (const text of texts) all.update(text);
  return all.digest('hex');
}
