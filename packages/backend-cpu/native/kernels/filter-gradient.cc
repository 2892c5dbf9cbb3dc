// A product whose depth runs over the outputs that meet the image with a row of taps. A unit's sums lie together, in the
// second-level cache, while all outputs of a chunk are added to them.
#include "conv/filter-gradient.h"

#include "kernel.h"
#include "matmul/pack.h"
#include "runtime/sizes.h"

STRATA_BEGIN

namespace {

/**
 * Inputs and gradients of a block of outputs: they are to stay in the second-level cache, and low tiles read them more
 * often.
 */
constexpr size_t kBlockFloats = (kTileRows > 6 ? 160 : 80) * 1024;
/** A partial sum must repay its addition: outputs per chunk at least, and chunks at most. */
constexpr size_t kChunkOutputs = 1024;
constexpr size_t kChunks = 16;
/** Floats of all partial sums at most (64 MiB). */
constexpr size_t kPartialFloats = 16 * 1024 * 1024;

Block blockAt(const ConvSizes& sizes, const FilterPlan& plan, size_t index) {
  const size_t perImage = ceilDivide(sizes.rows.outputs, plan.rowsPerBlock);
  const size_t image = index / perImage * plan.imagesPerBlock;
  const size_t row = index % perImage * plan.rowsPerBlock;
  return {image, least(plan.imagesPerBlock, sizes.batch - image), row, least(plan.rowsPerBlock, sizes.rows.outputs - row)};
}

bool isLast(const ConvSizes& sizes, const Block& block) {
  return block.image + block.images == sizes.batch && block.row + block.rows == sizes.rows.outputs;
}

/** One of the three indices that the depth runs over: images, rows or columns of outputs. */
struct Extent {
  size_t count;
  /** Its strides in x and in dy, the latter in outputs. */
  size_t source;
  size_t output;
};

/** A rectangle's outputs: those along the longest extent are the depth of a segment; the others make segments. */
struct Walk {
  Extent depth;
  Extent inner;
  Extent outer;
};

Walk walkOf(Extent images, Extent rows, Extent columns) {
  if (columns.count >= rows.count && columns.count >= images.count) {
    return {columns, rows, images};
  }
  return rows.count >= images.count ? Walk{rows, columns, images} : Walk{images, columns, rows};
}

/** Adds to the unit of tap row `tap` and of channels from `channel` on what the outputs of a rectangle contribute. */
void addRectangle(const FilterGradient& gradient, const Block& block, const Stretch& rows, const Stretch& columns, size_t tap,
                  size_t channel, const FilterWorkspace& workspace) {
  const ConvSizes& sizes = gradient.sizes;
  const size_t channels = sizes.inChannels;
  const size_t outChannels = sizes.outChannels;
  const size_t pitch = sizes.columns.sources * channels;
  const Walk walk = walkOf({block.images, sizes.rows.sources * pitch, sizes.rows.outputs * sizes.columns.outputs},
                           {rows.outputs, sizes.rows.step * pitch, sizes.columns.outputs},
                           {columns.outputs, sizes.columns.step * channels, 1});
  const size_t row = static_cast<size_t>(static_cast<ptrdiff_t>(rows.output * sizes.rows.step) + sizes.rows.first +
                                         static_cast<ptrdiff_t>(tap * sizes.rows.tapStep));
  const size_t column =
      static_cast<size_t>(static_cast<ptrdiff_t>(columns.output * sizes.columns.step) + sizes.columns.first +
                          static_cast<ptrdiff_t>(columns.tap * sizes.columns.tapStep));
  const float* source = gradient.x + (block.image * sizes.rows.sources + row) * pitch + column * channels;

  Tile tile = {};
  tile.columns = least(kTileColumns, outChannels - channel);
  const bool isTail = tile.columns == gradient.plan.tail && isLast(sizes, block);
  const size_t width = panelWidth(tile.columns);
  const size_t outputStride = isTail ? width : outChannels;
  const size_t inBlock = (rows.output - block.row) * sizes.columns.outputs + columns.output;
  const size_t first = (block.image * sizes.rows.outputs + block.row) * sizes.columns.outputs;
  tile.b = isTail ? workspace.tail + inBlock * width : gradient.dy + (first + inBlock) * outChannels + channel;
  tile.bStride = walk.depth.output * outputStride;
  tile.aStride = walk.depth.source;
  tile.depth = walk.depth.count;
  tile.segments = workspace.segments;
  tile.segmentCount = walk.inner.count * walk.outer.count;
  for (size_t i = 0; i < walk.outer.count; ++i) {
    for (size_t j = 0; j < walk.inner.count; ++j) {
      workspace.segments[i * walk.inner.count + j] = {
          j * walk.inner.source + i * walk.outer.source,
          (j * walk.inner.output + i * walk.outer.output) * outputStride};
    }
  }
  // The unit's rows are as long as a panel is wide: all columns of a panel may be written.
  tile.columns = width;
  tile.cStride = width;
  tile.accumulate = true;
  tile.activation = Activation::linear;

  // Undilated, the taps of one row and their channels are one index of contiguous memory.
  const bool isRun = sizes.columns.tapStep == 1;
  const size_t runs = isRun ? 1 : columns.taps;
  const size_t runLength = isRun ? columns.taps * channels : channels;
  const size_t tiles = ceilDivide(runLength, tileRows(width));
  for (size_t u = 0; u < runs; ++u) {
    tile.a = source + u * sizes.columns.tapStep * channels;
    tile.c = workspace.unit + (columns.tap + u) * channels * width;
    for (size_t t = 0; t < tiles; ++t) {
      const size_t height = runLength / tiles + (t < runLength % tiles ? 1 : 0);
      tileFunction(Order::rowsSplit, height, width)(tile);
      tile.a += height;
      tile.c += height * width;
    }
  }
}

/** Adds to a unit what the outputs of a block contribute. */
void addBlock(const FilterGradient& gradient, const Block& block, size_t tap, size_t channel, const FilterWorkspace& workspace) {
  const ConvSizes& sizes = gradient.sizes;
  if (sizes.outChannels - channel == gradient.plan.tail && isLast(sizes, block)) {
    const size_t first = (block.image * sizes.rows.outputs + block.row) * sizes.columns.outputs;
    packAlong(gradient.dy + first * sizes.outChannels + channel, sizes.outChannels, gradient.plan.tail,
              block.images * block.rows * sizes.columns.outputs, workspace.tail, panelWidth(gradient.plan.tail));
  }
  const size_t blockEnd = block.row + block.rows;
  for (size_t i = 0; i < gradient.rowStretches; ++i) {
    Stretch rows = gradient.rows[i];
    const size_t end = least(rows.output + rows.outputs, blockEnd);
    rows.output = rows.output > block.row ? rows.output : block.row;
    if (rows.output >= end || tap < rows.tap || tap >= rows.tap + rows.taps) {
      continue;
    }
    rows.outputs = end - rows.output;
    for (size_t j = 0; j < gradient.columnStretches; ++j) {
      if (gradient.columns[j].taps > 0) {
        addRectangle(gradient, block, rows, gradient.columns[j], tap, channel, workspace);
      }
    }
  }
}

}  // namespace

