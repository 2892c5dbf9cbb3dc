// Sums, products and extremes along one axis of [outer, count, inner], by pieces whose borders depend on the sizes only:
// the result has the same bits whatever the number of threads.
#pragma once

#include "simd/map.h"

namespace strata {
namespace STRATA_ISA {

constexpr size_t kHalfLanes = kLanes / 2;
typedef float HalfVector __attribute__((vector_size(kHalfLanes * 4)));
typedef int32_t HalfIntVector __attribute__((vector_size(kHalfLanes * 4)));
typedef double DoubleVector __attribute__((vector_size(kHalfLanes * 8)));
typedef int64_t LongVector __attribute__((vector_size(kHalfLanes * 8)));

template <int... lane>
struct LaneList {};
template <int lanes>
struct LanesOf;
template <>
struct LanesOf<2> {
  typedef LaneList<0, 1> List;
};
template <>
struct LanesOf<4> {
  typedef LaneList<0, 1, 2, 3> List;
};
template <>
struct LanesOf<8> {
  typedef LaneList<0, 1, 2, 3, 4, 5, 6, 7> List;
};
template <>
struct LanesOf<16> {
  typedef LaneList<0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15> List;
};

template <int by, typename V, int... lane>
STRATA_INLINE V rotate(V value, LaneList<lane...>) {
  return __builtin_shufflevector(value, value, ((lane + by) % static_cast<int>(sizeof...(lane)))...);
}

/** f of all lanes, half with half. */
template <int width, typename V, typename Function>
STRATA_INLINE V combineHalves(V value, Function f) {
  constexpr int lanes = sizeof(V) / sizeof(value[0]);
  const V folded = f(value, rotate<width>(value, typename LanesOf<lanes>::List()));
  if constexpr (width == 1) {
    return folded;
  } else {
    return combineHalves<width / 2>(folded, f);
  }
}
template <typename V, typename Function>
STRATA_INLINE auto combineLanes(V value, Function f) {
  return combineHalves<sizeof(V) / sizeof(value[0]) / 2>(value, f)[0];
}

// GCC takes __builtin_convertvector to wider elements apart into halves: hence the intrinsics.

STRATA_INLINE DoubleVector loadDoubles(const float* from) {
#if defined(__AVX512F__)
  return reinterpret_cast<DoubleVector>(_mm512_maskz_cvtps_pd(0xff, _mm256_loadu_ps(from)));
#elif defined(__AVX2__)
  return reinterpret_cast<DoubleVector>(_mm256_cvtps_pd(_mm_loadu_ps(from)));
#else
  HalfVector value;
  __builtin_memcpy(&value, from, sizeof value);
  return __builtin_convertvector(value, DoubleVector);
#endif
}

STRATA_INLINE LongVector loadLongs(const int32_t* from) {
#if defined(__AVX512F__)
  const __m256i words = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  return reinterpret_cast<LongVector>(_mm512_maskz_cvtepi32_epi64(0xff, words));
#elif defined(__AVX2__)
  return reinterpret_cast<LongVector>(_mm256_cvtepi32_epi64(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from))));
#else
  HalfIntVector value;
  __builtin_memcpy(&value, from, sizeof value);
  return __builtin_convertvector(value, LongVector);
#endif
}

// A reduction has an Element (what it reads), a Wide (what it accumulates in, kWide lanes of Total), an identity, and
// `combine`, for Wides and Totals alike. Sums of float32 accumulate in double precision: memory is slower anyway.
struct SumOfFloats {
  typedef float Element;
  typedef DoubleVector Wide;
  typedef double Total;
  static constexpr size_t kWide = kHalfLanes;
  static constexpr Total kIdentity = 0;
  static STRATA_INLINE Wide read(const float* from) { return loadDoubles(from); }
  template <typename T>
  static STRATA_INLINE T combine(T a, T b) {
    return a + b;
  }
};

struct ProductOfFloats : SumOfFloats {
  static constexpr Total kIdentity = 1;
  template <typename T>
  static STRATA_INLINE T combine(T a, T b) {
    return a * b;
  }
};

