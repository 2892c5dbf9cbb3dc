// The tile functions, one for each number of rows and width, with loops unrolled so that the tile stays in registers.
#include "matmul/tile.h"

#include "kernel.h"

STRATA_BEGIN

namespace {

/** From so much depth on, a tile's results are announced to the caches. With less, they are soon written. */
constexpr size_t kAnnounceDepth = 128;

#if defined(__AVX512F__)
// Half a vector, for results of few columns.
typedef float Narrow __attribute__((vector_size(32)));
typedef float UnalignedNarrow __attribute__((vector_size(32), aligned(4), may_alias));

STRATA_INLINE void get(Narrow& value, const float* from) { value = *reinterpret_cast<const UnalignedNarrow*>(from); }
STRATA_INLINE void put(float* to, Narrow value) { *reinterpret_cast<UnalignedNarrow*>(to) = value; }
STRATA_INLINE void getPart(Narrow& value, const float* from, size_t count) {
  value = reinterpret_cast<Narrow>(_mm256_maskz_loadu_ps(static_cast<__mmask8>((1u << count) - 1), from));
}
STRATA_INLINE void putPart(float* to, Narrow value, size_t count) {
  _mm256_mask_storeu_ps(to, static_cast<__mmask8>((1u << count) - 1), reinterpret_cast<__m256>(value));
}
#else
using Narrow = Vector;
#endif
STRATA_INLINE void get(Vector& value, const float* from) { value = load(from); }
STRATA_INLINE void put(float* to, Vector value) { store(to, value); }
STRATA_INLINE void getPart(Vector& value, const float* from, size_t count) { value = loadPart(from, count); }
STRATA_INLINE void putPart(float* to, Vector value, size_t count) { storePart(to, value, count); }

/**
 * Where a step of the depth finds its factors: rows share a pointer in threes, so that a low register count addresses them
 * all. The compiler must not see that they are related, or it will use a register for each row again.
 */
template <size_t kRows, Order kOrder>
struct Factors {
  static constexpr size_t kPointers = kOrder == Order::depth ? (kRows + 2) / 3 : 1;
  const float* pointers[kPointers];
  size_t stride;

