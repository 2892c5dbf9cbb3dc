// Images [batch, height, width, channels] in another size, and the gradients. Where each output reads is told by tables,
// made by src/kernels/resize.ts, which knows the rules of alignment: for output row r, rows[2r] and rows[2r + 1] are the input
// rows around it and rowShares[r] the share of the second; columns likewise. −1 stands for outside: there y is `fill`.
#include "kernel.h"
#include "simd/lanes.h"
#include "simd/pool.h"

STRATA_BEGIN

namespace {

struct Images {
  size_t batch, height, width, channels, outHeight, outWidth;

  STRATA_INLINE size_t inputs() const { return batch * height * width * channels; }
  STRATA_INLINE size_t outputs() const { return batch * outHeight * outWidth * channels; }
  /** Rows of `pixels` pixels in one piece of work. */
  STRATA_INLINE size_t grain(size_t pixels) const {
    const size_t work = pixels * channels * 4 + 1;
    return work > 32768 ? 1 : 32768 / work + 1;
  }
};

STRATA_INLINE Images readImages(Call& call, int first) {
  return {call.size(first),     call.size(first + 1), call.size(first + 2),
          call.size(first + 3), call.size(first + 4), call.size(first + 5)};
}

/** Fails the call unless all places lie in [least, end). */
STRATA_INLINE void checkPlaces(Call& call, const int32_t* places, size_t count, int32_t least, size_t end) {
  if (call.failed()) {
    return;
  }
  bool outside = false;
  for (size_t i = 0; i < count; ++i) {
    outside |= places[i] < least || places[i] >= static_cast<int64_t>(end);
  }
  if (outside) {
    call.fail("STRATA_BAD_ARGUMENT", "a table of places that leaves the image");
  }
}

/** The same for pairs, of which both or none are −1. */
STRATA_INLINE void checkPairs(Call& call, const int32_t* places, size_t count, size_t size) {
  checkPlaces(call, places, 2 * count, -1, size);
  bool half = false;
  for (size_t i = 0; !call.failed() && i < count; ++i) {
    half |= (places[2 * i] < 0) != (places[2 * i + 1] < 0);
  }
  if (half) {
    call.fail("STRATA_BAD_ARGUMENT", "a table of places, one of a pair outside the image");
  }
}

STRATA_INLINE void fillRow(float* to, size_t n, float value) {
  for (size_t i = 0; i < n; ++i) {
    to[i] = value;
  }
}

/** The four pixels around an output pixel, mixed: along the row first. */
template <typename Lanes>
STRATA_INLINE void mix(Lanes lanes, const float* top, const float* bottom, size_t left, size_t right, Vector across,
                       Vector down, float* to) {
  const Vector topLeft = lanes.get(top + left);
  const Vector bottomLeft = lanes.get(bottom + left);
  const Vector upper = topLeft + (lanes.get(top + right) - topLeft) * across;
  const Vector lower = bottomLeft + (lanes.get(bottom + right) - bottomLeft) * across;
  lanes.put(to, upper + (lower - upper) * down);
}

}  // namespace

/** (x, y, rows, rowShares, columns, columnShares, batch, height, width, channels, outHeight, outWidth, fill) */
STRATA_KERNEL(resizeBilinear) {
  const Images p = readImages(call, 6);
  const float* x = call.floats(0, p.inputs());
  float* y = call.floats(1, p.outputs());
  const int32_t* rows = call.ints(2, 2 * p.outHeight);
  const float* rowShares = call.floats(3, p.outHeight);
  const int32_t* columns = call.ints(4, 2 * p.outWidth);
  const float* columnShares = call.floats(5, p.outWidth);
  const float fill = static_cast<float>(call.number(12));
  checkPairs(call, rows, p.outHeight, p.height);
  checkPairs(call, columns, p.outWidth, p.width);
  if (call.failed()) {
    return;
  }
  const size_t pitch = p.width * p.channels;
  call.parallelFor(p.batch * p.outHeight, p.grain(p.outWidth), [=](size_t begin, size_t end, int) {
    for (size_t row = begin; row < end; ++row) {
      const size_t r = row % p.outHeight;
      float* to = y + row * p.outWidth * p.channels;
      if (rows[2 * r] < 0) {
        fillRow(to, p.outWidth * p.channels, fill);
        continue;
      }
      const float* image = x + row / p.outHeight * p.height * pitch;
      const float* top = image + static_cast<size_t>(rows[2 * r]) * pitch;
      const float* bottom = image + static_cast<size_t>(rows[2 * r + 1]) * pitch;
      const Vector down = broadcast(rowShares[r]);
      for (size_t c = 0; c < p.outWidth; ++c, to += p.channels) {
        if (columns[2 * c] < 0) {
          fillRow(to, p.channels, fill);
          continue;
        }
        const size_t left = static_cast<size_t>(columns[2 * c]) * p.channels;
        const size_t right = static_cast<size_t>(columns[2 * c + 1]) * p.channels;
        const Vector across = broadcast(columnShares[c]);
        size_t k = 0;
        for (; k + kLanes <= p.channels; k += kLanes) {
          mix(Whole{}, top, bottom, left + k, right + k, across, down, to + k);
        }
        if (k < p.channels) {
          mix(Part{p.channels - k}, top, bottom, left + k, right + k, across, down, to + k);
        }
      }
    }
  });
}

