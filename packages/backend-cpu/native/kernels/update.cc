// One step of an optimizer for all parameters in one call. Results may be the arrays that they are computed from.
//   sgdUpdate(learningRate, momentum, nesterov, weightDecay, gate | null,
//             then for each parameter: p, g, v | null, next p, next v | null)
//   averageUpdate(weight, scales [count], then for each average: a, x, next a)
//   adamUpdate(learningRate, beta1, beta2, epsilon, weightDecay, decoupled, gate | null, step, next step,
//              then for each parameter: p, g, m, v, next p, next m, next v)
// A gate of −1 is open; behind any other nothing changes. Formulas: packages/core/KERNELS.md.
#include "kernel.h"
#include "simd/map.h"

STRATA_BEGIN

namespace {

constexpr size_t kUpdateGrain = 65536;
/** Elements between a read and the one that is announced: a tenth saved, and less at half and at twice the distance. */
constexpr size_t kReadAhead = 1024;

/**
 * f(index of the first array, from, count) over pieces of all parameters, which take `arrays` arguments each; those whose
 * bit is set in `optional` may be null.
 */
template <typename Piece>
STRATA_INLINE void forEachPiece(Call& call, int first, int arrays, unsigned optional, Piece f) {
  const int parameters = (call.count() - first) / arrays;
  auto* before = static_cast<size_t*>(call.scratch(sizeof(size_t) * (static_cast<size_t>(parameters) + 1)));
  for (int k = 0; k < parameters; ++k) {
    const size_t n = call.length(first + k * arrays);
    for (int j = 0; j < arrays; ++j) {
      if ((optional >> j & 1) == 0 || call.has(first + k * arrays + j)) {
        call.floats(first + k * arrays + j, n);
      }
    }
  }
  if (call.failed()) {
    return;
  }
  before[0] = 0;
  size_t elements = 0;
  for (int k = 0; k < parameters; ++k) {
    elements += call.length(first + k * arrays);
    before[k + 1] = before[k] + (call.length(first + k * arrays) + kUpdateGrain - 1) / kUpdateGrain;
  }
  // What is less than one piece together is not worth waking a thread.
  const size_t grain = elements <= kUpdateGrain ? before[parameters] + 1 : 1;
  call.parallelFor(before[parameters], grain, [&](size_t begin, size_t end, int) {
    int k = 0;
    for (size_t piece = begin; piece < end; ++piece) {
      while (before[k + 1] <= piece) {
        ++k;
      }
      const size_t from = (piece - before[k]) * kUpdateGrain;
      const size_t left = call.length(first + k * arrays) - from;
      f(first + k * arrays, from, left < kUpdateGrain ? left : kUpdateGrain);
    }
  });
}

STRATA_INLINE Vector at(const float* x, size_t i, size_t n) {
  __builtin_prefetch(x + i + kReadAhead);
  return n - i >= kLanes ? load(x + i) : loadPart(x + i, n - i);
}
STRATA_INLINE void put(float* x, size_t i, size_t n, Vector value) {
  if (n - i >= kLanes) {
    store(x + i, value);
  } else {
    storePart(x + i, value, n - i);
  }
}

/** Whether argument `index` lets no update pass. */
STRATA_INLINE bool isClosed(Call& call, int index) {
  const int32_t* gate = call.has(index) ? call.ints(index, 1) : nullptr;
  return gate != nullptr && *gate != -1;
}

STRATA_INLINE void keep(const float* value, float* next, size_t n) {
  if (next != value) {
    __builtin_memcpy(next, value, n * sizeof(float));
  }
}

/** 1 − beta^n without the cancellation of the first steps. */
STRATA_INLINE double oneMinusPower(double beta, double n) { return -__builtin_expm1(n * __builtin_log(beta)); }

}  // namespace