struct SumOfInts {
  typedef int32_t Element;
  typedef LongVector Wide;
  typedef int64_t Total;
  static constexpr size_t kWide = kHalfLanes;
  static constexpr Total kIdentity = 0;
  static STRATA_INLINE Wide read(const int32_t* from) { return loadLongs(from); }
  template <typename T>
  static STRATA_INLINE T combine(T a, T b) {
    return a + b;
  }
};

struct SumOfBytes : SumOfInts {
  typedef uint8_t Element;
  static STRATA_INLINE Wide read(const uint8_t* from) {
#if defined(__AVX512F__)
    const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
    return reinterpret_cast<Wide>(_mm512_maskz_cvtepu8_epi64(0xff, bytes));
#else
    Wide value;
    for (size_t i = 0; i < kWide; ++i) {
      value[i] = from[i];
    }
    return value;
#endif
  }
};

/** Modulo 2^32. */
struct ProductOfInts {
  typedef int32_t Element;
  typedef IntVector Wide;
  typedef int32_t Total;
  static constexpr size_t kWide = kLanes;
  static constexpr Total kIdentity = 1;
  static STRATA_INLINE Wide read(const int32_t* from) { return load(from); }
  static STRATA_INLINE IntVector combine(IntVector a, IntVector b) { return wrapMultiply(a, b); }
  static STRATA_INLINE int32_t combine(int32_t a, int32_t b) {
    return static_cast<int32_t>(static_cast<uint32_t>(a) * static_cast<uint32_t>(b));
  }
};

struct MaxOfFloats {
  typedef float Element;
  typedef Vector Wide;
  typedef float Total;
  static constexpr size_t kWide = kLanes;
  static constexpr Total kIdentity = -kInfinity;
  static STRATA_INLINE Wide read(const float* from) { return load(from); }
  static STRATA_INLINE Vector combine(Vector a, Vector b) { return maxOrNaN(a, b); }
  static STRATA_INLINE float combine(float a, float b) { return a > b || a != a ? a : b; }
};

struct MinOfFloats : MaxOfFloats {
  static constexpr Total kIdentity = kInfinity;
  static STRATA_INLINE Vector combine(Vector a, Vector b) { return minOrNaN(a, b); }
  static STRATA_INLINE float combine(float a, float b) { return a < b || a != a ? a : b; }
};

struct MaxOfInts {
  typedef int32_t Element;
  typedef IntVector Wide;
  typedef int32_t Total;
  static constexpr size_t kWide = kLanes;
  static constexpr Total kIdentity = INT32_MIN;
  static STRATA_INLINE Wide read(const int32_t* from) { return load(from); }
  static STRATA_INLINE IntVector combine(IntVector a, IntVector b) { return select(a > b, a, b); }
  static STRATA_INLINE int32_t combine(int32_t a, int32_t b) { return a > b ? a : b; }
};

struct MinOfInts : MaxOfInts {
  static constexpr Total kIdentity = INT32_MAX;
  static STRATA_INLINE IntVector combine(IntVector a, IntVector b) { return select(a < b, a, b); }
  static STRATA_INLINE int32_t combine(int32_t a, int32_t b) { return a < b ? a : b; }
};

/** Elements of a run, or of a block of rows, that one piece reduces. */
constexpr size_t kReduceGrain = 32768;
/** Columns that one piece reduces at most. */
constexpr size_t kColumnBlock = 1024;
/** Pieces into which the rows of one reduction are divided at most, unless they are long runs. */
constexpr size_t kMostChunks = 64;
/** Rows shorter than this are reduced as one run whose columns take turns. */
constexpr size_t kShortRow = 32;

/** How many elements ahead of a run's reads memory is asked for: measured, 8 KiB of float32. */
constexpr size_t kReadAhead = 2048;

