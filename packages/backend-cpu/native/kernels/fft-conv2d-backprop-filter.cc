// fftConv2dBackpropFilter(x, dy, dfilter, sizes, size): the gradient of a convolution without stride or dilation with respect
// to its filter by Fourier transforms of `size` × `size`; as conv2dBackpropFilter otherwise.
// With z = x_a + i·x_b and d = dy_a + i·dy_b of two tiles, the real part of what z · conj(d) transforms back to is the sum of
// both tiles' contributions: only the half of the spectrum that belongs to a real result is computed. What is not finite
// spreads over the gradient of its channel.
#include "conv/fft-convolution.h"
#include "conv/fourier-lanes.h"
#include "kernel.h"
#include "runtime/sizes.h"

STRATA_BEGIN

namespace {

/** Floats of the spectra of one block of pairs at most (128 MiB), unless one tile of a product needs more. */
constexpr size_t kBlockFloats = 32 * 1024 * 1024;
constexpr size_t kLeastPairs = 8;
/** Products that are worth handing to another thread. */
constexpr size_t kPieceWork = 400'000;

/** Sums of one bin: real parts [inChannels, stride], then imaginary ones. */
struct Sums {
  float* data;
  size_t stride;
  size_t pitch;
};

/** Adds z · conj(d) of the bin's pairs and the conjugate of the opposite bin's, halves of which are the sum's spectrum. */
void addBin(const Spectra& x, const Spectra& dy, size_t inChannels, size_t outChannels, size_t pairs, size_t bin,
            size_t opposite, bool accumulate, const Sums& sums, size_t index, float* factors) {
  // The factors of imaginary parts: re dy, −im dy, and of the opposite bin −re dy, im dy.
  const size_t rowsOf = pairs * dy.stride;
  for (size_t p = 0; p < pairs; ++p) {
    const float* const own = dy.data + bin * dy.pitch + 2 * p * dy.stride;
    const float* const other = dy.data + opposite * dy.pitch + 2 * p * dy.stride;
    float* const to = factors + p * dy.stride;
    for (size_t o = 0; o < dy.stride; o += kLanes) {
      store(to + o, load(own + o));
      store(to + rowsOf + o, -load(own + dy.stride + o));
      store(to + 2 * rowsOf + o, -load(other + o));
      store(to + 3 * rowsOf + o, load(other + dy.stride + o));
    }
  }
  const size_t a = bin * x.pitch;
  const size_t b = opposite * x.pitch;
  const size_t from = bin * dy.pitch;
  const size_t fromOther = opposite * dy.pitch;
  const Segment real[4] = {
      {a, from}, {a + x.stride, from + dy.stride}, {b, fromOther}, {b + x.stride, fromOther + dy.stride}};
  const Segment imaginary[4] = {{a + x.stride, 0}, {a, rowsOf}, {b + x.stride, 2 * rowsOf}, {b, 3 * rowsOf}};
  Tile tile;
  tile.aStride = 2 * x.stride;
  tile.segmentCount = 4;
  tile.depth = pairs;
  tile.cStride = sums.stride;
  tile.accumulate = accumulate;
  tile.bias = nullptr;
  tile.activation = Activation::linear;
  for (size_t o = 0; o < outChannels; o += kTileColumns) {
    tile.columns = least(kTileColumns, outChannels - o);
    const size_t tiles = ceilDivide(inChannels, tileRows(tile.columns));
    for (size_t t = 0, c = 0; t < tiles; ++t) {
      const size_t height = inChannels / tiles + (t < inChannels % tiles ? 1 : 0);
      const TileFunction compute = tileFunction(Order::rows, height, tile.columns);
      tile.a = x.data + c;
      tile.c = sums.data + index * sums.pitch + c * sums.stride + o;
      tile.b = dy.data + o;
      tile.bStride = 2 * dy.stride;
      tile.segments = real;
      compute(tile);
      tile.c += inChannels * sums.stride;
      tile.b = factors + o;
      tile.bStride = dy.stride;
      tile.segments = imaginary;
      compute(tile);
      c += height;
    }
  }
}

/** The gradient from input channels c and c + 1, for kLanes output channels from `o` on: two real results of one transform. */
void restoreTaps(const FourierTables& tables, const ConvSizes& sizes, const int32_t* half, const Sums& sums, size_t c, size_t o,
                 float* dfilter, Vector* buffer) {
  const size_t size = tables.size;
  const size_t linePitch = 2 * size + 2;
  const size_t lanes = least(kLanes, sizes.outChannels - o);
  const bool isPair = c + 1 < sizes.inChannels;
  const size_t imaginary = sizes.inChannels * sums.stride;
  for (size_t h = 0; h < halfRows(size); ++h) {
    const size_t i = static_cast<size_t>(half[h]);
    const size_t opposite = static_cast<size_t>(tables.mirror[i]);
    for (size_t j = 0; j < size; ++j) {
      const float* const at = sums.data + (h * size + j) * sums.pitch + c * sums.stride + o;
      const Complex first = {loadPart(at, lanes), loadPart(at + imaginary, lanes)};
      const Complex second = isPair ? Complex{loadPart(at + sums.stride, lanes), loadPart(at + imaginary + sums.stride, lanes)}
                                    : Complex{Vector{}, Vector{}};
      if (opposite != i) {
        const Complex conjugate = {first.re + second.im, second.re - first.im};
        putComplex(buffer + opposite * linePitch, static_cast<size_t>(tables.mirror[j]), conjugate);
      }
      putComplex(buffer + i * linePitch, j, first + turned(second));
    }
  }
  Vector* const line = buffer + size * linePitch;
  for (size_t j = 0; j < size; ++j) {
    for (size_t i = 0; i < size; ++i) {
      putComplex(line, i, complexAt(buffer + i * linePitch, j));
    }
    fourierInverse(line, tables);
    for (size_t i = 0; i < sizes.rows.taps; ++i) {
      putComplex(buffer + i * linePitch, j, complexAt(line, i));
    }
  }
  // Half of a bin and its opposite each, and what two transforms multiply by.
  const float scale = 0.5f / static_cast<float>(size * size);
  for (size_t t = 0; t < sizes.rows.taps; ++t) {
    fourierInverse(buffer + t * linePitch, tables);
    for (size_t u = 0; u < sizes.columns.taps; ++u) {
      const Complex tap = complexAt(buffer + t * linePitch, u);
      float* const to = dfilter + ((t * sizes.columns.taps + u) * sizes.inChannels + c) * sizes.outChannels + o;
      storePart(to, tap.re * scale, lanes);
      if (isPair) {
        storePart(to + sizes.outChannels, tap.im * scale, lanes);
      }
    }
  }
}

}  // namespace