STRATA_KERNEL(sgdUpdate) {
  const float learningRate = static_cast<float>(call.number(0));
  const float momentum = static_cast<float>(call.number(1));
  const bool nesterov = call.number(2) != 0;
  const float weightDecay = static_cast<float>(call.number(3));
  const bool closed = isClosed(call, 4);
  forEachPiece(call, 5, 5, 0b10100, [&](int k, size_t from, size_t n) {
    const float* p = call.floats(k, 0) + from;
    const float* g = call.floats(k + 1, 0) + from;
    float* nextP = call.floats(k + 3, 0) + from;
    const bool plain = !call.has(k + 2) || !call.has(k + 4);
    if (closed) {
      keep(p, nextP, n);
      if (!plain) {
        keep(call.floats(k + 2, 0) + from, call.floats(k + 4, 0) + from, n);
      }
      return;
    }
    if (plain) {
      for (size_t i = 0; i < n; i += kLanes) {
        const Vector value = at(p, i, n);
        const Vector d = at(g, i, n) + value * weightDecay;
        put(nextP, i, n, value - d * learningRate);
      }
      return;
    }
    const float* v = call.floats(k + 2, 0) + from;
    float* nextV = call.floats(k + 4, 0) + from;
    for (size_t i = 0; i < n; i += kLanes) {
      const Vector value = at(p, i, n);
      const Vector d = at(g, i, n) + value * weightDecay;
      const Vector velocity = at(v, i, n) * momentum + d;
      put(nextV, i, n, velocity);
      put(nextP, i, n, value - (nesterov ? d + velocity * momentum : velocity) * learningRate);
    }
  });
}

STRATA_KERNEL(averageUpdate) {
  constexpr int kFirst = 2;
  constexpr int kArrays = 3;
  const float weight = static_cast<float>(call.number(0));
  const float* scales = call.floats(1, static_cast<size_t>((call.count() - kFirst) / kArrays));
  forEachPiece(call, kFirst, kArrays, 0, [&](int k, size_t from, size_t n) {
    const float* a = call.floats(k, 0) + from;
    const float* x = call.floats(k + 1, 0) + from;
    float* next = call.floats(k + 2, 0) + from;
    const float scale = scales[(k - kFirst) / kArrays];
    for (size_t i = 0; i < n; i += kLanes) {
      const Vector average = at(a, i, n);
      const Vector moved = average + (at(x, i, n) * scale - average) * weight;
      put(next, i, n, select(abs(moved) <= __FLT_MAX__, moved, average));
    }
  });
}

STRATA_KERNEL(adamUpdate) {
  const double learningRate = call.number(0);
  const double beta1 = call.number(1);
  const double beta2 = call.number(2);
  const float epsilon = static_cast<float>(call.number(3));
  const double weightDecay = call.number(4);
  const bool decoupled = call.number(5) != 0;
  const bool closed = isClosed(call, 6);
  const int32_t* step = call.ints(7, 1);
  int32_t* nextStep = call.ints(8, 1);
  if (call.failed()) {
    return;
  }
  const int32_t taken = *step + 1;
  const float rate = static_cast<float>(learningRate / oneMinusPower(beta1, taken));
  const float root = static_cast<float>(1 / __builtin_sqrt(oneMinusPower(beta2, taken)));
  const float rest1 = static_cast<float>(1 - beta1);
  const float rest2 = static_cast<float>(1 - beta2);
  const float kept2 = static_cast<float>(beta2);
  const float shrink = decoupled ? static_cast<float>(1 - learningRate * weightDecay) : 1.0f;
  const float decay = decoupled ? 0.0f : static_cast<float>(weightDecay);
  forEachPiece(call, 9, 7, 0, [&](int k, size_t from, size_t n) {
    const float* p = call.floats(k, 0) + from;
    const float* g = call.floats(k + 1, 0) + from;
    const float* m = call.floats(k + 2, 0) + from;
    const float* v = call.floats(k + 3, 0) + from;
    float* nextP = call.floats(k + 4, 0) + from;
    float* nextM = call.floats(k + 5, 0) + from;
    float* nextV = call.floats(k + 6, 0) + from;
    if (closed) {
      keep(p, nextP, n);
      keep(m, nextM, n);
      keep(v, nextV, n);
      return;
    }
    for (size_t i = 0; i < n; i += kLanes) {
      const Vector value = at(p, i, n);
      const Vector gradient = at(g, i, n) + value * decay;
      const Vector first = at(m, i, n);
      const Vector mean = first + (gradient - first) * rest1;
      const Vector square = at(v, i, n) * kept2 + gradient * gradient * rest2;
      put(nextM, i, n, mean);
      put(nextV, i, n, square);
      put(nextP, i, n, value * shrink - mean * rate / (sqrt(square) * root + epsilon));
    }
  });
  *nextStep = closed || call.failed() ? *step : taken;
}

STRATA_END
