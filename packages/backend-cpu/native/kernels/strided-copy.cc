// stridedCopy(x, y, plan): y = x with its axes permuted, cut, reversed, repeated or spread, as strides say; both float32,
// int32 or bytes. The plan, an Int32Array made by src/kernels/strided.ts, is [axes, offset in x, offset in y] and then for
// each axis, from the innermost of y outwards, [size, stride in x, stride in y], strides in elements.
#include "kernel.h"
#include "simd/map.h"
#include "simd/transpose.h"

STRATA_BEGIN

namespace {

constexpr int kMostAxes = 8;

struct Plan {
  int axes;
  int64_t x;
  int64_t y;
  int64_t size[kMostAxes];
  int64_t strideX[kMostAxes];
  int64_t strideY[kMostAxes];
  /** Positions outside the innermost axis. */
  int64_t outer;
};

/** Fails the call unless every element lies inside both arrays. */
Plan readPlan(Call& call) {
  Plan plan = {};
  const int32_t* words = call.ints(2, 3);
  if (call.failed()) {
    return plan;
  }
  plan.axes = words[0];
  if (plan.axes < 1 || plan.axes > kMostAxes || call.length(2) < 3 + 3 * static_cast<size_t>(plan.axes)) {
    call.fail("STRATA_BAD_ARGUMENT", "a plan of %d axes", plan.axes);
    return plan;
  }
  plan.x = words[1];
  plan.y = words[2];
  plan.outer = 1;
  int64_t least[2] = {plan.x, plan.y};
  int64_t most[2] = {plan.x, plan.y};
  bool empty = false;
  for (int a = 0; a < plan.axes; ++a) {
    plan.size[a] = words[3 + 3 * a];
    plan.strideX[a] = words[4 + 3 * a];
    plan.strideY[a] = words[5 + 3 * a];
    plan.outer *= a == 0 ? 1 : plan.size[a];
    empty |= plan.size[a] <= 0;
    const int64_t reach[2] = {(plan.size[a] - 1) * plan.strideX[a], (plan.size[a] - 1) * plan.strideY[a]};
    for (int i = 0; i < 2; ++i) {
      (reach[i] < 0 ? least[i] : most[i]) += reach[i];
    }
  }
  if (empty) {
    plan.outer = plan.size[0] = 0;
    return plan;
  }
  for (int i = 0; i < 2; ++i) {
    if (least[i] < 0 || most[i] >= static_cast<int64_t>(call.length(i))) {
      call.fail("STRATA_BAD_ARGUMENT", "the plan leaves argument %d", i);
    }
  }
  return plan;
}

/** Where the positions outside the innermost axis lie, one after the other; axis `skipped` stands still. */
struct Walk {
  const Plan& plan;
  const int skipped;
  int64_t index[kMostAxes];
  int64_t x;
  int64_t y;

  STRATA_INLINE Walk(const Plan& of, int64_t at, int skip = 0) : plan(of), skipped(skip), x(of.x), y(of.y) {
    for (int a = 1; a < plan.axes; ++a) {
      index[a] = a == skipped ? 0 : at % plan.size[a];
      at = a == skipped ? at : at / plan.size[a];
      x += index[a] * plan.strideX[a];
      y += index[a] * plan.strideY[a];
    }
  }

