/**
 * Convolution over NHWC images for machines without native code, as products of matrices: each image's
 * patches are laid out as rows (im2col), and both backward passes go the same way back.
 */
import { gemm, type Matrix } from './gemm.js';

/** Sizes as tfjs's `computeConv2DInfo` resolves them; one group. */
export interface Conv2dSizes {
  readonly batchSize: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outChannels: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  readonly padInfo: { readonly top: number; readonly left: number };
}

const rows = (data: Float32Array, offset: number, columns: number): Matrix => ({
  data,
  offset,
  rowStride: columns,
  columnStride: 1,
});
const columnsOf = (data: Float32Array, offset: number, columns: number): Matrix => ({
  data,
  offset,
  rowStride: 1,
  columnStride: columns,
});

/** y[N, OH, OW, O] = patches of x[N, H, W, C] · w[KH·KW·C, O]. */
export function conv2d(s: Conv2dSizes, x: Float32Array, w: Float32Array): Float32Array {
  const { positions, patch, inSize, outSize } = sizes(s);
  const y = new Float32Array(s.batchSize * outSize);
  const patches = new Float32Array(positions * patch);
  for (let n = 0; n < s.batchSize; n++) {
    gather(s, x, n * inSize, patches);
    gemm(
      positions,
      s.outChannels,
      patch,
      rows(patches, 0, patch),
      rows(w, 0, s.outChannels),
      y,
      n * outSize,
    );
  }
  return y;
}

/** dx = dy · wᵀ, its patches added back to where they came from. */
export function conv2dBackpropInput(
  s: Conv2dSizes,
  dy: Float32Array,
  w: Float32Array,
): Float32Array {
  const { positions, patch, inSize, outSize } = sizes(s);
  const dx = new Float32Array(s.batchSize * inSize);
  const patches = new Float32Array(positions * patch);
  for (let n = 0; n < s.batchSize; n++) {
    patches.fill(0);
    gemm(
      positions,
      patch,
      s.outChannels,
      rows(dy, n * outSize, s.outChannels),
      columnsOf(w, 0, s.outChannels),
      patches,
      0,
    );
    scatter(s, patches, dx, n * inSize);
  }
  return dx;
}

/** dw = patchesᵀ · dy, summed over the batch. */
export function conv2dBackpropFilter(
  s: Conv2dSizes,
  x: Float32Array,
  dy: Float32Array,
): Float32Array {
  const { positions, patch, inSize, outSize } = sizes(s);
  const dw = new Float32Array(patch * s.outChannels);
  const patches = new Float32Array(positions * patch);
  for (let n = 0; n < s.batchSize; n++) {
    gather(s, x, n * inSize, patches);
    gemm(
      patch,
      s.outChannels,
      positions,
      columnsOf(patches, 0, patch),
      rows(dy, n * outSize, s.outChannels),
      dw,
      0,
    );
  }
  return dw;
}

function sizes(s: Conv2dSizes): {
  positions: number;
  patch: number;
  inSize: number;
  outSize: number;
} {
  const positions = s.outHeight * s.outWidth;
  return {
    positions,
    patch: s.filterHeight * s.filterWidth * s.inChannels,
    inSize: s.inHeight * s.inWidth * s.inChannels,
    outSize: positions * s.outChannels,
  };
}

/** Calls `visit(patchOffset, imageOffset)` for each filter tap of each position; −1 where it lies in the padding. */
function eachTap(s: Conv2dSizes, visit: (patchAt: number, imageAt: number) => void): void {
  let at = 0;
  for (let oh = 0; oh < s.outHeight; oh++) {
    for (let ow = 0; ow < s.outWidth; ow++) {
      for (let kh = 0; kh < s.filterHeight; kh++) {
        const h = oh * s.strideHeight - s.padInfo.top + kh * s.dilationHeight;
        for (let kw = 0; kw < s.filterWidth; kw++, at += s.inChannels) {
          const w = ow * s.strideWidth - s.padInfo.left + kw * s.dilationWidth;
          const inside = h >= 0 && h < s.inHeight && w >= 0 && w < s.inWidth;
          visit(at, inside ? (h * s.inWidth + w) * s.inChannels : -1);
        }
      }
    }
  }
}

function gather(s: Conv2dSizes, x: Float32Array, start: number, patches: Float32Array): void {
  const { inChannels } = s;
  eachTap(s, (patchAt, imageAt) => {
    for (let c = 0; c < inChannels; c++)
      patches[patchAt + c] = imageAt < 0 ? 0 : x[start + imageAt + c]!;
  });
}

function scatter(s: Conv2dSizes, patches: Float32Array, dx: Float32Array, start: number): void {
  const { inChannels } = s;
  eachTap(s, (patchAt, imageAt) => {
    if (imageAt < 0) return;
    for (let c = 0; c < inChannels; c++) {
      const i = start + imageAt + c;
      dx[i] = dx[i]! + patches[patchAt + c]!;
    }
  });
}