/** The reduction of n neighbours. */
template <typename R>
STRATA_INLINE typename R::Total reduceRun(const typename R::Element* x, size_t n) {
  constexpr size_t w = R::kWide;
  typename R::Wide sums[4];
  for (auto& sum : sums) {
    sum = R::kIdentity - typename R::Wide{};
  }
  size_t i = 0;
  for (; i + 4 * w <= n; i += 4 * w) {
    for (size_t j = 0; j < 4; ++j) {
      __builtin_prefetch(x + i + j * w + kReadAhead);
      sums[j] = R::combine(sums[j], R::read(x + i + j * w));
    }
  }
  for (; i + w <= n; i += w) {
    sums[0] = R::combine(sums[0], R::read(x + i));
  }
  const typename R::Wide all = R::combine(R::combine(sums[0], sums[1]), R::combine(sums[2], sums[3]));
  typename R::Total total =
      combineLanes(all, [](typename R::Wide a, typename R::Wide b) { return R::combine(a, b); });
  for (; i < n; ++i) {
    total = R::combine(total, static_cast<typename R::Total>(x[i]));
  }
  return total;
}

/** The reductions of `columns` ≤ kColumnBlock columns over `rows` rows that lie `stride` apart. */
template <typename R, typename Put>
STRATA_INLINE void reduceColumns(const typename R::Element* x, size_t rows, size_t stride, size_t columns, Put put) {
  // Rows are read from end to end, as the processor fetches ahead; four at a time, since the totals pass through memory.
  constexpr size_t w = R::kWide;
  typedef typename R::Wide Wide;
  typedef typename R::Total Total;
  alignas(64) Total totals[kColumnBlock];
  for (size_t c = 0; c < columns; ++c) {
    totals[c] = R::kIdentity;
  }
  const size_t whole = columns - columns % w;
  const auto addRows = [&](const typename R::Element* row, auto count) {
    for (size_t c = 0; c < whole; c += w) {
      Wide total;
      __builtin_memcpy(&total, totals + c, sizeof total);
      for (size_t j = 0; j < count; ++j) {
        total = R::combine(total, R::read(row + j * stride + c));
      }
      __builtin_memcpy(totals + c, &total, sizeof total);
    }
    for (size_t c = whole; c < columns; ++c) {
      for (size_t j = 0; j < count; ++j) {
        totals[c] = R::combine(totals[c], static_cast<Total>(row[j * stride + c]));
      }
    }
  };
  size_t r = 0;
  for (; r + 4 <= rows; r += 4) {
    addRows(x + r * stride, std::integral_constant<size_t, 4>());
  }
  for (; r < rows; ++r) {
    addRows(x + r * stride, std::integral_constant<size_t, 1>());
  }
  for (size_t c = 0; c < columns; ++c) {
    put(c, totals[c]);
  }
}

/**
 * The same for rows of `columns` < kShortRow neighbours: the rows are one run, read by as many registers as it takes for
 * lanes and columns to fall into step, and then some, so that no addition waits for the one before.
 */
template <typename R, typename Put>
STRATA_INLINE void reduceShortRows(const typename R::Element* x, size_t rows, size_t columns, Put put) {
  constexpr size_t w = R::kWide;
  size_t step = columns;  // the registers of one period, of lcm(columns, w) elements
  for (size_t common = w; common > 1; common /= 2) {
    if (columns % common == 0) {
      step = columns / common;
      break;
    }
  }
  const size_t registers = step * ((8 + step - 1) / step);
  typename R::Wide sums[kShortRow];
  for (size_t j = 0; j < registers; ++j) {
    sums[j] = R::kIdentity - typename R::Wide{};
  }
  const size_t n = rows * columns;
  size_t i = 0;
  for (; i + registers * w <= n; i += registers * w) {
    for (size_t j = 0; j < registers; ++j) {
      sums[j] = R::combine(sums[j], R::read(x + i + j * w));
    }
  }
  typename R::Total totals[kShortRow];
  for (size_t c = 0; c < columns; ++c) {
    totals[c] = R::kIdentity;
  }
  size_t c = 0;
  for (size_t j = 0; j < registers; ++j) {
    for (size_t k = 0; k < w; ++k) {
      totals[c] = R::combine(totals[c], static_cast<typename R::Total>(sums[j][k]));
      c = c + 1 == columns ? 0 : c + 1;
    }
  }
  for (; i < n; ++i) {
    totals[c] = R::combine(totals[c], static_cast<typename R::Total>(x[i]));
    c = c + 1 == columns ? 0 : c + 1;
  }
  for (size_t j = 0; j < columns; ++j) {
    put(j, totals[j]);
  }
}

