// One tier of the CPU engine in a process of its own, for fuzz.js: node fuzz-engine.js <options of cpu() as JSON>.
import { cpu } from '@stratajs/backend-cpu';
import { serveEngine } from '@stratajs/conformance/fuzz';

const options = JSON.parse(process.argv[2]);
// As in test/programs-wasm.test.ts, which says why.
const underflow = {
  sigmoid: 2 ** -126,
  silu: 2 ** -119,
  softmax: 2 ** -126,
  softmaxCrossEntropy: 2 ** -126,
};
await serveEngine(cpu(options), options.tier === 'wasm' ? { underflow } : {});
