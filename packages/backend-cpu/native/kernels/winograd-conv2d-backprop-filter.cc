// winogradConv2dBackpropFilter(x, dy, dfilter, sizes, tile): the gradient of a convolution with 3×3 filters, without stride or
// dilation, with respect to its filter, by Winograd's F(3×3, tile×tile); `tile` is 2 or 4. As conv2dBackpropFilter otherwise;
// what is not finite spreads over the gradient of its pair of channels.
//   dfilter = Ãᵀ [ Σ over tiles (Bᵀ x B) ⊙ (G̃ dy G̃ᵀ) ] Ã
// In the transformed domain these are α² products whose depth runs over the tiles. Tiles are divided into blocks and blocks
// into chunks, by sizes alone; each chunk has a sum of its own, and these are added as a tree, by whichever thread completes a
// pair: the sums of neighbours are in one core's cache.
#include "conv/winograd-transform.h"
#include "conv/winograd.h"
#include "kernel.h"
#include "runtime/sizes.h"
#include "simd/lanes.h"

STRATA_BEGIN

namespace {

/** Floats of a block's transformed inputs and gradients; a chunk's sums share the second-level cache with them. */
constexpr size_t kBlockFloats = (kTileRows > 6 ? 256 : 96) * 1024;
/** A chunk's sums must repay their addition: tiles per chunk at least, and chunks at most; a power of two divides evenly among threads. */
constexpr size_t kChunkTiles = 48;
constexpr size_t kChunks = 16;
/** Floats of all chunks' sums at most (64 MiB). */
constexpr size_t kSumFloats = 16 * 1024 * 1024;
/** Values of the gradient worth handing to another thread. */
constexpr size_t kTapGrain = 2048;

constexpr Segment kWhole[1] = {{0, 0}};

struct Gradient {
  TileGrid grid;
  const float* x;
  const float* dy;
  size_t inChannels;
  size_t outChannels;

