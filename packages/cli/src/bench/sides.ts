/** Which sides can be compared on this machine. */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Contender, Peer } from './peer.js';
import type { Workload } from './workloads/workload.js';

const file = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

export interface Side {
  readonly peer: Contender;
  readonly project: 'strata' | 'pytorch' | 'tfjs';
  readonly threads: number;
  /** Whether it has a workload. */
  runs(workload: Workload): boolean;
}

/** A side in a process of its own. */
export type ProcessSide = Side & { readonly peer: Peer };

export interface Sides {
  /** Ours first. */
  readonly sides: readonly ProcessSide[];
  /** Peers that are not on this machine, each with what would put them there. */
  readonly absent: readonly string[];
}

export interface SideOptions {
  /** The peers wanted: 'pytorch', 'tfjs'. */
  readonly peers: readonly string[];
  /** Of our side; PyTorch runs with one and with two. Default: every core. */
  readonly threads?: number | undefined;
  /** Instruction set of our side. Default: the best. */
  readonly isa?: string | undefined;
}

/** Starts our side, then every peer that is installed. */
export function startSides({ peers, threads, isa }: SideOptions): Sides {
  const ours = threads ?? availableParallelism();
  const sides: ProcessSide[] = [strata(ours, isa)];
  if (ours > 1) sides.push({ ...strata(1, isa), runs: (w) => w.scales === true });
  const absent: string[] = [];
  if (peers.includes('pytorch')) {
    const python = pythonWithTorch();
    if (python) sides.push(...pytorch(python));
    else absent.push('PyTorch: no python3 with torch (Debian: apt-get install python3-torch)');
  }
  if (peers.includes('tfjs')) {
    for (const backend of ['cpu', 'wasm']) {
      if (canResolve(`@tensorflow/tfjs-backend-${backend}`)) {
        sides.push({
          peer: new Peer(`tfjs ${backend}`, process.execPath, [file('./tfjs-peer.js'), backend]),
          project: 'tfjs',
          threads: 1,
          runs: (w) => w.tfjs === true,
        });
      } else {
        absent.push(`tfjs ${backend}: npm install @tensorflow/tfjs-backend-${backend}@4.22.0`);
      }
    }
  }
  return { sides, absent };
}

const plural = (threads: number): string => `${threads} thread${threads > 1 ? 's' : ''}`;

function strata(threads: number, isa: string | undefined): ProcessSide {
  const peer = new Peer(
    `strata, ${plural(threads)}`,
    process.execPath,
    [file('./strata-peer.js')],
    {
      STRATA_THREADS: String(threads),
      ...(isa === undefined ? {} : { STRATA_ISA: isa }),
    },
  );
  return { peer, project: 'strata', threads, runs: () => true };
}

/** With one thread and with two, and where a workload knows layouts in both. */
function pytorch(python: string): ProcessSide[] {
  const counts = [...new Set([1, Math.min(2, availableParallelism())])];
  return ['contiguous', 'channels-last'].flatMap((layout) =>
    counts.map((threads): ProcessSide => {
      const suffix = layout === 'contiguous' ? '' : `, ${layout}`;
      const args = [file('../../peers/pytorch.py'), String(threads), layout];
      return {
        peer: new Peer(`pytorch, ${plural(threads)}${suffix}`, python, args),
        project: 'pytorch',
        threads,
        runs: (w) => layout === 'contiguous' || w.layouts === true,
      };
    }),
  );
}

function pythonWithTorch(): string | null {
  // A version manager's python3 may come first on the PATH, and Debian's holds the Debian package.
  for (const python of [process.env['STRATA_PYTHON'], 'python3', '/usr/bin/python3']) {
    if (python && spawnSync(python, ['-c', 'import torch']).status === 0) return python;
  }
  return null;
}

function canResolve(name: string): boolean {
  try {
    import.meta.resolve(name);
    return true;
  } catch {
    return false;
  }
}
