#include "conv/geometry.h"

namespace strata {

ConvSizes readConvSizes(Call& call, int index) {
  constexpr size_t kLength = 15;
  ConvSizes sizes = {};
  const int32_t* given = call.ints(index, kLength);
  if (given == nullptr) {
    return sizes;
  }
  for (size_t i = 0; i < kLength; ++i) {
    // Kernels, strides and dilations count from 1.
    const int32_t minimum = i >= 7 && i <= 12 ? 1 : 0;
    if (given[i] < minimum) {
      call.fail("STRATA_BAD_ARGUMENT", "size %zu of a convolution must be at least %d; received %d", i, minimum,
                given[i]);
      return sizes;
    }
  }
  const auto at = [given](int i) { return static_cast<size_t>(given[i]); };
  sizes.batch = at(0);
  sizes.rows = {at(1), at(4), at(7), at(9), at(11), -static_cast<ptrdiff_t>(given[13])};
  sizes.columns = {at(2), at(5), at(8), at(10), at(12), -static_cast<ptrdiff_t>(given[14])};
  sizes.inChannels = at(3);
  sizes.outChannels = at(6);
  return sizes;
}

size_t divideAxis(const Axis& axis, Stretch* stretches) {
  const ptrdiff_t tapStep = static_cast<ptrdiff_t>(axis.tapStep);
  // The least number of taps whose way is at least `distance`.
  const auto tapsFor = [&axis, tapStep](ptrdiff_t distance) {
    const size_t taps = distance <= 0 ? 0 : static_cast<size_t>((distance + tapStep - 1) / tapStep);
    return taps < axis.taps ? taps : axis.taps;
  };
  size_t count = 0;
  for (size_t output = 0; output < axis.outputs; ++output) {
    const ptrdiff_t source = static_cast<ptrdiff_t>(output * axis.step) + axis.first;
    const size_t begin = tapsFor(-source);
    const size_t end = tapsFor(static_cast<ptrdiff_t>(axis.sources) - source);
    const size_t taps = end > begin ? end - begin : 0;
    const size_t tap = taps == 0 ? 0 : begin;
    if (count > 0 && stretches[count - 1].tap == tap && stretches[count - 1].taps == taps) {
      stretches[count - 1].outputs += 1;
    } else {
      stretches[count++] = {output, 1, tap, taps};
    }
  }
  return count;
}

Phase phaseOf(const Axis& axis, size_t input) {
  Phase phase = {};
  phase.input = input;
  phase.axis.sources = axis.outputs;
  phase.axis.outputs = input < axis.sources ? (axis.sources - input + axis.step - 1) / axis.step : 0;
  phase.axis.step = 1;
  phase.axis.tapStep = 1;
  // Input h = input + i·step is read through tap t by output (h − first − t·tapStep) / step, where that divides.
  for (size_t t = 0; t < axis.taps; ++t) {
    const ptrdiff_t distance = static_cast<ptrdiff_t>(input) - axis.first - static_cast<ptrdiff_t>(t * axis.tapStep);
    if (distance % static_cast<ptrdiff_t>(axis.step) != 0) {
      continue;
    }
    const ptrdiff_t offset = distance / static_cast<ptrdiff_t>(axis.step);
    if (phase.axis.taps > 0) {
      phase.axis.tapStep = static_cast<size_t>(phase.axis.first - offset);
      phase.tapStep = t - phase.tap;
    }
    phase.axis.first = offset;
    phase.axis.taps += 1;
    phase.tap = t;
  }
  return phase;
}

}  // namespace strata
