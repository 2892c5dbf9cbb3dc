#include "conv/fft-convolution.h"
#include "conv/fourier-lanes.h"
#include "kernel.h"
#include "runtime/sizes.h"

STRATA_BEGIN

namespace {

/** Floats of the spectra of one block of pairs at most (128 MiB), unless a tile of a product needs more. */
constexpr size_t kBlockFloats = 32 * 1024 * 1024;
/** Products that are worth handing to another thread. */
constexpr size_t kPieceWork = 400'000;

/** The transformed filter, half of its bins: panels of all real parts [channels, panelWidth], then of all imaginary ones. */
size_t filterPitch(const FourierSweep& sweep) {
  return roundUp(2 * sweep.channels * paddedColumns(sweep.outChannels), 16) + 16;
}

size_t pairsOf(const FourierSweep& sweep) { return ceilDivide(sweep.grid.tiles(), 2); }

/** Pairs per block; no result depends on it. */
size_t blockPairs(const FourierSweep& sweep) {
  const size_t perPair =
      2 * sweep.size * sweep.size * (spectrumStride(sweep.channels) + spectrumStride(sweep.outChannels));
  const size_t fitting = kBlockFloats / perPair / kTileRows * kTileRows;
  return least(fitting < kTileRows ? kTileRows : fitting, pairsOf(sweep));
}

/** How a sweep divides its scratch space, in floats. */
struct Layout {
  size_t rows;
  size_t filters;
  size_t inputs;
  size_t outputs;
  size_t workspaces;
  size_t perThread;
};

Layout layoutOf(const FourierSweep& sweep) {
  const size_t bins = sweep.size * sweep.size;
  const size_t pairs = blockPairs(sweep);
  const size_t buffer = bufferVectors(sweep.size) * kLanes;
  const size_t rows = roundUp(pairs * 3 * spectrumStride(sweep.channels), 16);
  Layout layout;
  layout.rows = fourierTableFloats(sweep.size);
  layout.filters = layout.rows + roundUp(halfRows(sweep.size), 16);
  layout.inputs = layout.filters + halfRows(sweep.size) * sweep.size * filterPitch(sweep);
  layout.outputs = layout.inputs + bins * spectra(nullptr, sweep.channels, pairs).pitch;
  layout.workspaces = layout.outputs + bins * spectra(nullptr, sweep.outChannels, pairs).pitch;
  layout.perThread = buffer > rows ? buffer : rows;
  return layout;
}

/**
 * The filter from channels c and c + 1 to kLanes channels from `o` on: the real and the imaginary part of one transform, taken
 * apart, and divided by what two forward and two inverse transforms multiply by.
 */
void transformFilter(const FourierTables& tables, const FourierSweep& sweep, const int32_t* rows, size_t c, size_t o,
                     float* filters, Vector* buffer) {
  const size_t size = tables.size;
  const size_t linePitch = 2 * size + 2;
  const size_t tapRows = sweep.grid.rows.taps;
  const size_t tapColumns = sweep.grid.columns.taps;
  const size_t inside = least(kLanes, sweep.outChannels - o);
  const bool isPair = c + 1 < sweep.channels;
  for (size_t t = 0; t < tapRows; ++t) {
    Vector* const line = buffer + t * linePitch;
    const float* from = sweep.filter + t * tapColumns * sweep.tapStride + c * sweep.channelStride + o;
    for (size_t u = 0; u < size; ++u) {
      Complex tap = {Vector{}, Vector{}};
      if (u < tapColumns) {
        tap.re = loadPart(from, inside);
        if (isPair) {
          tap.im = loadPart(from + sweep.channelStride, inside);
        }
        from += sweep.tapStride;
      }
      putComplex(line, u, tap);
    }
    fourierForward(line, tables);
  }
  Vector* const line = buffer + size * linePitch;
  for (size_t j = 0; j < size; ++j) {
    for (size_t i = 0; i < size; ++i) {
      putComplex(line, i, i < tapRows ? complexAt(buffer + i * linePitch, j) : Complex{Vector{}, Vector{}});
    }
    fourierForward(line, tables);
    for (size_t i = 0; i < size; ++i) {
      putComplex(buffer + i * linePitch, j, complexAt(line, i));
    }
  }
  const size_t panel = o / kTileColumns * kTileColumns;
  const size_t width = panelWidth(sweep.outChannels - panel);
  const size_t stored = least(kLanes, width - (o - panel));
  const size_t pitch = filterPitch(sweep);
  const float scale = 0.5f / static_cast<float>(size * size);
  for (size_t h = 0; h < halfRows(size); ++h) {
    const size_t i = static_cast<size_t>(rows[h]);
    const Vector* const opposite = buffer + static_cast<size_t>(tables.mirror[i]) * linePitch;
    for (size_t j = 0; j < size; ++j) {
      const Complex a = complexAt(buffer + i * linePitch, j);
      const Complex b = complexAt(opposite, static_cast<size_t>(tables.mirror[j]));
      float* const re = filters + (h * size + j) * pitch + 2 * panel * sweep.channels + c * width + (o - panel);
      float* const im = re + sweep.channels * width;
      storePart(re, (a.re + b.re) * scale, stored);
      storePart(im, (a.im - b.im) * scale, stored);
      if (isPair) {
        storePart(re + width, (a.im + b.im) * scale, stored);
        storePart(im + width, (b.re - a.re) * scale, stored);
      }
    }
  }
}

/** outputs (at one bin) = inputs · conj(filter), or · filter where the bin is the opposite of the filter's. */
void multiplyBin(const FourierSweep& sweep, const float* inputs, size_t inputStride, const float* filter, bool isOpposite,
                 size_t pairs, float* outputs, size_t outputStride, float* rows) {
  const size_t channels = sweep.channels;
  // Real parts, imaginary parts, and one of them negated.
  const size_t third = isOpposite ? 1 : 0;
  for (size_t p = 0; p < pairs; ++p) {
    const float* const from = inputs + 2 * p * inputStride;
    float* const to = rows + 3 * p * inputStride;
    for (size_t c = 0; c < inputStride; c += kLanes) {
      store(to + c, load(from + c));
      store(to + inputStride + c, load(from + inputStride + c));
      store(to + 2 * inputStride + c, -load(from + third * inputStride + c));
    }
  }
  Tile tile;
  tile.depth = channels;
  tile.segmentCount = 2;
  tile.aStride = 3 * inputStride;
  tile.cStride = 2 * outputStride;
  tile.accumulate = false;
  tile.bias = nullptr;
  tile.activation = Activation::linear;
  for (size_t o = 0; o < sweep.outChannels; o += kTileColumns) {
    tile.columns = tile.bStride = panelWidth(sweep.outChannels - o);
    tile.b = filter + 2 * o * channels;
    const size_t imaginary = channels * tile.bStride;
    // (a + bi)(c ∓ di): ac ± bd and bc ∓ ad.
    const Segment real[2] = {{0, 0}, {(isOpposite ? 2 : 1) * inputStride, imaginary}};
    const Segment imag[2] = {{inputStride, 0}, {(isOpposite ? 0 : 2) * inputStride, imaginary}};
    const size_t tiles = ceilDivide(pairs, tileRows(tile.columns));
    for (size_t t = 0, p = 0; t < tiles; ++t) {
      const size_t height = pairs / tiles + (t < pairs % tiles ? 1 : 0);
      const TileFunction compute = tileFunction(Order::depth, height, tile.columns);
      tile.a = rows + 3 * p * inputStride;
      tile.c = outputs + 2 * p * outputStride + o;
      tile.segments = real;
      compute(tile);
      tile.c += outputStride;
      tile.segments = imag;
      compute(tile);
      p += height;
    }
  }
}

/** Transforms kLanes channels from `o` on of a pair back, with bias and activation. */
void restorePair(const FourierTables& tables, const FourierSweep& sweep, const Spectra& from, size_t inBlock, size_t pair,
                 size_t o, Vector* buffer) {
  const size_t size = tables.size;
  const size_t linePitch = 2 * size + 2;
  const TileGrid& grid = sweep.grid;
  const size_t lanes = least(kLanes, sweep.outChannels - o);
  const size_t rowsWanted = least(grid.tile, grid.rows.outputs);
  Vector* const line = buffer + size * linePitch;
  for (size_t j = 0; j < size; ++j) {
    for (size_t i = 0; i < size; ++i) {
      const float* const at = from.data + (i * size + j) * from.pitch + 2 * inBlock * from.stride + o;
      putComplex(line, i, {load(at), load(at + from.stride)});
    }
    fourierInverse(line, tables);
    for (size_t i = 0; i < rowsWanted; ++i) {
      putComplex(buffer + i * linePitch, j, complexAt(line, i));
    }
  }
  const Vector bias = sweep.bias == nullptr ? Vector{} : loadPart(sweep.bias + o, lanes);
  for (size_t i = 0; i < rowsWanted; ++i) {
    fourierInverse(buffer + i * linePitch, tables);
  }
  for (size_t part = 0; part < 2 && 2 * pair + part < grid.tiles(); ++part) {
    const TilePlace place = placeOf(grid, 2 * pair + part);
    const size_t rows = least(grid.tile, grid.rows.outputs - place.row);
    const size_t columns = least(grid.tile, grid.columns.outputs - place.column);
    for (size_t i = 0; i < rows; ++i) {
      const size_t row = place.image * grid.rows.outputs + place.row + i;
      float* to = sweep.out + (row * grid.columns.outputs + place.column) * sweep.outChannels + o;
      const Vector* const values = buffer + i * linePitch + part;
      for (size_t j = 0; j < columns; ++j, to += sweep.outChannels) {
        storePart(to, values[2 * j] + bias, lanes);
        activate(sweep.activation, to, lanes);
      }
    }
  }
}

}  // namespace

