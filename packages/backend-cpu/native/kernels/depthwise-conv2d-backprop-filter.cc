// depthwiseConv2dBackpropFilter(x, dy, dfilter, sizes): the gradient of depthwiseConv2d with respect to its filter,
//   dfilter[t, u, c, m] = Σ over images and outputs (r, q): x[n, r·stride + t·dilation − padTop, …, c] · dy[n, r, q, c·M + m].
// Every chunk of images has a partial sum of its own; they are added in order, so that the bits of the result do not depend
// on the number of threads.
#include "conv/depthwise.h"
#include "kernel.h"
#include "runtime/sizes.h"
#include "simd/lanes.h"

STRATA_BEGIN

namespace {

constexpr size_t kChunks = 16;
/** Channels that one thread takes at a time: a multiple of every vector's. */
constexpr size_t kChannels = 64;
/** Taps that are summed at the same time: they share the loads of dy, and no addition waits for the one before. */
constexpr size_t kTaps = 4;

/** sum[u·sumTap + c] += Σ over columns of outputs: x[u·xTap] · dy, for kCount taps and one vector of channels. */
template <size_t kCount, typename Lanes>
STRATA_INLINE void addColumns(const float* x, size_t xColumn, size_t xTap, const float* dy, size_t dyColumn,
                              size_t columns, float* sum, size_t sumTap, Lanes lanes) {
  Vector sums[kCount] = {};
  for (size_t q = 0; q < columns; ++q) {
    const Vector gradient = lanes.get(dy);
#pragma GCC unroll 4
    for (size_t u = 0; u < kCount; ++u) {
      sums[u] += gradient * lanes.get(x + u * xTap);
    }
    x += xColumn;
    dy += dyColumn;
  }
#pragma GCC unroll 4
  for (size_t u = 0; u < kCount; ++u) {
    lanes.put(sum + u * sumTap, lanes.get(sum + u * sumTap) + sums[u]);
  }
}

/** addColumns for all taps of a stretch. */
template <typename Lanes>
void addStretch(const float* x, size_t xColumn, size_t xTap, const float* dy, size_t channels, const Stretch& stretch,
                float* sum, Lanes lanes) {
  for (size_t u = 0; u < stretch.taps; u += kTaps) {
    const float* left = x + u * xTap;
    float* to = sum + u * channels;
    switch (stretch.taps - u) {
      case 1:
        addColumns<1>(left, xColumn, xTap, dy, channels, stretch.outputs, to, channels, lanes);
        break;
      case 2:
        addColumns<2>(left, xColumn, xTap, dy, channels, stretch.outputs, to, channels, lanes);
        break;
      case 3:
        addColumns<3>(left, xColumn, xTap, dy, channels, stretch.outputs, to, channels, lanes);
        break;
      default:
        addColumns<kTaps>(left, xColumn, xTap, dy, channels, stretch.outputs, to, channels, lanes);
    }
  }
}

/** The stretches of both axes. */
struct Stretches {
  const Stretch* rows;
  size_t rowCount;
  const Stretch* columns;
  size_t columnCount;
};

/** Adds what one image contributes to channels [begin, end); they are repeated already. */
void addImage(const ConvSizes& sizes, const Stretches& stretches, const float* x, const float* dy, size_t begin,
              size_t end, float* sum) {
  const size_t channels = sizes.outChannels;
  const auto sourceOf = [](const Axis& axis, size_t output, size_t tap) {
    return static_cast<size_t>(static_cast<ptrdiff_t>(output * axis.step + tap * axis.tapStep) + axis.first);
  };
  for (size_t i = 0; i < stretches.rowCount; ++i) {
    const Stretch& down = stretches.rows[i];
    for (size_t r = down.output; r < down.output + down.outputs; ++r) {
      for (size_t t = down.tap; t < down.tap + down.taps; ++t) {
        const float* row = x + sourceOf(sizes.rows, r, t) * sizes.columns.sources * channels;
        for (size_t j = 0; j < stretches.columnCount; ++j) {
          const Stretch& across = stretches.columns[j];
          if (across.taps == 0) {
            continue;
          }
          const float* left = row + sourceOf(sizes.columns, across.output, across.tap) * channels;
          const float* right = dy + (r * sizes.columns.outputs + across.output) * channels;
          float* to = sum + (t * sizes.columns.taps + across.tap) * channels;
          const size_t column = sizes.columns.step * channels;
          const size_t tap = sizes.columns.tapStep * channels;
          size_t c = begin;
          for (; c + kLanes <= end; c += kLanes) {
            addStretch(left + c, column, tap, right + c, channels, across, to + c, Whole{});
          }
          if (c < end) {
            addStretch(left + c, column, tap, right + c, channels, across, to + c, Part{end - c});
          }
        }
      }
    }
  }
}

}  // namespace

