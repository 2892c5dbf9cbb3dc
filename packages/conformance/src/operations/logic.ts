import * as core from '@stratajs/core';
import type { Table } from './types.js';

type Tensor = core.Tensor;

/** Gives a function of truth values numbers to work on: true where they are above 0. */
function ofTruth(f: (...xs: Tensor[]) => Tensor): (...xs: Tensor[]) => Tensor {
  return (...xs) => core.tidy(() => f(...xs.map((x) => core.greater(x, 0))));
}

const ofLogarithm = (f: (x: Tensor) => Tensor) => (x: Tensor) => core.tidy(() => f(core.log(x)));

/** Operations of golden/logic.py. */
export const logic: Table = {
  equal: core.equal,
  notEqual: core.notEqual,
  greater: core.greater,
  greaterEqual: core.greaterEqual,
  less: core.less,
  lessEqual: core.lessEqual,
  logicalAnd: ofTruth((a, b) => core.logicalAnd(a!, b!)),
  logicalOr: ofTruth((a, b) => core.logicalOr(a!, b!)),
  logicalXor: ofTruth((a, b) => core.logicalXor(a!, b!)),
  logicalNot: ofTruth((a) => core.logicalNot(a!)),
  any: ofTruth((a) => core.any(a!, { axis: 1 })),
  all: ofTruth((a) => core.all(a!, { axis: 0 })),
  oneHot: (x) => core.tidy(() => core.oneHot(core.cast(x, 'int32'), 4)),
  isNaN: ofLogarithm(core.isNaN),
  isInf: ofLogarithm(core.isInf),
  isFinite: ofLogarithm(core.isFinite),
};
