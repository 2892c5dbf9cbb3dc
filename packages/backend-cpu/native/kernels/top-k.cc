// topK(x [rows, columns], values [rows, k], indices [rows, k], rows, columns, k): the k greatest of each row, the greatest
// first, of equals the one that comes first; x and values both float32 or both int32. NaN is greater than every number.
//
// A row is read once. What is greater than the k-th found so far joins the candidates; when their room is full, all but
// the k greatest leave it. Long rows are looked through in pieces, whose candidates are then one row.
#include "simd/map.h"
#include "sort/keys.h"
#include "sort/radix.h"

STRATA_BEGIN

namespace {

/** Elements of a row that one piece of work looks through at most. */
constexpr size_t kTopPiece = 262144;

STRATA_INLINE IntVector beats(Vector x, Vector least) { return ~(x <= least); }
STRATA_INLINE IntVector beats(IntVector x, IntVector least) { return x > least; }

/** The room that candidates for k places take. */
STRATA_INLINE size_t roomFor(size_t k) { return 2 * k + 512; }

/** Leaves the keys of the greatest min(k, end − begin) elements of x[begin, end) at the front of `keys`; gives how many. */
template <typename Element>
STRATA_INLINE size_t candidates(const Element* x, size_t begin, size_t end, size_t k, uint64_t* keys) {
  const size_t room = roomFor(k);
  const size_t first = begin + 2 * k + kLanes;
  size_t count = 0;
  size_t i = begin;
  for (; i < end && i < first; ++i) {
    keys[count++] = keyOf(ordered(x[i]), i);
  }
  while (i < end) {
    selectGreatest(keys, count, k);
    count = k;
    uint64_t last = keys[0];
    for (size_t j = 1; j < k; ++j) {
      last = keys[j] < last ? keys[j] : last;
    }
    const auto least = broadcast(x[placeOf(last)]);
    const auto join = [&](size_t at) {
      const uint64_t key = keyOf(ordered(x[at]), at);
      if (key > last) {
        keys[count++] = key;
      }
    };
    constexpr size_t step = 4 * kLanes;
    for (; i + step <= end && count + step <= room; i += step) {
      IntVector found[4];
      for (size_t j = 0; j < 4; ++j) {
        found[j] = beats(load(x + i + j * kLanes), least);
      }
      if (!any((found[0] | found[1]) | (found[2] | found[3]))) {
        continue;
      }
      for (size_t j = 0; j < 4; ++j) {
        for (uint32_t bits = bitsOf(found[j]); bits != 0; bits &= bits - 1) {
          join(i + j * kLanes + static_cast<size_t>(__builtin_ctz(bits)));
        }
      }
    }
    for (; i < end && i + step > end && count < room; ++i) {
      join(i);
    }
  }
  if (count > k) {
    selectGreatest(keys, count, k);
  }
  return count < k ? count : k;
}

/** Sorts the k keys of one row and writes what they stand for. `other` has room for k keys. */
template <typename Element>
STRATA_INLINE void writeTop(const Element* x, uint64_t* keys, uint64_t* other, size_t k, Element* values,
                            int32_t* indices) {
  if (k < kFewKeys) {
    insertionSort(keys, k);
  } else {
    keys = radixSort(keys, other, k, 0);
  }
  for (size_t i = 0; i < k; ++i) {
    const size_t at = placeOf(keys[k - 1 - i]);
    values[i] = x[at];
    indices[i] = static_cast<int32_t>(at);
  }
}

/** Rows that are one piece each. */
template <typename Element>
STRATA_INLINE void topOfRows(Call& call, const Element* x, Element* values, int32_t* indices, size_t rows,
                             size_t columns, size_t k) {
  const size_t room = roomFor(k) + k;
  auto* scratch = static_cast<uint64_t*>(call.scratch(static_cast<size_t>(call.threads()) * room * sizeof(uint64_t)));
  if (call.failed()) {
    return;
  }
  const size_t grain = columns >= kMapGrain ? 1 : kMapGrain / columns;
  call.parallelFor(rows, grain, [=](size_t begin, size_t end, int slot) {
    uint64_t* keys = scratch + static_cast<size_t>(slot) * room;
    for (size_t r = begin; r < end; ++r) {
      candidates(x + r * columns, 0, columns, k, keys);
      writeTop(x + r * columns, keys, keys + roomFor(k), k, values + r * k, indices + r * k);
    }
  });
}

/** Rows of many pieces, one row after the other. */
template <typename Element>
STRATA_INLINE void topOfLongRows(Call& call, const Element* x, Element* values, int32_t* indices, size_t rows,
                                 size_t columns, size_t k) {
  const size_t pieces = (columns + kTopPiece - 1) / kTopPiece;
  const size_t room = roomFor(k);
  const size_t threads = static_cast<size_t>(call.threads());
  auto* found = static_cast<uint64_t*>(call.scratch((pieces * k + threads * room) * sizeof(uint64_t)));
  if (call.failed()) {
    return;
  }
  uint64_t* const rooms = found + pieces * k;
  for (size_t r = 0; r < rows; ++r) {
    const Element* row = x + r * columns;
    call.parallelFor(columns, kTopPiece, [=](size_t begin, size_t end, int slot) {
      uint64_t* keys = rooms + static_cast<size_t>(slot) * room;
      const size_t count = candidates(row, begin, end, k, keys);
      uint64_t* to = found + begin / kTopPiece * k;
      for (size_t i = 0; i < k; ++i) {
        to[i] = i < count ? keys[i] : 0;  // the key of no element
      }
    });
    selectGreatest(found, pieces * k, k);
    writeTop(row, found, rooms, k, values + r * k, indices + r * k);
  }
}

template <typename Element>
STRATA_INLINE void top(Call& call, const Element* x, Element* values) {
  const size_t rows = call.size(3);
  const size_t columns = call.size(4);
  const size_t k = call.size(5);
  int32_t* indices = call.ints(2, rows * k);
  if (call.failed() || rows == 0 || k == 0) {
    return;
  }
  if (k > columns) {
    call.fail("STRATA_BAD_ARGUMENT", "%zu of %zu elements", k, columns);
    return;
  }
  // Pieces pay where they leave few candidates.
  if (columns >= 2 * kTopPiece && k <= kTopPiece / 16) {
    topOfLongRows(call, x, values, indices, rows, columns, k);
  } else {
    topOfRows(call, x, values, indices, rows, columns, k);
  }
}

}  // namespace

STRATA_KERNEL(topK) {
  const size_t size = call.size(3) * call.size(4);
  const size_t found = call.size(3) * call.size(5);
  if (call.kind(0) == ArgumentKind::int32) {
    const int32_t* x = call.ints(0, size);
    top(call, x, call.ints(1, found));
  } else {
    const float* x = call.floats(0, size);
    top(call, x, call.floats(1, found));
  }
}

STRATA_END
