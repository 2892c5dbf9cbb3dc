// firstNonFinite(found [1] int32, x0, x1, …): the least k for which xk holds a NaN or an infinity, −1 when none does.
#include "kernel.h"
#include "simd/map.h"
#include "simd/mask.h"

STRATA_BEGIN

namespace {

/** Elements that are looked at before the answer so far is asked again. */
constexpr size_t kLookGrain = 65536;

STRATA_INLINE bool allFinite(const float* x, size_t n) {
  IntVector bad = {};
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    bad |= (floatToBits(load(x + i)) & 0x7f800000) == 0x7f800000;
  }
  if (i < n) {
    bad |= (floatToBits(loadPart(x + i, n - i)) & 0x7f800000) == 0x7f800000;
  }
  return !any(bad);
}

}  // namespace

STRATA_KERNEL(firstNonFinite) {
  int32_t* found = call.ints(0, 1);
  const int tensors = call.count() - 1;
  // Before each tensor, how many pieces come before it.
  auto* before = static_cast<size_t*>(call.scratch(sizeof(size_t) * (static_cast<size_t>(tensors) + 1)));
  for (int k = 0; k < tensors; ++k) {
    call.floats(k + 1, 0);
  }
  if (call.failed()) {
    return;
  }
  before[0] = 0;
  for (int k = 0; k < tensors; ++k) {
    before[k + 1] = before[k] + (call.length(k + 1) + kLookGrain - 1) / kLookGrain;
  }
  int first = tensors;
  call.parallelFor(before[tensors], 1, [&](size_t begin, size_t end, int) {
    int k = 0;
    for (size_t piece = begin; piece < end; ++piece) {
      while (before[k + 1] <= piece) {
        ++k;
      }
      if (k >= __atomic_load_n(&first, __ATOMIC_RELAXED)) {
        return;
      }
      const size_t from = (piece - before[k]) * kLookGrain;
      const size_t left = call.length(k + 1) - from;
      if (allFinite(call.floats(k + 1, 0) + from, left < kLookGrain ? left : kLookGrain)) {
        continue;
      }
      int least = __atomic_load_n(&first, __ATOMIC_RELAXED);
      while (k < least && !__atomic_compare_exchange_n(&first, &least, k, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
      }
    }
  });
  found[0] = first == tensors ? -1 : first;
}

STRATA_END
