/** The table in an engine's README of how each kernel runs, made from what is registered. */
import { readFileSync, writeFileSync } from 'node:fs';
import { extensionKernels } from '@stratajs/core';
import type { KernelFunc } from '@tensorflow/tfjs-core';

export interface KernelsOf {
  /** tfjs's, by name. */
  readonly tfjs: Readonly<Record<string, KernelFunc>>;
  /** Shaders that Strata adds. */
  readonly own: readonly string[];
  /** Kernels of tfjs's that Strata replaces or mends. */
  readonly mended: readonly string[];
  /** Those that are replaced on software adapters alone. */
  readonly inSoftware?: readonly string[];
  readonly gaps: Readonly<Record<string, string>>;
}

const BEGIN = '<!-- kernels: written by a test, STRATA_WRITE=1 -->';
const END = '<!-- end of kernels -->';

/** How every kernel runs, in Markdown. */
function kernelTable({ tfjs, own, mended, inSoftware = [], gaps }: KernelsOf): string {
  const rest = Object.keys(tfjs).filter((name) => !mended.includes(name));
  // What reads its inputs back does so in the kernel itself; some do to check them in tfjs's debug mode alone.
  const readsBack = rest.filter((name) => {
    const code = String(tfjs[name]);
    return code.includes('.readSync(') && !code.includes("'DEBUG'") && !code.includes('"DEBUG"');
  });
  const composed = extensionKernels.filter((name) => !own.includes(name));
  const rows: [string, readonly string[]][] = [
    ["Strata's own shaders", own],
    ["Strata's own, or tfjs's with a mend", mended],
    ["Strata's own on software adapters", inSoftware],
    ["tfjs's shaders", rest.filter((name) => !readsBack.includes(name))],
    [
      "by host copy, always or for some arguments: read back, computed by tfjs's JavaScript",
      readsBack,
    ],
    ['composed by core of the kernels above', composed],
    ['missing', Object.keys(gaps)],
  ];
  const lines = rows
    .filter(([, names]) => names.length > 0)
    .map(([how, names]) => `| ${how} | ${names.length} | ${[...names].sort().join(', ')} |`);
  return ['| how | | kernels |', '|---|---:|---|', ...lines].join('\n');
}

/**
 * The table that a README has, and the one that it should have. With STRATA_WRITE set the README is written.
 */
export function readmeTable(
  readme: URL,
  kernels: KernelsOf,
): { readonly is: string; readonly should: string } {
  const text = readFileSync(readme, 'utf8');
  const [begin, end] = [text.indexOf(BEGIN) + BEGIN.length, text.indexOf(END)];
  const is = text.slice(begin, end).trim();
  const should = kernelTable(kernels);
  if (process.env['STRATA_WRITE'])
    writeFileSync(readme, `${text.slice(0, begin)}\n\n${should}\n\n${text.slice(end)}`);
  return { is, should };
}
