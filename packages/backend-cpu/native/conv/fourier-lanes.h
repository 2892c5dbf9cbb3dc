// The discrete Fourier transform of complex values, one in each lane of a vector: as many transforms at once as there are
// lanes. In place, by fourths (radix 4); frequencies come out in digit-reversed order and go back in in the same order, since
// a convolution does not care. Value k is the vectors x[2k] (real) and x[2k + 1] (imaginary).
#pragma once

#include "conv/fourier.h"
#include "simd/vector.h"

namespace strata {
namespace STRATA_ISA {

struct Complex {
  Vector re;
  Vector im;
};

STRATA_INLINE Complex operator+(Complex a, Complex b) { return {a.re + b.re, a.im + b.im}; }
STRATA_INLINE Complex operator-(Complex a, Complex b) { return {a.re - b.re, a.im - b.im}; }
/** a · i */
STRATA_INLINE Complex turned(Complex a) { return {-a.im, a.re}; }

/** a · w, or a · conj(w). */
template <bool kConjugate>
STRATA_INLINE Complex rotated(Complex a, const float* w) {
  const Vector re = broadcast(w[0]);
  const Vector im = broadcast(kConjugate ? -w[1] : w[1]);
  return {a.re * re - a.im * im, a.re * im + a.im * re};
}

STRATA_INLINE Complex complexAt(const Vector* x, size_t k) { return {x[2 * k], x[2 * k + 1]}; }
STRATA_INLINE void putComplex(Vector* x, size_t k, Complex value) {
  x[2 * k] = value.re;
  x[2 * k + 1] = value.im;
}

/** One step: blocks of `length` values become four of a fourth of it each. */
template <bool kRotates>
STRATA_INLINE void splitFourths(Vector* x, size_t n, size_t length, size_t j, const float* twiddles) {
  const size_t quarter = length / 4;
  const size_t stride = n / length;
  for (size_t k = j; k < n; k += length) {
    const Complex a = complexAt(x, k);
    const Complex b = complexAt(x, k + quarter);
    const Complex c = complexAt(x, k + 2 * quarter);
    const Complex d = complexAt(x, k + 3 * quarter);
    const Complex even = a + c;
    const Complex evenOther = b + d;
    const Complex odd = a - c;
    const Complex oddOther = turned(d - b);
    putComplex(x, k, even + evenOther);
    const Complex first = odd + oddOther;
    const Complex second = even - evenOther;
    const Complex third = odd - oddOther;
    putComplex(x, k + quarter, kRotates ? rotated<false>(first, twiddles + 2 * j * stride) : first);
    putComplex(x, k + 2 * quarter, kRotates ? rotated<false>(second, twiddles + 4 * j * stride) : second);
    putComplex(x, k + 3 * quarter, kRotates ? rotated<false>(third, twiddles + 6 * j * stride) : third);
  }
}

/** The inverse of splitFourths, times 4. */
template <bool kRotates>
STRATA_INLINE void joinFourths(Vector* x, size_t n, size_t length, size_t j, const float* twiddles) {
  const size_t quarter = length / 4;
  const size_t stride = n / length;
  for (size_t k = j; k < n; k += length) {
    const Complex zeroth = complexAt(x, k);
    Complex first = complexAt(x, k + quarter);
    Complex second = complexAt(x, k + 2 * quarter);
    Complex third = complexAt(x, k + 3 * quarter);
    if (kRotates) {
      first = rotated<true>(first, twiddles + 2 * j * stride);
      second = rotated<true>(second, twiddles + 4 * j * stride);
      third = rotated<true>(third, twiddles + 6 * j * stride);
    }
    const Complex even = zeroth + second;
    const Complex evenOther = zeroth - second;
    const Complex odd = first + third;
    const Complex oddOther = turned(first - third);
    putComplex(x, k, even + odd);
    putComplex(x, k + quarter, evenOther + oddOther);
    putComplex(x, k + 2 * quarter, even - odd);
    putComplex(x, k + 3 * quarter, evenOther - oddOther);
  }
}

STRATA_INLINE void splitHalves(Vector* x, size_t n) {
  for (size_t k = 0; k < n; k += 2) {
    const Complex a = complexAt(x, k);
    const Complex b = complexAt(x, k + 1);
    putComplex(x, k, a + b);
    putComplex(x, k + 1, a - b);
  }
}

STRATA_INLINE void fourierForward(Vector* x, const FourierTables& tables) {
  size_t length = tables.size;
  for (; length >= 4; length /= 4) {
    splitFourths<false>(x, tables.size, length, 0, tables.twiddles);
    for (size_t j = 1; j < length / 4; ++j) {
      splitFourths<true>(x, tables.size, length, j, tables.twiddles);
    }
  }
  if (length == 2) {
    splitHalves(x, tables.size);
  }
}

/** Times the size. */
STRATA_INLINE void fourierInverse(Vector* x, const FourierTables& tables) {
  size_t first = tables.size;
  while (first >= 4) {
    first /= 4;
  }
  if (first == 2) {
    splitHalves(x, tables.size);
  }
  for (size_t length = 4 * first; length <= tables.size; length *= 4) {
    joinFourths<false>(x, tables.size, length, 0, tables.twiddles);
    for (size_t j = 1; j < length / 4; ++j) {
      joinFourths<true>(x, tables.size, length, j, tables.twiddles);
    }
  }
}

}  // namespace STRATA_ISA
}  // namespace strata
