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
/** Transformed inputs up to this are read for one panel of the filter after the other. */
constexpr size_t kPanelInputFloats = 1024 * 1024;
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

/** G g Gᵀ of input channels [begin, end) and the output channels of the panel that begins at `o`. */
template <size_t kTile>
void transformPanel(const WinogradSweep& sweep, size_t begin, size_t end, size_t o, float* to, size_t pitch) {
  constexpr size_t kAlpha = Winograd<kTile>::kAlpha;
  const auto transform = [](const auto& g, auto& u) { Winograd<kTile>::filter(g, u); };
  const size_t width = panelWidth(sweep.outChannels - o);
  for (size_t c = begin; c < end; ++c) {
    const float* const taps = sweep.filter + c * sweep.channelStride;
    float* const panel = to + (c - begin) * width;
    for (size_t i = 0; i < width; i += kLanes) {
      const size_t inside = sweep.outChannels > o + i ? least(kLanes, sweep.outChannels - o - i) : 0;
      const size_t stored = least(kLanes, width - i);
      transformTile<3, kAlpha>(
          transform, [&](size_t t, size_t u) { return loadPart(taps + (t * 3 + u) * sweep.tapStride + o + i, inside); },
          [&](size_t t, size_t u, Vector value) { storePart(panel + (t * kAlpha + u) * pitch + i, value, stored); });
    }
  }
}

void transformPanel(const WinogradSweep& sweep, size_t begin, size_t end, size_t o, float* to, size_t pitch) {
  (sweep.grid.tile == 2 ? transformPanel<2> : transformPanel<4>)(sweep, begin, end, o, to, pitch);
}

/** The whole transformed filter of input channels [begin, end), panel after panel. */
void transformFilter(const WinogradSweep& sweep, size_t begin, size_t end, float* to) {
  for (size_t c = begin; c < end; ++c) {
    for (size_t o = 0; o < sweep.outChannels; o += kTileColumns) {
      float* const panel = to + o * sweep.channels + c * panelWidth(sweep.outChannels - o);
      transformPanel(sweep, c, c + 1, o, panel, filterPitch(sweep));
    }
  }
}

/** Channels [k, k + depth) of one element's products with one panel at `b`: `count` tiles, to `out`. */
void multiplyPanel(const TransformedTiles& inputs, size_t element, size_t k, size_t depth, const float* b, size_t width,
                   size_t count, float* out, size_t outStride) {
  Tile tile;
  tile.segments = kWhole;
  tile.segmentCount = 1;
  tile.aStride = inputs.stride;
  tile.cStride = outStride;
  tile.bias = nullptr;
  tile.activation = Activation::linear;
  tile.depth = depth;
  tile.accumulate = k > 0;
  tile.columns = tile.bStride = width;
  tile.b = b;
  const size_t tiles = ceilDivide(count, tileRows(width));
  for (size_t t = 0, row = 0; t < tiles; ++t) {
    const size_t height = count / tiles + (t < count % tiles ? 1 : 0);
    tile.a = inputs.data + element * inputs.pitch + row * inputs.stride + k;
    tile.c = out + row * outStride;
    tileFunction(Order::depth, height, width)(tile);
    row += height;
  }
}

/** The product of each element of `count` tiles with that of the filter. */
void multiplyTiles(const WinogradSweep& sweep, const TransformedTiles& inputs, const float* filters, size_t count,
                   const TransformedTiles& outputs) {
  const size_t depth = passDepth(sweep.channels);
  for (size_t element = 0; element < elementsOf(sweep.grid); ++element) {
    for (size_t k = 0; k < sweep.channels || k == 0; k += depth) {
      for (size_t o = 0; o < sweep.outChannels; o += kTileColumns) {
        const size_t width = panelWidth(sweep.outChannels - o);
        const float* const b = filters + element * filterPitch(sweep) + o * sweep.channels + k * width;
        multiplyPanel(inputs, element, k, least(depth, sweep.channels - k), b, width, count,
                      outputs.data + element * outputs.pitch + o, outputs.stride);
      }
      if (sweep.channels == 0) {
        break;
      }
    }
  }
}

/** Aᵀ m A of output channels [begin, end) of `count` tiles from `first` on, with bias and activation; `from` holds these channels. */
template <size_t kTile>
void transformOutput(const WinogradSweep& sweep, const TransformedTiles& from, size_t first, size_t count, size_t begin,
                     size_t end) {
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
    const float* const tile = from.data + t * from.stride - begin;
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
    size_t o = begin;
    for (; o + kLanes <= end; o += kLanes) {
      transformLanes(Whole{}, o);
    }
    if (o < end) {
      transformLanes(Part{end - o}, o);
    }
    if (sweep.activation > Activation::relu6) {
      for (size_t i = 0; i < rows; ++i) {
        for (size_t j = 0; j < columns; ++j) {
          activate(sweep.activation, out + i * pitch + j * outChannels + begin, end - begin);
        }
      }
    }
  }
}

