// A copy between two arrays with axes of their own strides, and a walk along it.
#pragma once

#include "simd/stream.h"

namespace strata {
namespace STRATA_ISA {

constexpr int kMostAxes = 12;

/** As src/kernels/strided.ts writes it; axes from the innermost of y outwards, strides in elements. */
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
STRATA_INLINE Plan readPlan(Call& call) {
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

/** Whether so much is written that the caches would not hold it. */
STRATA_INLINE bool isStreamed(const Plan& plan) { return plan.outer * plan.size[0] >= static_cast<int64_t>(kStreamed); }

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

}  // namespace STRATA_ISA
}  // namespace strata
