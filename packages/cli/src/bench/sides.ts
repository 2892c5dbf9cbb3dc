/** Which sides can be compared on this machine. */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Peer } from './peer.js';

const file = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

export interface Sides {
  readonly peers: readonly Peer[];
  /** Peers that are not on this machine, each with what would put them there. */
  readonly absent: readonly string[];
}

/** Starts our side, then every peer that is installed. `only` names the peers wanted: 'pytorch', 'tfjs'. */
export function startSides(only: readonly string[]): Sides {
  const peers = [new Peer('strata', process.execPath, [file('./strata-peer.js')])];
  const absent: string[] = [];
  if (only.includes('pytorch')) {
    const python = pythonWithTorch();
    if (python) {
      for (const threads of new Set([1, Math.min(2, availableParallelism())])) {
        peers.push(
          new Peer(`pytorch, ${threads} thread${threads > 1 ? 's' : ''}`, python, [
            file('../../peers/pytorch.py'),
            String(threads),
          ]),
        );
      }
    } else {
      absent.push('PyTorch: no python3 with torch (Debian: apt-get install python3-torch)');
    }
  }
  if (only.includes('tfjs')) {
    for (const backend of ['cpu', 'wasm']) {
      if (canResolve(`@tensorflow/tfjs-backend-${backend}`)) {
        peers.push(
          new Peer(`tfjs ${backend}`, process.execPath, [file('./tfjs-peer.js'), backend]),
        );
      } else {
        absent.push(`tfjs ${backend}: npm install @tensorflow/tfjs-backend-${backend}@4.22.0`);
      }
    }
  }
  return { peers, absent };
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