  STRATA_INLINE void next() {
    for (int a = 1; a < plan.axes; ++a) {
      if (a == skipped) {
        continue;
      }
      x += plan.strideX[a];
      y += plan.strideY[a];
      if (++index[a] < plan.size[a]) {
        return;
      }
      x -= plan.size[a] * plan.strideX[a];
      y -= plan.size[a] * plan.strideY[a];
      index[a] = 0;
    }
  }
};

STRATA_INLINE void copyRun(const float* x, float* y, int64_t n) {
  int64_t i = 0;
  for (; i + static_cast<int64_t>(kLanes) <= n; i += kLanes) {
    store(y + i, load(x + i));
  }
  if (i < n) {
    storePart(y + i, loadPart(x + i, static_cast<size_t>(n - i)), static_cast<size_t>(n - i));
  }
}
STRATA_INLINE void copyRun(const uint8_t* x, uint8_t* y, int64_t n) {
  __builtin_memcpy(y, x, static_cast<size_t>(n));
}

/** The innermost axis, element by element or as a run. */
template <typename Element>
STRATA_INLINE void copyAxis(const Element* x, Element* y, int64_t n, int64_t strideX, int64_t strideY) {
  if (strideX == 1 && strideY == 1) {
    copyRun(x, y, n);
  } else {
    for (int64_t i = 0; i < n; ++i) {
      y[i * strideY] = x[i * strideX];
    }
  }
}

template <typename Element>
STRATA_INLINE void copyAll(Call& call, const Plan& plan, const Element* x, Element* y) {
  // Long rows are cut, short ones taken together, so that pieces are of one size.
  const int64_t n = plan.size[0];
  const int64_t cut = n < static_cast<int64_t>(kMapGrain) ? n : static_cast<int64_t>(kMapGrain);
  const int64_t cuts = cut == 0 ? 0 : (n + cut - 1) / cut;
  const int64_t grain = cut == 0 ? 1 : static_cast<int64_t>(kMapGrain) / cut;
  call.parallelFor(static_cast<size_t>(plan.outer * cuts), static_cast<size_t>(grain),
                   [&](size_t begin, size_t end, int) {
                     if (cuts == 1) {
                       Walk walk(plan, static_cast<int64_t>(begin));
                       for (size_t i = begin; i < end; ++i, walk.next()) {
                         copyAxis(x + walk.x, y + walk.y, n, plan.strideX[0], plan.strideY[0]);
                       }
                       return;
                     }
                     for (size_t i = begin; i < end; ++i) {
                       const Walk walk(plan, static_cast<int64_t>(i) / cuts);
                       const int64_t from = static_cast<int64_t>(i) % cuts * cut;
                       copyAxis(x + walk.x + from * plan.strideX[0], y + walk.y + from * plan.strideY[0],
                                n - from < cut ? n - from : cut, plan.strideX[0], plan.strideY[0]);
                     }
                   });
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
            Vector rows[kLanes];
            for (int64_t i = 0; i < lanes; ++i) {
              rows[i] = Vector{};
              if (i < height) {
                rows[i] = loadPart(from + i * plan.strideX[0], static_cast<size_t>(width));
              }
            }
            transpose(rows);
            for (int64_t j = 0; j < width; ++j) {
              storePart(to + j * plan.strideY[axis], rows[j], static_cast<size_t>(height));
            }
          }
        }
      });
}

}  // namespace

STRATA_KERNEL(stridedCopy) {
  const Plan plan = readPlan(call);
  if (call.failed()) {
    return;
  }
  if (call.kind(0) == ArgumentKind::uint8) {
    const uint8_t* x = call.bytes(0, 0);
    uint8_t* y = call.bytes(1, 0);
    if (!call.failed()) {
      copyAll(call, plan, x, y);
    }
    return;
  }
  const bool ints = call.kind(0) == ArgumentKind::int32;
  const float* x = ints ? reinterpret_cast<const float*>(call.ints(0, 0)) : call.floats(0, 0);
  float* y = ints ? reinterpret_cast<float*>(call.ints(1, 0)) : call.floats(1, 0);
  if (call.failed() || plan.outer == 0) {
    return;
  }
  if (plan.strideY[0] == 1 && plan.strideX[0] != 1 && plan.size[0] > 1) {
    for (int a = 1; a < plan.axes; ++a) {
      if (plan.strideX[a] == 1 && plan.size[a] > 1) {
        copyTransposed(call, plan, x, y, a);
        return;
      }
    }
  }
  copyAll(call, plan, x, y);
}

STRATA_END
