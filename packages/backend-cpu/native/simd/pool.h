// Windows over images [batch, depth, height, width, channels], for the pooling kernels; images without depth have one layer.
#pragma once

#include "simd/vector.h"

namespace strata {
namespace STRATA_ISA {

/** The part of a window that lies inside the image, along one axis: [from, to). */
struct Span {
  int32_t from, to;

  STRATA_INLINE int32_t size() const { return to - from; }
};

struct Pool {
  size_t batch, depth, height, width, channels, outDepth, outHeight, outWidth;
  const Span* layers;
  const Span* rows;
  const Span* columns;
  /** Whether no two windows share an input along depth or height. */
  bool apart;

  STRATA_INLINE size_t inputs() const { return batch * depth * height * width * channels; }
  STRATA_INLINE size_t outputs() const { return batch * outDepth * outHeight * outWidth * channels; }
};

/** Where one output's window lies: the spans, the image's first element, and the output's first channel. */
struct Place {
  Span layers, rows, columns;
  size_t image, out;

  STRATA_INLINE int32_t size() const { return layers.size() * rows.size() * columns.size(); }
};

/** Whether all spans lie in [0, size). */
STRATA_INLINE bool inside(const Span* spans, size_t count, size_t size) {
  bool all = true;
  for (size_t i = 0; i < count; ++i) {
    all &= 0 <= spans[i].from && spans[i].from <= spans[i].to && spans[i].to <= static_cast<int64_t>(size);
  }
  return all;
}

STRATA_INLINE bool disjoint(const Span* spans, size_t count) {
  bool all = true;
  for (size_t i = 1; i < count; ++i) {
    all &= spans[i - 1].to <= spans[i].from;
  }
  return all;
}

/**
 * Two arguments of every pooling kernel: [batch, depth, height, width, channels, outDepth, outHeight, outWidth], and the
 * spans [from, to, …] of the outputs along depth, height and width, one after the other.
 */
STRATA_INLINE Pool readPool(Call& call, int index) {
  const int32_t* s = call.ints(index, 8);
  if (s == nullptr) {
    return {};
  }
  const auto size = [&](int i) { return s[i] > 0 ? static_cast<size_t>(s[i]) : size_t{0}; };
  Pool p = {size(0), size(1), size(2), size(3), size(4), size(5), size(6), size(7), nullptr, nullptr, nullptr, true};
  const size_t count = p.outDepth + p.outHeight + p.outWidth;
  const Span* spans = reinterpret_cast<const Span*>(call.ints(index + 1, 2 * count));
  if (spans == nullptr) {
    return {};
  }
  p.layers = spans;
  p.rows = p.layers + p.outDepth;
  p.columns = p.rows + p.outHeight;
  if (!inside(p.layers, p.outDepth, p.depth) || !inside(p.rows, p.outHeight, p.height) ||
      !inside(p.columns, p.outWidth, p.width)) {
    call.fail("STRATA_BAD_ARGUMENT", "a window that leaves the image");
  }
  p.apart = disjoint(p.layers, p.outDepth) && disjoint(p.rows, p.outHeight);
  return p;
}

/** Calls visit(c, count) for the channels in vectors: count = kLanes, less in the last one. */
template <typename Visit>
STRATA_INLINE void eachVector(size_t channels, Visit&& visit) {
  size_t c = 0;
  for (; c + kLanes <= channels; c += kLanes) {
    visit(c, kLanes);
  }
  if (c < channels) {
    visit(c, channels - c);
  }
}

STRATA_INLINE Vector loadUpTo(const float* from, size_t count) {
  return count == kLanes ? load(from) : loadPart(from, count);
}

STRATA_INLINE void storeUpTo(float* to, Vector value, size_t count) {
  if (count == kLanes) {
    store(to, value);
  } else {
    storePart(to, value, count);
  }
}

/** visit(element): for each input of a window, layer by layer, row by row, where its channels start in x. */
template <typename Visit>
STRATA_INLINE void eachTap(const Pool& p, const Place& at, Visit&& visit) {
  for (int32_t d = at.layers.from; d < at.layers.to; ++d) {
    for (int32_t h = at.rows.from; h < at.rows.to; ++h) {
      const size_t row = (static_cast<size_t>(d) * p.height + static_cast<size_t>(h)) * p.width;
      for (int32_t w = at.columns.from; w < at.columns.to; ++w) {
        visit(at.image + (row + static_cast<size_t>(w)) * p.channels);
      }
    }
  }
}

/** visit(place) for row r of the outputs of the whole batch. */
template <typename Visit>
STRATA_INLINE void eachOutput(const Pool& p, size_t r, Visit&& visit) {
  const size_t layer = r / p.outHeight;
  const size_t image = layer / p.outDepth * p.depth * p.height * p.width * p.channels;
  for (size_t w = 0; w < p.outWidth; ++w) {
    visit(Place{p.layers[layer % p.outDepth], p.rows[r % p.outHeight], p.columns[w], image,
                (r * p.outWidth + w) * p.channels});
  }
}

/** Rows of outputs that make a piece of work. */
STRATA_INLINE size_t poolGrain(const Pool& p) {
  // What is read is about the inputs, or the outputs where windows overlap.
  const size_t rows = p.batch * p.outDepth * p.outHeight;
  const size_t work = rows == 0 ? 1 : (p.inputs() + p.outputs()) / rows + 1;
  return work > 32768 ? 1 : 32768 / work + 1;
}

/** visit(place, c, count) for every output and vector of channels. */
template <typename Visit>
STRATA_INLINE void eachWindow(Call& call, const Pool& p, Visit&& visit) {
  call.parallelFor(p.batch * p.outDepth * p.outHeight, poolGrain(p), [&](size_t begin, size_t end, int) {
    for (size_t r = begin; r < end; ++r) {
      eachOutput(p, r, [&](const Place& at) {
        eachVector(p.channels, [&](size_t c, size_t count) { visit(at, c, count); });
      });
    }
  });
}

/**
 * The same for gradients, which add to every input of a window: where windows of two rows may share an input, which only
 * one thread may write, a piece is an image's share of the channels.
 */
template <typename Visit>
STRATA_INLINE void eachWindowOfGradient(Call& call, const Pool& p, float* dx, Visit&& visit) {
  call.parallelFor(p.inputs(), 65536, [=](size_t begin, size_t end, int) {
    __builtin_memset(dx + begin, 0, (end - begin) * sizeof(float));
  });
  if (p.apart) {
    eachWindow(call, p, visit);
    return;
  }
  constexpr size_t share = 4 * kLanes;
  const size_t shares = (p.channels + share - 1) / share;
  const size_t rows = p.outDepth * p.outHeight;
  call.parallelFor(p.batch * shares, 1, [&](size_t begin, size_t end, int) {
    for (size_t piece = begin; piece < end; ++piece) {
      const size_t first = piece % shares * share;
      const size_t mine = p.channels - first < share ? p.channels - first : share;
      for (size_t r = piece / shares * rows; r < (piece / shares + 1) * rows; ++r) {
        eachOutput(p, r, [&](const Place& at) {
          eachVector(mine, [&](size_t c, size_t count) { visit(at, first + c, count); });
        });
      }
    }
  });
}

}  // namespace STRATA_ISA
}  // namespace strata