/** put(o·inner + i, the reduction of x[o, :, i]) for every o and i. Fails the call when scratch space runs out. */
template <typename R, typename Put>
STRATA_INLINE void reduce(Call& call, const typename R::Element* x, size_t outer, size_t count, size_t inner, Put put) {
  typedef typename R::Total Total;
  const size_t block = inner < kColumnBlock ? inner : kColumnBlock;
  const size_t blocks = block == 0 ? 0 : (inner + block - 1) / block;
  const size_t fitting = block == 0 ? 0 : kReduceGrain / block;
  const size_t least = inner == 1 ? kReduceGrain : (count + kMostChunks - 1) / kMostChunks;
  const size_t rows = fitting < least ? least : fitting;
  const size_t chunks = count <= rows ? 1 : (count + rows - 1) / rows;
  Total* partial = nullptr;
  if (chunks > 1) {
    partial = static_cast<Total*>(call.scratch(outer * chunks * inner * sizeof(Total)));
    if (call.failed()) {
      return;
    }
  }
  const size_t elements = (count < rows ? count : rows) * block;
  const size_t grain = elements == 0 || elements >= kReduceGrain ? 1 : kReduceGrain / elements;
  call.parallelFor(outer * chunks * blocks, grain, [=](size_t begin, size_t end, int) {
    for (size_t piece = begin; piece < end; ++piece) {
      const size_t column = piece % blocks * block;
      const size_t chunk = piece / blocks % chunks;
      const size_t o = piece / blocks / chunks;
      const size_t row = chunk * rows;
      const size_t height = count - row < rows ? count - row : rows;
      const size_t width = inner - column < block ? inner - column : block;
      const typename R::Element* from = x + (o * count + row) * inner + column;
      const auto finish = [=](size_t c, Total total) {
        if (chunks == 1) {
          put(o * inner + column + c, total);
        } else {
          partial[(o * chunks + chunk) * inner + column + c] = total;
        }
      };
      if (inner == 1) {
        finish(0, reduceRun<R>(from, height));
      } else if (inner < kShortRow) {
        reduceShortRows<R>(from, height, inner, finish);
      } else {
        reduceColumns<R>(from, height, inner, width, finish);
      }
    }
  });
  if (chunks == 1 || inner == 0) {
    return;
  }
  // What the chunks found, chunk after chunk: neighbours lie side by side.
  const size_t strips = (inner + kColumnBlock - 1) / kColumnBlock;
  const size_t strip = inner < kColumnBlock ? inner : kColumnBlock;
  const size_t work = strip * chunks;
  call.parallelFor(outer * strips, work >= kReduceGrain ? 1 : kReduceGrain / work, [=](size_t begin, size_t end, int) {
    for (size_t piece = begin; piece < end; ++piece) {
      const size_t o = piece / strips;
      const size_t column = piece % strips * kColumnBlock;
      const size_t width = inner - column < strip ? inner - column : strip;
      const Total* part = partial + o * chunks * inner + column;
      Total totals[kColumnBlock];
      for (size_t c = 0; c < width; ++c) {
        totals[c] = part[c];
      }
      for (size_t chunk = 1; chunk < chunks; ++chunk) {
        for (size_t c = 0; c < width; ++c) {
          totals[c] = R::combine(totals[c], part[chunk * inner + c]);
        }
      }
      for (size_t c = 0; c < width; ++c) {
        put(o * inner + column + c, totals[c]);
      }
    }
  });
}

}  // namespace STRATA_ISA
}  // namespace strata