FilterPlan planFilter(const ConvSizes& sizes) {
  FilterPlan plan = {};
  const size_t outputs = sizes.batch * sizes.rows.outputs * sizes.columns.outputs;
  size_t chunks = least(ceilDivide(outputs, kChunkOutputs), kChunks);
  chunks = least(chunks, kPartialFloats / sizes.filters() + 1);
  // Chunks of whole images where there are enough of them.
  const size_t imageFloats = sizes.rows.sources * sizes.columns.sources * sizes.inChannels +
                             sizes.rows.outputs * sizes.columns.outputs * sizes.outChannels;
  const size_t rowsForCache = sizes.rows.outputs * kBlockFloats / (imageFloats + 1);
  const size_t rowsForChunks = ceilDivide(sizes.rows.outputs, ceilDivide(chunks, sizes.batch));
  const size_t rows = least(rowsForCache, rowsForChunks);
  const size_t perImage = ceilDivide(sizes.rows.outputs, rows < 1 ? 1 : rows);
  plan.rowsPerBlock = ceilDivide(sizes.rows.outputs, perImage);
  plan.imagesPerBlock = 1;
  if (perImage == 1) {
    const size_t images = least(kBlockFloats / (imageFloats + 1), ceilDivide(sizes.batch, chunks));
    plan.imagesPerBlock = images < 1 ? 1 : images;
  }
  plan.blocks = ceilDivide(sizes.batch, plan.imagesPerBlock) * ceilDivide(sizes.rows.outputs, plan.rowsPerBlock);
  plan.blocksPerChunk = ceilDivide(plan.blocks, chunks);
  plan.chunks = ceilDivide(plan.blocks, plan.blocksPerChunk);
  const size_t rest = sizes.outChannels % kTileColumns;
  plan.tail = rest == 0 || panelWidth(rest) == rest ? 0 : rest;
  return plan;
}

