import type { ServerResponse } from 'node:http';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import sirv from 'sirv';
import { defineConfig, type Plugin, type PreviewServer, type ViteDevServer } from 'vite';

const conditions = ['strata-source', 'module', 'browser'];

/** Threads of WebAssembly share memory, which a page may only when it is isolated from other origins. */
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  // From the packages' sources: nothing need be built first.
  resolve: { conditions },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'es', rolldownOptions: { output: { assetFileNames: nameOf } } },
  build: {
    target: 'es2022',
    chunkSizeWarningLimit: 1500,
    assetsInlineLimit: 0,
  },
  plugins: [dataSets()],
  server: { headers },
  preview: { headers, port: 4173 },
});

/** The WebAssembly engine finds its programs by their own names, side by side. */
function nameOf({ names }: { names: readonly string[] }): string {
  return names.some((name) => name.endsWith('.wasm'))
    ? 'assets/wasm/[name][extname]'
    : 'assets/[name]-[hash][extname]';
}

/** Files that are packed arrive packed: sirv says of a .gz file that it is encoded, and the browser would unpack it. */
function asItIs(response: ServerResponse): void {
  response.setHeader('content-encoding', 'identity');
}

/** Data sets that lie in STRATA_DATA_DIR, under /data. */
function dataSets(): Plugin {
  const named = process.env['STRATA_DATA_DIR'];
  // As seen from where the command was given: pnpm runs it in this package's folder.
  const folder = named && resolve(process.env['INIT_CWD'] ?? '.', named);
  const serve = ({ middlewares }: ViteDevServer | PreviewServer): void => {
    if (folder) middlewares.use('/data', sirv(folder, { dev: true, setHeaders: asItIs }));
  };
  return { name: 'data-sets', configureServer: serve, configurePreviewServer: serve };
}
