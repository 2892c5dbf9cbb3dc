import { Tensor as TfTensor } from '@tensorflow/tfjs-core';

/** Lets `using x = …` free tensors, also where the platform has no `Symbol.dispose` yet. */
export function installSymbolDispose(): void {
  const symbols = Symbol as { dispose?: symbol };
  if (symbols.dispose === undefined) {
    Object.defineProperty(Symbol, 'dispose', { value: Symbol.for('Symbol.dispose') });
  }
  const prototype = TfTensor.prototype as unknown as Record<symbol, unknown>;
  prototype[Symbol.dispose] ??= function (this: TfTensor): void {
    this.dispose();
  };
}