WorkspaceSizes workspaceSizes(const ConvSizes& sizes, const FilterPlan& plan) {
  const size_t outputs = plan.imagesPerBlock * plan.rowsPerBlock * sizes.columns.outputs;
  const size_t longest = plan.rowsPerBlock > sizes.columns.outputs ? plan.rowsPerBlock : sizes.columns.outputs;
  return {plan.tail == 0 ? 0 : roundUp(outputs * panelWidth(plan.tail)),
          roundUp(sizes.columns.taps * sizes.inChannels * panelWidth(sizes.outChannels)),
          plan.imagesPerBlock * longest};
}

void addChunk(const FilterGradient& gradient, size_t chunk, size_t tap, size_t channel, float* sum,
              const FilterWorkspace& workspace) {
  const ConvSizes& sizes = gradient.sizes;
  const FilterPlan& plan = gradient.plan;
  const size_t count = least(kTileColumns, sizes.outChannels - channel);
  const size_t width = panelWidth(count);
  const size_t taps = sizes.columns.taps * sizes.inChannels;
  __builtin_memset(workspace.unit, 0, taps * width * sizeof(float));
  const size_t start = chunk * plan.blocksPerChunk;
  for (size_t index = start; index < least(plan.blocks, start + plan.blocksPerChunk); ++index) {
    addBlock(gradient, blockAt(sizes, plan, index), tap, channel, workspace);
  }
  for (size_t i = 0; i < taps; ++i) {
    __builtin_memcpy(sum + (tap * taps + i) * sizes.outChannels + channel, workspace.unit + i * width,
                     count * sizeof(float));
  }
}

void filterGradient(const ConvSizes& sizes, const FilterPlan& plan, const float* x, const float* dy, const Stretch* rows,
                    size_t rowStretches, const Stretch* columns, size_t columnStretches, float* sum,
                    const FilterWorkspace& workspace) {
  FilterPlan whole = plan;
  whole.blocks = ceilDivide(sizes.batch, plan.imagesPerBlock) * ceilDivide(sizes.rows.outputs, plan.rowsPerBlock);
  whole.blocksPerChunk = whole.blocks;
  whole.chunks = 1;
  const FilterGradient gradient = {sizes, whole, x, dy, rows, rowStretches, columns, columnStretches};
  for (size_t tap = 0; tap < sizes.rows.taps; ++tap) {
    for (size_t channel = 0; channel < sizes.outChannels; channel += kTileColumns) {
      addChunk(gradient, 0, tap, channel, sum, workspace);
    }
  }
}

STRATA_END
