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

/** Data sets that lie in STRATA_DATA_DIR, under /data. */
function dataSets(): Plugin {
  const folder = process.env['STRATA_DATA_DIR'];
  const serve = ({ middlewares }: ViteDevServer | PreviewServer): void => {
    if (folder) middlewares.use('/data', sirv(folder, { dev: true }));
  };
  return { name: 'data-sets', configureServer: serve, configurePreviewServer: serve };
}
