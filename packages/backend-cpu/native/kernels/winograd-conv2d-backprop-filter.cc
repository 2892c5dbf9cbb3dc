// winogradConv2dBackpropFilter(x, dy, dfilter, sizes, tile): the gradient of a convolution with 3×3 filters, without stride or
// dilation, with respect to its filter, by Winograd's F(3×3, tile×tile); `tile` is 2 or 4. As conv2dBackpropFilter otherwise;
// what is not finite spreads over the gradient of its pair of channels.
//   dfilter = Ãᵀ [ Σ over tiles (Bᵀ x B) ⊙ (G̃ dy G̃ᵀ) ] Ã
// In the transformed domain these are α² products whose depth runs over the tiles. Tiles are divided into blocks and blocks
// into chunks, by sizes alone; each chunk has a sum of its own, and these are added as a tree, by whichever thread completes a
// pair: the sums of neighbours are in one core's cache. Where few tiles meet many channels, sums are what is large: then
// all tiles are transformed first, and strips of input channels are summed over all of them, each transformed back while
// it is in the cache.
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

/** Floats of a strip's sums: a part of the second-level cache. */
constexpr size_t kStripFloats = (kTileRows > 6 ? 256 : 96) * 1024;
/** Floats of all transformed tiles at most where strips are summed (64 MiB). */
constexpr size_t kStripTileFloats = 16 * 1024 * 1024;

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