  /** One element's sums are [inChannels, sumStride]. */
  size_t sumStride() const { return tileStride(outChannels); }
  size_t sumPitch() const { return inChannels * sumStride() + 16; }
};

/** The order of the sums, a function of the sizes alone. */
struct Plan {
  size_t tilesPerBlock;
  size_t tilesPerChunk;
  size_t chunks;
};

Plan planGradient(const Gradient& gradient) {
  const size_t elements = elementsOf(gradient.grid);
  const size_t tiles = gradient.grid.tiles();
  const size_t atMost = least(tiles / kChunkTiles, kSumFloats / (elements * gradient.sumPitch()));
  size_t chunks = 1;
  while (chunks < kChunks && 2 * chunks <= atMost) {
    chunks *= 2;
  }
  const size_t inChunk = ceilDivide(tiles, chunks);
  const size_t fitting = kBlockFloats / (elements * (tileStride(gradient.inChannels) + gradient.sumStride()));
  const size_t blocks = ceilDivide(inChunk, fitting < 16 ? 16 : fitting);
  Plan plan;
  plan.tilesPerBlock = ceilDivide(inChunk, blocks);
  plan.tilesPerChunk = plan.tilesPerBlock * blocks;
  plan.chunks = ceilDivide(tiles, plan.tilesPerChunk);
  return plan;
}

/** G̃ dy G̃ᵀ of `count` tiles from `first` on; zeros beyond the outputs. */
template <size_t kTile>
void transformGradient(const Gradient& gradient, size_t first, size_t count, const TransformedTiles& to) {
  constexpr size_t kAlpha = Winograd<kTile>::kAlpha;
  const TileGrid& grid = gradient.grid;
  const size_t channels = gradient.outChannels;
  const size_t pitch = grid.columns.outputs * channels;
  const auto transform = [](const auto& dy, auto& z) { Winograd<kTile>::gradient(dy, z); };
  for (size_t t = 0; t < count; ++t) {
    const TilePlace place = placeOf(grid, first + t);
    const size_t rows = least(kTile, grid.rows.outputs - place.row);
    const size_t columns = least(kTile, grid.columns.outputs - place.column);
    const float* const from = gradient.dy + (place.image * grid.rows.outputs + place.row) * pitch + place.column * channels;
    float* const tile = to.data + t * to.stride;
    const auto transformLanes = [&](auto lanes, size_t o) {
      transformTile<kTile, kAlpha>(
          transform,
          [&](size_t i, size_t j) {
            return i < rows && j < columns ? lanes.get(from + i * pitch + j * channels + o) : Vector{};
          },
          [&](size_t i, size_t j, Vector value) { store(tile + (i * kAlpha + j) * to.pitch + o, value); });
    };
    size_t o = 0;
    for (; o + kLanes <= channels; o += kLanes) {
      transformLanes(Whole{}, o);
    }
    if (o < channels) {
      transformLanes(Part{channels - o}, o);
    }
  }
}

/** sums (+)= xᵀ · dy for each element of `count` tiles. */
void addProducts(const Gradient& gradient, const TransformedTiles& x, const TransformedTiles& dy, size_t count, bool accumulate,
                 float* sums) {
  Tile tile;
  tile.segments = kWhole;
  tile.segmentCount = 1;
  tile.aStride = x.stride;
  tile.bStride = dy.stride;
  tile.cStride = gradient.sumStride();
  tile.depth = count;
  tile.accumulate = accumulate;
  tile.bias = nullptr;
  tile.activation = Activation::linear;
  for (size_t element = 0; element < elementsOf(gradient.grid); ++element) {
    for (size_t o = 0; o < gradient.outChannels; o += kTileColumns) {
      tile.columns = least(kTileColumns, gradient.outChannels - o);
      tile.b = dy.data + element * dy.pitch + o;
      const size_t tiles = ceilDivide(gradient.inChannels, tileRows(tile.columns));
      for (size_t t = 0, c = 0; t < tiles; ++t) {
        const size_t height = gradient.inChannels / tiles + (t < gradient.inChannels % tiles ? 1 : 0);
        tile.a = x.data + element * x.pitch + c;
        tile.c = sums + element * gradient.sumPitch() + c * tile.cStride + o;
        tileFunction(Order::rows, height, tile.columns)(tile);
        c += height;
      }
    }
  }
}

/** The chunks under the left half of the tree; those under the right half are as many or fewer, or none. */
size_t leftChunks(size_t chunks) {
  size_t left = 1;
  while (2 * left < chunks) {
    left *= 2;
  }
  return left;
}

/**
 * To be called when a chunk's sums are there: adds neighbours, neighbouring pairs, and so on, where both are there, up to the
 * halves of the tree. `arrived` has a zero for every chunk at first.
 */
void mergeChunks(float* sums, size_t floats, size_t chunk, size_t chunks, uint8_t* arrived) {
  const size_t half = leftChunks(chunks);
  for (size_t span = 1; span < half; span *= 2) {
    const size_t left = chunk / (2 * span) * (2 * span);
    const size_t right = left + span;
    if (right >= chunks) {
      continue;
    }
    if (__atomic_fetch_add(arrived + right, 1, __ATOMIC_ACQ_REL) == 0) {
      return;
    }
    float* const to = sums + left * floats;
    const float* const from = sums + right * floats;
    size_t i = 0;
    for (; i + kLanes <= floats; i += kLanes) {
      store(to + i, load(to + i) + load(from + i));
    }
    for (; i < floats; ++i) {
      to[i] += from[i];
    }
  }
}

/** Ãᵀ s Ã of input channels [begin, end), s the sum of the tree's halves. */
template <size_t kTile>
void transformSums(const Gradient& gradient, const float* sums, size_t chunks, size_t begin, size_t end, float* dfilter) {
  constexpr size_t kAlpha = Winograd<kTile>::kAlpha;
  const size_t outChannels = gradient.outChannels;
  const size_t tapStride = gradient.inChannels * outChannels;
  const size_t pitch = gradient.sumPitch();
  const size_t toRight = leftChunks(chunks) * kAlpha * kAlpha * pitch;
  const auto transform = [](const auto& s, auto& g) { Winograd<kTile>::taps(s, g); };
  for (size_t c = begin; c < end; ++c) {
    for (size_t o = 0; o < outChannels; o += kLanes) {
      const size_t count = least(kLanes, outChannels - o);
      const float* const from = sums + c * gradient.sumStride() + o;
      transformTile<kAlpha, 3>(
          transform,
          [&](size_t i, size_t j) {
            const float* const at = from + (i * kAlpha + j) * pitch;
            const Vector sum = loadPart(at, count);
            return chunks == 1 ? sum : sum + loadPart(at + toRight, count);
          },
          [&](size_t t, size_t u, Vector value) {
            storePart(dfilter + (t * 3 + u) * tapStride + c * outChannels + o, value, count);
          });
    }
  }
}

}  // namespace

