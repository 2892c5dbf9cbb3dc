// stridedCopy(x, y, plan): y = x with its axes permuted, cut, reversed, repeated or spread, as strides say; both float32,
// int32 or bytes. The plan, an Int32Array made by src/kernels/strided.ts, is [axes, offset in x, offset in y] and then for
// each axis, from the innermost of y outwards, [size, stride in x, stride in y], strides in elements.
#include "kernel.h"
#include "simd/copy-plan.h"
#include "simd/copy-transposed.h"
#include "simd/map.h"
#include "simd/stream.h"

STRATA_BEGIN

namespace {

/** Runs shorter than this are not worth the edges of streaming. */
constexpr int64_t kStreamedRun = 8 * kLine;

STRATA_INLINE void copyRun(const float* x, float* y, int64_t n, bool streamed) {
  if (streamed) {
    streamRun(y, x, static_cast<size_t>(n));
    return;
  }
  int64_t i = 0;
  for (; i + static_cast<int64_t>(kLanes) <= n; i += kLanes) {
    store(y + i, load(x + i));
  }
  if (i < n) {
    storePart(y + i, loadPart(x + i, static_cast<size_t>(n - i)), static_cast<size_t>(n - i));
  }
}
STRATA_INLINE void copyRun(const uint8_t* x, uint8_t* y, int64_t n, bool) {
  __builtin_memcpy(y, x, static_cast<size_t>(n));
}

/** The innermost axis, element by element or as a run. */
template <typename Element>
STRATA_INLINE void copyAxis(const Element* x, Element* y, int64_t n, int64_t strideX, int64_t strideY, bool streamed) {
  if (strideX == 1 && strideY == 1) {
    copyRun(x, y, n, streamed);
  } else if (strideX == 0 && strideY == 1) {
    const Element value = *x;
    for (int64_t i = 0; i < n; ++i) {
      y[i] = value;
    }
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
  const bool streamed = n >= kStreamedRun && isStreamed(plan);
  const auto piece = [&](size_t begin, size_t end, int) {
    if (cuts == 1) {
      Walk walk(plan, static_cast<int64_t>(begin));
      for (size_t i = begin; i < end; ++i, walk.next()) {
        copyAxis(x + walk.x, y + walk.y, n, plan.strideX[0], plan.strideY[0], streamed);
      }
    } else {
      for (size_t i = begin; i < end; ++i) {
        const Walk walk(plan, static_cast<int64_t>(i) / cuts);
        const int64_t from = static_cast<int64_t>(i) % cuts * cut;
        copyAxis(x + walk.x + from * plan.strideX[0], y + walk.y + from * plan.strideY[0],
                 n - from < cut ? n - from : cut, plan.strideX[0], plan.strideY[0], streamed);
      }
    }
    if (streamed) {
      endStream();
    }
  };
  call.parallelFor(static_cast<size_t>(plan.outer * cuts), static_cast<size_t>(grain), piece);
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
        if (isStreamed(plan) && hasWholeLines(plan, y)) {
          streamTransposed(call, plan, x, y, a);
        } else {
          copyTransposed(call, plan, x, y, a);
        }
        return;
      }
    }
  }
  copyAll(call, plan, x, y);
}

STRATA_END
