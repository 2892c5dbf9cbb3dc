// Two arrays in, one out, each input repeated along the axes that it lacks.
//
// The plan, an Int32Array made by src/kernels/broadcast.ts, is [groups, size0, kind0, size1, kind1, …] from the innermost
// axis outwards, neighbouring axes of one kind merged. Kinds: 1 only a runs along the axis, 2 only b, 3 both. (The plan of
// three inputs has 4 for the third: select.cc reads it.)
#pragma once

#include "simd/map.h"
#include "simd/mask.h"

namespace strata {
namespace STRATA_ISA {

constexpr int kMostGroups = 8;
constexpr int kAlongA = 1;
constexpr int kAlongB = 2;

struct BroadcastPlan {
  int groups;
  size_t size[kMostGroups];
  int kind[kMostGroups];
  size_t total;
  size_t totalA;
  size_t totalB;
};

/** Reads argument `index`; without one, both arrays hold n elements. Fails the call when the plan is not one. */
STRATA_INLINE BroadcastPlan readPlan(Call& call, int index, size_t n) {
  BroadcastPlan plan = {};
  if (!call.has(index)) {
    plan.groups = 1;
    plan.size[0] = plan.total = plan.totalA = plan.totalB = n;
    plan.kind[0] = kAlongA | kAlongB;
    return plan;
  }
  const int32_t* words = call.ints(index, 1);
  if (call.failed()) {
    return plan;
  }
  plan.groups = words[0];
  if (plan.groups < 1 || plan.groups > kMostGroups || call.length(index) < 1 + 2 * static_cast<size_t>(plan.groups)) {
    call.fail("STRATA_BAD_ARGUMENT", "a plan of %d groups", plan.groups);
    return plan;
  }
  plan.total = plan.totalA = plan.totalB = 1;
  for (int g = 0; g < plan.groups; ++g) {
    plan.size[g] = static_cast<size_t>(words[1 + 2 * g]);
    plan.kind[g] = words[2 + 2 * g];
    plan.total *= plan.size[g];
    plan.totalA *= (plan.kind[g] & kAlongA) != 0 ? plan.size[g] : 1;
    plan.totalB *= (plan.kind[g] & kAlongB) != 0 ? plan.size[g] : 1;
  }
  if (plan.total != n) {
    call.fail("STRATA_BAD_ARGUMENT", "the plan covers %zu elements of %zu", plan.total, n);
  }
  return plan;
}

/** Walks runs of the innermost group: where in a and in b the element `at` of the output comes from. */
struct BroadcastWalk {
  const BroadcastPlan* plan;
  size_t index[kMostGroups];
  size_t a;
  size_t b;

  STRATA_INLINE BroadcastWalk(const BroadcastPlan& of, size_t at) : plan(&of), a(0), b(0) {
    size_t strideA = 1;
    size_t strideB = 1;
    for (int g = 0; g < plan->groups; ++g) {
      index[g] = at % plan->size[g];
      at /= plan->size[g];
      a += (plan->kind[g] & kAlongA) != 0 ? index[g] * strideA : 0;
      b += (plan->kind[g] & kAlongB) != 0 ? index[g] * strideB : 0;
      strideA *= (plan->kind[g] & kAlongA) != 0 ? plan->size[g] : 1;
      strideB *= (plan->kind[g] & kAlongB) != 0 ? plan->size[g] : 1;
    }
  }

  /** Elements to the end of the run. */
  STRATA_INLINE size_t left() const { return plan->size[0] - index[0]; }

