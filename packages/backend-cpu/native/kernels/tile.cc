// The tile functions, one per number of rows and vectors, with loops unrolled so that the tile stays in registers.
#include "matmul/tile.h"

#include "kernel.h"

STRATA_BEGIN

namespace {

template <size_t kRows, size_t kVectors, Order kOrder>
void computeTile(const Tile& tile) {
  Vector sum[kRows][kVectors];
#pragma GCC unroll 16
  for (size_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 4
    for (size_t j = 0; j < kVectors; ++j) {
      sum[i][j] = Vector{};
    }
  }
  const size_t aStride = tile.aStride;
  const size_t bStride = tile.bStride;
  const float* b = tile.b;
  for (size_t s = 0; s < tile.segments; ++s) {
    const float* a = tile.a + tile.offsets[s];
    for (size_t k = tile.depth; k > 0; --k) {
      Vector row[kVectors];
#pragma GCC unroll 4
      for (size_t j = 0; j < kVectors; ++j) {
        row[j] = load(b + j * kLanes);
      }
#pragma GCC unroll 16
      for (size_t i = 0; i < kRows; ++i) {
        const Vector factor = broadcast(kOrder == Order::depth ? a[i * aStride] : a[i]);
#pragma GCC unroll 4
        for (size_t j = 0; j < kVectors; ++j) {
          sum[i][j] += factor * row[j];
        }
      }
      a += kOrder == Order::depth ? 1 : aStride;
      b += bStride;
    }
  }
  constexpr size_t kLast = kVectors - 1;
  float* c = tile.c;
  const size_t cStride = tile.cStride;
  const size_t part = tile.lastColumns;
  if (tile.accumulate) {
#pragma GCC unroll 16
    for (size_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 4
      for (size_t j = 0; j < kVectors; ++j) {
        const float* from = c + i * cStride + j * kLanes;
        sum[i][j] += j == kLast && part < kLanes ? loadPart(from, part) : load(from);
      }
    }
  }
  if (tile.bias != nullptr) {
#pragma GCC unroll 4
    for (size_t j = 0; j < kVectors; ++j) {
      const Vector bias = load(tile.bias + j * kLanes);
#pragma GCC unroll 16
      for (size_t i = 0; i < kRows; ++i) {
        sum[i][j] += bias;
      }
    }
  }
  const Activation activation = tile.activation;
  if (activation == Activation::relu || activation == Activation::relu6) {
    const Vector zero = {};
    const Vector limit = broadcast(activation == Activation::relu6 ? 6.0f : __builtin_inff());
#pragma GCC unroll 16
    for (size_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 4
      for (size_t j = 0; j < kVectors; ++j) {
        sum[i][j] = min(limit, max(zero, sum[i][j]));
      }
    }
  }
#pragma GCC unroll 16
  for (size_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 4
    for (size_t j = 0; j < kVectors; ++j) {
      float* to = c + i * cStride + j * kLanes;
      if (j == kLast && part < kLanes) {
        storePart(to, sum[i][j], part);
      } else {
        store(to, sum[i][j]);
      }
    }
  }
  if (activation > Activation::relu6) {
    for (size_t i = 0; i < kRows; ++i) {
      activate(activation, c + i * cStride, kLast * kLanes + part);
    }
  }
}

// kTable[order][rows - 1][vectors - 1]
#define STRATA_TILE_ROW(rows, order) {computeTile<rows, 1, order>, computeTile<rows, 2, order>}
#define STRATA_TILE_ROWS_6(order)                                                        \
  STRATA_TILE_ROW(1, order), STRATA_TILE_ROW(2, order), STRATA_TILE_ROW(3, order),       \
      STRATA_TILE_ROW(4, order), STRATA_TILE_ROW(5, order), STRATA_TILE_ROW(6, order)
#define STRATA_TILE_ROWS_14(order)                                                       \
  STRATA_TILE_ROWS_6(order), STRATA_TILE_ROW(7, order), STRATA_TILE_ROW(8, order),       \
      STRATA_TILE_ROW(9, order), STRATA_TILE_ROW(10, order), STRATA_TILE_ROW(11, order), \
      STRATA_TILE_ROW(12, order), STRATA_TILE_ROW(13, order), STRATA_TILE_ROW(14, order)
#if defined(__AVX512F__) || defined(__aarch64__)
#define STRATA_TILE_ROWS(order) STRATA_TILE_ROWS_14(order)
#else
#define STRATA_TILE_ROWS(order) STRATA_TILE_ROWS_6(order)
#endif

constexpr TileFunction kTable[2][kTileRows][kTileVectors] = {{STRATA_TILE_ROWS(Order::depth)},
                                                             {STRATA_TILE_ROWS(Order::rows)}};

}  // namespace

TileFunction tileFunction(Order order, size_t rows, size_t vectors) {
  return kTable[static_cast<int>(order)][rows - 1][vectors - 1];
}

STRATA_END
