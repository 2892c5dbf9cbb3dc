// K. Goto and R. van de Geijn, Anatomy of high-performance matrix multiplication (2008): B in panels one tile wide that
// rest in the second-level cache, A in panels one tile high, tiles of C in registers.
#include "matmul/gemm.h"

#include "kernel.h"
#include "matmul/pack.h"
#include "matmul/streams.h"
#include "runtime/sizes.h"

STRATA_BEGIN

namespace {

// A panel of B of kDepth × kTileColumns and one of A of kDepth × kTileRows, 64 KiB together with AVX-512, stream through
// the first-level cache; kRows × kDepth of A and kDepth × kColumns of B stay in the second.
constexpr size_t kDepth = 256;
constexpr size_t kRows = 168;
constexpr size_t kColumns = 512;
/** A is not copied into panels for less depth: the few lines that its rows take are in the cache after one use. */
constexpr size_t kPackDepth = 48;
/** Steps of the depth that are copied into all panels before the next: neighbours in memory are read together. */
constexpr size_t kCopyDepth = 8;

constexpr Segment kWhole[1] = {{0, 0}};

/**
 * Announces rows of a matrix to the caches. Short runs that lie far apart, such as a few columns of all rows, do not make the
 * processor fetch ahead by itself.
 */
STRATA_INLINE void announce(const float* from, size_t stride, size_t columns, size_t rows) {
  for (size_t r = 0; r < rows; ++r) {
    for (size_t j = 0; j < columns; j += 16) {
      __builtin_prefetch(from + r * stride + j);
    }
  }
}

/** The depth of one pass: k divided evenly, a function of k alone, since it decides how the sums are rounded. */
size_t passDepth(size_t k) {
  const size_t passes = (k + kDepth - 1) / kDepth;
  return passes <= 1 ? k : (k + passes - 1) / passes;
}

/**
 * Whether to copy A into panels. Not when it is read only a few times. Rows that lie a multiple of 4 KiB apart
 * compete for the same lines of the first-level cache and are always copied.
 */
bool wantsPackedA(const Product& product, size_t columns) {
  if (product.k < kPackDepth) {
    return false;
  }
  const size_t stride = product.aDepth == 1 ? product.aRow : product.aDepth;
  return columns >= 8 * kTileColumns || (columns > kTileColumns && stride % 1024 == 0);
}

/** Whether to read B where it lies: when few rows use it, a copy would cost as much as the product. */
bool wantsPlainB(const Product& product, size_t rows) { return product.bColumn == 1 && rows <= 2 * kTileRows; }

}  // namespace

size_t productScratch(size_t rows, size_t columns, size_t k) {
  const size_t depth = passDepth(k);
  const size_t panelsB = depth * roundUp(least(columns, kColumns), kTileColumns);
  const size_t panelsA = depth * least(rows, kRows) + kPanelSlack;
  const size_t panels = panelsB + panelsA + kTileColumns + 4 * kPanelSlack;
  return panels > kFewest * k ? panels : kFewest * k;
}