STRATA_KERNEL(fftConv2dBackpropFilter) {
  const ConvSizes sizes = readConvSizes(call, 3);
  const size_t size = call.size(4);
  checkFourier(call, sizes, size);
  const size_t filters = sizes.filters();
  const float* x = call.floats(0, sizes.inputs());
  const float* dy = call.floats(1, sizes.outputs());
  float* dfilter = call.floats(2, filters);
  if (call.failed() || filters == 0) {
    return;
  }
  const size_t taps = sizes.rows.taps > sizes.columns.taps ? sizes.rows.taps : sizes.columns.taps;
  const TileGrid grid = {sizes.batch, sizes.rows, sizes.columns, size + 1 - taps};
  if (grid.tiles() == 0) {
    __builtin_memset(dfilter, 0, filters * sizeof(float));
    return;
  }
  const size_t inChannels = sizes.inChannels;
  const size_t outChannels = sizes.outChannels;
  const size_t bins = size * size;
  const size_t halfBins = halfRows(size) * size;
  // Blocks decide how sums are rounded: a function of the sizes alone.
  const size_t pairs = ceilDivide(grid.tiles(), 2);
  const size_t fitting = kBlockFloats / (2 * bins * (spectrumStride(inChannels) + spectrumStride(outChannels)));
  const size_t perBlock = least(fitting < kLeastPairs ? kLeastPairs : fitting, pairs);
  const size_t sumStride = spectrumStride(outChannels);
  const size_t sumPitch = 2 * inChannels * sumStride + 16;
  const size_t xFloats = bins * spectra(nullptr, inChannels, perBlock).pitch;
  const size_t dyFloats = bins * spectra(nullptr, outChannels, perBlock).pitch + kTileColumns;
  const size_t factorFloats = roundUp(4 * perBlock * sumStride + kTileColumns, 16);
  const size_t bufferFloats = bufferVectors(size) * kLanes;
  const size_t perThread = bufferFloats > factorFloats ? bufferFloats : factorFloats;
  const size_t tableFloats = fourierTableFloats(size) + roundUp(halfRows(size), 16);
  const size_t floats = tableFloats + xFloats + roundUp(dyFloats, 16) + halfBins * sumPitch +
                        static_cast<size_t>(call.threads()) * perThread;
  float* const scratch = static_cast<float*>(call.scratch(floats * sizeof(float)));
  if (call.failed()) {
    return;
  }
  const FourierTables tables = makeFourierTables(size, scratch);
  int32_t* const half = reinterpret_cast<int32_t*>(scratch + fourierTableFloats(size));
  listHalfRows(tables, half);
  const Spectra ofX = spectra(scratch + tableFloats, inChannels, perBlock);
  const Spectra ofDy = spectra(ofX.data + xFloats, outChannels, perBlock);
  const Sums sums = {ofDy.data + roundUp(dyFloats, 16), sumStride, sumPitch};
  float* const workspaces = sums.data + halfBins * sumPitch;
  const auto workspace = [=](int slot) { return workspaces + static_cast<size_t>(slot) * perThread; };

  const Patches inputs = {x,          sizes.rows.sources, sizes.columns.sources, inChannels, sizes.rows.first, sizes.columns.first,
                          size};
  const Patches gradients = {dy, sizes.rows.outputs, sizes.columns.outputs, outChannels, 0, 0, grid.tile};
  const size_t inBlocks = ceilDivide(inChannels, kLanes);
  const size_t outBlocks = ceilDivide(outChannels, kLanes);
  for (size_t first = 0; first < pairs; first += perBlock) {
    const size_t count = least(perBlock, pairs - first);
    call.parallelFor(count * (inBlocks + outBlocks), 1, [&](size_t begin, size_t end, int slot) {
      for (size_t index = begin; index < end; ++index) {
        const size_t pair = index / (inBlocks + outBlocks);
        const size_t block = index % (inBlocks + outBlocks);
        Vector* const buffer = reinterpret_cast<Vector*>(workspace(slot));
        if (block < inBlocks) {
          transformPatches(tables, grid, inputs, first + pair, block * kLanes, ofX, pair, buffer);
        } else {
          transformPatches(tables, grid, gradients, first + pair, (block - inBlocks) * kLanes, ofDy, pair, buffer);
        }
      }
    });
    const size_t binWork = 8 * count * inChannels * outChannels + 1;
    call.parallelFor(halfBins, kPieceWork / binWork + 1, [&](size_t begin, size_t end, int slot) {
      for (size_t index = begin; index < end; ++index) {
        const size_t i = static_cast<size_t>(half[index / size]);
        const size_t j = index % size;
        const size_t opposite = static_cast<size_t>(tables.mirror[i]) * size + static_cast<size_t>(tables.mirror[j]);
        addBin(ofX, ofDy, inChannels, outChannels, count, i * size + j, opposite, first > 0, sums, index, workspace(slot));
      }
    });
  }
  call.parallelFor(ceilDivide(inChannels, 2) * outBlocks, 1, [&](size_t begin, size_t end, int slot) {
    for (size_t index = begin; index < end; ++index) {
      restoreTaps(tables, sizes, half, sums, index / outBlocks * 2, index % outBlocks * kLanes, dfilter,
                  reinterpret_cast<Vector*>(workspace(slot)));
    }
  });
}

STRATA_END
