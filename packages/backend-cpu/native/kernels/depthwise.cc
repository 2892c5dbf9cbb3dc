#include "conv/depthwise.h"

#include "kernel.h"
#include "simd/lanes.h"

STRATA_BEGIN

namespace {

/** Outputs of a row computed together: they share the loads of the filter. */
constexpr size_t kTogether = 4;

/** What one rectangle of outputs that meet the same taps is made from; strides in floats. */
struct Patch {
  const float* source;
  size_t step;
  size_t tapRow;
  size_t tapColumn;
  const float* filter;
  ptrdiff_t filterRow;
  ptrdiff_t filterColumn;
  size_t rowTaps;
  size_t columnTaps;
};

/** kCount neighbouring outputs of one vector of channels. */
template <size_t kCount, typename Lanes>
STRATA_INLINE void compute(const Patch& patch, const float* source, float* out, size_t outColumn, Vector bias,
                           Lanes lanes) {
  Vector sum[kCount];
#pragma GCC unroll 4
  for (size_t i = 0; i < kCount; ++i) {
    sum[i] = bias;
  }
  for (size_t t = 0; t < patch.rowTaps; ++t) {
    const float* row = source + t * patch.tapRow;
    const float* filter = patch.filter + static_cast<ptrdiff_t>(t) * patch.filterRow;
    for (size_t u = 0; u < patch.columnTaps; ++u) {
      const Vector weight = lanes.get(filter);
#pragma GCC unroll 4
      for (size_t i = 0; i < kCount; ++i) {
        sum[i] += weight * lanes.get(row + i * patch.step);
      }
      row += patch.tapColumn;
      filter += patch.filterColumn;
    }
  }
#pragma GCC unroll 4
  for (size_t i = 0; i < kCount; ++i) {
    lanes.put(out + i * outColumn, sum[i]);
  }
}

/** kCount neighbouring outputs, channel by channel: the order in which they lie in memory. */
template <size_t kCount>
void computeOutputs(Patch patch, float* out, size_t outColumn, size_t channels, const float* bias) {
  const float* source = patch.source;
  size_t c = 0;
  for (; c + kLanes <= channels; c += kLanes) {
    const Vector start = bias == nullptr ? Vector{} : load(bias + c);
    compute<kCount>(patch, source + c, out + c, outColumn, start, Whole{});
    patch.filter += kLanes;
  }
  if (c < channels) {
    const Part rest = {channels - c};
    const Vector start = bias == nullptr ? Vector{} : rest.get(bias + c);
    compute<kCount>(patch, source + c, out + c, outColumn, start, rest);
  }
}

}  // namespace

void sweepDepthwise(const DepthwiseSweep& sweep, size_t row, size_t rowEnd, const Stretch* rows, size_t rowStretches,
                    const Stretch* columns, size_t columnStretches) {
  const size_t channels = sweep.channels;
  const size_t pitch = sweep.columns.sources * channels;
  for (size_t i = 0; i < rowStretches; ++i) {
    const Stretch& down = rows[i];
    const size_t begin = down.output > row ? down.output : row;
    const size_t end = down.output + down.outputs < rowEnd ? down.output + down.outputs : rowEnd;
    for (size_t r = begin; r < end; ++r) {
      for (size_t j = 0; j < columnStretches; ++j) {
        const Stretch& across = columns[j];
        const bool meets = down.taps > 0 && across.taps > 0;
        const ptrdiff_t firstRow =
            static_cast<ptrdiff_t>(r * sweep.rows.step + down.tap * sweep.rows.tapStep) + sweep.rows.first;
        const ptrdiff_t firstColumn =
            static_cast<ptrdiff_t>(across.output * sweep.columns.step + across.tap * sweep.columns.tapStep) +
            sweep.columns.first;
        Patch patch = {};
        patch.step = sweep.columns.step * channels;
        patch.tapRow = sweep.rows.tapStep * pitch;
        patch.tapColumn = sweep.columns.tapStep * channels;
        patch.filterRow = sweep.filterRow;
        patch.filterColumn = sweep.filterColumn;
        patch.rowTaps = meets ? down.taps : 0;
        patch.columnTaps = across.taps;
        const float* source =
            meets ? sweep.source + static_cast<size_t>(firstRow) * pitch + static_cast<size_t>(firstColumn) * channels
                  : sweep.source;
        const float* filter = sweep.filter + static_cast<ptrdiff_t>(down.tap) * sweep.filterRow +
                              static_cast<ptrdiff_t>(across.tap) * sweep.filterColumn;
        float* out = sweep.out + r * sweep.outRow + across.output * sweep.outColumn;
        patch.source = source;
        patch.filter = filter;
        size_t q = 0;
        for (; q + kTogether <= across.outputs; q += kTogether) {
          computeOutputs<kTogether>(patch, out + q * sweep.outColumn, sweep.outColumn, channels, sweep.bias);
          patch.source += kTogether * patch.step;
        }
        for (; q < across.outputs; ++q) {
          computeOutputs<1>(patch, out + q * sweep.outColumn, sweep.outColumn, channels, sweep.bias);
          patch.source += patch.step;
        }
      }
      if (sweep.activation != Activation::linear) {
        for (size_t q = 0; q < sweep.columns.outputs; ++q) {
          activate(sweep.activation, sweep.out + r * sweep.outRow + q * sweep.outColumn, channels);
        }
      }
    }
  }
}

void repeatEach(const float* from, size_t n, size_t times, float* to) {
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < times; ++j) {
      to[i * times + j] = from[i];
    }
  }
}

STRATA_END
