#include "conv/sweep.h"

#include "kernel.h"
#include "runtime/sizes.h"

STRATA_BEGIN

namespace {

/** Multiplications with addition that are worth handing to another thread. */
constexpr size_t kPieceWork = 400'000;
/** Images are taken together as long as what they are made from stays in the second-level cache. */
constexpr size_t kGroupFloats = 64 * 1024;

/** Some images, or some output rows of one: what one thread computes at a time. */
struct Piece {
  size_t image;
  size_t images;
  size_t row;
  size_t rowEnd;
};

/** One of the three indices of the outputs in a rectangle: images, rows or columns. */
struct Extent {
  size_t count;
  /** Its strides in the source and in the output. */
  size_t source;
  size_t out;
};

/** What it takes to compute a rectangle in tiles along `along`, in rows of tiles; low ones count as busy ones. */
size_t costAlong(const Extent& along, size_t outputs, size_t columns) {
  const size_t tiles = ceilDivide(along.count, tileRows(columns));
  const size_t height = ceilDivide(along.count, tiles);
  const size_t busy = busyRows(columns);
  return outputs / along.count * tiles * ((height < busy ? busy : height) + 1);
}

/** Outputs that meet the same taps. */
void sweepRectangle(const Sweep& sweep, const Piece& piece, const Stretch& rows, const Stretch& columns,
                    Segment* segments) {
  const size_t pitch = sweep.columns.sources * sweep.channels;
  const Extent extents[3] = {{columns.outputs, sweep.columns.step * sweep.channels, sweep.columnStride},
                             {rows.outputs, sweep.rows.step * pitch, sweep.rowStride},
                             {piece.images, sweep.sourceStride, sweep.imageStride}};
  const size_t outputs = columns.outputs * rows.outputs * piece.images;

  // Undilated, the taps of one row are one run of contiguous memory.
  const bool isRun = sweep.columns.tapStep == 1;
  const size_t runs = isRun ? (columns.taps > 0 ? 1 : 0) : columns.taps;
  Tile tile;
  tile.segments = segments;
  tile.segmentCount = rows.taps * runs;
  tile.depth = isRun ? columns.taps * sweep.channels : sweep.channels;
  tile.accumulate = sweep.accumulate;
  tile.activation = sweep.activation;
  const ptrdiff_t firstRow = static_cast<ptrdiff_t>(rows.output * sweep.rows.step + rows.tap * sweep.rows.tapStep) +
                             sweep.rows.first;
  const ptrdiff_t firstColumn =
      static_cast<ptrdiff_t>(columns.output * sweep.columns.step + columns.tap * sweep.columns.tapStep) +
      sweep.columns.first;
  const float* source = sweep.source + piece.image * sweep.sourceStride;
  if (tile.segmentCount > 0) {
    source += static_cast<size_t>(firstRow) * pitch + static_cast<size_t>(firstColumn) * sweep.channels;
  }
  float* out = sweep.out + piece.image * sweep.imageStride + rows.output * sweep.rowStride +
               columns.output * sweep.columnStride;

  for (size_t channel = 0; channel < sweep.outChannels; channel += kTileColumns) {
    tile.columns = least(kTileColumns, sweep.outChannels - channel);
    tile.bStride = panelWidth(tile.columns);
    tile.b = sweep.panels + channel * sweep.depth();
    tile.bias = sweep.bias == nullptr ? nullptr : sweep.bias + channel;
    for (size_t t = 0; t < rows.taps; ++t) {
      for (size_t u = 0; u < runs; ++u) {
        segments[t * runs + u] = {
            t * sweep.rows.tapStep * pitch + u * sweep.columns.tapStep * sweep.channels,
            ((rows.tap + t) * sweep.columns.taps + columns.tap + u) * sweep.channels * tile.bStride};
      }
    }
    // Tiles along the columns read neighbouring memory; along rows or images they must be worth their wider strides.
    size_t best = 0;
    size_t cost = costAlong(extents[0], outputs, tile.columns);
    for (size_t i = 1; i < 3; ++i) {
      const size_t other = costAlong(extents[i], outputs, tile.columns);
      if (other + other / 16 < cost) {
        best = i;
        cost = other;
      }
    }
    const Extent& along = extents[best];
    const Extent& inner = extents[best == 0 ? 1 : 0];
    const Extent& outer = extents[best == 2 ? 1 : 2];
    tile.aStride = along.source;
    tile.cStride = along.out;
    // Outputs divided evenly among tiles, so that none is much lower than the others.
    const size_t tiles = ceilDivide(along.count, tileRows(tile.columns));
    const size_t low = along.count / tiles;
    const size_t higher = along.count % tiles;
    const TileFunction compute[2] = {tileFunction(Order::depth, low, tile.columns),
                                     tileFunction(Order::depth, higher > 0 ? low + 1 : low, tile.columns)};
    for (size_t i = 0; i < outer.count; ++i) {
      for (size_t j = 0; j < inner.count; ++j) {
        tile.a = source + i * outer.source + j * inner.source;
        tile.c = out + i * outer.out + j * inner.out + channel;
        for (size_t t = 0; t < tiles; ++t) {
          const size_t isHigher = t < higher ? 1 : 0;
          compute[isHigher](tile);
          tile.a += (low + isHigher) * along.source;
          tile.c += (low + isHigher) * along.out;
        }
      }
    }
  }
}

size_t segmentBound(const Sweep& sweep) {
  return sweep.rows.taps * (sweep.columns.tapStep == 1 ? 1 : sweep.columns.taps);
}

}  // namespace

