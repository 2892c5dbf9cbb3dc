import { execFile, spawnSync } from 'node:child_process';

export const words = (text) => (text ?? '').split(/\s+/).filter(Boolean);

/**
 * The first of `candidates` (each with arguments, if it has any) that runs and is fit for `target`, or null. What it says of its
 * version is part of every object's identity.
 *
 * @returns {{ command: string, args: string[], version: string } | null}
 */
export function findCompiler(candidates, { saysItFits = /^/ } = {}) {
  for (const [command, ...args] of candidates.map(words)) {
    const { status, stdout } = spawnSync(command, [...args, '--version'], { encoding: 'utf8' });
    if (status === 0 && saysItFits.test(stdout)) return { command, args, version: stdout };
  }
  return null;
}

/** Runs the compiler; resolves to what it printed. Rejects with all of that, and the command, when it fails. */
export function compile({ command, args: own }, args) {
  return new Promise((resolve, reject) => {
    execFile(command, [...own, ...args], { maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      const printed = `${stdout}${stderr}`.trim();
      if (!error) return resolve(printed);
      reject(
        new Error(
          `${printed || String(error)}\nthis does not compile: ${[command, ...own, ...args].join(' ')}`,
        ),
      );
    });
  });
}
