// Two arrays in, one out, broadcast: <name>(a, b, y, n, plan?), plan as in simd/broadcast.h, all float32 or all int32
// where a name ends in Ints.
#include "kernel.h"
#include "simd/broadcast.h"
#include "simd/doubles.h"

STRATA_BEGIN

STRATA_KERNEL(add) {
  combine(call, [](Vector a, Vector b) { return a + b; });
}
STRATA_KERNEL(addInts) {
  combineInts(call, [](IntVector a, IntVector b) { return wrapAdd(a, b); });
}
STRATA_KERNEL(subtract) {
  combine(call, [](Vector a, Vector b) { return a - b; });
}
STRATA_KERNEL(subtractInts) {
  combineInts(call, [](IntVector a, IntVector b) { return wrapSubtract(a, b); });
}
STRATA_KERNEL(multiply) {
  combine(call, [](Vector a, Vector b) { return a * b; });
}
STRATA_KERNEL(multiplyInts) {
  combineInts(call, [](IntVector a, IntVector b) { return wrapMultiply(a, b); });
}
STRATA_KERNEL(divide) {
  combine(call, [](Vector a, Vector b) { return a / b; });
}
/** Towards zero; 0 where b is 0. */
STRATA_KERNEL(divideInts) {
  combineInts(call, [](IntVector a, IntVector b) {
    IntVector y = {};
    for (size_t i = 0; i < kLanes; ++i) {
      // The least int32 has no quotient by −1.
      y[i] = b[i] == 0 ? 0 : b[i] == -1 ? static_cast<int32_t>(0u - static_cast<uint32_t>(a[i])) : a[i] / b[i];
    }
    return y;
  });
}
STRATA_KERNEL(maximum) {
  combine(call, [](Vector a, Vector b) { return maxOrNaN(a, b); });
}
STRATA_KERNEL(maximumInts) {
  combineInts(call, [](IntVector a, IntVector b) { return select(a > b, a, b); });
}
STRATA_KERNEL(minimum) {
  combine(call, [](Vector a, Vector b) { return minOrNaN(a, b); });
}
STRATA_KERNEL(minimumInts) {
  combineInts(call, [](IntVector a, IntVector b) { return select(a < b, a, b); });
}
STRATA_KERNEL(squaredDifference) {
  combine(call, [](Vector a, Vector b) {
    const Vector d = a - b;
    return d * d;
  });
}
STRATA_KERNEL(squaredDifferenceInts) {
  combineInts(call, [](IntVector a, IntVector b) {
    const IntVector d = wrapSubtract(a, b);
    return wrapMultiply(d, d);
  });
}
/** b is the slope below 0. */
STRATA_KERNEL(prelu) {
  combine(call, [](Vector a, Vector b) { return select(a < Vector{}, a * b, a); });
}
/** a^b. */
STRATA_KERNEL(power) {
  combine(call, [](Vector a, Vector b) {
    return byDoubles(a, b, [](DoubleVector base, DoubleVector exponent) { return powerOf(base, exponent); });
  });
}
/** a^b modulo 2^32; of a negative b what is left of the fraction 1 / a^−b, and 0 where a is 0. */
STRATA_KERNEL(powerInts) {
  combineInts(call, [](IntVector a, IntVector b) {
    IntVector y = broadcast(1);
    IntVector factor = a;
    for (IntVector rest = select(b > 0, b, IntVector{}); any(rest != 0); rest >>= 1) {
      y = select((rest & 1) != 0, wrapMultiply(y, factor), y);
      factor = wrapMultiply(factor, factor);
    }
    const IntVector ofMinusOne = select((b & 1) != 0, broadcast(-1), broadcast(1));
    const IntVector fraction = select(a == 1, broadcast(1), select(a == -1, ofMinusOne, IntVector{}));
    return select(b < 0, fraction, y);
  });
}

/** √(a² + b²), in float64, where no square exceeds what it holds or vanishes. Infinite where a or b is, as JavaScript's hypot. */
STRATA_KERNEL(magnitude) {
  combine(call, [](Vector a, Vector b) {
    const Vector y = byDoubles(a, b, [](DoubleVector re, DoubleVector im) { return sqrt(re * re + im * im); });
    return select((abs(a) == kInfinity) | (abs(b) == kInfinity), broadcast(kInfinity), y);
  });
}
/** The remainder of a / b with the sign of b. As tfjs has it: also with an infinite b, where (rem + b) % b is NaN. */
STRATA_KERNEL(mod) {
  combine(call, [](Vector a, Vector b) {
    Vector y = {};
    for (size_t i = 0; i < kLanes; ++i) {
      const double rest = __builtin_fmod(a[i], b[i]);
      const bool same = (a[i] < 0 && b[i] < 0) || (a[i] >= 0 && b[i] >= 0);
      y[i] = static_cast<float>(same ? rest : __builtin_fmod(rest + b[i], b[i]));
    }
    return y;
  });
}
/** 0 where b is 0. */
STRATA_KERNEL(modInts) {
  combineInts(call, [](IntVector a, IntVector b) {
    IntVector y = {};
    for (size_t i = 0; i < kLanes; ++i) {
      // −1 divides everything, and the least int32 has no quotient by it.
      const int32_t rest = b[i] == 0 || b[i] == -1 ? 0 : a[i] % b[i];
      y[i] = rest != 0 && (rest < 0) != (b[i] < 0) ? rest + b[i] : rest;
    }
    return y;
  });
}
/** ⌊a / b⌋; 0 where b is 0. */
STRATA_KERNEL(floorDivInts) {
  combineInts(call, [](IntVector a, IntVector b) {
    IntVector y = {};
    for (size_t i = 0; i < kLanes; ++i) {
      if (b[i] == 0 || b[i] == -1) {
        y[i] = b[i] == 0 ? 0 : static_cast<int32_t>(0u - static_cast<uint32_t>(a[i]));
      } else {
        const int32_t rest = a[i] % b[i];
        y[i] = a[i] / b[i] - (rest != 0 && (rest < 0) != (b[i] < 0) ? 1 : 0);
      }
    }
    return y;
  });
}
STRATA_KERNEL(bitwiseAndInts) {
  combineInts(call, [](IntVector a, IntVector b) { return a & b; });
}

STRATA_END
