// Random numbers from Philox blocks, bit for bit those of packages/core/src/random. A draw is six numbers: two words of
// key, four of counter. Every float32 operation is rounded on its own.
// strata-flags: -ffp-contract=off
#include "kernel.h"
#include "simd/map.h"
#include "simd/philox.h"

STRATA_BEGIN

namespace {

/** Elements of one piece: whole groups of kLanes blocks on every instruction set. */
constexpr size_t kDrawGrain = 8192;
constexpr size_t kGroup = 4 * kLanes;

/** u = (x >>> 8)·2^-24. */
STRATA_INLINE Vector unit(WordVector words) {
  return __builtin_convertvector(reinterpret_cast<IntVector>(words >> 8), Vector) * 0x1p-24f;
}

/**
 * put(i, j, values, count) for the elements i … i + count − 1 of a draw, kLanes at a time; `values` is vector j of what
 * `make` gives for the words of kLanes blocks, in the order of memory.
 */
template <typename V, typename Make, typename Put>
STRATA_INLINE void drawLoop(Call& call, const Draw& draw, size_t n, Make make, Put put) {
  call.parallelFor(n, kDrawGrain, [=](size_t begin, size_t end, int) {
    for (size_t i = begin; i < end; i += kGroup) {
      const PhiloxWords words = philox(draw, i / 4);
      V values[4];
      make(words, values);
      interleave(values);
      for (size_t j = 0; j < 4; ++j) {
        const size_t at = i + j * kLanes;
        if (at < end) {
          put(at, values[j], end - at < kLanes ? end - at : kLanes);
        }
      }
    }
  });
}

/** sqrt(−2·ln(n·2^-24)) for n in 1 … 2^24: steps and coefficients of core/src/random/normal.ts. */
STRATA_INLINE Vector radius(IntVector n) {
  const IntVector bits = floatToBits(__builtin_convertvector(n, Vector));
  IntVector e = (bits >> 23) - 127;
  Vector m = bitsToFloat((bits & 0x007fffff) | 0x3f800000);
  const IntVector large = m > 1.41421354f;
  m = select(large, m * 0.5f, m);
  e = e - large;
  const Vector f = m - 1.0f;
  const Vector k = __builtin_convertvector(e - 24, Vector);
  const Vector z = f * f;
  Vector p = f * 7.0376836292e-2f - 1.151461031e-1f;
  p = p * f + 1.167699874e-1f;
  p = p * f - 1.2420140846e-1f;
  p = p * f + 1.4249322787e-1f;
  p = p * f - 1.6668057665e-1f;
  p = p * f + 2.0000714765e-1f;
  p = p * f - 2.4999993993e-1f;
  p = p * f + 3.3333331174e-1f;
  p = p * f;
  p = p * z;
  p = p + k * -2.1219444e-4f;
  p = p - z * 0.5f;
  const Vector log = (f + p) + k * 0.693359375f;
  return sqrt(log * -2.0f);
}

/** The pair of normals that two words give. */
STRATA_INLINE void boxMuller(WordVector x, WordVector y, Vector& z0, Vector& z1) {
  const Vector r = radius(reinterpret_cast<IntVector>(x >> 8) + 1);
  const IntVector turn = reinterpret_cast<IntVector>(y >> 8);
  const IntVector q = (turn + (1 << 21)) >> 22;
  const Vector a = __builtin_convertvector(turn - (q << 22), Vector) * 0x1p-22f;
  const Vector w = a * a;
  Vector s = w * -0.00462196674f + 0.079687029f;
  s = s * w - 0.645964026f;
  s = s * w;
  s = s * a;
  s = s + a * 1.57079637f;
  Vector c = w * 0.000906739908f - 0.0208615288f;
  c = c * w + 0.253669411f;
  c = c * w - 1.23370051f;
  c = c * w;
  c = c + 1.0f;
  const IntVector odd = (q & 1) != 0;
  const Vector cos = select(odd, s, c);
  const Vector sin = select(odd, c, s);
  z0 = r * bitsToFloat(floatToBits(cos) ^ (((q + 1) & 2) << 30));
  z1 = r * bitsToFloat(floatToBits(sin) ^ ((q & 2) << 30));
}

}  // namespace

