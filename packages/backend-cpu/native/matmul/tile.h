// The heart of products and convolutions: a tile of the result, a few rows of up to kTileColumns columns, held in
// registers while it adds up products over the depth.
//
//   c[i][j] (+)= Σ over segments s, depth k of a[segment_s.a + (i, k)] · b[segment_s.b + (k, j)],  then bias and activation
//
// A product has one segment. A convolution has one for each run of the patch that lies contiguous in the image.
#pragma once

#include "simd/vector.h"

namespace strata {
namespace STRATA_ISA {

constexpr size_t kTileColumns = 2 * kLanes;
/** Up to so many columns, half a vector does: AVX-512 processors compute twice as many of these, or no fewer. */
constexpr size_t kNarrowColumns = kLanes == 16 ? 8 : kLanes;

// A tile's accumulators, the vectors of b and one broadcast fit the registers: 32 of them with AVX-512 and NEON, else 16.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr size_t kTileRows = 14;
constexpr size_t kTallTileRows = 14;
#else
constexpr size_t kTileRows = 6;
constexpr size_t kTallTileRows = 12;
#endif
/** Rows of a tile of so many columns at most. */
STRATA_INLINE size_t tileRows(size_t columns) { return columns > kLanes ? kTileRows : kTallTileRows; }

/**
 * Rows from which on a tile of so many columns keeps the processor busy: an addition takes about four cycles, in which one
 * vector of 512 bits, or two narrower ones, can be added in each.
 */
STRATA_INLINE size_t busyRows(size_t columns) {
  const size_t sums = kLanes == 16 && columns > kNarrowColumns ? 4 : 8;
  return columns > kLanes ? sums / 2 : sums;
}

/** The width of a panel of b with `columns` columns left: kNarrowColumns, kLanes or kTileColumns. */
STRATA_INLINE size_t panelWidth(size_t columns) {
  return columns <= kNarrowColumns ? kNarrowColumns : (columns <= kLanes ? kLanes : kTileColumns);
}
/** Of all panels of a matrix together. */
STRATA_INLINE size_t paddedColumns(size_t columns) {
  const size_t rest = columns % kTileColumns;
  return columns - rest + (rest == 0 ? 0 : panelWidth(rest));
}

/**
 * Which index of `a` is contiguous. `rowsSplit` is `rows` with the depth's even and odd steps summed apart where the tile
 * is too low to keep the processor busy: faster, but then the rounding depends on the tile's height.
 */
enum class Order { depth, rows, rowsSplit };

/** The numbers are those that JavaScript passes. */
enum class Activation : int32_t { linear = 0, relu = 1, relu6 = 2, elu = 3, sigmoid = 4, tanh = 5 };

struct Segment {
  size_t a;
  size_t b;
};

struct Tile {
  /** Element (i, k) of segment s is a[segments[s].a + i·aStride + k] (Order::depth) or a[… + i + k·aStride] (rows). */
  const float* a;
  size_t aStride;
  /** Element (k, j) of segment s is b[segments[s].b + k·bStride + j], readable for all j < panelWidth(columns). */
  const float* b;
  size_t bStride;
  const Segment* segments;
  size_t segmentCount;
  size_t depth;
  float* c;
  size_t cStride;
  /** Columns of c: 1 … kTileColumns. Nothing beyond them is touched. */
  size_t columns;
  /** Adds to c instead of overwriting it. */
  bool accumulate;
  /** Null, or as readable as a row of b. */
  const float* bias;
  Activation activation;
};

using TileFunction = void (*)(const Tile& tile);

/** The function for tiles of `rows` in [1, tileRows(columns)] and `columns` in [1, kTileColumns]. */
TileFunction tileFunction(Order order, size_t rows, size_t columns);

/** Applies an activation to n elements in place. */
void activate(Activation activation, float* values, size_t n);

}  // namespace STRATA_ISA
}  // namespace strata
