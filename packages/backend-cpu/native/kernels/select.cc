// select(condition, a, b, y, n, plan?): y = condition ? a : b, broadcast; condition bytes, a, b and y all float32, all
// int32 or all bytes. Plan as in simd/broadcast.h, of three inputs: 1 stands for the condition, 2 for a and 4 for b.
#include "kernel.h"
#include "simd/broadcast.h"
#include "simd/mask.h"

STRATA_BEGIN

namespace {

/** One input, and how it is repeated. */
template <typename Element>
struct Input {
  const Element* data;
  BroadcastPlan plan;
  bool whole;

  STRATA_INLINE Input(const Element* from, const BroadcastPlan& alone)
      : data(from), plan(alone), whole(alone.totalA == alone.total) {}
};

/** The plan of the one input that `bit` stands for. */
STRATA_INLINE BroadcastPlan planOf(const BroadcastPlan& all, int bit) {
  BroadcastPlan one = all;
  one.totalA = 1;
  for (int g = 0; g < one.groups; ++g) {
    one.kind[g] = (all.kind[g] & bit) != 0 ? kAlongA : 0;
    one.totalA *= one.kind[g] != 0 ? one.size[g] : 1;
  }
  return one;
}

/** Reads an input block by block: where it lies, or written out. */
template <typename Element>
struct Blocks {
  const Input<Element>* input;
  BroadcastWalk walk;
  alignas(64) Element written[kBroadcastBlock];

  STRATA_INLINE Blocks(const Input<Element>& of, size_t begin) : input(&of), walk(of.plan, begin) {}

  STRATA_INLINE const Element* at(size_t begin, size_t n) {
    if (input->whole) {
      return input->data + begin;
    }
    walk = writeOut<kAlongA>(input->data, walk, n, written);
    return written;
  }
};

STRATA_INLINE void choose(const uint8_t* condition, const int32_t* a, const int32_t* b, int32_t* y, size_t n) {
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    store(y + i, select(load(condition + i) != 0, load(a + i), load(b + i)));
  }
  if (i < n) {
    const size_t rest = n - i;
    const IntVector mask = loadPart(condition + i, rest) != 0;
    storePart(y + i, select(mask, loadPart(a + i, rest), loadPart(b + i, rest)), rest);
  }
}
STRATA_INLINE void choose(const uint8_t* condition, const uint8_t* a, const uint8_t* b, uint8_t* y, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    y[i] = condition[i] != 0 ? a[i] : b[i];
  }
}

template <typename Element>
STRATA_INLINE void chooseAll(Call& call, const Input<uint8_t>& condition, const Input<Element>& a,
                             const Input<Element>& b, Element* y) {
  if (call.failed()) {
    return;
  }
  call.parallelFor(condition.plan.total, kMapGrain, [&](size_t begin, size_t end, int) {
    Blocks<uint8_t> conditions(condition, begin);
    Blocks<Element> left(a, begin);
    Blocks<Element> right(b, begin);
    // Without a plan, one block: nothing is written out.
    const size_t block = condition.whole && a.whole && b.whole ? end - begin : kBroadcastBlock;
    for (size_t at = begin; at < end; at += block) {
      const size_t n = end - at < block ? end - at : block;
      choose(conditions.at(at, n), left.at(at, n), right.at(at, n), y + at, n);
    }
  });
}

/** An array of four-byte elements, whichever they are. */
STRATA_INLINE int32_t* wordsOf(Call& call, int index, size_t atLeast) {
  return call.kind(1) == ArgumentKind::int32 ? call.ints(index, atLeast)
                                             : reinterpret_cast<int32_t*>(call.floats(index, atLeast));
}

}  // namespace

STRATA_KERNEL(select) {
  const size_t n = call.size(4);
  BroadcastPlan plan = readPlan(call, 5, n);
  if (!call.has(5)) {
    plan.kind[0] = 1 | 2 | 4;
  }
  const BroadcastPlan ofCondition = planOf(plan, 1);
  const BroadcastPlan ofA = planOf(plan, 2);
  const BroadcastPlan ofB = planOf(plan, 4);
  const Input<uint8_t> condition(call.bytes(0, ofCondition.totalA), ofCondition);
  if (call.kind(1) == ArgumentKind::uint8) {
    const Input<uint8_t> a(call.bytes(1, ofA.totalA), ofA);
    const Input<uint8_t> b(call.bytes(2, ofB.totalA), ofB);
    chooseAll(call, condition, a, b, call.bytes(3, n));
  } else {
    const Input<int32_t> a(wordsOf(call, 1, ofA.totalA), ofA);
    const Input<int32_t> b(wordsOf(call, 2, ofB.totalA), ofB);
    chooseAll(call, condition, a, b, wordsOf(call, 3, n));
  }
}

STRATA_END