/**
 * (dy, dx, rows, rowShares, columns, columnShares, batch, height, width, channels, outHeight, outWidth, spans), the sizes
 * those of x and y: dx is the transpose of resizeBilinear applied to dy, and of resizeNearest with shares of 0. Output rows
 * that read input row h lie in [spans[2h], spans[2h + 1]).
 */
STRATA_KERNEL(resizeGradient) {
  const Images p = readImages(call, 6);
  const float* dy = call.floats(0, p.outputs());
  float* dx = call.floats(1, p.inputs());
  const int32_t* rows = call.ints(2, 2 * p.outHeight);
  const float* rowShares = call.floats(3, p.outHeight);
  const int32_t* columns = call.ints(4, 2 * p.outWidth);
  const float* columnShares = call.floats(5, p.outWidth);
  const int32_t* spans = call.ints(12, 2 * p.height);
  checkPairs(call, rows, p.outHeight, p.height);
  checkPairs(call, columns, p.outWidth, p.width);
  checkPlaces(call, spans, 2 * p.height, 0, p.outHeight + 1);
  if (call.failed()) {
    return;
  }
  const size_t pitch = p.width * p.channels;
  const size_t outPitch = p.outWidth * p.channels;
  call.parallelFor(p.batch * p.height, p.grain(p.width + p.outWidth), [=](size_t begin, size_t end, int) {
    for (size_t row = begin; row < end; ++row) {
      const int32_t h = static_cast<int32_t>(row % p.height);
      float* to = dx + row * pitch;
      fillRow(to, pitch, 0.0f);
      for (int32_t r = spans[2 * h]; r < spans[2 * h + 1]; ++r) {
        const int32_t low = rows[2 * r];
        const int32_t high = rows[2 * r + 1];
        if (low != h && high != h) {
          continue;
        }
        const float weight = low == high ? 1.0f : low == h ? 1.0f - rowShares[r] : rowShares[r];
        const float* from = dy + (row / p.height * p.outHeight + static_cast<size_t>(r)) * outPitch;
        for (size_t c = 0; c < p.outWidth; ++c, from += p.channels) {
          if (columns[2 * c] < 0) {
            continue;
          }
          float* left = to + static_cast<size_t>(columns[2 * c]) * p.channels;
          float* right = to + static_cast<size_t>(columns[2 * c + 1]) * p.channels;
          const float share = columnShares[c];
          eachVector(p.channels, [&](size_t k, size_t count) {
            const Vector whole = loadUpTo(from + k, count) * weight;
            if (left == right) {
              storeUpTo(left + k, loadUpTo(left + k, count) + whole, count);
              return;
            }
            storeUpTo(left + k, loadUpTo(left + k, count) + whole * (1.0f - share), count);
            storeUpTo(right + k, loadUpTo(right + k, count) + whole * share, count);
          });
        }
      }
    }
  });
}

/**
 * (x, y, rows, columns, batch, height, width, channels, outHeight, outWidth, fill), float32 or int32: here the tables have one
 * place for each output.
 */
STRATA_KERNEL(resizeNearest) {
  const Images p = readImages(call, 4);
  const bool ints = call.kind(0) == ArgumentKind::int32;
  const float* x = ints ? reinterpret_cast<const float*>(call.ints(0, p.inputs())) : call.floats(0, p.inputs());
  float* y = ints ? reinterpret_cast<float*>(call.ints(1, p.outputs())) : call.floats(1, p.outputs());
  const int32_t* rows = call.ints(2, p.outHeight);
  const int32_t* columns = call.ints(3, p.outWidth);
  // Integers are never read from outside.
  const float fill = ints ? 0.0f : static_cast<float>(call.number(10));
  checkPlaces(call, rows, p.outHeight, -1, p.height);
  checkPlaces(call, columns, p.outWidth, -1, p.width);
  if (call.failed()) {
    return;
  }
  const size_t pitch = p.width * p.channels;
  call.parallelFor(p.batch * p.outHeight, p.grain(p.outWidth), [=](size_t begin, size_t end, int) {
    for (size_t row = begin; row < end; ++row) {
      const int32_t place = rows[row % p.outHeight];
      float* to = y + row * p.outWidth * p.channels;
      if (place < 0) {
        fillRow(to, p.outWidth * p.channels, fill);
        continue;
      }
      const float* from = x + row / p.outHeight * p.height * pitch + static_cast<size_t>(place) * pitch;
      for (size_t c = 0; c < p.outWidth; ++c, to += p.channels) {
        if (columns[c] < 0) {
          fillRow(to, p.channels, fill);
          continue;
        }
        const float* pixel = from + static_cast<size_t>(columns[c]) * p.channels;
        eachVector(p.channels,
                   [&](size_t k, size_t count) { storeUpTo(to + k, loadUpTo(pixel + k, count), count); });
      }
    }
  });
}

STRATA_END