/** (y, n, min, max, draw ×6): min + u·(max − min). */
STRATA_KERNEL(randomUniform) {
  const size_t n = call.size(1);
  float* y = call.floats(0, n);
  const float low = static_cast<float>(call.number(2));
  const float width = static_cast<float>(call.number(3)) - low;
  const Draw draw = readDraw(call, 4);
  if (call.failed()) {
    return;
  }
  drawLoop<Vector>(
      call, draw, n,
      [=](const PhiloxWords& words, Vector(&values)[4]) {
        for (size_t j = 0; j < 4; ++j) {
          values[j] = unit(words.word[j]) * width + low;
        }
      },
      [=](size_t i, Vector value, size_t count) { storePart(y + i, value, count); });
}

/** (y, n, min, max, draw ×6): min + the high 32 bits of x·(max − min), for min ≤ y < max. */
STRATA_KERNEL(randomInt) {
  const size_t n = call.size(1);
  int32_t* y = call.ints(0, n);
  const double min = call.number(2);
  const uint32_t width = static_cast<uint32_t>(static_cast<int64_t>(call.number(3) - min));
  const int32_t low = static_cast<int32_t>(min);
  const Draw draw = readDraw(call, 4);
  if (call.failed()) {
    return;
  }
  drawLoop<IntVector>(
      call, draw, n,
      [=](const PhiloxWords& words, IntVector(&values)[4]) {
        for (size_t j = 0; j < 4; ++j) {
          values[j] = reinterpret_cast<IntVector>(highProduct(words.word[j], width) + static_cast<uint32_t>(low));
        }
      },
      [=](size_t i, IntVector value, size_t count) { storePart(y + i, value, count); });
}

/** (y, n, mean, std, draw ×6): mean + std·z. */
STRATA_KERNEL(randomNormal) {
  const size_t n = call.size(1);
  float* y = call.floats(0, n);
  const float mean = static_cast<float>(call.number(2));
  const float std = static_cast<float>(call.number(3));
  const Draw draw = readDraw(call, 4);
  if (call.failed()) {
    return;
  }
  drawLoop<Vector>(
      call, draw, n,
      [=](const PhiloxWords& words, Vector(&values)[4]) {
        boxMuller(words.word[0], words.word[1], values[0], values[1]);
        boxMuller(words.word[2], words.word[3], values[2], values[3]);
        for (size_t j = 0; j < 4; ++j) {
          values[j] = values[j] * std + mean;
        }
      },
      [=](size_t i, Vector value, size_t count) { storePart(y + i, value, count); });
}

/** (x, y, n, rate, draw ×6): x·[u ≥ rate]/(1 − rate), u ≥ rate decided in integers. y may be x. */
STRATA_KERNEL(dropout) {
  const size_t n = call.size(2);
  const float* x = call.floats(0, n);
  float* y = call.floats(1, n);
  const double rate = call.number(3);
  const Draw draw = readDraw(call, 4);
  if (call.failed()) {
    return;
  }
  const int32_t threshold = static_cast<int32_t>(__builtin_ceil(rate * 0x1p24));
  const Vector factor = broadcast(static_cast<float>(1 / (1 - rate)));
  drawLoop<IntVector>(
      call, draw, n,
      [=](const PhiloxWords& words, IntVector(&values)[4]) {
        for (size_t j = 0; j < 4; ++j) {
          values[j] = reinterpret_cast<IntVector>(words.word[j] >> 8) >= threshold;
        }
      },
      [=](size_t i, IntVector keep, size_t count) {
        const Vector value = count == kLanes ? load(x + i) : loadPart(x + i, count);
        storePart(y + i, value * select(keep, factor, Vector{}), count);
      });
}

STRATA_END
