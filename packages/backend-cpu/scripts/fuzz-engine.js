// One tier of the CPU engine in a process of its own, for fuzz.js: node fuzz-engine.js <options of cpu() as JSON>.
import { cpu } from '@stratajs/backend-cpu';
import { serveEngine } from '@stratajs/conformance/fuzz';

await serveEngine(cpu(JSON.parse(process.argv[2])));
