// Rows placed by index, the reverse of gather.cc: added up, or written over. Updates of one row take effect in their own
// order, whatever the number of threads: each piece owns a range of rows and looks through all indices for them.
#include "kernel.h"
#include "simd/rows.h"

STRATA_BEGIN

namespace {

/**
 * start(begin, end) prepares rows, then update(row, k) follows for each k whose places[k] is one of them, in the order of k.
 */
template <typename Start, typename Update>
STRATA_INLINE void eachUpdate(Call& call, const int32_t* places, size_t count, size_t size, size_t slice, Start start,
                              Update update) {
  const size_t grain = (count + size) * slice <= kMapGrain ? size : (size + 7) / 8;
  call.parallelFor(size, grain == 0 ? 1 : grain, [=](size_t begin, size_t end, int) {
    start(begin, end);
    for (size_t k = 0; k < count; ++k) {
      // A negative place becomes a large one.
      const auto row = static_cast<size_t>(places[k]);
      if (row - begin < end - begin) {
        update(row, k);
      }
    }
  });
}

template <typename Element>
STRATA_INLINE void addUp(Call& call, const Element* x, const int32_t* places, Element* y, size_t count, size_t size,
                         size_t slice) {
  if (call.failed()) {
    return;
  }
  const auto clear = [=](size_t begin, size_t end) {
    __builtin_memset(y + begin * slice, 0, (end - begin) * slice * sizeof(Element));
  };
  eachUpdate(call, places, count, size, slice, clear,
             [=](size_t row, size_t k) { addRow(y + row * slice, x + k * slice, slice); });
}

template <typename Element>
STRATA_INLINE void writeOver(Call& call, const Element* x, const int32_t* places, const Element* base, Element* y,
                             size_t count, size_t size, size_t slice, size_t pitch, bool oneBase) {
  if (call.failed()) {
    return;
  }
  const auto start = [=](size_t begin, size_t end) {
    if (!oneBase) {
      __builtin_memcpy(y + begin * slice, base + begin * slice, (end - begin) * slice * sizeof(Element));
      return;
    }
    const Element value = *base;
    for (size_t i = begin * slice; i < end * slice; ++i) {
      y[i] = value;
    }
  };
  eachUpdate(call, places, count, size, slice, start,
             [=](size_t row, size_t k) { copyRow(y + row * slice, x + k * pitch, slice); });
}

}  // namespace

/**
 * (x [count, slice], segments [count], y [size, slice], count, size, slice), float32 or int32: y[s] is the sum of the x[k]
 * whose segment is s. Segments outside [0, size) count nowhere.
 */
STRATA_KERNEL(segmentSum) {
  const size_t count = call.size(3);
  const size_t size = call.size(4);
  const size_t slice = call.size(5);
  const int32_t* segments = call.ints(1, count);
  if (call.kind(0) == ArgumentKind::int32) {
    addUp(call, call.ints(0, count * slice), segments, call.ints(2, size * slice), count, size, slice);
  } else {
    addUp(call, call.floats(0, count * slice), segments, call.floats(2, size * slice), count, size, slice);
  }
}

/**
 * (x [count, slice], indices [count, depth], sizes [depth], y [sizes…, slice], count, depth, slice), float32 or int32: y[i]
 * is the sum of the x[k] with indices[k] = i. Throws STRATA_INDEX for an index outside its axis.
 */
STRATA_KERNEL(scatterAdd) {
  const size_t count = call.size(4);
  const size_t depth = call.size(5);
  const size_t slice = call.size(6);
  const int32_t* indices = call.ints(1, count * depth);
  const int32_t* sizes = call.ints(2, depth);
  if (call.failed()) {
    return;
  }
  const int32_t* places = rowsNamed(call, indices, sizes, count, depth);
  const size_t size = rowsIn(sizes, depth);
  if (call.failed()) {
    return;
  }
  if (call.kind(0) == ArgumentKind::int32) {
    addUp(call, call.ints(0, count * slice), places, call.ints(3, size * slice), count, size, slice);
  } else {
    addUp(call, call.floats(0, count * slice), places, call.floats(3, size * slice), count, size, slice);
  }
}

/**
 * (x, indices, sizes, y, count, depth, slice, one, base, oneBase), the first as above, of any kind: y is the base
 * [sizes…, slice], or its one element where `oneBase` is 1, with y[indices[k]] = x[k]; the last of several stays. Where `one`
 * is 1 there is a single row x, which stands for all.
 */
STRATA_KERNEL(scatterUpdate) {
  const size_t count = call.size(4);
  const size_t depth = call.size(5);
  const size_t slice = call.size(6);
  const size_t pitch = call.size(7) == 0 ? slice : 0;
  const bool oneBase = call.size(9) != 0;
  const int32_t* indices = call.ints(1, count * depth);
  const int32_t* sizes = call.ints(2, depth);
  if (call.failed()) {
    return;
  }
  const int32_t* places = rowsNamed(call, indices, sizes, count, depth);
  const size_t size = rowsIn(sizes, depth);
  const size_t inputs = pitch == 0 ? slice : count * pitch;
  const size_t based = oneBase ? 1 : size * slice;
  if (call.failed()) {
    return;
  }
  if (call.kind(0) == ArgumentKind::uint8) {
    writeOver(call, call.bytes(0, inputs), places, call.bytes(8, based), call.bytes(3, size * slice), count, size, slice,
              pitch, oneBase);
  } else {
    writeOver(call, words(call, 0, inputs), places, words(call, 8, based), words(call, 3, size * slice), count, size, slice,
              pitch, oneBase);
  }
}

STRATA_END
