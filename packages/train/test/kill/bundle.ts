import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** Makes one plain JavaScript file of a TypeScript program and all it imports, for `node` to run. */
export async function bundle(entry: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    // For the CommonJS packages in it.
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
    conditions: ['strata-source'],
    logLevel: 'error',
    plugins: [
      {
        name: 'own-url',
        // A source that looks for files beside itself must find them there, not beside the bundle.
        setup: ({ onLoad }) =>
          onLoad({ filter: /packages[\\/].*[\\/]src[\\/].*\.ts$/ }, async ({ path }) => ({
            contents: (await readFile(path, 'utf8')).replaceAll(
              'import.meta.url',
              JSON.stringify(pathToFileURL(path).href),
            ),
            loader: 'ts',
          })),
      },
    ],
  });
}