size_t sweepScratch(const Sweep& sweep, int threads) {
  return (sweep.rows.outputs + sweep.columns.outputs) * sizeof(Stretch) +
         segmentBound(sweep) * sizeof(Segment) * static_cast<size_t>(threads);
}

void runSweep(Call& call, const Sweep& sweep, void* scratch) {
  const size_t outputs = sweep.rows.outputs * sweep.columns.outputs;
  if (sweep.batch * outputs * sweep.outChannels == 0) {
    return;
  }
  Stretch* rows = static_cast<Stretch*>(scratch);
  const size_t rowStretches = divideAxis(sweep.rows, rows);
  Stretch* columns = rows + rowStretches;
  const size_t columnStretches = divideAxis(sweep.columns, columns);
  Segment* segments = reinterpret_cast<Segment*>(columns + columnStretches);

  // Some rows of an image, or some images: no result depends on it.
  const size_t rowWork = sweep.columns.outputs * (sweep.depth() + 1) * sweep.outChannels;
  const size_t imageWork = sweep.rows.outputs * rowWork;
  const size_t imageFloats = sweep.rows.sources * sweep.columns.sources * sweep.channels + outputs * sweep.outChannels;
  const size_t wanted = 8 * static_cast<size_t>(call.threads());
  size_t height = sweep.rows.outputs;
  while (height > 1 && sweep.batch * ceilDivide(sweep.rows.outputs, height) < wanted &&
         height * rowWork > 2 * kPieceWork) {
    height = (height + 1) / 2;
  }
  const size_t blocks = ceilDivide(sweep.rows.outputs, height);
  size_t images = 1;
  if (blocks == 1) {
    // Fewer, larger pieces than of rows: tiles across images are as high as there are images.
    images = least(2 * sweep.batch / wanted, kGroupFloats / imageFloats);
    const size_t enough = ceilDivide(kPieceWork, imageWork);
    images = images < enough ? enough : images;
    images = images < 1 ? 1 : images;
  }
  const bool follows = sweep.isResult && call.takeFollower(sweep.columnStride);
  call.parallelFor(ceilDivide(sweep.batch, images) * blocks, 1, [&](size_t begin, size_t end, int slot) {
    Segment* mine = segments + static_cast<size_t>(slot) * segmentBound(sweep);
    for (size_t index = begin; index < end; ++index) {
      const size_t image = index / blocks * images;
      const size_t row = index % blocks * height;
      const Piece piece = {image, least(images, sweep.batch - image), row, least(row + height, sweep.rows.outputs)};
      for (size_t i = 0; i < rowStretches; ++i) {
        Stretch part = rows[i];
        const size_t partEnd = least(part.output + part.outputs, piece.rowEnd);
        part.output = part.output > row ? part.output : row;
        if (part.output >= partEnd) {
          continue;
        }
        part.outputs = partEnd - part.output;
        for (size_t j = 0; j < columnStretches; ++j) {
          sweepRectangle(sweep, piece, part, columns[j], mine);
        }
      }
      if (follows) {
        const size_t last = image + piece.images - 1;
        call.follow(image * sweep.imageStride + row * sweep.rowStride,
                    last * sweep.imageStride + piece.rowEnd * sweep.rowStride, slot);
      }
    }
  });
}

STRATA_END