void transformOutput(const WinogradSweep& sweep, const TransformedTiles& from, size_t first, size_t count, size_t begin,
                     size_t end) {
  (sweep.grid.tile == 2 ? transformOutput<2> : transformOutput<4>)(sweep, from, first, count, begin, end);
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

/**
 * Whether few tiles meet a filter that no cache holds: then a panel of it is transformed, used for all tiles and forgotten.
 * No result depends on it.
 */
bool goesByPanels(const WinogradSweep& sweep, size_t threads) {
  const size_t filters = elementsOf(sweep.grid) * filterPitch(sweep);
  const size_t inputs = inputFloats(sweep, sweep.grid.tiles());
  return filters > kFilterFloats && inputs < filters && inputs <= kPanelInputFloats &&
         ceilDivide(sweep.outChannels, kTileColumns) >= threads;
}

/** A thread's transformed filter for one pass over a panel, and what comes of it. */
size_t panelPitch(const WinogradSweep& sweep) { return passDepth(sweep.channels) * kTileColumns + 16; }
size_t panelFloats(const WinogradSweep& sweep) {
  return elementsOf(sweep.grid) *
         (panelPitch(sweep) + transformedTiles(nullptr, kTileColumns, sweep.grid.tiles()).pitch);
}

void runPanels(Call& call, const WinogradSweep& sweep, float* zeros) {
  constexpr size_t kTilePiece = 4;
  const size_t tiles = sweep.grid.tiles();
  const size_t depth = passDepth(sweep.channels);
  const TransformedTiles inputs = transformedTiles(zeros + roundUp(sweep.channels, 16), sweep.channels, tiles);
  float* const workspaces = inputs.data + inputFloats(sweep, tiles);
  call.parallelFor(tiles, kTilePiece, [&](size_t begin, size_t end, int) {
    const TransformedTiles to = {inputs.data + begin * inputs.stride, inputs.stride, inputs.pitch};
    transformInput(sweep.grid, sweep.source, sweep.channels, begin, end - begin, zeros, to);
  });
  call.parallelFor(sweep.outChannels, kTileColumns, [&](size_t o, size_t end, int slot) {
    float* const panel = workspaces + static_cast<size_t>(slot) * panelFloats(sweep);
    const size_t width = panelWidth(sweep.outChannels - o);
    const TransformedTiles outputs =
        transformedTiles(panel + elementsOf(sweep.grid) * panelPitch(sweep), kTileColumns, tiles);
    for (size_t k = 0; k < sweep.channels; k += depth) {
      const size_t pass = least(depth, sweep.channels - k);
      transformPanel(sweep, k, k + pass, o, panel, panelPitch(sweep));
      for (size_t element = 0; element < elementsOf(sweep.grid); ++element) {
        multiplyPanel(inputs, element, k, pass, panel + element * panelPitch(sweep), width, tiles,
                      outputs.data + element * outputs.pitch, outputs.stride);
      }
    }
    transformOutput(sweep, outputs, 0, tiles, o, end);
  });
}

}  // namespace

size_t winogradScratch(const WinogradSweep& sweep, size_t threads) {
  if (goesByPanels(sweep, threads)) {
    return roundUp(sweep.channels, 16) + inputFloats(sweep, sweep.grid.tiles()) + threads * panelFloats(sweep);
  }
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
  __builtin_memset(scratch, 0, sweep.channels * sizeof(float));
  if (goesByPanels(sweep, threads)) {
    runPanels(call, sweep, scratch);
    return;
  }
  const size_t perBlock = blockTiles(sweep, threads);
  const bool own = ownFilters(sweep, threads);
  const size_t filterFloats = elementsOf(sweep.grid) * filterPitch(sweep);
  float* const zeros = scratch;
  float* const filters = zeros + roundUp(sweep.channels, 16);
  float* const workspaces = filters + (own ? threads : 1) * filterFloats;
  bool isReady[kMaxThreads] = {};
  if (!own) {
    const size_t grain = kFilterGrain / paddedColumns(sweep.outChannels) + 1;
    call.parallelFor(sweep.channels, grain, [&](size_t begin, size_t end, int) {
      transformFilter(sweep, begin, end, filters);
    });
  }
  call.parallelFor(ceilDivide(tiles, perBlock), 1, [&](size_t begin, size_t end, int slot) {
    const size_t mine = static_cast<size_t>(slot);
    float* const filter = own ? filters + mine * filterFloats : filters;
    if (own && !isReady[mine]) {
      transformFilter(sweep, 0, sweep.channels, filter);
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
      transformOutput(sweep, outputs, first, count, 0, sweep.outChannels);
    }
  });
}

STRATA_END
