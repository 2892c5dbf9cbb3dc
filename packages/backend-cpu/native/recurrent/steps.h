// What kernels over sequences share: which steps there are, and each step's product with the recurrent weight. A step is one
// loop on the pool's threads over blocks of a few sequences and units; a block's product and what follows it, element by
// element, are done by the same thread, while they are in its cache. Blocks of the same units go on with the same part of
// the weight, which is packed once.
#pragma once

#include "matmul/pack.h"
#include "matmul/tile.h"
#include "norm/run-sums.h"
#include "runtime/sizes.h"

namespace strata {
namespace STRATA_ISA {

/** Sequences of a block at most. */
constexpr size_t kBlockRows = 4 * kTileRows;
/** Units of a block at most. */
constexpr size_t kBlockUnits = kTileColumns;
/** Products (multiplications with addition) that are worth handing to another thread. */
constexpr size_t kStepWork = 250'000;

struct Recurrence {
  size_t batch;
  size_t steps;
  size_t hidden;
  bool reverse;
  const int32_t* lengths;

  /** Whether sequence n has a step t. */
  STRATA_INLINE bool runs(size_t n, size_t t) const { return static_cast<int64_t>(t) < lengths[n]; }
  /** The k-th step that the recurrence takes. */
  STRATA_INLINE size_t step(size_t k) const { return reverse ? steps - 1 - k : k; }
  STRATA_INLINE bool empty() const { return batch * steps * hidden == 0; }
  STRATA_INLINE size_t unitBlocks() const { return ceilDivide(hidden, kBlockUnits); }
  STRATA_INLINE size_t rowBlocks() const { return ceilDivide(batch, kBlockRows); }
};

/** Sizes [N, T, H, reverse] and lengths [N] from a call's arguments; check failed() after. */
STRATA_INLINE Recurrence readRecurrence(Call& call, int sizesAt, int lengthsAt) {
  Recurrence r = {};
  const int32_t* sizes = call.ints(sizesAt, 4);
  if (call.failed()) {
    return r;
  }
  for (int i = 0; i < 3; ++i) {
    if (sizes[i] < 0) {
      call.fail("STRATA_BAD_ARGUMENT", "recurrence: sizes[%d] must not be negative; received %d", i, sizes[i]);
      return r;
    }
  }
  r.batch = static_cast<size_t>(sizes[0]);
  r.steps = static_cast<size_t>(sizes[1]);
  r.hidden = static_cast<size_t>(sizes[2]);
  r.reverse = sizes[3] != 0;
  r.lengths = call.ints(lengthsAt, r.batch);
  return r;
}

/** A part of the sequences and units. */
struct Block {
  size_t row;
  size_t rowEnd;
  size_t unit;
  size_t units;

  STRATA_INLINE size_t rows() const { return rowEnd - row; }
};

/** body(block, slot) for all blocks, on the pool's threads; each costs rows · units · depth products. */
template <typename Body>
STRATA_INLINE void eachBlock(Call& call, const Recurrence& r, size_t depth, Body body) {
  const size_t down = r.rowBlocks();
  const size_t work = least(r.batch, kBlockRows) * kBlockUnits * depth;
  call.parallelFor(down * r.unitBlocks(), kStepWork / (work + 1) + 1, [&](size_t begin, size_t end, int slot) {
    for (size_t piece = begin; piece < end; ++piece) {
      const size_t row = piece % down * r.batch / down;
      const size_t rowEnd = (piece % down + 1) * r.batch / down;
      const size_t unit = piece / down * kBlockUnits;
      body(Block{row, rowEnd, unit, least(kBlockUnits, r.hidden - unit)}, slot);
    }
  });
}

/** Rows of states lie so far apart that they do not compete for lines of the first-level cache. */
STRATA_INLINE size_t stateStride(size_t width) { return roundUp(width) + 16; }

/** c [rows, columns] = a [rows, depth] · panel [depth, panelWidth(columns)]. */
STRATA_INLINE void multiplyPanel(const float* a, size_t aStride, size_t rows, const float* panel, size_t columns,
                                 size_t depth, float* c, size_t cStride) {
  const Segment whole[1] = {{0, 0}};
  Tile tile;
  tile.aStride = aStride;
  tile.b = panel;
  tile.bStride = panelWidth(columns);
  tile.segments = whole;
  tile.segmentCount = 1;
  tile.depth = depth;
  tile.cStride = cStride;
  tile.columns = columns;
  tile.accumulate = false;
  tile.bias = nullptr;
  tile.activation = Activation::linear;
  const size_t tiles = ceilDivide(rows, tileRows(columns));
  for (size_t t = 0, i = 0; t < tiles; ++t) {
    const size_t height = rows / tiles + (t < rows % tiles ? 1 : 0);
    tile.a = a + i * aStride;
    tile.c = c + i * cStride;
    tileFunction(Order::depth, height, columns)(tile);
    i += height;
  }
}

/** Floats of the weight [gates·H, H] in panels, either way. */
STRATA_INLINE size_t panelFloats(const Recurrence& r, size_t gates) {
  return r.unitBlocks() * gates * r.hidden * kBlockUnits + kPanelSlack;
}

/** Where the panel of gate g for a block's units is, among those of h·Wᵀ. */
STRATA_INLINE size_t gatePanel(const Recurrence& r, size_t gates, size_t unit, size_t g) {
  return (unit / kBlockUnits * gates + g) * r.hidden * kBlockUnits;
}

/** For h·Wᵀ: a panel for each gate of each block of units. */
STRATA_INLINE void packGates(Call& call, const Recurrence& r, const float* weight, size_t gates, float* panels) {
  call.parallelFor(r.unitBlocks() * gates, 1, [=](size_t begin, size_t end, int) {
    for (size_t p = begin; p < end; ++p) {
      const size_t unit = p / gates * kBlockUnits;
      const size_t g = p % gates;
      const size_t units = least(kBlockUnits, r.hidden - unit);
      packAcross(weight + (g * r.hidden + unit) * r.hidden, r.hidden, units, r.hidden,
                 panels + gatePanel(r, gates, unit, g), panelWidth(units));
    }
  });
}

/** For da·W: a panel of depth gates·H for each block of units. */
STRATA_INLINE void packUnits(Call& call, const Recurrence& r, const float* weight, size_t gates, float* panels) {
  const size_t depth = gates * r.hidden;
  call.parallelFor(r.unitBlocks(), 1, [=](size_t begin, size_t end, int) {
    for (size_t p = begin; p < end; ++p) {
      const size_t unit = p * kBlockUnits;
      const size_t units = least(kBlockUnits, r.hidden - unit);
      packAlong(weight + unit, r.hidden, units, depth, panels + p * depth * kBlockUnits, panelWidth(units));
    }
  });
}

/** to[i] = from[i] for i < n. */
STRATA_INLINE void copyRow(const float* from, float* to, size_t n) {
  eachVector(n, [=](auto lanes, size_t i) { lanes.put(to + i, lanes.get(from + i)); });
}

/** `count` rows of zeros, `stride` apart. */
STRATA_INLINE void clearRows(float* to, size_t stride, size_t count, size_t n) {
  for (size_t g = 0; g < count; ++g) {
    eachVector(n, [=](auto lanes, size_t i) { lanes.put(to + g * stride + i, Vector{}); });
  }
}

}  // namespace STRATA_ISA
}  // namespace strata