/** Sums of input channels [begin, end): those of element e begin at data[e·pitch]. */
struct Sums {
  float* data;
  size_t pitch;
  size_t begin;
  size_t end;
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
                 const Sums& sums) {
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
  const size_t channels = sums.end - sums.begin;
  for (size_t element = 0; element < elementsOf(gradient.grid); ++element) {
    for (size_t o = 0; o < gradient.outChannels; o += kTileColumns) {
      tile.columns = least(kTileColumns, gradient.outChannels - o);
      tile.b = dy.data + element * dy.pitch + o;
      const size_t tiles = ceilDivide(channels, tileRows(tile.columns));
      for (size_t t = 0, c = 0; t < tiles; ++t) {
        const size_t height = channels / tiles + (t < channels % tiles ? 1 : 0);
        tile.a = x.data + element * x.pitch + sums.begin + c;
        tile.c = sums.data + element * sums.pitch + c * tile.cStride + o;
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

/** Ãᵀ s Ã of the sums of input channels [begin, end), s the sum of the tree's halves; `toRight` is 0 where there is one half. */
template <size_t kTile>
void transformSums(const Gradient& gradient, const Sums& sums, size_t toRight, size_t begin, size_t end, float* dfilter) {
  constexpr size_t kAlpha = Winograd<kTile>::kAlpha;
  const size_t outChannels = gradient.outChannels;
  const size_t tapStride = gradient.inChannels * outChannels;
  const auto transform = [](const auto& s, auto& g) { Winograd<kTile>::taps(s, g); };
  for (size_t c = begin; c < end; ++c) {
    for (size_t o = 0; o < outChannels; o += kLanes) {
      const size_t count = least(kLanes, outChannels - o);
      const float* const from = sums.data + (c - sums.begin) * gradient.sumStride() + o;
      transformTile<kAlpha, 3>(
          transform,
          [&](size_t i, size_t j) {
            const float* const at = from + (i * kAlpha + j) * sums.pitch;
            const Vector sum = loadPart(at, count);
            return toRight == 0 ? sum : sum + loadPart(at + toRight, count);
          },
          [&](size_t t, size_t u, Vector value) {
            storePart(dfilter + (t * 3 + u) * tapStride + c * outChannels + o, value, count);
          });
    }
  }
}

void transformSums(const Gradient& gradient, const Sums& sums, size_t toRight, size_t begin, size_t end, float* dfilter) {
  (gradient.grid.tile == 2 ? transformSums<2> : transformSums<4>)(gradient, sums, toRight, begin, end, dfilter);
}

void transformTiles(const Gradient& gradient, size_t first, size_t count, const float* zeros, const TransformedTiles& x,
                    const TransformedTiles& dy) {
  transformInput(gradient.grid, gradient.x, gradient.inChannels, first, count, zeros, x);
  (gradient.grid.tile == 2 ? transformGradient<2> : transformGradient<4>)(gradient, first, count, dy);
}

size_t tileFloats(const Gradient& gradient, size_t channels, size_t count) {
  return elementsOf(gradient.grid) * transformedTiles(nullptr, channels, count).pitch;
}

/** Whether the sums of a chunk would be larger than all transformed tiles are. */
bool sumsStrips(const Gradient& gradient) {
  const size_t tiles = gradient.grid.tiles();
  const size_t floats = tileFloats(gradient, gradient.inChannels, tiles) + tileFloats(gradient, gradient.outChannels, tiles);
  return floats < elementsOf(gradient.grid) * gradient.sumPitch() && floats <= kStripTileFloats;
}

/** Sums of all tiles, strip by strip of input channels. */
void sumStrips(Call& call, const Gradient& gradient, float* dfilter) {
  constexpr size_t kTilePiece = 4;
  const size_t tiles = gradient.grid.tiles();
  const size_t elements = elementsOf(gradient.grid);
  const size_t fitting = kStripFloats / (elements * gradient.sumStride());
  const size_t strips = ceilDivide(gradient.inChannels, fitting < kTileRows ? least(fitting + 1, kTileRows) : fitting);
  const size_t height = ceilDivide(gradient.inChannels, strips);
  const size_t pitch = height * gradient.sumStride() + 16;
  const size_t xFloats = tileFloats(gradient, gradient.inChannels, tiles);
  const size_t dyFloats = tileFloats(gradient, gradient.outChannels, tiles);
  const size_t zeroFloats = roundUp(gradient.inChannels, 16);
  const size_t threads = static_cast<size_t>(call.threads());
  const size_t floats = zeroFloats + xFloats + dyFloats + threads * elements * pitch + kTileColumns;
  float* const zeros = static_cast<float*>(call.scratch(floats * sizeof(float)));
  if (call.failed()) {
    return;
  }
  __builtin_memset(zeros, 0, gradient.inChannels * sizeof(float));
  const TransformedTiles x = transformedTiles(zeros + zeroFloats, gradient.inChannels, tiles);
  const TransformedTiles dy = transformedTiles(x.data + xFloats, gradient.outChannels, tiles);
  float* const workspaces = dy.data + dyFloats;
  call.parallelFor(tiles, kTilePiece, [&](size_t begin, size_t end, int) {
    const TransformedTiles toX = {x.data + begin * x.stride, x.stride, x.pitch};
    const TransformedTiles toDy = {dy.data + begin * dy.stride, dy.stride, dy.pitch};
    transformTiles(gradient, begin, end - begin, zeros, toX, toDy);
  });
  call.parallelFor(gradient.inChannels, height, [&](size_t begin, size_t end, int slot) {
    const Sums sums = {workspaces + static_cast<size_t>(slot) * elements * pitch, pitch, begin, end};
    addProducts(gradient, x, dy, tiles, false, sums);
    transformSums(gradient, sums, 0, begin, end, dfilter);
  });
}

/** Sums of chunks of tiles, added as a tree. */
void sumChunks(Call& call, const Gradient& gradient, float* dfilter) {
  const Plan plan = planGradient(gradient);
  const size_t tiles = gradient.grid.tiles();
  const size_t sumFloats = elementsOf(gradient.grid) * gradient.sumPitch();
  const size_t xFloats = tileFloats(gradient, gradient.inChannels, plan.tilesPerBlock);
  const size_t dyFloats = tileFloats(gradient, gradient.outChannels, plan.tilesPerBlock);
  const size_t zeroFloats = roundUp(gradient.inChannels, 16);
  const size_t floats =
      zeroFloats + plan.chunks * sumFloats + static_cast<size_t>(call.threads()) * (xFloats + dyFloats) + kTileColumns;
  float* const zeros = static_cast<float*>(call.scratch(floats * sizeof(float)));
  if (call.failed()) {
    return;
  }
  __builtin_memset(zeros, 0, gradient.inChannels * sizeof(float));
  float* const sums = zeros + zeroFloats;
  float* const workspaces = sums + plan.chunks * sumFloats;
  uint8_t arrived[kChunks] = {};
  call.parallelFor(plan.chunks, 1, [&](size_t begin, size_t end, int slot) {
    float* const mine = workspaces + static_cast<size_t>(slot) * (xFloats + dyFloats);
    const TransformedTiles x = transformedTiles(mine, gradient.inChannels, plan.tilesPerBlock);
    const TransformedTiles dy = transformedTiles(mine + xFloats, gradient.outChannels, plan.tilesPerBlock);
    for (size_t chunk = begin; chunk < end; ++chunk) {
      const Sums own = {sums + chunk * sumFloats, gradient.sumPitch(), 0, gradient.inChannels};
      const size_t start = chunk * plan.tilesPerChunk;
      const size_t stop = least(tiles, start + plan.tilesPerChunk);
      for (size_t first = start; first < stop; first += plan.tilesPerBlock) {
        const size_t count = least(plan.tilesPerBlock, stop - first);
        transformTiles(gradient, first, count, zeros, x, dy);
        addProducts(gradient, x, dy, count, first > start, own);
      }
      mergeChunks(sums, sumFloats, chunk, plan.chunks, arrived);
    }
  });
  const Sums all = {sums, gradient.sumPitch(), 0, gradient.inChannels};
  const size_t toRight = plan.chunks == 1 ? 0 : leftChunks(plan.chunks) * sumFloats;
  call.parallelFor(gradient.inChannels, kTapGrain / gradient.outChannels + 1, [&](size_t begin, size_t end, int) {
    transformSums(gradient, all, toRight, begin, end, dfilter);
  });
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
  if (gradient.grid.tiles() == 0) {
    __builtin_memset(dfilter, 0, filters * sizeof(float));
  } else if (sumsStrips(gradient)) {
    sumStrips(call, gradient, dfilter);
  } else {
    sumChunks(call, gradient, dfilter);
  }
}

STRATA_END