  /** Goes `count` ≤ left() elements on. */
  STRATA_INLINE void advance(size_t count) {
    index[0] += count;
    a += (plan->kind[0] & kAlongA) != 0 ? count : 0;
    b += (plan->kind[0] & kAlongB) != 0 ? count : 0;
    if (index[0] < plan->size[0]) {
      return;
    }
    // Carry: an array that stands still along a group has not moved; one that ran along it goes on to what follows,
    // unless it does not run along the next group, where it starts again.
    size_t strideA = (plan->kind[0] & kAlongA) != 0 ? plan->size[0] : 1;
    size_t strideB = (plan->kind[0] & kAlongB) != 0 ? plan->size[0] : 1;
    a -= (plan->kind[0] & kAlongA) != 0 ? plan->size[0] : 0;
    b -= (plan->kind[0] & kAlongB) != 0 ? plan->size[0] : 0;
    index[0] = 0;
    for (int g = 1; g < plan->groups; ++g) {
      const bool alongA = (plan->kind[g] & kAlongA) != 0;
      const bool alongB = (plan->kind[g] & kAlongB) != 0;
      a += alongA ? strideA : 0;
      b += alongB ? strideB : 0;
      if (++index[g] < plan->size[g]) {
        return;
      }
      index[g] = 0;
      a -= alongA ? plan->size[g] * strideA : 0;
      b -= alongB ? plan->size[g] * strideB : 0;
      strideA *= alongA ? plan->size[g] : 1;
      strideB *= alongB ? plan->size[g] : 1;
    }
  }
};

/** y[i] = f(a[i·stepA], b[i·stepB]) for i < n, steps 0 or 1, not both 0. `put(y + i, value, count, stream)` stores. */
template <int kind, typename Element, typename Out, typename Function, typename Put>
STRATA_INLINE void broadcastRun(const Element* a, const Element* b, Out* y, size_t n, Function f, Put put,
                                size_t bytes) {
  const bool stream = streams(y, bytes);
  size_t i = 0;
  const auto fixedA = broadcast(kind == kAlongB ? a[0] : Element{});
  const auto fixedB = broadcast(kind == kAlongA ? b[0] : Element{});
  for (; i + kLanes <= n; i += kLanes) {
    put(y + i, f(kind == kAlongB ? fixedA : load(a + i), kind == kAlongA ? fixedB : load(b + i)), kLanes, stream);
  }
  if (i < n) {
    const size_t rest = n - i;
    put(y + i, f(kind == kAlongB ? fixedA : loadPart(a + i, rest), kind == kAlongA ? fixedB : loadPart(b + i, rest)),
        rest, stream);
  }
}

/** Elements in a block of operands that are written out before they are combined. */
constexpr size_t kBroadcastBlock = 512;

/** Writes the next `n` elements of one operand to `block`; gives where the walk stands then. */
template <int side, typename Element>
STRATA_INLINE BroadcastWalk writeOut(const Element* from, BroadcastWalk walk, size_t n, Element* block) {
  const bool runs = (walk.plan->kind[0] & side) != 0;
  for (size_t done = 0; done < n;) {
    const size_t left = walk.left();
    const size_t count = left < n - done ? left : n - done;
    const Element* source = from + (side == kAlongA ? walk.a : walk.b);
    for (size_t i = 0; i < count; ++i) {
      block[done + i] = source[runs ? i : 0];
    }
    done += count;
    walk.advance(count);
  }
  return walk;
}

/** One piece [begin, end) of the output. */
template <typename Element, typename Out, typename Function, typename Put>
STRATA_INLINE void broadcastPiece(const BroadcastPlan& plan, const Element* a, const Element* b, Out* y, size_t begin,
                                  size_t end, Function f, Put put) {
  const size_t bytes = plan.total * sizeof(Out);
  BroadcastWalk walk(plan, begin);
  const bool shortRuns = plan.groups > 1 && plan.size[0] < 4 * kLanes;
  if (!shortRuns) {
    while (begin < end) {
      const size_t left = walk.left();
      const size_t n = left < end - begin ? left : end - begin;
      if (plan.kind[0] == kAlongA) {
        broadcastRun<kAlongA>(a + walk.a, b + walk.b, y + begin, n, f, put, bytes);
      } else if (plan.kind[0] == kAlongB) {
        broadcastRun<kAlongB>(a + walk.a, b + walk.b, y + begin, n, f, put, bytes);
      } else {
        broadcastRun<kAlongA | kAlongB>(a + walk.a, b + walk.b, y + begin, n, f, put, bytes);
      }
      begin += n;
      walk.advance(n);
    }
    return;
  }
  // Runs too short for vectors: write the repeated operand out, block by block. A vector that repeats (a bias over few
  // channels) is written out once, in a block that holds a whole number of its repetitions.
  alignas(64) Element blockA[kBroadcastBlock];
  alignas(64) Element blockB[kBroadcastBlock];
  const bool wholeA = plan.totalA == plan.total;
  const bool wholeB = plan.totalB == plan.total;
  const bool repeats = plan.groups == 2 && plan.kind[0] == (kAlongA | kAlongB);
  const size_t block = repeats ? kBroadcastBlock - kBroadcastBlock % plan.size[0] : kBroadcastBlock;
  bool written = false;
  while (begin < end) {
    const size_t n = block < end - begin ? block : end - begin;
    if (!written) {
      const BroadcastWalk start = walk;
      walk = wholeA ? walk : writeOut<kAlongA>(a, start, n, blockA);
      walk = wholeB ? walk : writeOut<kAlongB>(b, start, n, blockB);
    }
    written = repeats;
    broadcastRun<kAlongA | kAlongB>(wholeA ? a + begin : blockA, wholeB ? b + begin : blockB, y + begin, n, f, put, bytes);
    begin += n;
  }
}

struct PutVector {
  template <typename Element, typename V>
  STRATA_INLINE void operator()(Element* to, V value, size_t count, bool stream) const {
    if (count == kLanes) {
      store(to, value, stream);
    } else {
      storePart(to, value, count);
    }
  }
};

/** A kernel (a, b, y, n, plan?) on float32: y = f(a, b). y may be a or b where the plan is null. */
template <typename Function>
STRATA_INLINE void combine(Call& call, Function f) {
  const size_t n = call.size(3);
  const BroadcastPlan plan = readPlan(call, 4, n);
  const float* a = call.floats(0, plan.totalA);
  const float* b = call.floats(1, plan.totalB);
  float* y = call.floats(2, n);
  if (call.failed()) {
    return;
  }
  call.parallelFor(n, kMapGrain, [&](size_t begin, size_t end, int) {
    broadcastPiece(plan, a, b, y, begin, end, f, PutVector());
    endStream(streams(nullptr, n * sizeof(*y)));
  });
}

/** The same on int32. */
template <typename Function>
STRATA_INLINE void combineInts(Call& call, Function f) {
  const size_t n = call.size(3);
  const BroadcastPlan plan = readPlan(call, 4, n);
  const int32_t* a = call.ints(0, plan.totalA);
  const int32_t* b = call.ints(1, plan.totalB);
  int32_t* y = call.ints(2, n);
  if (call.failed()) {
    return;
  }
  call.parallelFor(n, kMapGrain, [&](size_t begin, size_t end, int) {
    broadcastPiece(plan, a, b, y, begin, end, f, PutVector());
    endStream(streams(nullptr, n * sizeof(*y)));
  });
}

}  // namespace STRATA_ISA
}  // namespace strata
