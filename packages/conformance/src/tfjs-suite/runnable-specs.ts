/** The specs of tfjs-core, run by jasmine-core inside whatever runs them: a test runner of Node's, or a page. */
import { env } from '@tensorflow/tfjs-core';
import type { JasmineInterface, JasmineNode, JasmineResult } from './jasmine-types.js';
import { seedMathRandom } from './seeded-math-random.js';

export interface TfjsSpec {
  readonly id: string;
  /** As tfjs names it, less the engine's name: equal for every engine. Several specs may share one. */
  readonly name: string;
  /** Whether tfjs itself has put it off: written with `xit`. */
  readonly pending: boolean;
}

export interface TfjsSuite {
  readonly specs: readonly TfjsSpec[];
  /** Runs every spec, one after the other; the result of each by its id. Once only. */
  run(): Promise<ReadonlyMap<string, TfjsResult>>;
}

export interface TfjsResult {
  readonly status: 'passed' | 'failed' | 'pending';
  /** null unless it failed. */
  readonly error: Error | null;
}

/** What the bundle exports: takes jasmine's interface and the engine, and defines every spec. */
export type DefineSpecs = (specs: {
  jasmineInterface: JasmineInterface;
  testEnv: { name: string; backendName: string; isDataSync: boolean };
}) => {
  /** Puts tfjs's gradients in the place of those that Strata corrects or adds. */
  useTfjsGradients(): void;
  restoreGradients(): void;
};

/**
 * Defines tfjs-core's specs on the engine `backendName`, which use() has opened. They reset tfjs's
 * engine between suites: every tensor is lost, the engine's `dispose()` is called and its factory
 * runs again, so call use() once more after `run()`.
 *
 * @param defineSpecs what the bundle of the specs exports.
 * @param jasmineInterface of a jasmine that is used for nothing else.
 * @param dataSync whether the engine can be read synchronously; some specs need it.
 * @param leftOut beginnings of names of specs that must not be run, because the engine would not survive them.
 */
export function runnableSpecs(
  defineSpecs: DefineSpecs,
  jasmineInterface: JasmineInterface,
  backendName: string,
  dataSync: boolean,
  leftOut: readonly string[] = [],
): TfjsSuite {
  const jasmineEnv = jasmineInterface.jasmine.getEnv();
  jasmineEnv.configure({
    random: false,
    failSpecWithNoExpectations: false,
    specFilter: (spec) => !leftOut.some((suite) => spec.getFullName().startsWith(suite)),
  });
  jasmineEnv.clearReporters();
  const { stackTraceLimit } = Error;
  // Else tfjs's bundled copy warns that it sets the platform and its flags a second time.
  env().set('IS_TEST', true);
  const pending = new Set<string>();
  const { useTfjsGradients, restoreGradients } = defineSpecs({
    jasmineInterface: notingPending(jasmineInterface, pending),
    testEnv: { name: backendName, backendName, isDataSync: dataSync },
  });
  // The specs set it to Infinity for themselves.
  Error.stackTraceLimit = stackTraceLimit;
  const engineTag = ` ${backendName} {}`;
  return {
    specs: specsOf(jasmineEnv.topSuite()).map((spec) => ({
      id: spec.id,
      name: spec.getFullName().replace(engineTag, ''),
      pending: pending.has(spec.id),
    })),
    async run() {
      const results = new Map<string, TfjsResult>();
      const outside: string[] = [];
      const mathRandom = seedMathRandom();
      jasmineEnv.addReporter({
        specStarted: () => mathRandom.reseed(),
        specDone(result) {
          if (result.status !== 'excluded') results.set(result.id, asResult(result, result.status));
        },
        suiteDone(result) {
          for (const { message } of result.failedExpectations)
            outside.push(`${result.fullName}: ${message}`);
        },
      });
      useTfjsGradients();
      const overall = await quietly(() => jasmineEnv.execute()).finally(() => {
        restoreGradients();
        mathRandom.restore();
      });
      outside.push(...overall.failedExpectations.map(({ message }) => message));
      if (outside.length > 0) {
        throw new Error(`Outside any spec, in beforeAll or afterAll:\n${outside.join('\n')}`);
      }
      return results;
    },
  };
}

/** The same interface, which adds the ids of specs that are put off to `pending`: jasmine tells only when it runs. */
function notingPending(jasmineInterface: JasmineInterface, pending: Set<string>): JasmineInterface {
  return {
    ...jasmineInterface,
    xit(...args) {
      const spec = jasmineInterface.xit(...args);
      pending.add(spec.id);
      return spec;
    },
    xdescribe(...args) {
      const suite = jasmineInterface.xdescribe(...args);
      for (const spec of specsOf(suite)) pending.add(spec.id);
      return suite;
    },
  };
}

function specsOf(node: JasmineNode): JasmineNode[] {
  return node.children ? node.children.flatMap(specsOf) : [node];
}

function asResult(result: JasmineResult, status: TfjsResult['status']): TfjsResult {
  if (status !== 'failed') return { status, error: null };
  const messages = result.failedExpectations.map(({ message }) => message);
  const error = new Error(messages.join('\n'));
  const stack = result.failedExpectations[0]?.stack;
  if (stack !== undefined) error.stack = `${error.message}\n${stack}`;
  return { status, error };
}

/** The specs of the debug mode print profiles of kernels. */
async function quietly<T>(fn: () => Promise<T>): Promise<T> {
  const { log } = console;
  console.log = () => {};
  try {
    return await fn();
  } finally {
    console.log = log;
  }
}
