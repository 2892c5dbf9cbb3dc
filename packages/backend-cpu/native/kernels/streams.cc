// Products with few rows or few columns are a matter of reading the large operand once, in the order in which it lies: as
// dot products where the depth is contiguous, else as sums of its rows. Nothing of it is copied into panels.
#include "matmul/streams.h"

#include "kernel.h"
#include "matmul/pack.h"

STRATA_BEGIN

namespace {

/** Rows of `many` that share the loads of `few`. */
constexpr size_t kTogether = 4;

STRATA_INLINE float sumOf(Vector value) {
  float sum = 0;
  for (size_t i = 0; i < kLanes; ++i) {
    sum += value[i];
  }
  return sum;
}

/** sums[i·kFew + j] = many[i] · few[j], all of length k. */
template <size_t kFew>
void dots(const float* many, size_t manyStride, size_t count, const float* few, size_t fewStride, size_t k, float* sums) {
  // Rows beyond `count` repeat the last one.
  const float* rows[kTogether];
  for (size_t i = 0; i < kTogether; ++i) {
    rows[i] = many + (i < count ? i : count - 1) * manyStride;
  }
  Vector sum[kTogether][kFew] = {};
  const auto add = [&](auto&& get) {
    Vector right[kFew];
#pragma GCC unroll 4
    for (size_t j = 0; j < kFew; ++j) {
      right[j] = get(few + j * fewStride);
    }
#pragma GCC unroll 4
    for (size_t i = 0; i < kTogether; ++i) {
      const Vector left = get(rows[i]);
#pragma GCC unroll 4
      for (size_t j = 0; j < kFew; ++j) {
        sum[i][j] += left * right[j];
      }
    }
  };
  size_t p = 0;
  for (; p + kLanes <= k; p += kLanes) {
    add([p](const float* from) __attribute__((always_inline)) { return load(from + p); });
  }
  if (p < k) {
    add([p, k](const float* from) __attribute__((always_inline)) { return loadPart(from + p, k - p); });
  }
  for (size_t i = 0; i < kTogether; ++i) {
    for (size_t j = 0; j < kFew; ++j) {
      sums[i * kFew + j] = sumOf(sum[i][j]);
    }
  }
}

/** Rows of B that are added to C at a time: each is a stream that the processor fetches ahead. */
constexpr size_t kStreams = 8;

/** c[j] (+)= Σ over p < count of a[p·aDepth] · b[p·bDepth + j], the terms added in order. */
template <size_t kCount>
void addRows(const float* a, size_t aDepth, const float* b, size_t bDepth, float* c, size_t n, bool accumulate) {
  Vector factors[kCount];
  for (size_t p = 0; p < kCount; ++p) {
    factors[p] = broadcast(a[p * aDepth]);
  }
  const auto add = [&](size_t j, auto&& get) {
    Vector sum = accumulate ? get(c + j) : Vector{};
#pragma GCC unroll 8
    for (size_t p = 0; p < kCount; ++p) {
      sum += factors[p] * get(b + p * bDepth + j);
    }
    return sum;
  };
  size_t j = 0;
  for (; j + kLanes <= n; j += kLanes) {
    store(c + j, add(j, [](const float* from) __attribute__((always_inline)) { return load(from); }));
  }
  if (j < n) {
    storePart(c + j, add(j, [=](const float* from) __attribute__((always_inline)) { return loadPart(from, n - j); }),
              n - j);
  }
}

/** Rows of C as sums of rows of B. */
void multiplyByRows(const Product& product, size_t column, size_t columnEnd) {
  const size_t n = columnEnd - column;
  for (size_t p = 0; p < product.k;) {
    const bool many = product.k - p >= kStreams;
    for (size_t i = 0; i < product.m; ++i) {
      const float* a = product.a + i * product.aRow + p * product.aDepth;
      const float* b = product.b + p * product.bDepth + column;
      float* c = product.c + i * product.cStride + column;
      (many ? addRows<kStreams> : addRows<1>)(a, product.aDepth, b, product.bDepth, c, n, p > 0);
    }
    p += many ? kStreams : 1;
  }
  for (size_t i = 0; i < product.m && product.bias != nullptr; ++i) {
    float* c = product.c + i * product.cStride;
    for (size_t j = column; j < columnEnd; ++j) {
      c[j] += product.bias[j];
    }
  }
}

}  // namespace

bool suitsStreams(const Product& product) {
  if (product.k < 2 * kLanes) {
    return false;
  }
  return product.m <= kFewest || (product.n <= kFewest && product.aDepth == 1);
}

void multiplyByStreams(const Product& product, size_t row, size_t rowEnd, size_t column, size_t columnEnd,
                    float* scratch) {
  const size_t k = product.k;
  const bool fewRows = product.m <= kFewest;
  if (fewRows && product.bDepth != 1) {
    multiplyByRows(product, column, columnEnd);
    for (size_t r = 0; r < product.m; ++r) {
      activate(product.activation, product.c + r * product.cStride + column, columnEnd - column);
    }
    return;
  }
  const size_t start = fewRows ? column : row;
  const size_t end = fewRows ? columnEnd : rowEnd;
  const size_t few = fewRows ? product.m : product.n;
  const float* many = fewRows ? product.b : product.a;
  const size_t manyStride = fewRows ? product.bColumn : product.aRow;
  const float* others = fewRows ? product.a : product.b;
  size_t otherStride = fewRows ? product.aRow : product.bColumn;
  if ((fewRows ? product.aDepth : product.bDepth) != 1) {
    // The few lie across: turn them.
    const size_t depthStride = fewRows ? product.aDepth : product.bDepth;
    for (size_t p = 0; p < k; ++p) {
      for (size_t j = 0; j < few; ++j) {
        scratch[j * k + p] = others[p * depthStride + j * otherStride];
      }
    }
    others = scratch;
    otherStride = k;
  }
  float sums[kTogether * kFewest];
  for (size_t i = start; i < end; i += kTogether) {
    const size_t count = end - i < kTogether ? end - i : kTogether;
    const float* rows = many + i * manyStride;
    switch (few) {
      case 1:
        dots<1>(rows, manyStride, count, others, otherStride, k, sums);
        break;
      case 2:
        dots<2>(rows, manyStride, count, others, otherStride, k, sums);
        break;
      default:
        dots<3>(rows, manyStride, count, others, otherStride, k, sums);
    }
    for (size_t t = 0; t < count; ++t) {
      for (size_t j = 0; j < few; ++j) {
        const size_t r = fewRows ? j : i + t;
        const size_t c = fewRows ? i + t : j;
        const float bias = product.bias == nullptr ? 0 : product.bias[c];
        product.c[r * product.cStride + c] = sums[t * few + j] + bias;
      }
    }
  }
  for (size_t r = fewRows ? 0 : row; r < (fewRows ? product.m : rowEnd); ++r) {
    activate(product.activation, product.c + r * product.cStride + (fewRows ? column : 0),
             fewRows ? columnEnd - column : product.n);
  }
}

STRATA_END
