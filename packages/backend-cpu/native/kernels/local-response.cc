// Local response normalization over the channels of pixels [pixels, channels], and its gradient:
//   y = x·n^−β with n = bias + α·Σ x² over the channels that lie at most `radius` away.
// localResponse(x, y, pixels, channels, radius, bias, alpha, beta)
// localResponseGradient(x, y, dy, dx, pixels, channels, radius, bias, alpha, beta)
// Sums are those of float32, pairwise: a square of |x| > 1.8e19 is infinite.
#include "kernel.h"
#include "simd/doubles.h"
#include "simd/map.h"

STRATA_BEGIN

namespace {

struct Response {
  size_t pixels, channels, radius;
  float bias, alpha;
  double beta;

  /** What a window reads left of the first channel and right of the last, and what a vector reads beyond that. */
  STRATA_INLINE size_t padded() const { return (channels + 2 * radius + 2 * kLanes) & ~(kLanes - 1); }
  STRATA_INLINE size_t grain() const { return channels >= kMapGrain / 8 ? 1 : kMapGrain / 8 / (channels + 1) + 1; }
};

STRATA_INLINE Response readResponse(Call& call, int first) {
  Response p = {call.size(first),
                call.size(first + 1),
                call.size(first + 2),
                static_cast<float>(call.number(first + 3)),
                static_cast<float>(call.number(first + 4)),
                call.number(first + 5)};
  if (p.radius >= p.channels) {
    p.radius = p.channels == 0 ? 0 : p.channels - 1;  // beyond, windows hold every channel
  }
  return p;
}

/**
 * sums[c] = Σ terms[c … c + 2·radius] for each channel. Sums over 2^k terms are made of those over 2^(k−1), in place, and
 * the powers of two that make up the window's width are added: nothing is subtracted, so that an infinity or a large term
 * leaves no trace outside its windows.
 */
STRATA_INLINE void windowSums(const Response& p, float* terms, float* sums) {
  const size_t width = 2 * p.radius + 1;
  for (size_t c = 0; c < p.channels; c += kLanes) {
    store(sums + c, load(terms + c));
  }
  for (size_t span = 1, done = 1; done < width; span *= 2) {
    const size_t doubled = p.channels + 2 * p.radius - span;
    for (size_t i = 0; i < doubled; i += kLanes) {
      store(terms + i, load(terms + i) + load(terms + i + span));
    }
    if (width & (2 * span)) {
      for (size_t c = 0; c < p.channels; c += kLanes) {
        store(sums + c, load(sums + c) + load(terms + c + done));
      }
      done += 2 * span;
    }
  }
}

/** n^−β. */
STRATA_INLINE Vector inversePower(Vector n, double beta) {
  if (beta == 0.75) {
    const Vector root = sqrt(n);
    return 1.0f / (root * sqrt(root));
  }
  if (beta == 0.5) {
    return 1.0f / sqrt(n);
  }
  if (beta == 1) {
    return 1.0f / n;
  }
  return byDoubles(n, [=](DoubleVector v) { return powerOf(v, broadcast(-beta)); });
}

/** terms = x² between zeros, sums = Σ of them over the windows. */
STRATA_INLINE void squareSums(const Response& p, const float* x, float* terms, float* sums) {
  __builtin_memset(terms, 0, p.padded() * sizeof(float));
  mapRow(x, terms + p.radius, p.channels, [](Vector v) { return v * v; });
  windowSums(p, terms, sums);
}

}  // namespace

STRATA_KERNEL(localResponse) {
  const Response p = readResponse(call, 2);
  const float* x = call.floats(0, p.pixels * p.channels);
  float* y = call.floats(1, p.pixels * p.channels);
  float* scratch = static_cast<float*>(call.scratch(2 * p.padded() * sizeof(float) * static_cast<size_t>(call.threads())));
  if (call.failed()) {
    return;
  }
  call.parallelFor(p.pixels, p.grain(), [=](size_t begin, size_t end, int slot) {
    float* terms = scratch + 2 * p.padded() * static_cast<size_t>(slot);
    float* sums = terms + p.padded();
    for (size_t pixel = begin; pixel < end; ++pixel) {
      const size_t at = pixel * p.channels;
      squareSums(p, x + at, terms, sums);
      mapRows(x + at, sums, y + at, p.channels,
              [=](Vector v, Vector sum) { return v * inversePower(sum * p.alpha + p.bias, p.beta); });
    }
  });
}

/** dx = dy·n^−β − 2αβ·x·Σ dy·y/n, the sum over the channels whose windows hold x's, which are as far away. */
STRATA_KERNEL(localResponseGradient) {
  const Response p = readResponse(call, 4);
  const size_t n = p.pixels * p.channels;
  const float* x = call.floats(0, n);
  const float* y = call.floats(1, n);
  const float* dy = call.floats(2, n);
  float* dx = call.floats(3, n);
  float* scratch = static_cast<float*>(call.scratch(3 * p.padded() * sizeof(float) * static_cast<size_t>(call.threads())));
  if (call.failed()) {
    return;
  }
  const float factor = static_cast<float>(-2.0 * p.alpha * p.beta);
  call.parallelFor(p.pixels, p.grain(), [=](size_t begin, size_t end, int slot) {
    float* terms = scratch + 3 * p.padded() * static_cast<size_t>(slot);
    float* sums = terms + p.padded();
    float* norms = sums + p.padded();
    for (size_t pixel = begin; pixel < end; ++pixel) {
      const size_t at = pixel * p.channels;
      squareSums(p, x + at, terms, norms);
      mapRow(norms, norms, p.channels, [=](Vector sum) { return sum * p.alpha + p.bias; });
      __builtin_memset(terms, 0, p.padded() * sizeof(float));
      mapRows(y + at, norms, terms + p.radius, p.channels, [](Vector v, Vector norm) { return v / norm; });
      mapRows(dy + at, terms + p.radius, terms + p.radius, p.channels, [](Vector d, Vector v) { return d * v; });
      windowSums(p, terms, sums);
      mapRows(x + at, sums, sums, p.channels, [=](Vector v, Vector sum) { return v * sum * factor; });
      mapRow(norms, norms, p.channels, [=](Vector norm) { return inversePower(norm, p.beta); });
      mapRows(dy + at, norms, norms, p.channels, [](Vector d, Vector power) { return d * power; });
      mapRows(norms, sums, dx + at, p.channels, [](Vector first, Vector second) { return first + second; });
    }
  });
}

STRATA_END
