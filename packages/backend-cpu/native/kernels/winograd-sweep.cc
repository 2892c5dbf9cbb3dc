#include "conv/winograd-transform.h"
#include "conv/winograd.h"
#include "kernel.h"
#include "runtime/sizes.h"
#include "simd/lanes.h"

STRATA_BEGIN

namespace {

/** Floats of a block's transformed inputs and outputs: they are to stay in the second-level cache. */
constexpr size_t kBlockFloats = (kTileRows > 6 ? 160 : 80) * 1024;
/** Transformed filters beyond this are read from farther away, and blocks must be high enough to repay it. */
constexpr size_t kFilterFloats = 256 * 1024;
/** Pieces of the filter's transform: values worth handing to another thread. */
constexpr size_t kFilterGrain = 1024;

constexpr Segment kWhole[1] = {{0, 0}};

/** Floats of one element's transformed filter: panels of [channels, panelWidth]. */
size_t filterPitch(const WinogradSweep& sweep) { return roundUp(sweep.channels * paddedColumns(sweep.outChannels), 16) + 16; }

/** Tiles per block, so many that all threads have as many blocks; no result depends on it. */
size_t blockTiles(const WinogradSweep& sweep, size_t threads) {
  const size_t elements = elementsOf(sweep.grid);
  const size_t perTile = elements * (tileStride(sweep.channels) + tileStride(sweep.outChannels));
  const size_t atLeast = elements * filterPitch(sweep) > kFilterFloats ? 4 * kTileRows : kTileRows;
  const size_t fitting = kBlockFloats / perTile;
  const size_t rounds = ceilDivide(sweep.grid.tiles(), threads * (fitting < atLeast ? atLeast : fitting));
  return ceilDivide(sweep.grid.tiles(), threads * rounds);
}

/** G g Gᵀ of input channels [begin, end). */
template <size_t kTile>
void transformFilter(const WinogradSweep& sweep, size_t begin, size_t end, float* to) {
  constexpr size_t kAlpha = Winograd<kTile>::kAlpha;
  const size_t pitch = filterPitch(sweep);
  const auto transform = [](const auto& g, auto& u) { Winograd<kTile>::filter(g, u); };
  for (size_t c = begin; c < end; ++c) {
    const float* const taps = sweep.filter + c * sweep.channelStride;
    for (size_t o = 0; o < sweep.outChannels; o += kTileColumns) {
      const size_t width = panelWidth(sweep.outChannels - o);
      float* const panel = to + o * sweep.channels + c * width;
      for (size_t i = 0; i < width; i += kLanes) {
        const size_t inside = sweep.outChannels > o + i ? least(kLanes, sweep.outChannels - o - i) : 0;
        const size_t stored = least(kLanes, width - i);
        transformTile<3, kAlpha>(
            transform, [&](size_t t, size_t u) { return loadPart(taps + (t * 3 + u) * sweep.tapStride + o + i, inside); },
            [&](size_t t, size_t u, Vector value) { storePart(panel + (t * kAlpha + u) * pitch + i, value, stored); });
      }
    }
  }
}

/** The product of each element of `count` tiles with that of the filter. */
void multiplyTiles(const WinogradSweep& sweep, const TransformedTiles& inputs, const float* filters, size_t count,
                   const TransformedTiles& outputs) {
  const size_t pitch = filterPitch(sweep);
  const size_t depth = passDepth(sweep.channels);
  Tile tile;
  tile.segments = kWhole;
  tile.segmentCount = 1;
  tile.aStride = inputs.stride;
  tile.cStride = outputs.stride;
  tile.bias = nullptr;
  tile.activation = Activation::linear;
  for (size_t element = 0; element < elementsOf(sweep.grid); ++element) {
    for (size_t k = 0; k < sweep.channels || k == 0; k += depth) {
      tile.depth = least(depth, sweep.channels - k);
      tile.accumulate = k > 0;
      for (size_t o = 0; o < sweep.outChannels; o += kTileColumns) {
        tile.columns = tile.bStride = panelWidth(sweep.outChannels - o);
        tile.b = filters + element * pitch + o * sweep.channels + k * tile.bStride;
        const size_t tiles = ceilDivide(count, tileRows(tile.columns));
        for (size_t t = 0, row = 0; t < tiles; ++t) {
          const size_t height = count / tiles + (t < count % tiles ? 1 : 0);
          tile.a = inputs.data + element * inputs.pitch + row * inputs.stride + k;
          tile.c = outputs.data + element * outputs.pitch + row * outputs.stride + o;
          tileFunction(Order::depth, height, tile.columns)(tile);
          row += height;
        }
      }
      if (sweep.channels == 0) {
        break;
      }
    }
  }
}

/** Aᵀ m A of `count` tiles from `first` on, with bias and activation. */
template <size_t kTile>
void transformOutput(const WinogradSweep& sweep, const TransformedTiles& from, size_t first, size_t count) {
  constexpr size_t kAlpha = Winograd<kTile>::kAlpha;
  const TileGrid& grid = sweep.grid;
  const size_t outChannels = sweep.outChannels;
  const size_t pitch = grid.columns.outputs * outChannels;
  const auto transform = [](const auto& v, auto& y) { Winograd<kTile>::output(v, y); };
  const bool isClipped = sweep.activation == Activation::relu || sweep.activation == Activation::relu6;
  const Vector lower = broadcast(isClipped ? 0.0f : -__builtin_inff());
  const Vector upper = broadcast(sweep.activation == Activation::relu6 ? 6.0f : __builtin_inff());
  for (size_t t = 0; t < count; ++t) {
    const TilePlace place = placeOf(grid, first + t);
    const size_t rows = least(kTile, grid.rows.outputs - place.row);
    const size_t columns = least(kTile, grid.columns.outputs - place.column);
    float* const out = sweep.out + (place.image * grid.rows.outputs + place.row) * pitch + place.column * outChannels;
    const float* const tile = from.data + t * from.stride;
    const auto transformLanes = [&](auto lanes, size_t o) {
      const Vector bias = sweep.bias == nullptr ? Vector{} : lanes.get(sweep.bias + o);
      transformTile<kAlpha, kTile>(
          transform, [&](size_t i, size_t j) { return load(tile + (i * kAlpha + j) * from.pitch + o); },
          [&](size_t i, size_t j, Vector value) {
            if (i < rows && j < columns) {
              value += bias;
              // What is not a number stays so.
              value = lower > value ? lower : value;
              lanes.put(out + i * pitch + j * outChannels + o, upper < value ? upper : value);
            }
          });
    };
    size_t o = 0;
    for (; o + kLanes <= outChannels; o += kLanes) {
      transformLanes(Whole{}, o);
    }
    if (o < outChannels) {
      transformLanes(Part{outChannels - o}, o);
    }
    if (sweep.activation > Activation::relu6) {
      for (size_t i = 0; i < rows; ++i) {
        activate(sweep.activation, out + i * pitch, columns * outChannels);
      }
    }
  }
}

/**
 * Whether every thread transforms the filter for itself: from its own cache it is read in a fraction of the time that it takes
 * to fetch from another core's what that one has just written.
 */
bool ownFilters(const WinogradSweep& sweep, size_t threads) {
  return threads > 1 && elementsOf(sweep.grid) * filterPitch(sweep) <= kFilterFloats;
}

size_t inputFloats(const WinogradSweep& sweep, size_t tiles) {
  return elementsOf(sweep.grid) * transformedTiles(nullptr, sweep.channels, tiles).pitch;
}
size_t outputFloats(const WinogradSweep& sweep, size_t tiles) {
  return elementsOf(sweep.grid) * transformedTiles(nullptr, sweep.outChannels, tiles).pitch;
}

}  // namespace

