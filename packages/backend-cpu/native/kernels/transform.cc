// Images [batch, height, width, channels] whose pixels come from elsewhere. Coordinates are computed in float64 without fused
// operations, as JavaScript does, so that the same pixels are taken.
// strata-flags: -ffp-contract=off
#include "kernel.h"

STRATA_BEGIN

namespace {

struct Image {
  const float* pixels;
  size_t height, width, channels;

  /** The pixel's first channel, or nullptr outside the image (for NaN, too). */
  STRATA_INLINE const float* at(double row, double column) const {
    if (!(row >= 0 && row < static_cast<double>(height) && column >= 0 && column < static_cast<double>(width))) {
      return nullptr;
    }
    return pixels + (static_cast<size_t>(row) * width + static_cast<size_t>(column)) * channels;
  }
};

/** JavaScript's Math.round. */
STRATA_INLINE double nearest(double x) { return __builtin_floor(x + 0.5); }

STRATA_INLINE double clamp(double x, double most) { return x < 0 ? 0 : x > most ? most : x; }

enum FillMode { constant = 0, reflect = 1, wrap = 2, edge = 3 };

/** Where a coordinate outside the image reads, as TensorFlow's ImageProjectiveTransformV3 has it. */
STRATA_INLINE double mapCoordinate(double x, double length, size_t mode) {
  if (mode == constant) {
    return x;
  }
  if (mode == edge) {
    return clamp(x, length - 1);
  }
  if (x >= 0 && x <= length - 1) {
    return x;
  }
  if (length <= 1) {
    return 0;
  }
  if (mode == reflect) {
    const double period = 2 * length;
    if (x < 0) {
      x = period * __builtin_trunc(-x / period) + x;
      x = x < -length ? x + period : -x - 1;
    } else {
      x -= period * __builtin_trunc(x / period);
      x = x >= length ? period - x - 1 : x;
    }
  } else if (x < 0) {
    x += length * (__builtin_trunc(-x / (length - 1)) + 1);
  } else {
    x -= length * __builtin_trunc(x / (length - 1));
  }
  return clamp(x, length - 1);
}

}  // namespace

/**
 * (x, matrices [count, 8], y, batch, height, width, channels, outHeight, outWidth, count, bilinear, mode, fill): output (i, j)
 * reads at x = (a0·j + a1·i + a2) / k, y = (b0·j + b1·i + b2) / k, k = c0·j + c1·i + 1, for a matrix [a0, a1, a2, b0, b1, b2, c0,
 * c1] of its own, or of all where count is 1. mode as in FillMode; what is still outside is `fill`.
 */
STRATA_KERNEL(transform) {
  const size_t batch = call.size(3);
  const size_t height = call.size(4);
  const size_t width = call.size(5);
  const size_t channels = call.size(6);
  const size_t outHeight = call.size(7);
  const size_t outWidth = call.size(8);
  const size_t count = call.size(9);
  const bool bilinear = call.size(10) != 0;
  const size_t mode = call.size(11);
  const double fill = call.number(12);
  const float* x = call.floats(0, batch * height * width * channels);
  const float* matrices = call.floats(1, (count == 1 ? 1 : batch) * 8);
  float* y = call.floats(2, batch * outHeight * outWidth * channels);
  if (call.failed()) {
    return;
  }
  const size_t work = outWidth * channels * 8 + 1;
  call.parallelFor(batch * outHeight, work > 32768 ? 1 : 32768 / work + 1, [=](size_t begin, size_t end, int) {
    for (size_t line = begin; line < end; ++line) {
      const size_t b = line / outHeight;
      const double i = static_cast<double>(line % outHeight);
      const float* m = matrices + (count == 1 ? 0 : b * 8);
      const Image image = {x + b * height * width * channels, height, width, channels};
      for (size_t column = 0; column < outWidth; ++column) {
        const double j = static_cast<double>(column);
        float* to = y + (line * outWidth + column) * channels;
        const double k = m[6] * j + m[7] * i + 1;
        const double inX = (m[0] * j + m[1] * i + m[2]) / k;
        const double inY = (m[3] * j + m[4] * i + m[5]) / k;
        const double atX = mapCoordinate(inX, static_cast<double>(width), mode);
        const double atY = mapCoordinate(inY, static_cast<double>(height), mode);
        if (k == 0 || !bilinear) {
          const float* from = k == 0 ? nullptr : image.at(nearest(atY), nearest(atX));
          for (size_t c = 0; c < channels; ++c) {
            to[c] = from == nullptr ? static_cast<float>(fill) : from[c];
          }
          continue;
        }
        const double top = __builtin_floor(atY);
        const double left = __builtin_floor(atX);
        const float* corners[4] = {image.at(top, left), image.at(top, left + 1), image.at(top + 1, left),
                                   image.at(top + 1, left + 1)};
        for (size_t c = 0; c < channels; ++c) {
          const auto value = [&](int corner) { return corners[corner] == nullptr ? fill : corners[corner][c]; };
          const double upper = (left + 1 - atX) * value(0) + (atX - left) * value(1);
          const double lower = (left + 1 - atX) * value(2) + (atX - left) * value(3);
          to[c] = static_cast<float>((top + 1 - atY) * upper + (atY - top) * lower);
        }
      }
    }
  });
}

/**
 * (x, fills [channels], y, batch, height, width, channels, sin, cos, centerX, centerY): turned about the centre, the nearest
 * pixel; `fills` where that lies outside.
 */
STRATA_KERNEL(rotate) {
  const size_t batch = call.size(3);
  const size_t height = call.size(4);
  const size_t width = call.size(5);
  const size_t channels = call.size(6);
  const double sine = call.number(7);
  const double cosine = call.number(8);
  const double centerX = call.number(9);
  const double centerY = call.number(10);
  const float* x = call.floats(0, batch * height * width * channels);
  const float* fills = call.floats(1, channels);
  float* y = call.floats(2, batch * height * width * channels);
  if (call.failed()) {
    return;
  }
  const size_t work = width * channels * 4 + 1;
  call.parallelFor(batch * height, work > 32768 ? 1 : 32768 / work + 1, [=](size_t begin, size_t end, int) {
    for (size_t line = begin; line < end; ++line) {
      const double down = static_cast<double>(line % height) - centerY;
      const Image image = {x + line / height * height * width * channels, height, width, channels};
      for (size_t column = 0; column < width; ++column) {
        const double right = static_cast<double>(column) - centerX;
        const float* from = image.at(nearest(right * sine + down * cosine + centerY),
                                     nearest(right * cosine - down * sine + centerX));
        float* to = y + (line * width + column) * channels;
        for (size_t c = 0; c < channels; ++c) {
          to[c] = from == nullptr ? fills[c] : from[c];
        }
      }
    }
  });
}

STRATA_END
