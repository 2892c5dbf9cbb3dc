import * as core from '@stratajs/core';
import { expect, it } from 'vitest';
import { operationCases } from '../src/operations/table.js';

/** Exports of core that are no operations on tensors, or that other checks hold: updates, random, state, indices of maxima. */
const others =
  `assertTensor describeValue isTensor watchLeaks dispose keep memory tidy grad valueAndGrad valueAndVjp vjp
  customGrad noGrad assign State Parameter Scalar scalarValue activeBackend checkPlugin closeBackends compositeOf use
  createModel listModels modelEntry register nearest StrataError ShapeError ConfigError DataError
  CheckpointError CompileError BackendError tensor constant scalar zeros ones full zerosLike onesLike arange
  linspace eye adamUpdate averageUpdate compile guard isCompiling recordedAt addToMessage lastUses readsOf dropout firstNonFinite sgdUpdate defaultRng seed philox Rng decodeSafetensors
  encodeSafetensors adaptiveMaxPool2dWithIndices`.split(/\s+/);

it('holds a golden case for every operation that core exports', () => {
  const covered = new Set(operationCases().map(({ golden }) => golden.name.split(',')[0]));
  const exported = Object.entries(core).flatMap(([name, f]) =>
    typeof f === 'function' ? [name] : [],
  );
  expect(exported.filter((name) => !covered.has(name) && !others.includes(name))).toEqual([]);
});
