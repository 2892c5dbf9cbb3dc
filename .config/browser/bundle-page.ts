import { existsSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

export interface BundledPage {
  /** By name, as the page asks for them. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Imports of Node's own modules that are left in the code, and source files that are meant for Node. */
  readonly ofNode: readonly string[];
  /** Bytes that travel, compressed, for the program with this name and all that it loads. */
  gzipped(program: string): number;
}

/** Bundles a folder's programs from the packages' sources as a user's bundler would for a browser. */
export async function bundlePage(folder: URL): Promise<BundledPage> {
  const { outputFiles, metafile } = await build({
    entryPoints: ['main', 'worker']
      .map((name) => fileURLToPath(new URL(`${name}.ts`, folder)))
      .filter((path) => existsSync(path)),
    outdir: '/page',
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['strata-source', 'module'],
    logLevel: 'error',
  });
  const files = new Map(outputFiles.map(({ path, contents }) => [nameOf(path), contents]));
  const imports = Object.values(metafile.outputs).flatMap((o) => o.imports);
  const builtin = imports.filter(
    ({ path }) => path.startsWith('node:') || builtinModules.includes(path),
  );
  const sources = Object.keys(metafile.inputs).filter((path) =>
    /\/(node|node-part)\.[jt]s$|\.node\.js$/.test(path),
  );
  return {
    files,
    ofNode: [...builtin.map(({ path }) => path), ...sources],
    gzipped(program) {
      const entry = Object.keys(metafile.outputs).find((path) =>
        metafile.outputs[path]!.entryPoint?.endsWith(`/${program}.ts`),
      )!;
      const needed = new Set([entry]);
      for (const path of needed)
        for (const i of metafile.outputs[path]!.imports) needed.add(i.path);
      const sizes = [...needed].map((path) => gzipSync(files.get(nameOf(path))!).byteLength);
      return sizes.reduce((a, b) => a + b, 0);
    },
  };
}

function nameOf(path: string): string {
  return path.split('/').at(-1)!;
}
