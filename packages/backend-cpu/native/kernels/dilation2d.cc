// Grey-scale dilation: dilation2d(x, filter, y, sizes), dilation2dBackpropInput(x, filter, dy, dx, sizes),
// dilation2dBackpropFilter(x, filter, dy, dw, sizes). sizes: [batch, height, width, channels, outHeight, outWidth,
// filterHeight, filterWidth, strideHeight, strideWidth, dilationHeight, dilationWidth, padTop, padLeft].
#include "kernel.h"
#include "simd/pool.h"

STRATA_BEGIN

namespace {

/** What tfjs and TensorFlow begin with: a window outside the image keeps it. */
constexpr float kLowestSum = -9007199254740991.0f;

struct Dilation {
  size_t batch, height, width, channels, outHeight, outWidth, filterHeight, filterWidth;
  int32_t strideHeight, strideWidth, dilationHeight, dilationWidth, padTop, padLeft;

  STRATA_INLINE size_t inputs() const { return batch * height * width * channels; }
  STRATA_INLINE size_t outputs() const { return batch * outHeight * outWidth * channels; }
  STRATA_INLINE size_t weights() const { return filterHeight * filterWidth * channels; }
};

STRATA_INLINE Dilation readDilation(Call& call, int index) {
  const int32_t* s = call.ints(index, 14);
  if (s == nullptr) {
    return {};
  }
  const auto size = [&](int i) { return s[i] > 0 ? static_cast<size_t>(s[i]) : size_t{0}; };
  return {size(0), size(1), size(2), size(3), size(4), size(5), size(6),
          size(7), s[8],    s[9],    s[10],   s[11],   s[12],   s[13]};
}

/** visit(tap, element) for each tap of the filter that lies inside the image at output `row`, `column` of the batch. */
template <typename Visit>
STRATA_INLINE void eachTapInside(const Dilation& p, size_t row, size_t column, Visit&& visit) {
  const size_t image = row / p.outHeight * p.height;
  for (size_t h = 0; h < p.filterHeight; ++h) {
    const int64_t y = static_cast<int64_t>(row % p.outHeight) * p.strideHeight - p.padTop +
                      static_cast<int64_t>(h) * p.dilationHeight;
    if (y < 0 || y >= static_cast<int64_t>(p.height)) {
      continue;
    }
    for (size_t w = 0; w < p.filterWidth; ++w) {
      const int64_t x = static_cast<int64_t>(column) * p.strideWidth - p.padLeft + static_cast<int64_t>(w) * p.dilationWidth;
      if (x >= 0 && x < static_cast<int64_t>(p.width)) {
        visit(h * p.filterWidth + w, ((image + static_cast<size_t>(y)) * p.width + static_cast<size_t>(x)) * p.channels);
      }
    }
  }
}

/** The first tap with the largest sum, for `count` channels from c on; −1 where no tap is inside. */
STRATA_INLINE IntVector largestTap(const Dilation& p, const float* x, const float* filter, size_t row, size_t column,
                                   size_t c, size_t count) {
  Vector best = broadcast(kLowestSum);
  IntVector where = broadcast(int32_t{-1});
  eachTapInside(p, row, column, [&](size_t tap, size_t element) {
    const Vector sum = loadUpTo(x + element + c, count) + loadUpTo(filter + tap * p.channels + c, count);
    const IntVector larger = sum > best;
    best = select(larger, sum, best);
    where = larger ? broadcast(static_cast<int32_t>(tap)) : where;
  });
  return where;
}

STRATA_INLINE void addWhere(IntVector mask, float* to, Vector value, size_t count) {
  storeUpTo(to, loadUpTo(to, count) + select(mask, value, Vector{}), count);
}

/** visit(c, count) for the vector of channels numbered `vector`. */
template <typename Visit>
STRATA_INLINE void channelsOf(const Dilation& p, size_t vector, Visit&& visit) {
  const size_t c = vector * kLanes;
  visit(c, p.channels - c < kLanes ? p.channels - c : kLanes);
}

}  // namespace

