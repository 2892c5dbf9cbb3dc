// The heart of products and convolutions: a tile of the result, up to kTileRows × kTileVectors vectors, held in
// registers while it adds up products over the depth.
//
//   c[i][j] (+)= Σ over segments s, depth k of a[offset_s + (i, k)] · b[(s·depth + k)][j],  then bias and activation
//
// A product has one segment. A convolution has one for each run of the patch that lies contiguous in the image.
#pragma once

#include "simd/vector.h"

namespace strata {
namespace STRATA_ISA {

// Rows × vectors of accumulators, plus the vectors of b and one broadcast, fit the registers: 32 of them with AVX-512
// and NEON, 16 before.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr size_t kTileRows = 14;
#else
constexpr size_t kTileRows = 6;
#endif
constexpr size_t kTileVectors = 2;
constexpr size_t kTileColumns = kTileVectors * kLanes;

/** Which index of `a` is contiguous. */
enum class Order { depth, rows };

/** The numbers are those that JavaScript passes. */
enum class Activation : int32_t { linear = 0, relu = 1, relu6 = 2, elu = 3, sigmoid = 4, tanh = 5 };

struct Tile {
  /** Element (i, k) of segment s is a[offsets[s] + i·aStride + k] (Order::depth) or a[… + i + k·aStride] (rows). */
  const float* a;
  size_t aStride;
  const size_t* offsets;
  size_t segments;
  size_t depth;
  const float* b;
  size_t bStride;
  float* c;
  size_t cStride;
  /** Valid columns in the last vector: 1 … kLanes. b is readable beyond them, c is not touched. */
  size_t lastColumns;
  /** Adds to c instead of overwriting it. */
  bool accumulate;
  /** Null, or as readable as a row of b. */
  const float* bias;
  Activation activation;
};

using TileFunction = void (*)(const Tile& tile);

/** The function for `rows` in [1, kTileRows] and `vectors` in [1, kTileVectors]. */
TileFunction tileFunction(Order order, size_t rows, size_t vectors);

/** Applies an activation to n elements in place. */
void activate(Activation activation, float* values, size_t n);

}  // namespace STRATA_ISA
}  // namespace strata