STRATA_KERNEL(winogradConv2dBackpropFilter) {
  const ConvSizes sizes = readConvSizes(call, 3);
  const size_t tile = call.size(4);
  checkWinograd(call, sizes, tile);
  const size_t filters = sizes.filters();
  const Gradient gradient = {{sizes.batch, sizes.rows, sizes.columns, tile},
                             call.floats(0, sizes.inputs()),
                             call.floats(1, sizes.outputs()),
                             sizes.inChannels,
                             sizes.outChannels};
  float* dfilter = call.floats(2, filters);
  if (call.failed() || filters == 0) {
    return;
  }
  const size_t tiles = gradient.grid.tiles();
  if (tiles == 0) {
    __builtin_memset(dfilter, 0, filters * sizeof(float));
    return;
  }
  const Plan plan = planGradient(gradient);
  const size_t elements = elementsOf(gradient.grid);
  const size_t sumFloats = elements * gradient.sumPitch();
  const size_t xFloats = elements * transformedTiles(nullptr, sizes.inChannels, plan.tilesPerBlock).pitch;
  const size_t dyFloats = elements * transformedTiles(nullptr, sizes.outChannels, plan.tilesPerBlock).pitch;
  const size_t zeroFloats = roundUp(sizes.inChannels, 16);
  const size_t floats =
      zeroFloats + plan.chunks * sumFloats + static_cast<size_t>(call.threads()) * (xFloats + dyFloats) + kTileColumns;
  float* const zeros = static_cast<float*>(call.scratch(floats * sizeof(float)));
  if (call.failed()) {
    return;
  }
  __builtin_memset(zeros, 0, sizes.inChannels * sizeof(float));
  float* const sums = zeros + zeroFloats;
  float* const workspaces = sums + plan.chunks * sumFloats;
  uint8_t arrived[kChunks] = {};
  call.parallelFor(plan.chunks, 1, [&](size_t begin, size_t end, int slot) {
    float* const mine = workspaces + static_cast<size_t>(slot) * (xFloats + dyFloats);
    const TransformedTiles x = transformedTiles(mine, sizes.inChannels, plan.tilesPerBlock);
    const TransformedTiles dy = transformedTiles(mine + xFloats, sizes.outChannels, plan.tilesPerBlock);
    for (size_t chunk = begin; chunk < end; ++chunk) {
      const size_t start = chunk * plan.tilesPerChunk;
      const size_t stop = least(tiles, start + plan.tilesPerChunk);
      for (size_t first = start; first < stop; first += plan.tilesPerBlock) {
        const size_t count = least(plan.tilesPerBlock, stop - first);
        transformInput(gradient.grid, gradient.x, sizes.inChannels, first, count, zeros, x);
        (tile == 2 ? transformGradient<2> : transformGradient<4>)(gradient, first, count, dy);
        addProducts(gradient, x, dy, count, first > start, sums + chunk * sumFloats);
      }
      mergeChunks(sums, sumFloats, chunk, plan.chunks, arrived);
    }
  });
  call.parallelFor(sizes.inChannels, kTapGrain / sizes.outChannels + 1, [&](size_t begin, size_t end, int) {
    (tile == 2 ? transformSums<2> : transformSums<4>)(gradient, sums, plan.chunks, begin, end, dfilter);
  });
}

STRATA_END
