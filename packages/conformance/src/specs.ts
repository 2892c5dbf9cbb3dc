/** tfjs-core's own specs, for engines that run elsewhere than in Node, and what judges their results. */
export { declaredGaps, type ExpectedFailures, type Gaps, judge } from './expected-failures.js';
export type { JasmineInterface } from './tfjs-suite/jasmine-types.js';
export {
  type DefineSpecs,
  runnableSpecs,
  type TfjsResult,
  type TfjsSpec,
  type TfjsSuite,
} from './tfjs-suite/runnable-specs.js';