/** y = max over the taps of x + filter; a NaN is passed over, as in tfjs. */
STRATA_KERNEL(dilation2d) {
  const Dilation p = readDilation(call, 3);
  const float* x = call.floats(0, p.inputs());
  const float* filter = call.floats(1, p.weights());
  float* y = call.floats(2, p.outputs());
  if (call.failed()) {
    return;
  }
  const size_t work = p.outWidth * p.channels * p.filterHeight * p.filterWidth + 1;
  call.parallelFor(p.batch * p.outHeight, work > 32768 ? 1 : 32768 / work + 1, [=](size_t begin, size_t end, int) {
    for (size_t row = begin; row < end; ++row) {
      for (size_t column = 0; column < p.outWidth; ++column) {
        eachVector(p.channels, [&](size_t c, size_t count) {
          Vector best = broadcast(kLowestSum);
          eachTapInside(p, row, column, [&](size_t tap, size_t element) {
            best = max(loadUpTo(x + element + c, count) + loadUpTo(filter + tap * p.channels + c, count), best);
          });
          storeUpTo(y + (row * p.outWidth + column) * p.channels + c, best, count);
        });
      }
    }
  });
}

/** Each dy goes to the input of the first largest sum; nowhere when no sum is a number above tfjs's lowest. */
STRATA_KERNEL(dilation2dBackpropInput) {
  const Dilation p = readDilation(call, 4);
  const float* x = call.floats(0, p.inputs());
  const float* filter = call.floats(1, p.weights());
  const float* dy = call.floats(2, p.outputs());
  float* dx = call.floats(3, p.inputs());
  if (call.failed()) {
    return;
  }
  // A piece is a vector of channels of one image, whose windows may share inputs.
  const size_t vectors = (p.channels + kLanes - 1) / kLanes;
  const size_t pixels = p.height * p.width;
  call.parallelFor(p.batch * vectors, 1, [=](size_t begin, size_t end, int) {
    for (size_t piece = begin; piece < end; ++piece) {
      const size_t image = piece / vectors;
      channelsOf(p, piece % vectors, [&](size_t c, size_t count) {
        for (size_t i = image * pixels; i < (image + 1) * pixels; ++i) {
          storeUpTo(dx + i * p.channels + c, Vector{}, count);
        }
        for (size_t row = image * p.outHeight; row < (image + 1) * p.outHeight; ++row) {
          for (size_t column = 0; column < p.outWidth; ++column) {
            const IntVector where = largestTap(p, x, filter, row, column, c, count);
            const Vector gradient = loadUpTo(dy + (row * p.outWidth + column) * p.channels + c, count);
            eachTapInside(p, row, column, [&](size_t tap, size_t element) {
              addWhere(where == broadcast(static_cast<int32_t>(tap)), dx + element + c, gradient, count);
            });
          }
        }
      });
    }
  });
}

/** The same for the filter: each dy goes to the first tap of the largest sum. */
STRATA_KERNEL(dilation2dBackpropFilter) {
  const Dilation p = readDilation(call, 4);
  const float* x = call.floats(0, p.inputs());
  const float* filter = call.floats(1, p.weights());
  const float* dy = call.floats(2, p.outputs());
  float* dw = call.floats(3, p.weights());
  if (call.failed()) {
    return;
  }
  call.parallelFor((p.channels + kLanes - 1) / kLanes, 1, [=](size_t begin, size_t end, int) {
    for (size_t vector = begin; vector < end; ++vector) {
      channelsOf(p, vector, [&](size_t c, size_t count) {
        for (size_t tap = 0; tap < p.filterHeight * p.filterWidth; ++tap) {
          storeUpTo(dw + tap * p.channels + c, Vector{}, count);
        }
        for (size_t row = 0; row < p.batch * p.outHeight; ++row) {
          for (size_t column = 0; column < p.outWidth; ++column) {
            const IntVector where = largestTap(p, x, filter, row, column, c, count);
            const Vector gradient = loadUpTo(dy + (row * p.outWidth + column) * p.channels + c, count);
            eachTapInside(p, row, column, [&](size_t tap, size_t) {
              addWhere(where == broadcast(static_cast<int32_t>(tap)), dw + tap * p.channels + c, gradient, count);
            });
          }
        }
      });
    }
  });
}

STRATA_END
