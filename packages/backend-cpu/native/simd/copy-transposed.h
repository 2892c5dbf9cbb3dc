// The part of stridedCopy whose innermost axis of y is another axis of x: squares transposed in registers.
#pragma once

#include "simd/copy-plan.h"
#include "simd/map.h"
#include "simd/stream.h"
#include "simd/transpose.h"

namespace strata {
namespace STRATA_ISA {

/** to[j][i] = from[i][j] for i < height, j < width, both ≤ kLanes; the pitches lie between rows. */
STRATA_INLINE void transposePart(const float* from, int64_t fromPitch, float* to, int64_t toPitch, int64_t height,
                                 int64_t width) {
  Vector rows[kLanes];
  for (int64_t i = 0; i < static_cast<int64_t>(kLanes); ++i) {
    rows[i] = Vector{};
    if (i < height) {
      rows[i] = loadPart(from + i * fromPitch, static_cast<size_t>(width));
    }
  }
  transpose(rows);
  for (int64_t j = 0; j < width; ++j) {
    storePart(to + j * toPitch, rows[j], static_cast<size_t>(height));
  }
}

/** Axis 0 is contiguous in y, `axis` in x: squares of kLanes × kLanes, transposed in registers. */
STRATA_INLINE void copyTransposed(Call& call, const Plan& plan, const float* x, float* y, int axis) {
  constexpr int64_t lanes = kLanes;
  constexpr int64_t span = 1024;  // of axis 0, in one unit of work
  const int64_t n = plan.size[0];
  const int64_t m = plan.size[axis];
  const int64_t spans = (n + span - 1) / span;
  const int64_t strips = (m + lanes - 1) / lanes;
  const int64_t others = plan.outer / m;
  const int64_t unit = (n < span ? n : span) * lanes;
  const int64_t grain = unit >= static_cast<int64_t>(kMapGrain) ? 1 : static_cast<int64_t>(kMapGrain) / unit;
  call.parallelFor(
      static_cast<size_t>(others * strips * spans), static_cast<size_t>(grain), [&](size_t begin, size_t end, int) {
        for (size_t piece = begin; piece < end; ++piece) {
          const int64_t p = static_cast<int64_t>(piece);
          const Walk walk(plan, p / spans / strips, axis);
          const int64_t j0 = p / spans % strips * lanes;
          const int64_t width = m - j0 < lanes ? m - j0 : lanes;
          const int64_t first = p % spans * span;
          const int64_t last = n - first < span ? n : first + span;
          for (int64_t i0 = first; i0 < last; i0 += lanes) {
            const int64_t height = last - i0 < lanes ? last - i0 : lanes;
            const float* from = x + walk.x + i0 * plan.strideX[0] + j0;
            float* to = y + walk.y + j0 * plan.strideY[axis] + i0;
            transposePart(from, plan.strideX[0], to, plan.strideY[axis], height, width);
          }
        }
      });
}

/** Whether every row of y (its axis 0) begins at a cache line. */
STRATA_INLINE bool hasWholeLines(const Plan& plan, const float* y) {
  bool whole = isLineAligned(y + plan.y);
  for (int a = 1; a < plan.axes; ++a) {
    whole &= plan.strideY[a] % static_cast<int64_t>(kLine) == 0;
  }
  return whole;
}

/** transposePart for a whole line of each of kLanes rows of `to`, streamed line by line. */
STRATA_INLINE void streamLines(const float* from, int64_t fromPitch, float* to, int64_t toPitch) {
  constexpr size_t parts = kLine / kLanes;
  Vector rows[parts][kLanes];
#pragma GCC unroll 4
  for (size_t part = 0; part < parts; ++part) {
    for (size_t i = 0; i < kLanes; ++i) {
      rows[part][i] = load(from + static_cast<int64_t>(part * kLanes + i) * fromPitch);
    }
    transpose(rows[part]);
  }
  for (size_t j = 0; j < kLanes; ++j) {
    for (size_t part = 0; part < parts; ++part) {
      stream(to + static_cast<int64_t>(j) * toPitch + part * kLanes, rows[part][j]);
    }
  }
}

/**
 * copyTransposed for large results whose rows begin at cache lines. Bands of two lines are walked along the rows of x, which
 * the processor fetches ahead; where rows lie a power of two apart, ordinary stores would fight over a few cache sets
 * (4096 × 4096: seven times slower).
 */
STRATA_INLINE void streamTransposed(Call& call, const Plan& plan, const float* x, float* y, int axis) {
  constexpr int64_t lanes = kLanes;
  constexpr int64_t line = kLine;
  constexpr int64_t band = 2 * line;  // of axis 0
  constexpr int64_t span = 512;       // of `axis`: as many pages of y as a TLB holds
  const int64_t n = plan.size[0];
  const int64_t m = plan.size[axis];
  const int64_t bands = (n + band - 1) / band;
  const int64_t spans = (m + span - 1) / span;
  const int64_t others = plan.outer / m;
  const auto pieces = [&](size_t begin, size_t end, int) {
    for (size_t piece = begin; piece < end; ++piece) {
      const int64_t p = static_cast<int64_t>(piece);
      const Walk walk(plan, p / bands / spans, axis);
      const int64_t firstI = p % bands * band;
      const int64_t lastI = n - firstI < band ? n : firstI + band;
      const int64_t firstJ = p / bands % spans * span;
      const int64_t lastJ = m - firstJ < span ? m : firstJ + span;
      for (int64_t j = firstJ; j < lastJ; j += lanes) {
        const int64_t width = lastJ - j < lanes ? lastJ - j : lanes;
        int64_t i = firstI;
        for (; width == lanes && i + line <= lastI; i += line) {
          streamLines(x + walk.x + i * plan.strideX[0] + j, plan.strideX[0], y + walk.y + j * plan.strideY[axis] + i,
                      plan.strideY[axis]);
        }
        for (; i < lastI; i += lanes) {
          transposePart(x + walk.x + i * plan.strideX[0] + j, plan.strideX[0], y + walk.y + j * plan.strideY[axis] + i,
                        plan.strideY[axis], lastI - i < lanes ? lastI - i : lanes, width);
        }
      }
    }
    endStream();
  };
  const int64_t unit = (n < band ? n : band) * (m < span ? m : span);
  const int64_t grain = unit >= static_cast<int64_t>(kMapGrain) ? 1 : static_cast<int64_t>(kMapGrain) / unit;
  call.parallelFor(static_cast<size_t>(others * bands * spans), static_cast<size_t>(grain), pieces);
}

}  // namespace STRATA_ISA
}  // namespace strata
