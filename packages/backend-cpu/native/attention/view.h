// What attention sees: `matrices` independent triples of queries [rows, features], keys [keys, features] and values
// [keys, width], and which keys a query may look at.
#pragma once

#include "runtime/sizes.h"
#include "simd/mask.h"

namespace strata {
namespace STRATA_ISA {

/** Queries and keys of one block: its weights, 64 KiB, stay in the second-level cache, beside what they are made of. */
constexpr size_t kAttentionBlock = 128;

struct AttentionView {
  size_t matrices, rows, keys, features, width;
  bool causal;
  float scale;
  /** One of both, or neither: what is added to the scores, or where they count. */
  const float* added;
  const uint8_t* allowed;
  /** Where each matrix has its mask, and how far apart the rows of it lie: `keys`, or 0 where all share one. */
  const int32_t* maskAt;
  size_t maskRow;
  /** Of the keys, for so many neighbouring matrices each; or null. */
  const int32_t* lengths;
  size_t perLength;

  /** Keys that some query of a matrix may look at come before this one. */
  STRATA_INLINE size_t keysOf(size_t matrix) const {
    size_t count = keys;
    if (lengths != nullptr) {
      const int32_t length = lengths[matrix / perLength];
      count = length < 0 ? 0 : least(count, static_cast<size_t>(length));
    }
    return causal ? least(count, rows) : count;
  }
  /** Of `count` keys from `key` on, those that a query may look at by its place. */
  STRATA_INLINE size_t seen(size_t row, size_t key, size_t count) const {
    if (!causal) {
      return count;
    }
    return row < key ? 0 : least(count, row - key + 1);
  }
};

/**
 * Reads mask (float32, bytes or null), maskAt and lengths from argument `index` on, and sizes [matrices, rows, keys,
 * features, width, causal, maskRow, perLength] and the scale from argument `sizesIndex` on. Fails the call when they do
 * not hold what the view will read.
 */
STRATA_INLINE AttentionView readAttention(Call& call, int index, int sizesIndex) {
  AttentionView view = {};
  const int32_t* s = call.ints(sizesIndex, 8);
  view.scale = static_cast<float>(call.number(sizesIndex + 1));
  if (call.failed()) {
    return view;
  }
  const auto size = [&](int i) { return s[i] > 0 ? static_cast<size_t>(s[i]) : size_t{0}; };
  view.matrices = size(0);
  view.rows = size(1);
  view.keys = size(2);
  view.features = size(3);
  view.width = size(4);
  view.causal = s[5] != 0;
  view.maskRow = size(6);
  view.perLength = size(7);
  if (call.has(index + 2)) {
    if (view.perLength == 0) {
      call.fail("STRATA_BAD_ARGUMENT", "attention: a length is that of at least one matrix");
      return view;
    }
    view.lengths = call.ints(index + 2, ceilDivide(view.matrices, view.perLength));
  }
  if (!call.has(index) || view.matrices * view.rows == 0) {
    return view;
  }
  view.maskAt = call.ints(index + 1, view.matrices);
  const size_t rest = (view.rows - 1) * view.maskRow + view.keys;
  size_t atLeast = rest;
  for (size_t i = 0; !call.failed() && i < view.matrices; ++i) {
    if (view.maskAt[i] < 0) {
      call.fail("STRATA_BAD_ARGUMENT", "attention: maskAt[%zu] must not be negative; received %d", i, view.maskAt[i]);
    } else if (view.maskAt[i] + rest > atLeast) {
      atLeast = view.maskAt[i] + rest;
    }
  }
  if (call.kind(index) == ArgumentKind::uint8) {
    view.allowed = call.bytes(index, atLeast);
  } else {
    view.added = call.floats(index, atLeast);
  }
  return view;
}

/** Where to find the mask of one row's keys. */
struct RowMask {
  const float* added;
  const uint8_t* allowed;

  STRATA_INLINE RowMask(const AttentionView& view, size_t matrix, size_t row, size_t key) : added(nullptr), allowed(nullptr) {
    if (view.maskAt == nullptr) {
      return;
    }
    const size_t at = view.maskAt[matrix] + row * view.maskRow + key;
    if (view.added != nullptr) {
      added = view.added + at;
    } else {
      allowed = view.allowed + at;
    }
  }
};

/** f(i, count, score) for the products of a row, a vector after the other: score = scale·product, masked. */
template <typename Function>
STRATA_INLINE void eachScore(const float* products, size_t n, float scale, RowMask mask, Function f) {
  const auto of = [&](auto&& read) {
    size_t i = 0;
    for (; i + kLanes <= n; i += kLanes) {
      f(i, kLanes, read(i, load(products + i) * scale, kLanes));
    }
    if (i < n) {
      f(i, n - i, read(i, loadPart(products + i, n - i) * scale, n - i));
    }
  };
  if (mask.added != nullptr) {
    of([&](size_t i, Vector score, size_t count) {
      return score + (count == kLanes ? load(mask.added + i) : loadPart(mask.added + i, count));
    });
  } else if (mask.allowed != nullptr) {
    of([&](size_t i, Vector score, size_t count) {
      const IntVector open = count == kLanes ? load(mask.allowed + i) : loadPart(mask.allowed + i, count);
      return select(open != 0, score, broadcast(-kInfinity));
    });
  } else {
    of([](size_t, Vector score, size_t) { return score; });
  }
}

STRATA_INLINE void storeCount(float* to, Vector value, size_t count) {
  if (count == kLanes) {
    store(to, value);
  } else {
    storePart(to, value, count);
  }
}

/** Pieces of a loop that are worth a thread's while, when each multiplies and adds so many times. */
STRATA_INLINE size_t attentionGrain(size_t work) {
  constexpr size_t kWork = 1 << 18;
  return work >= kWork ? 1 : kWork / (work == 0 ? 1 : work);
}

}  // namespace STRATA_ISA
}  // namespace strata