size_t winogradScratch(const WinogradSweep& sweep, size_t threads) {
  const size_t tiles = blockTiles(sweep, threads);
  const size_t filters = ownFilters(sweep, threads) ? threads : 1;
  return roundUp(sweep.channels, 16) + filters * elementsOf(sweep.grid) * filterPitch(sweep) +
         threads * (inputFloats(sweep, tiles) + outputFloats(sweep, tiles));
}

void runWinograd(Call& call, const WinogradSweep& sweep, float* scratch) {
  const size_t tiles = sweep.grid.tiles();
  if (tiles == 0 || sweep.outChannels == 0) {
    return;
  }
  const size_t threads = static_cast<size_t>(call.threads());
  const size_t perBlock = blockTiles(sweep, threads);
  const bool own = ownFilters(sweep, threads);
  const size_t filterFloats = elementsOf(sweep.grid) * filterPitch(sweep);
  float* const zeros = scratch;
  float* const filters = zeros + roundUp(sweep.channels, 16);
  float* const workspaces = filters + (own ? threads : 1) * filterFloats;
  __builtin_memset(zeros, 0, sweep.channels * sizeof(float));
  const bool isSmall = sweep.grid.tile == 2;
  bool isReady[kMaxThreads] = {};
  if (!own) {
    const size_t grain = kFilterGrain / paddedColumns(sweep.outChannels) + 1;
    call.parallelFor(sweep.channels, grain, [&](size_t begin, size_t end, int) {
      (isSmall ? transformFilter<2> : transformFilter<4>)(sweep, begin, end, filters);
    });
  }
  call.parallelFor(ceilDivide(tiles, perBlock), 1, [&](size_t begin, size_t end, int slot) {
    const size_t mine = static_cast<size_t>(slot);
    float* const filter = own ? filters + mine * filterFloats : filters;
    if (own && !isReady[mine]) {
      (isSmall ? transformFilter<2> : transformFilter<4>)(sweep, 0, sweep.channels, filter);
      isReady[mine] = true;
    }
    float* const workspace = workspaces + mine * (inputFloats(sweep, perBlock) + outputFloats(sweep, perBlock));
    const TransformedTiles inputs = transformedTiles(workspace, sweep.channels, perBlock);
    const TransformedTiles outputs = transformedTiles(workspace + inputFloats(sweep, perBlock), sweep.outChannels, perBlock);
    for (size_t block = begin; block < end; ++block) {
      const size_t first = block * perBlock;
      const size_t count = least(perBlock, tiles - first);
      transformInput(sweep.grid, sweep.source, sweep.channels, first, count, zeros, inputs);
      multiplyTiles(sweep, inputs, filter, count, outputs);
      (isSmall ? transformOutput<2> : transformOutput<4>)(sweep, outputs, first, count);
    }
  });
}

STRATA_END