  STRATA_INLINE Factors(const float* a, size_t aStride) : stride(aStride) {
#pragma GCC unroll 8
    for (size_t i = 0; i < kPointers; ++i) {
      pointers[i] = a + 3 * i * aStride;
      asm("" : "+r"(pointers[i]));
    }
  }
  STRATA_INLINE float at(size_t row) const {
    return kOrder == Order::depth ? pointers[row / 3][row % 3 * stride] : pointers[0][row];
  }
  STRATA_INLINE void advance() {
#pragma GCC unroll 8
    for (size_t i = 0; i < kPointers; ++i) {
      pointers[i] += kOrder == Order::depth ? 1 : stride;
    }
  }
};

/** One step of the depth: the outer product of `factors` and a row of b. */
template <typename V, size_t kVectors, size_t kRows, Order kOrder>
STRATA_INLINE void step(V (&sum)[kRows][kVectors], Factors<kRows, kOrder>& factors, const float* b) {
  V row[kVectors];
#pragma GCC unroll 4
  for (size_t j = 0; j < kVectors; ++j) {
    get(row[j], b + j * (sizeof(V) / sizeof(float)));
  }
#pragma GCC unroll 16
  for (size_t i = 0; i < kRows; ++i) {
    const V factor = factors.at(i) - V{};
#pragma GCC unroll 4
    for (size_t j = 0; j < kVectors; ++j) {
      sum[i][j] += factor * row[j];
    }
  }
  factors.advance();
}

/** V: the type of vector; a tile is kRows × kVectors of them. */
template <typename V, size_t kVectors, size_t kRows, Order kOrder>
void computeTile(const Tile& tile) {
  constexpr size_t kWidth = sizeof(V) / sizeof(float);
  constexpr bool kSplits = kOrder == Order::rowsSplit;
  V sum[kRows][kVectors];
  V odd[kRows][kVectors];
#pragma GCC unroll 16
  for (size_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 4
    for (size_t j = 0; j < kVectors; ++j) {
      sum[i][j] = V{};
      odd[i][j] = V{};
    }
  }
  if (tile.depth >= kAnnounceDepth) {
    // Large results are not in the caches: they are on their way while the sums are computed.
#pragma GCC unroll 16
    for (size_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 4
      for (size_t j = 0; j < kVectors; ++j) {
        __builtin_prefetch(tile.c + i * tile.cStride + j * kWidth, 1, 3);
      }
    }
  }
  const size_t bStride = tile.bStride;
  for (size_t s = 0; s < tile.segmentCount; ++s) {
    Factors<kRows, kOrder> factors(tile.a + tile.segments[s].a, tile.aStride);
    const float* b = tile.b + tile.segments[s].b;
    size_t k = tile.depth;
    if constexpr (kSplits) {
      for (; k >= 2; k -= 2) {
        step(sum, factors, b);
        step(odd, factors, b + bStride);
        b += 2 * bStride;
      }
    }
    for (; k > 0; --k) {
      step(sum, factors, b);
      b += bStride;
    }
  }
  if constexpr (kSplits) {
#pragma GCC unroll 16
    for (size_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 4
      for (size_t j = 0; j < kVectors; ++j) {
        sum[i][j] += odd[i][j];
      }
    }
  }
  constexpr size_t kLast = kVectors - 1;
  float* c = tile.c;
  const size_t cStride = tile.cStride;
  const size_t part = tile.columns - kLast * kWidth;
  if (tile.accumulate) {
#pragma GCC unroll 16
    for (size_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 4
      for (size_t j = 0; j < kVectors; ++j) {
        const float* from = c + i * cStride + j * kWidth;
        V before;
        if (j == kLast && part < kWidth) {
          getPart(before, from, part);
        } else {
          get(before, from);
        }
        sum[i][j] += before;
      }
    }
  }
  if (tile.bias != nullptr) {
#pragma GCC unroll 4
    for (size_t j = 0; j < kVectors; ++j) {
      V bias;
      get(bias, tile.bias + j * kWidth);
#pragma GCC unroll 16
      for (size_t i = 0; i < kRows; ++i) {
        sum[i][j] += bias;
      }
    }
  }
  const Activation activation = tile.activation;
  if (activation == Activation::relu || activation == Activation::relu6) {
    const V zero = {};
    const V limit = (activation == Activation::relu6 ? 6.0f : __builtin_inff()) - V{};
#pragma GCC unroll 16
    for (size_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 4
      for (size_t j = 0; j < kVectors; ++j) {
        // What is not a number stays so.
        const V positive = zero > sum[i][j] ? zero : sum[i][j];
        sum[i][j] = limit < positive ? limit : positive;
      }
    }
  }
#pragma GCC unroll 16
  for (size_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 4
    for (size_t j = 0; j < kVectors; ++j) {
      float* to = c + i * cStride + j * kWidth;
      if (j == kLast && part < kWidth) {
        putPart(to, sum[i][j], part);
      } else {
        put(to, sum[i][j]);
      }
    }
  }
  if (activation > Activation::relu6) {
    for (size_t i = 0; i < kRows; ++i) {
      activate(activation, c + i * cStride, tile.columns);
    }
  }
}

// The functions for 1, 2, … rows.
#define STRATA_TILES_6(type, vectors, order)                                                                    \
  computeTile<type, vectors, 1, order>, computeTile<type, vectors, 2, order>, computeTile<type, vectors, 3, order>, \
      computeTile<type, vectors, 4, order>, computeTile<type, vectors, 5, order>, computeTile<type, vectors, 6, order>
#define STRATA_TILES_12(type, vectors, order)                                          \
  STRATA_TILES_6(type, vectors, order), computeTile<type, vectors, 7, order>,          \
      computeTile<type, vectors, 8, order>, computeTile<type, vectors, 9, order>,      \
      computeTile<type, vectors, 10, order>, computeTile<type, vectors, 11, order>,    \
      computeTile<type, vectors, 12, order>
#define STRATA_TILES_14(type, vectors, order) \
  STRATA_TILES_12(type, vectors, order), computeTile<type, vectors, 13, order>, computeTile<type, vectors, 14, order>
#if defined(__AVX512F__) || defined(__aarch64__)
#define STRATA_TILES STRATA_TILES_14
#define STRATA_TALL_TILES STRATA_TILES_14
#else
#define STRATA_TILES STRATA_TILES_6
#define STRATA_TALL_TILES STRATA_TILES_12
#endif

constexpr TileFunction kTiles[2][kTileRows] = {{STRATA_TILES(Vector, 2, Order::depth)},
                                               {STRATA_TILES(Vector, 2, Order::rows)}};
constexpr TileFunction kOneVectorTiles[2][kTallTileRows] = {{STRATA_TALL_TILES(Vector, 1, Order::depth)},
                                                            {STRATA_TALL_TILES(Vector, 1, Order::rows)}};
constexpr TileFunction kNarrowTiles[2][kTallTileRows] = {{STRATA_TALL_TILES(Narrow, 1, Order::depth)},
                                                         {STRATA_TALL_TILES(Narrow, 1, Order::rows)}};
constexpr TileFunction kSplitTiles[6] = {STRATA_TILES_6(Vector, 1, Order::rowsSplit)};
constexpr TileFunction kSplitNarrowTiles[6] = {STRATA_TILES_6(Narrow, 1, Order::rowsSplit)};

}  // namespace

TileFunction tileFunction(Order order, size_t rows, size_t columns) {
  const size_t width = panelWidth(columns);
  if (order == Order::rowsSplit && width <= kLanes && rows < busyRows(columns) && rows <= 6) {
    return width == kNarrowColumns ? kSplitNarrowTiles[rows - 1] : kSplitTiles[rows - 1];
  }
  const int contiguous = order == Order::depth ? 0 : 1;
  if (width == kTileColumns) {
    return kTiles[contiguous][rows - 1];
  }
  return width == kLanes ? kOneVectorTiles[contiguous][rows - 1] : kNarrowTiles[contiguous][rows - 1];
}

STRATA_END
