// Rows picked by index: float32, int32 or bytes; a row is `slice` neighbours.
#include "kernel.h"
#include "simd/rows.h"

STRATA_BEGIN

namespace {

/** Rows from here to the one that is asked for from memory: their addresses are known, their lines come late. */
constexpr size_t kAhead = 8;

/** Lines of a row that are asked for; the processor itself fetches the rest of a long row. */
constexpr size_t kLinesAhead = 4;

template <typename Element>
STRATA_INLINE void prefetchRow(const Element* row, size_t slice) {
  const char* from = reinterpret_cast<const char*>(row);
  const size_t bytes = slice * sizeof(Element);
  for (size_t line = 0; line < kLinesAhead && line * 64 < bytes; ++line) {
    __builtin_prefetch(from + line * 64);
  }
}

STRATA_INLINE void streamLines(float* to, const float* from, size_t n) {
  for (size_t i = 0; i < n; i += kLanes) {
    stream(to + i, load(from + i));
  }
}
STRATA_INLINE void streamLines(uint8_t*, const uint8_t*, size_t) {}

/** y[row] = x[source(row)] for `rows` rows. */
template <typename Element, typename Source>
STRATA_INLINE void pickRows(Call& call, const Element* x, Element* y, size_t rows, size_t slice, Source source) {
  const bool words = sizeof(Element) == 4;
  const bool streamed = words && slice % kLine == 0 && isLineAligned(y) && rows * slice >= kStreamed;
  call.parallelFor(rows, rowGrain(slice), [=](size_t begin, size_t end, int) {
    if (slice == 1) {
      for (size_t row = begin; row < end; ++row) {
        y[row] = x[source(row)];
      }
      return;
    }
    for (size_t row = begin; row < end; ++row) {
      if (row + kAhead < end) {
        prefetchRow(x + source(row + kAhead) * slice, slice);
      }
      const Element* from = x + source(row) * slice;
      if (streamed) {
        streamLines(y + row * slice, from, slice);
      } else {
        copyRow(y + row * slice, from, slice);
      }
    }
    if (streamed) {
      endStream();
    }
  });
}

}  // namespace

/**
 * (x [batch, outer, size, slice], indices [batch, count], y [batch, outer, count, slice], batch, outer, size, slice,
 * count). Throws STRATA_INDEX for an index outside [0, size).
 */
STRATA_KERNEL(gather) {
  const size_t batch = call.size(3);
  const size_t outer = call.size(4);
  const size_t size = call.size(5);
  const size_t slice = call.size(6);
  const size_t count = call.size(7);
  const int32_t* indices = call.ints(1, batch * count);
  if (call.failed()) {
    return;
  }
  checkIndices(call, indices, batch * count, size);
  const auto pick = [&](auto* x, auto* y) {
    if (call.failed()) {
      return;
    }
    const size_t rows = batch * outer * count;
    if (batch * outer == 1) {
      pickRows(call, x, y, rows, slice, [=](size_t row) { return static_cast<size_t>(indices[row]); });
      return;
    }
    pickRows(call, x, y, rows, slice, [=](size_t row) {
      const size_t group = row / count;  // b·outer + o
      return group * size + static_cast<size_t>(indices[group / outer * count + row % count]);
    });
  };
  const size_t inputs = batch * outer * size * slice;
  const size_t outputs = batch * outer * count * slice;
  if (call.kind(0) == ArgumentKind::uint8) {
    pick(call.bytes(0, inputs), call.bytes(2, outputs));
  } else {
    pick(words(call, 0, inputs), words(call, 2, outputs));
  }
}

/**
 * (x [sizes…, slice], indices [count, depth], sizes [depth], y [count, slice], count, depth, slice): y[k] = x[indices[k]].
 * Throws STRATA_INDEX for an index outside its axis.
 */
STRATA_KERNEL(gatherNd) {
  const size_t count = call.size(4);
  const size_t depth = call.size(5);
  const size_t slice = call.size(6);
  const int32_t* indices = call.ints(1, count * depth);
  const int32_t* sizes = call.ints(2, depth);
  if (call.failed()) {
    return;
  }
  const int32_t* named = rowsNamed(call, indices, sizes, count, depth);
  const auto pick = [&](auto* x, auto* y) {
    if (!call.failed()) {
      pickRows(call, x, y, count, slice, [=](size_t row) { return static_cast<size_t>(named[row]); });
    }
  };
  const size_t inputs = rowsIn(sizes, depth) * slice;
  if (call.kind(0) == ArgumentKind::uint8) {
    pick(call.bytes(0, inputs), call.bytes(3, count * slice));
  } else {
    pick(words(call, 0, inputs), words(call, 3, count * slice));
  }
}

STRATA_END
