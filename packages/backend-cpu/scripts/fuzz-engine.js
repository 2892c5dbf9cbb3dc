// One tier of the CPU engine in a process of its own, for fuzz.js: node fuzz-engine.js <options of cpu() as JSON>.
import { cpu } from '@stratajs/backend-cpu';
import { serveEngine } from '@stratajs/conformance/fuzz';

const options = JSON.parse(process.argv[2]);
// XNNPACK's sigmoid and softmax give 0 below 2⁻¹²⁶; silu takes its sigmoid up to 2⁷ times.
const judged = options.tier === 'wasm' ? { underflow: 2 ** -119 } : {};
await serveEngine(cpu(options), judged);
