// Windows that slide over images [batch, height, width, channels], for the pooling kernels.
#pragma once

#include "simd/vector.h"

namespace strata {
namespace STRATA_ISA {

/** The Int32Array of sizes that every pooling kernel takes, in this order. */
struct Pool {
  size_t batch, height, width, channels, outHeight, outWidth;
  int32_t windowHeight, windowWidth, strideHeight, strideWidth, padTop, padLeft;

  STRATA_INLINE size_t inputs() const { return batch * height * width * channels; }
  STRATA_INLINE size_t outputs() const { return batch * outHeight * outWidth * channels; }
  /** Elements of one row of outputs. */
  STRATA_INLINE size_t outRow() const { return outWidth * channels; }
  /** How many rows of outputs make a piece of work. */
  STRATA_INLINE size_t rowGrain() const {
    const size_t work = outRow() * static_cast<size_t>(windowHeight) * static_cast<size_t>(windowWidth) + 1;
    return work > 32768 ? 1 : 32768 / work + 1;
  }
};

STRATA_INLINE Pool readPool(Call& call, int index) {
  const int32_t* s = call.ints(index, 12);
  if (s == nullptr) {
    return {};
  }
  const auto size = [&](int i) { return s[i] > 0 ? static_cast<size_t>(s[i]) : size_t{0}; };
  return {size(0), size(1), size(2), size(3), size(4), size(5), s[6], s[7], s[8], s[9], s[10], s[11]};
}

/** The part of a window that lies inside the image, along one axis: [from, to). */
struct Span {
  size_t from, to;
};

STRATA_INLINE Span insideOf(size_t out, int32_t stride, int32_t pad, int32_t window, size_t size) {
  const int64_t start = static_cast<int64_t>(out) * stride - pad;
  const int64_t end = start + window;
  const int64_t limit = static_cast<int64_t>(size);
  const int64_t from = start < 0 ? 0 : start;
  const int64_t to = end < limit ? end : limit;
  return {static_cast<size_t>(from), static_cast<size_t>(to > from ? to : from)};
}

/** Calls visit(c, count) for the channels in vectors: count = kLanes, less in the last one. */
template <typename Visit>
STRATA_INLINE void eachVector(size_t channels, Visit&& visit) {
  size_t c = 0;
  for (; c + kLanes <= channels; c += kLanes) {
    visit(c, kLanes);
  }
  if (c < channels) {
    visit(c, channels - c);
  }
}

STRATA_INLINE Vector loadUpTo(const float* from, size_t count) {
  return count == kLanes ? load(from) : loadPart(from, count);
}

STRATA_INLINE void storeUpTo(float* to, Vector value, size_t count) {
  if (count == kLanes) {
    store(to, value);
  } else {
    storePart(to, value, count);
  }
}

/**
 * Calls visit(image, row, rows, columns, out) for each output position: the image's start in `inputs`, the spans of its
 * window, and where the position's channels start in `outputs`. Pieces are rows of outputs, or whole images where
 * `apart` is false: then windows of two rows may share an input, which only one thread may write.
 */
template <typename Visit>
STRATA_INLINE void eachWindow(Call& call, const Pool& p, bool apart, Visit&& visit) {
  const size_t units = apart ? p.batch * p.outHeight : p.batch;
  const size_t rowsEach = apart ? 1 : p.outHeight;
  const size_t grain = apart ? p.rowGrain() : 1;
  call.parallelFor(units, grain, [&](size_t begin, size_t end, int) {
    for (size_t r = begin * rowsEach; r < end * rowsEach; ++r) {
      const size_t image = r / p.outHeight;
      const Span rows = insideOf(r % p.outHeight, p.strideHeight, p.padTop, p.windowHeight, p.height);
      for (size_t ow = 0; ow < p.outWidth; ++ow) {
        const Span columns = insideOf(ow, p.strideWidth, p.padLeft, p.windowWidth, p.width);
        visit(image * p.height * p.width * p.channels, rows, columns, r * p.outRow() + ow * p.channels);
      }
    }
  });
}

/** Zeroes a gradient that windows then add to. */
STRATA_INLINE void clear(Call& call, float* values, size_t count) {
  call.parallelFor(count, 65536, [=](size_t begin, size_t end, int) {
    __builtin_memset(values + begin, 0, (end - begin) * sizeof(float));
  });
}

}  // namespace STRATA_ISA
}  // namespace strata
