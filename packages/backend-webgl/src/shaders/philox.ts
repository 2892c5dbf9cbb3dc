/** Philox 4x32-10 in GLSL ES 3: the words of core's own generator (core/src/random/philox.ts). */

/** A place in a random stream, as kernels receive it: unsigned 32-bit words. */
export interface Draw {
  readonly key: readonly [number, number];
  readonly counter: readonly [number, number, number, number];
}

/** `randomWord(index)`: the draw's word of that number, from the uniforms `key` and `counter`; `randomBlock(i)`: words 4·i to 4·i + 3. */
export const PHILOX = `
  uint highProduct(uint a, uint b) {
    uint a0 = a & 0xffffu;
    uint a1 = a >> 16u;
    uint b0 = b & 0xffffu;
    uint b1 = b >> 16u;
    uint middle = a1 * b0 + ((a0 * b0) >> 16u);
    uint other = a0 * b1 + (middle & 0xffffu);
    return a1 * b1 + (middle >> 16u) + (other >> 16u);
  }

  uvec4 randomBlock(uint block) {
    uvec4 x = uvec4(counter);
    x.x += block;
    // The low 64 bits of the counter move.
    if (x.x < block) x.y += 1u;
    uvec2 k = uvec2(key);
    for (int i = 0; i < 10; i++) {
      uint high0 = highProduct(0xd2511f53u, x.x);
      uint high1 = highProduct(0xcd9e8d57u, x.z);
      x = uvec4(high1 ^ x.y ^ k.x, 0xcd9e8d57u * x.z, high0 ^ x.w ^ k.y, 0xd2511f53u * x.x);
      k += uvec2(0x9e3779b9u, 0xbb67ae85u);
    }
    return x;
  }

  uint randomWord(int index) {
    uvec4 block = randomBlock(uint(index) >> 2u);
    int word = index & 3;
    return word == 0 ? block.x : word == 1 ? block.y : word == 2 ? block.z : block.w;
  }
`;

/** The uniforms that PHILOX reads. Signed: their bits are what counts. */
export function drawValues({ key, counter }: Draw): Record<'key' | 'counter', number[]> {
  return { key: key.map((word) => word | 0), counter: counter.map((word) => word | 0) };
}
