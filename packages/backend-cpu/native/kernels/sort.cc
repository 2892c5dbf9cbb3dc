// sort(x, values, indices, rows, columns, descending): each row in order, and where its elements stood; x and values both
// float32 or both int32. Equal elements keep their order, both ways. NaN is greater than every number, −0 equals 0.
#include "simd/map.h"
#include "sort/keys.h"
#include "sort/radix.h"

STRATA_BEGIN

namespace {

/** Elements that one piece of work sorts in a row of several. */
constexpr size_t kSortPiece = 65536;
constexpr int kOrderShift = 32;

/** What to sort by, and below it the element's place. */
template <typename Element>
STRATA_INLINE uint64_t sortKey(Element value, size_t at, bool descending) {
  const uint32_t order = ordered(value);
  return static_cast<uint64_t>(descending ? ~order : order) << kOrderShift | at;
}

template <typename Element>
STRATA_INLINE void writeSorted(const uint64_t* keys, size_t n, const Element* x, Element* values, int32_t* indices) {
  for (size_t i = 0; i < n; ++i) {
    const auto at = static_cast<uint32_t>(keys[i]);
    values[i] = x[at];
    indices[i] = static_cast<int32_t>(at);
  }
}

template <typename Element>
STRATA_INLINE void sortRows(Call& call, const Element* x, Element* values, int32_t* indices, size_t rows,
                            size_t columns, bool descending) {
  const size_t room = 2 * columns;
  auto* scratch = static_cast<uint64_t*>(call.scratch(static_cast<size_t>(call.threads()) * room * sizeof(uint64_t)));
  if (call.failed()) {
    return;
  }
  const size_t grain = columns >= kMapGrain / 8 ? 1 : kMapGrain / 8 / columns;
  call.parallelFor(rows, grain, [=](size_t begin, size_t end, int slot) {
    uint64_t* const keys = scratch + static_cast<size_t>(slot) * room;
    for (size_t r = begin; r < end; ++r) {
      const Element* row = x + r * columns;
      for (size_t i = 0; i < columns; ++i) {
        keys[i] = sortKey(row[i], i, descending);
      }
      const uint64_t* sorted = keys;
      if (columns < kFewKeys) {
        insertionSort(keys, columns);
      } else {
        sorted = radixSort(keys, keys + columns, columns, kOrderShift);
      }
      writeSorted(sorted, columns, row, values + r * columns, indices + r * columns);
    }
  });
}

/** Rows of several pieces, one row after the other: the pieces count their digits, and place them after one another's. */
template <typename Element>
STRATA_INLINE void sortLongRows(Call& call, const Element* x, Element* values, int32_t* indices, size_t rows,
                                size_t columns, bool descending) {
  const size_t pieces = (columns + kSortPiece - 1) / kSortPiece;
  auto* keys = static_cast<uint64_t*>(call.scratch((2 * columns + pieces * kDigits) * sizeof(uint64_t)));
  if (call.failed()) {
    return;
  }
  uint64_t* other = keys + columns;
  uint64_t* const starts = keys + 2 * columns;  // [piece][digit]
  for (size_t r = 0; r < rows; ++r) {
    const Element* row = x + r * columns;
    call.parallelFor(columns, kSortPiece, [=](size_t begin, size_t end, int) {
      for (size_t i = begin; i < end; ++i) {
        keys[i] = sortKey(row[i], i, descending);
      }
    });
    for (int shift = kOrderShift; shift < 64; shift += 8) {
      call.parallelFor(columns, kSortPiece, [=](size_t begin, size_t end, int) {
        uint64_t* counts = starts + begin / kSortPiece * kDigits;
        __builtin_memset(counts, 0, kDigits * sizeof *counts);
        for (size_t i = begin; i < end; ++i) {
          ++counts[digitOf(keys[i], shift)];
        }
      });
      uint64_t next = 0;
      for (size_t digit = 0; digit < kDigits; ++digit) {
        for (size_t piece = 0; piece < pieces; ++piece) {
          uint64_t& start = starts[piece * kDigits + digit];
          const uint64_t count = start;
          start = next;
          next += count;
        }
      }
      call.parallelFor(columns, kSortPiece, [=](size_t begin, size_t end, int) {
        uint64_t* to = starts + begin / kSortPiece * kDigits;
        for (size_t i = begin; i < end; ++i) {
          other[to[digitOf(keys[i], shift)]++] = keys[i];
        }
      });
      uint64_t* const sorted = other;
      other = keys;
      keys = sorted;
    }
    call.parallelFor(columns, kSortPiece, [=](size_t begin, size_t end, int) {
      writeSorted(keys + begin, end - begin, row, values + r * columns + begin, indices + r * columns + begin);
    });
  }
}

template <typename Element>
STRATA_INLINE void sortAll(Call& call, const Element* x, Element* values) {
  const size_t rows = call.size(3);
  const size_t columns = call.size(4);
  const bool descending = call.number(5) != 0;
  int32_t* indices = call.ints(2, rows * columns);
  if (call.failed() || rows * columns == 0) {
    return;
  }
  if (columns >= 2 * kSortPiece) {
    sortLongRows(call, x, values, indices, rows, columns, descending);
  } else {
    sortRows(call, x, values, indices, rows, columns, descending);
  }
}

}  // namespace

STRATA_KERNEL(sort) {
  const size_t size = call.size(3) * call.size(4);
  if (call.kind(0) == ArgumentKind::int32) {
    const int32_t* x = call.ints(0, size);
    sortAll(call, x, call.ints(1, size));
  } else {
    const float* x = call.floats(0, size);
    sortAll(call, x, call.floats(1, size));
  }
}

STRATA_END
