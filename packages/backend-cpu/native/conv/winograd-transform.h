// The transforms of Winograd's minimal filtering (A. Lavin and S. Gray, Fast algorithms for convolutional neural networks,
// 2015): F(m×m, 3×3) computes a tile of m × m outputs from α × α inputs, α = m + 2, with α² products in place of 9·m²:
//
//   y = Aᵀ [ (G g Gᵀ) ⊙ (Bᵀ d B) ] A                 the filter's gradient: dg = Ãᵀ [ (Bᵀ d B) ⊙ (G̃ dy G̃ᵀ) ] Ã
//
// Interpolation at the points 0, ±a, (±b,) ∞. F(2×2) takes a = 1. F(4×4) takes a = 5/8, b = 3/2 instead of the paper's 1
// and 2: its constants are exact in float32, too, and its rounding error is less than half as large (the root mean square
// over 64 channels is 8.0e-7 of the result's, against 1.7e-6; of the sum of products itself 4.3e-7).
#pragma once

#include "simd/vector.h"

namespace strata {
namespace STRATA_ISA {

/** The transforms along one axis; kTile is m. */
template <size_t kTile>
struct Winograd;

template <>
struct Winograd<2> {
  static constexpr size_t kAlpha = 4;

  /** Bᵀ */
  static STRATA_INLINE void input(const Vector (&d)[4], Vector (&v)[4]) {
    v[0] = d[0] - d[2];
    v[1] = d[2] + d[1];
    v[2] = d[2] - d[1];
    v[3] = d[3] - d[1];
  }

  /** Aᵀ */
  static STRATA_INLINE void output(const Vector (&v)[4], Vector (&y)[2]) {
    y[0] = v[0] + (v[1] + v[2]);
    y[1] = v[3] + (v[1] - v[2]);
  }

  /** G */
  static STRATA_INLINE void filter(const Vector (&g)[3], Vector (&u)[4]) {
    const Vector even = (g[0] + g[2]) * 0.5f;
    const Vector odd = g[1] * 0.5f;
    u[0] = g[0];
    u[1] = even + odd;
    u[2] = even - odd;
    u[3] = g[2];
  }

  /** G̃, for tiles of dy; its factor 1/2 stands in `taps`. */
  static STRATA_INLINE void gradient(const Vector (&dy)[2], Vector (&z)[4]) {
    z[0] = dy[0];
    z[1] = dy[0] + dy[1];
    z[2] = dy[0] - dy[1];
    z[3] = dy[1];
  }

  /** Ãᵀ */
  static STRATA_INLINE void taps(const Vector (&s)[4], Vector (&g)[3]) {
    const Vector even = (s[1] + s[2]) * 0.5f;
    g[0] = s[0] + even;
    g[1] = (s[1] - s[2]) * 0.5f;
    g[2] = even + s[3];
  }
};

template <>
struct Winograd<4> {
  static constexpr size_t kAlpha = 6;
  static constexpr float kA = 0.625f;
  static constexpr float kB = 1.5f;
  static constexpr float kA2 = kA * kA;
  static constexpr float kB2 = kB * kB;
  // 1 / Π (point − other points) of 0, ±a and ±b.
  static constexpr float kScale0 = 1 / (kA2 * kB2);
  static constexpr float kScaleA = 1 / (2 * kA2 * (kA2 - kB2));
  static constexpr float kScaleB = 1 / (2 * kB2 * (kB2 - kA2));

  static STRATA_INLINE void input(const Vector (&d)[6], Vector (&v)[6]) {
    const Vector evenA = d[4] - kB2 * d[2];
    const Vector oddA = d[3] - kB2 * d[1];
    const Vector evenB = d[4] - kA2 * d[2];
    const Vector oddB = d[3] - kA2 * d[1];
    v[0] = (kA2 * kB2) * d[0] + (d[4] - (kA2 + kB2) * d[2]);
    v[1] = evenA + kA * oddA;
    v[2] = evenA - kA * oddA;
    v[3] = evenB + kB * oddB;
    v[4] = evenB - kB * oddB;
    v[5] = (kA2 * kB2) * d[1] + (d[5] - (kA2 + kB2) * d[3]);
  }

  static STRATA_INLINE void output(const Vector (&v)[6], Vector (&y)[4]) {
    const Vector evenA = v[1] + v[2];
    const Vector oddA = v[1] - v[2];
    const Vector evenB = v[3] + v[4];
    const Vector oddB = v[3] - v[4];
    y[0] = v[0] + evenA + evenB;
    y[1] = kA * oddA + kB * oddB;
    y[2] = kA2 * evenA + kB2 * evenB;
    y[3] = (kA * kA2) * oddA + ((kB * kB2) * oddB + v[5]);
  }

  static STRATA_INLINE void filter(const Vector (&g)[3], Vector (&u)[6]) {
    const Vector evenA = (g[0] + kA2 * g[2]) * kScaleA;
    const Vector oddA = g[1] * (kA * kScaleA);
    const Vector evenB = (g[0] + kB2 * g[2]) * kScaleB;
    const Vector oddB = g[1] * (kB * kScaleB);
    u[0] = g[0] * kScale0;
    u[1] = evenA + oddA;
    u[2] = evenA - oddA;
    u[3] = evenB + oddB;
    u[4] = evenB - oddB;
    u[5] = g[2];
  }

  /** The scales stand in `taps`. */
  static STRATA_INLINE void gradient(const Vector (&dy)[4], Vector (&z)[6]) {
    const Vector evenA = dy[0] + kA2 * dy[2];
    const Vector oddA = dy[1] + kA2 * dy[3];
    const Vector evenB = dy[0] + kB2 * dy[2];
    const Vector oddB = dy[1] + kB2 * dy[3];
    z[0] = dy[0];
    z[1] = evenA + kA * oddA;
    z[2] = evenA - kA * oddA;
    z[3] = evenB + kB * oddB;
    z[4] = evenB - kB * oddB;
    z[5] = dy[3];
  }

  static STRATA_INLINE void taps(const Vector (&s)[6], Vector (&g)[3]) {
    const Vector evenA = (s[1] + s[2]) * kScaleA;
    const Vector oddA = (s[1] - s[2]) * kScaleA;
    const Vector evenB = (s[3] + s[4]) * kScaleB;
    const Vector oddB = (s[3] - s[4]) * kScaleB;
    g[0] = s[0] * kScale0 + evenA + evenB;
    g[1] = kA * oddA + kB * oddB;
    g[2] = kA2 * evenA + (kB2 * evenB + s[5]);
  }
};

/** Both axes: put(i, j, (T · in · Tᵀ)(i, j)) with in(i, j) = get(i, j), T the transform along one axis. */
template <size_t kIn, size_t kOut, typename Transform, typename Get, typename Put>
STRATA_INLINE void transformTile(Transform transform, Get get, Put put) {
  Vector half[kOut][kIn];
#pragma GCC unroll 6
  for (size_t j = 0; j < kIn; ++j) {
    Vector column[kIn];
    Vector turned[kOut];
#pragma GCC unroll 6
    for (size_t i = 0; i < kIn; ++i) {
      column[i] = get(i, j);
    }
    transform(column, turned);
#pragma GCC unroll 6
    for (size_t i = 0; i < kOut; ++i) {
      half[i][j] = turned[i];
    }
  }
#pragma GCC unroll 6
  for (size_t i = 0; i < kOut; ++i) {
    Vector row[kOut];
    transform(half[i], row);
#pragma GCC unroll 6
    for (size_t j = 0; j < kOut; ++j) {
      put(i, j, row[j]);
    }
  }
}

}  // namespace STRATA_ISA
}  // namespace strata