size_t fourierSweepScratch(const FourierSweep& sweep, size_t threads) {
  const Layout layout = layoutOf(sweep);
  return layout.workspaces + threads * layout.perThread;
}

void runFourierSweep(Call& call, const FourierSweep& sweep, float* scratch) {
  if (sweep.grid.tiles() == 0 || sweep.outChannels == 0) {
    return;
  }
  const Layout layout = layoutOf(sweep);
  const size_t size = sweep.size;
  const FourierTables tables = makeFourierTables(size, scratch);
  int32_t* const half = reinterpret_cast<int32_t*>(scratch + layout.rows);
  listHalfRows(tables, half);
  float* const filters = scratch + layout.filters;
  const auto workspace = [&](int slot) { return scratch + layout.workspaces + static_cast<size_t>(slot) * layout.perThread; };

  const size_t outBlocks = ceilDivide(sweep.outChannels, kLanes);
  call.parallelFor(ceilDivide(sweep.channels, 2) * outBlocks, 1, [&](size_t begin, size_t end, int slot) {
    for (size_t index = begin; index < end; ++index) {
      transformFilter(tables, sweep, half, index / outBlocks * 2, index % outBlocks * kLanes, filters,
                      reinterpret_cast<Vector*>(workspace(slot)));
    }
  });

  const Patches patches = {sweep.source,           sweep.grid.rows.sources,    sweep.grid.columns.sources, sweep.channels,
                           sweep.grid.rows.first, sweep.grid.columns.first, size};
  const size_t perBlock = blockPairs(sweep);
  const Spectra inputs = spectra(scratch + layout.inputs, sweep.channels, perBlock);
  const Spectra outputs = spectra(scratch + layout.outputs, sweep.outChannels, perBlock);
  for (size_t first = 0; first < pairsOf(sweep); first += perBlock) {
    const size_t pairs = least(perBlock, pairsOf(sweep) - first);
    const size_t inBlocks = ceilDivide(sweep.channels, kLanes);
    call.parallelFor(pairs * inBlocks, 1, [&](size_t begin, size_t end, int slot) {
      for (size_t index = begin; index < end; ++index) {
        const size_t pair = index / inBlocks;
        transformPatches(tables, sweep.grid, patches, first + pair, index % inBlocks * kLanes, inputs, pair,
                         reinterpret_cast<Vector*>(workspace(slot)));
      }
    });
    const size_t binWork = 8 * pairs * sweep.channels * sweep.outChannels + 1;
    call.parallelFor(halfRows(size) * size, kPieceWork / binWork + 1, [&](size_t begin, size_t end, int slot) {
      for (size_t index = begin; index < end; ++index) {
        const size_t i = static_cast<size_t>(half[index / size]);
        const size_t j = index % size;
        const size_t oppositeRow = static_cast<size_t>(tables.mirror[i]);
        const float* const filter = filters + index * filterPitch(sweep);
        const auto multiply = [&](size_t bin, bool isOpposite) {
          multiplyBin(sweep, inputs.data + bin * inputs.pitch, inputs.stride, filter, isOpposite, pairs,
                      outputs.data + bin * outputs.pitch, outputs.stride, workspace(slot));
        };
        multiply(i * size + j, false);
        if (oppositeRow != i) {
          multiply(oppositeRow * size + static_cast<size_t>(tables.mirror[j]), true);
        }
      }
    });
    call.parallelFor(pairs * outBlocks, 1, [&](size_t begin, size_t end, int slot) {
      for (size_t index = begin; index < end; ++index) {
        const size_t pair = index / outBlocks;
        restorePair(tables, sweep, outputs, pair, first + pair, index % outBlocks * kLanes,
                    reinterpret_cast<Vector*>(workspace(slot)));
      }
    });
  }
}

STRATA_END
