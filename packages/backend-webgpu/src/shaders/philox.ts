/** Philox 4x32-10 in WGSL: the words of core's own generator (core/src/random/philox.ts). */

/** A place in a random stream, as kernels receive it: unsigned 32-bit words. */
export interface Draw {
  readonly key: readonly [number, number];
  readonly counter: readonly [number, number, number, number];
}

/** `philox(block)`: the four words of the draw's block of that number, from the uniforms `key` and `counter`. */
export const PHILOX = `
  fn highProduct(a : u32, b : u32) -> u32 {
    let a0 = a & 0xffffu;
    let a1 = a >> 16u;
    let b0 = b & 0xffffu;
    let b1 = b >> 16u;
    let middle = a1 * b0 + ((a0 * b0) >> 16u);
    let other = a0 * b1 + (middle & 0xffffu);
    return a1 * b1 + (middle >> 16u) + (other >> 16u);
  }

  fn philox(block : u32) -> vec4<u32> {
    var x = uniforms.counter;
    x.x = x.x + block;
    // The low 64 bits of the counter move.
    x.y = x.y + select(0u, 1u, x.x < block);
    var key = uniforms.key;
    for (var round = 0; round < 10; round = round + 1) {
      let high0 = highProduct(0xd2511f53u, x.x);
      let high1 = highProduct(0xcd9e8d57u, x.z);
      x = vec4<u32>(high1 ^ x.y ^ key.x, 0xcd9e8d57u * x.z, high0 ^ x.w ^ key.y, 0xd2511f53u * x.x);
      key = key + vec2<u32>(0x9e3779b9u, 0xbb67ae85u);
    }
    return x;
  }
`;

/** The uniforms that PHILOX reads, and their values. */
export const DRAW_UNIFORMS = 'key : vec2<u32>, counter : vec4<u32>,';

export function drawUniforms({ key, counter }: Draw): { type: string; data: number[] }[] {
  return [
    { type: 'uint32', data: [...key] },
    { type: 'uint32', data: [...counter] },
  ];
}