void multiplyBlock(const Product& product, size_t row, size_t rowEnd, size_t column, size_t columnEnd,
                   float* scratch, const RowsDone* done) {
  if (suitsStreams(product)) {
    multiplyByStreams(product, row, rowEnd, column, columnEnd, scratch);
    if (done != nullptr) {
      done->tell(row, rowEnd, product.n);
    }
    return;
  }
  const size_t depth = passDepth(product.k);
  const size_t rows = rowEnd - row;
  const bool packA = wantsPackedA(product, columnEnd - column);
  const bool plainB = wantsPlainB(product, rows);
  const size_t highest = tileRows(columnEnd - column);
  float* const panelsB = scratch;
  float* const panelsA = panelsB + roundUp(depth * roundUp(least(columnEnd - column, kColumns), kTileColumns), 16);
  float* const biasTail = panelsA + roundUp(depth * least(rows, kRows) + kPanelSlack, 16);

  Tile tile;
  tile.segments = kWhole;
  tile.segmentCount = 1;
  tile.cStride = product.cStride;
  for (size_t k = 0; k < product.k || k == 0; k += depth) {
    tile.depth = least(depth, product.k - k);
    tile.accumulate = k > 0;
    const bool last = k + tile.depth == product.k;
    tile.activation = last ? product.activation : Activation::linear;
    for (size_t n = column; n < columnEnd; n += kColumns) {
      const size_t nEnd = least(n + kColumns, columnEnd);
      const size_t stepB = product.bColumn == 1 ? kCopyDepth : tile.depth;
      for (size_t d = 0; d < tile.depth; d += stepB) {
        const size_t depths = least(stepB, tile.depth - d);
        for (size_t j = n; j < nEnd; j += kTileColumns) {
          const size_t width = least(kTileColumns, nEnd - j);
          const float* b = product.b + (k + d) * product.bDepth + j * product.bColumn;
          float* panel = panelsB + (j - n) * tile.depth + d * panelWidth(width);
          if (product.bColumn != 1) {
            packAcross(b, product.bColumn, width, depths, panel, panelWidth(width));
          } else if (!plainB || width < kTileColumns) {
            packAlong(b, product.bDepth, width, depths, panel, panelWidth(width));
          }
        }
      }
      for (size_t m = row; m < rowEnd; m += kRows) {
        const size_t mEnd = least(m + kRows, rowEnd);
        // The rows divided evenly among tiles, so that none is much lower than the others.
        const size_t tiles = (mEnd - m + highest - 1) / highest;
        const size_t low = (mEnd - m) / tiles;
        const size_t higher = (mEnd - m) % tiles;
        if (packA) {
          const size_t step = product.aDepth == 1 ? tile.depth : kCopyDepth;
          for (size_t d = 0; d < tile.depth; d += step) {
            const size_t depths = least(step, tile.depth - d);
            if (product.aDepth != 1) {
              const size_t next = d + depths;
              announce(product.a + m * product.aRow + (k + next) * product.aDepth, product.aDepth, mEnd - m,
                       least(step, tile.depth - next));
            }
            for (size_t t = 0, i = m; t < tiles; ++t) {
              const size_t height = low + (t < higher ? 1 : 0);
              const float* a = product.a + i * product.aRow + (k + d) * product.aDepth;
              float* panel = panelsA + (i - m) * tile.depth + d * height;
              if (product.aDepth == 1) {
                packAcross(a, product.aRow, height, depths, panel, height);
              } else {
                packAlong(a, product.aDepth, height, depths, panel, height);
              }
              i += height;
            }
          }
        }
        for (size_t j = n; j < nEnd; j += kTileColumns) {
          const size_t width = least(kTileColumns, nEnd - j);
          tile.columns = width;
          tile.b = panelsB + (j - n) * tile.depth;
          tile.bStride = panelWidth(width);
          if (plainB && width == kTileColumns) {
            tile.b = product.b + k * product.bDepth + j;
            tile.bStride = product.bDepth;
          }
          tile.bias = last && product.bias != nullptr ? product.bias + j : nullptr;
          if (tile.bias != nullptr && width < kTileColumns) {
            packAlong(tile.bias, 0, width, 1, biasTail, panelWidth(width));
            tile.bias = biasTail;
          }
          for (size_t t = 0, i = m; t < tiles; ++t) {
            const size_t height = low + (t < higher ? 1 : 0);
            tile.c = product.c + i * product.cStride + j;
            Order order = product.aDepth == 1 ? Order::depth : Order::rows;
            if (packA) {
              order = Order::rows;
              tile.a = panelsA + (i - m) * tile.depth;
              tile.aStride = height;
            } else {
              tile.a = product.a + i * product.aRow + k * product.aDepth;
              tile.aStride = order == Order::depth ? product.aRow : product.aDepth;
            }
            tileFunction(order, height, width)(tile);
            i += height;
          }
        }
        if (done != nullptr && last && nEnd == columnEnd) {
          done->tell(m, mEnd, product.n);
        }
      }
    }
    if (product.k == 0) {
      break;
    }
  }
}

STRATA_END
