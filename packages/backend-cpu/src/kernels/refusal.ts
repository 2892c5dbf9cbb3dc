import { ConfigError } from '@stratajs/core';

/** What `kernel` throws for an error of native code: a ConfigError for values that it refuses, else the error itself. */
export function refusalOf(kernel: string, error: unknown): unknown {
  const { code, message } = error as { code?: string; message: string };
  if (code === 'STRATA_LABEL') {
    return new ConfigError(
      `A label of softmaxCrossEntropy() is the index of a class. Received: ${message}. ` +
        'Check the data set, and the number of classes of the model.',
    );
  }
  if (code === 'STRATA_INDEX') {
    return new ConfigError(`${kernel}: ${message}. Give indices inside the axis.`);
  }
  return error;
}
