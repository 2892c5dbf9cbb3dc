/** tfjs's shaders that are wrong, mended as they come by. */
import type { WebGPUProgram } from '@tensorflow/tfjs-backend-webgpu';
import type { DataType } from '@tensorflow/tfjs-core';

/** Names of a coordinate's parts; beyond four they belong to structures, which cannot be indexed. */
const PARTS = 'xyzwuv';

/** @param dtype of the result. */
export function mended(program: WebGPUProgram, dtype: DataType): WebGPUProgram {
  const { shaderKey, outputShape } = program;
  if (shaderKey.startsWith('cum_')) {
    // The length of the last axis stands in the code, and not in the key by which it is found again.
    program.shaderKey = `${shaderKey}_${outputShape.at(-1)}`;
  }
  if (shaderKey.startsWith('transpose_')) {
    // The code writes floats, whatever it reads. Types are part of the key.
    const isFloat = dtype === 'float32';
    const set = isFloat ? 'setOutputAtIndex' : 'setOutputAtIndexI32';
    const type = isFloat ? 'f32' : 'i32';
    rewrite(program, (code) =>
      code.replace(
        /setOutputAtIndex\(flatIndex, (A\[[^\]]*\])\)/,
        (_, element: string) => `${set}(flatIndex, ${type}(${element}))`,
      ),
    );
  }
  if (outputShape.length > 4) {
    rewrite(program, (code) =>
      code.replaceAll(/\bcoords\[([0-5])\]/g, (_, axis: string) => `coords.${PARTS[Number(axis)]}`),
    );
  }
  return program;
}

function rewrite(program: WebGPUProgram, change: (code: string) => string): void {
  const code = program.getUserCode.bind(program);
  program.getUserCode = () => change(code());
}
