/** Tensors as programs outside tfjs's frame read them: on the GPU, and as many elements in a texel as they take for granted. */
import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { runShader } from './program.js';

/**
 * `x`, or a copy of it where it lies otherwise: four elements in a texel (two rows of two), or one.
 * The caller frees what is not `x`, with `free()`.
 */
export function laidOut(gpu: MathBackendWebGL, x: TensorInfo, inTexel: 4 | 1): TensorInfo {
  const data = gpu.texData.get(x.dataId);
  const packed = inTexel === 4;
  if (data.slice == null && data.texture == null) {
    if (packed) Object.assign(data, { isPacked: true, shape: x.shape });
    gpu.uploadToGPU(x.dataId);
  }
  const lies = (data.isPacked === true) === packed;
  if (!lies) return packed ? gpu.packTensor(x) : gpu.unpackTensor(x);
  if (data.slice == null && (!packed || `${data.shape}` === `${x.shape}`)) return x;
  const code = 'void main() { setOutput(getXAtOutCoords()); }';
  const { shape, dtype } = x as TensorInfo & { dtype: 'float32' };
  const frame = packed ? ({ packed: 'everywhere' } as const) : {};
  return runShader(gpu, { inputs: ['X'], shape, dtype, ...frame, code }, [x]);
}

/** Frees the copies among what was laid out. */
export function free(
  gpu: MathBackendWebGL,
  laid: readonly TensorInfo[],
  originals: readonly TensorInfo[] = [],
): void {
  for (const { dataId } of laid) {
    if (!originals.some((x) => x.dataId === dataId)) gpu.disposeData(dataId);
  }
}
