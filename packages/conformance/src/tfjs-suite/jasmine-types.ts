/** What is used of jasmine-core, which has no types of its own (jasmine-core.d.ts). */
export interface JasmineEnv {
  configure(options: {
    random: boolean;
    failSpecWithNoExpectations: boolean;
    specFilter(spec: JasmineNode): boolean;
  }): void;
  clearReporters(): void;
  addReporter(reporter: {
    specStarted(): void;
    specDone(result: JasmineResult): void;
    suiteDone(result: JasmineResult): void;
  }): void;
  topSuite(): JasmineNode;
  execute(): Promise<{ readonly failedExpectations: readonly JasmineFailure[] }>;
}

export interface JasmineResult {
  readonly id: string;
  readonly fullName: string;
  readonly status: 'passed' | 'failed' | 'pending' | 'excluded';
  readonly failedExpectations: readonly JasmineFailure[];
}

export interface JasmineFailure {
  readonly message: string;
  readonly stack?: string;
}

/** A suite (which has children) or a spec of the tree that was defined. */
export interface JasmineNode {
  readonly id: string;
  readonly children?: readonly JasmineNode[];
  getFullName(): string;
}

/** What jasmine would put into the global scope. */
export interface JasmineInterface {
  readonly jasmine: { getEnv(): JasmineEnv };
  xit(...args: unknown[]): JasmineNode;
  xdescribe(...args: unknown[]): JasmineNode;
}
