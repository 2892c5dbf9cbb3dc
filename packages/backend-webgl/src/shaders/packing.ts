/**
 * Between one element in a texel and four. tfjs's own programs for it know the shape, and so are compiled for every shape anew:
 * they were a third of all programs of a network's first step.
 */
import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { runFragment } from './fragment.js';

/** Of a tensor of one element in a texel, on the GPU. */
export function pack(gpu: MathBackendWebGL, x: TensorInfo): TensorInfo {
  const [packed] = runFragment(gpu, {
    textures: { x },
    ints: { offset: [gpu.texData.get(x.dataId).slice?.flatOffset ?? 0] },
    results: { four: x },
    packed: true,
    code: `
      float elementOf(int index) { return texelAt(x, index + offset).x; }
      void main() {
        int i = element();
        bvec4 has = inside();
        four = vec4(
          elementOf(i),
          has.y ? elementOf(i + 1) : 0.0,
          has.z ? elementOf(i + place.y) : 0.0,
          has.w ? elementOf(i + place.y + 1) : 0.0
        );
      }
    `,
  });
  return packed!;
}

/** Of a tensor of four elements in a texel, on the GPU and of the shape that it was written with. */
export function unpack(gpu: MathBackendWebGL, x: TensorInfo): TensorInfo {
  const [unpacked] = runFragment(gpu, {
    textures: { x },
    results: { one: x },
    packed: false,
    code: `
      void main() {
        int column = texel() % place.y;
        int row = texel() / place.y % place.x;
        int matrix = texel() / (place.x * place.y);
        ivec2 halves = (place.xy + 1) / 2;
        int i = (matrix * halves.x + row / 2) * halves.y + column / 2;
        one = vec4(texelAt(x, i)[row % 2 * 2 + column % 2], 0.0, 0.0, 0.0);
      }
    `,
  });
  return unpacked!;
}
