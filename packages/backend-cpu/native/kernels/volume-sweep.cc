#include "conv/volume-sweep.h"

#include "kernel.h"

STRATA_BEGIN

namespace {

/** The frames that meet one tap along the depth. */
void sweepTap(Call& call, const VolumeSweep& volume, size_t tap, bool accumulate, void* scratch) {
  const OutputRange range = outputsOf(volume.depths, tap);
  if (range.begin == range.end) {
    return;
  }
  Sweep sweep = volume.frame;
  sweep.batch = range.end - range.begin;
  sweep.sourceStride = volume.depths.step * volume.sourceFrame;
  sweep.imageStride = volume.outFrame;
  sweep.panels = volume.panels + tap * volume.tapFloats;
  sweep.accumulate = accumulate;
  const ptrdiff_t first = static_cast<ptrdiff_t>(range.begin * volume.depths.step + tap * volume.depths.tapStep) +
                          volume.depths.first;
  for (size_t n = 0; n < volume.batch; ++n) {
    sweep.source = volume.source + (n * volume.depths.sources + static_cast<size_t>(first)) * volume.sourceFrame;
    sweep.out = volume.out + n * volume.outVolume + range.begin * volume.outFrame;
    runSweep(call, sweep, scratch);
  }
}

/** Where no tap meets all frames: the bias, or zeros, to start from. */
void fillVolumes(Call& call, const VolumeSweep& volume) {
  const Sweep& frame = volume.frame;
  const size_t bytes = frame.outChannels * sizeof(float);
  call.parallelFor(volume.batch * volume.depths.outputs, 1, [&](size_t begin, size_t end, int) {
    for (size_t index = begin; index < end; ++index) {
      float* out = volume.out + index / volume.depths.outputs * volume.outVolume +
                   index % volume.depths.outputs * volume.outFrame;
      for (size_t r = 0; r < frame.rows.outputs; ++r) {
        for (size_t q = 0; q < frame.columns.outputs; ++q) {
          float* to = out + r * frame.rowStride + q * frame.columnStride;
          if (frame.bias == nullptr) {
            __builtin_memset(to, 0, bytes);
          } else {
            __builtin_memcpy(to, frame.bias, bytes);
          }
        }
      }
    }
  });
}

}  // namespace

void runVolumeSweep(Call& call, const VolumeSweep& sweep, void* scratch) {
  // A tap that meets all outputs comes first and need not find anything there.
  const size_t taps = sweep.depths.taps;
  size_t whole = 0;
  for (; whole < taps; ++whole) {
    const OutputRange range = outputsOf(sweep.depths, whole);
    if (range.begin == 0 && range.end == sweep.depths.outputs) {
      break;
    }
  }
  VolumeSweep rest = sweep;
  if (whole < taps) {
    sweepTap(call, sweep, whole, false, scratch);
  } else {
    fillVolumes(call, sweep);
  }
  rest.frame.bias = nullptr;
  for (size_t tap = 0; tap < taps; ++tap) {
    if (tap != whole) {
      sweepTap(call, rest, tap, true, scratch);
    }
  }
}

STRATA_END