STRATA_KERNEL(depthwiseConv2dBackpropFilter) {
  const ConvSizes sizes = readConvSizes(call, 3);
  const size_t channels = sizes.outChannels;
  const size_t filters = sizes.rows.taps * sizes.columns.taps * channels;
  const float* x = call.floats(0, sizes.inputs());
  const float* dy = call.floats(1, sizes.outputs());
  float* dfilter = call.floats(2, filters);
  const size_t times = sizes.inChannels == 0 ? 1 : channels / sizes.inChannels;
  if (!call.failed() && times * sizes.inChannels != channels) {
    call.fail("STRATA_BAD_ARGUMENT", "depthwiseConv2dBackpropFilter: %zu output channels are no multiple of %zu",
              channels, sizes.inChannels);
  }
  if (call.failed() || filters == 0) {
    return;
  }
  const size_t sources = sizes.rows.sources * sizes.columns.sources;
  const size_t outputs = sizes.rows.outputs * sizes.columns.outputs;
  const size_t perChunk = ceilDivide(sizes.batch, kChunks);
  const size_t chunks = sizes.batch == 0 ? 0 : ceilDivide(sizes.batch, perChunk);
  const size_t threads = static_cast<size_t>(call.threads());
  const size_t imageFloats = times == 1 ? 0 : roundUp(sources * channels);
  const size_t partialFloats = roundUp(filters);
  float* partials = static_cast<float*>(call.scratch((partialFloats * chunks + imageFloats * threads) * sizeof(float) +
                                                     (sizes.rows.outputs + sizes.columns.outputs) * sizeof(Stretch)));
  if (call.failed()) {
    return;
  }
  float* images = partials + partialFloats * chunks;
  Stretch* rows = reinterpret_cast<Stretch*>(images + imageFloats * threads);
  const size_t rowStretches = divideAxis(sizes.rows, rows);
  Stretch* columns = rows + rowStretches;
  const Stretches stretches = {rows, rowStretches, columns, divideAxis(sizes.columns, columns)};
  // Repeating channels is worth the while only for all of them.
  const size_t blocks = times > 1 ? 1 : ceilDivide(channels, kChannels);
  const size_t perBlock = times > 1 ? channels : kChannels;
  call.parallelFor(chunks * blocks, 1, [=](size_t begin, size_t end, int slot) {
    float* repeated = images + static_cast<size_t>(slot) * imageFloats;
    for (size_t piece = begin; piece < end; ++piece) {
      const size_t chunk = piece / blocks;
      const size_t channel = piece % blocks * perBlock;
      const size_t count = channels - channel < perBlock ? channels - channel : perBlock;
      float* sum = partials + chunk * partialFloats;
      for (size_t tap = 0; tap < sizes.rows.taps * sizes.columns.taps; ++tap) {
        __builtin_memset(sum + tap * channels + channel, 0, count * sizeof(float));
      }
      for (size_t image = chunk * perChunk; image < sizes.batch && image < (chunk + 1) * perChunk; ++image) {
        const float* source = x + image * sources * sizes.inChannels;
        if (times > 1) {
          repeatEach(source, sources * sizes.inChannels, times, repeated);
          source = repeated;
        }
        addImage(sizes, stretches, source, dy + image * outputs * channels, channel, channel + count, sum);
      }
    }
  });
  for (size_t i = 0; i < filters; ++i) {
    float sum = 0;
    for (size_t chunk = 0; chunk < chunks; ++chunk) {
      sum += partials[chunk * partialFloats + i];
    }
    dfilter[i] = sum;
  }
}

STRATA_END
