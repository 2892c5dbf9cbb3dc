import jasmineCore from 'jasmine-core';
import type { JasmineInterface } from './jasmine-types.js';

/** A fresh jasmine that leaves the global scope alone. */
export function bootJasmine(): JasmineInterface {
  return jasmineCore.noGlobals(true) as JasmineInterface;
}
