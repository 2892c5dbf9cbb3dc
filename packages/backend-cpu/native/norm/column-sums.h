// Several sums for every column of a block of rows at a time.
#pragma once

#include "norm/run-sums.h"
#include "norm/view.h"

namespace strata {
namespace STRATA_ISA {

/**
 * How rows of `columns` neighbours are cut into blocks that are summed in float32 before their sums go on in double.
 * Narrow rows are taken `fold` at a time, as one of `width` columns, so that registers are full.
 */
struct Blocks {
  size_t columns, fold, width, rows, perBatch;
};

constexpr size_t kBlockElements = 8192;
constexpr size_t kLeastWidth = 64;

STRATA_INLINE Blocks blocksOf(const View& view) {
  Blocks b;
  b.columns = view.columns();
  b.fold = 1;
  while (b.columns * b.fold < kLeastWidth) {
    b.fold *= 2;
  }
  b.width = b.columns * b.fold;
  // At least 16 rows: each block leaves sums as wide as a row.
  const size_t rows = b.columns > kBlockElements / 16 ? 16 : kBlockElements / b.columns;
  b.rows = rows / b.fold * b.fold;
  b.perBatch = (view.positions + b.rows - 1) / b.rows;
  return b;
}

/** Blocks that make a piece of a parallel loop. */
STRATA_INLINE size_t blockGrain(const Blocks& b, const View& view) {
  const size_t elements = (view.positions < b.rows ? view.positions : b.rows) * b.columns;
  return elements >= kReduceGrain ? 1 : kReduceGrain / (elements + 1) + 1;
}

template <int count, int vectors, typename Function>
STRATA_INLINE void sumStrip(size_t rows, size_t width, size_t column, size_t last, float* const* sums, Function terms) {
  Vector strip[vectors][count] = {};
  const auto addRow = [&](size_t i) {
    for (int v = 0; v < vectors - 1; ++v) {
      const Terms<count> t = terms(Whole{}, i + v * kLanes, column + v * kLanes);
      for (int k = 0; k < count; ++k) {
        strip[v][k] += t.of[k];
      }
    }
  };
  constexpr size_t before = (vectors - 1) * kLanes;
  const auto addLast = [&](auto lanes, size_t i) {
    const Terms<count> t = terms(lanes, i + before, column + before);
    for (int k = 0; k < count; ++k) {
      strip[vectors - 1][k] += t.of[k];
    }
  };
  for (size_t r = 0; r < rows; ++r) {
    const size_t i = r * width + column;
    addRow(i);
    if (last == kLanes) {
      addLast(Whole{}, i);
    } else {
      addLast(Part{last}, i);
    }
  }
  for (int k = 0; k < count; ++k) {
    for (int v = 0; v < vectors - 1; ++v) {
      store(sums[k] + column + v * kLanes, strip[v][k]);
    }
    storePart(sums[k] + column + before, strip[vectors - 1][k], last);
  }
}

/**
 * sums[k][c] = Σ terms(lanes, i, c).of[k] over the elements i < n of column c = i % width, of a block of rows that are
 * `width` wide; the last one may end early.
 */
template <int count, typename Function>
STRATA_INLINE void sumColumns(size_t n, size_t width, float* const* sums, Function terms) {
  const size_t rows = n / width;
  for (size_t column = 0; column < width;) {
    const size_t left = (width - column + kLanes - 1) / kLanes;
    const size_t vectors = left < 4 ? left : 4;
    const size_t end = column + vectors * kLanes;
    const size_t last = end <= width ? kLanes : kLanes - (end - width);
    switch (vectors) {
      case 4:
        sumStrip<count, 4>(rows, width, column, last, sums, terms);
        break;
      case 3:
        sumStrip<count, 3>(rows, width, column, last, sums, terms);
        break;
      case 2:
        sumStrip<count, 2>(rows, width, column, last, sums, terms);
        break;
      default:
        sumStrip<count, 1>(rows, width, column, last, sums, terms);
    }
    column = end;
  }
  for (size_t i = rows * width, c = 0; i < n; ++i, ++c) {
    const Terms<count> t = terms(Part{1}, i, c);
    for (int k = 0; k < count; ++k) {
      sums[k][c] += t.of[k][0];
    }
  }
}

/** The sum of the columns that a fold has made of column c, and of the columns `step` further on. */
STRATA_INLINE double unfolded(const float* sums, size_t c, const Blocks& b) {
  double total = sums[c];
  for (size_t i = c + b.columns; i < b.width; i += b.columns) {
    total += sums[i];
  }
  return total;
}

/** Puts a value of every column where the folds of that column are. */
STRATA_INLINE void repeatFolds(float* values, const Blocks& b) {
  for (size_t i = b.columns; i < b.width; ++i) {
    values[i] = values[i - b.columns];
  }
}

/** f(lanes, i, c) for every vector of rows × width elements that begin at column 0. */
template <typename Function>
STRATA_INLINE void eachColumnVector(size_t n, size_t width, Function f) {
  for (size_t from = 0; from < n; from += width) {
    eachVector(n - from < width ? n - from : width, [&](auto lanes, size_t c) { f(lanes, from + c, c); });
  }
}

}  // namespace STRATA_ISA
}  // namespace strata
