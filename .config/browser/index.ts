/** Programs of an engine's tests, each in a page of its own in Chromium. */
export { chromiumPath, launchChromium } from './chromium.js';
export { readmeTable } from './kernel-table.js';
export { judgeSpecs, specFiles } from './tfjs-specs.js';
export { type Ran, type TestBrowser, openTestBrowser } from './test-browser.js';
export { wasmFiles } from './wasm-files.js';
