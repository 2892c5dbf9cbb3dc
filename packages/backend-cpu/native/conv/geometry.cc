#include "conv/geometry.h"

namespace strata {

namespace {

/** Sizes of `axes` spatial axes; null after failing the call when they make no sense. */
const int32_t* readSizes(Call& call, int index, int axes) {
  const int length = 3 + 6 * axes;
  const int32_t* given = call.ints(index, static_cast<size_t>(length));
  if (given == nullptr) {
    return nullptr;
  }
  for (int i = 0; i < length; ++i) {
    // Kernels, strides and dilations count from 1.
    const int32_t minimum = i >= 3 + 2 * axes && i < length - axes ? 1 : 0;
    if (given[i] < minimum) {
      call.fail("STRATA_BAD_ARGUMENT", "size %d of a convolution must be at least %d; received %d", i, minimum,
                given[i]);
      return nullptr;
    }
  }
  return given;
}

/** Axis `axis` of `axes`. */
Axis axisAt(const int32_t* given, int axes, int axis) {
  const auto at = [=](int start) { return static_cast<size_t>(given[start + axis]); };
  const int kernel = 3 + 2 * axes;
  return {at(1),
          at(2 + axes),
          at(kernel),
          at(kernel + axes),
          at(kernel + 2 * axes),
          -static_cast<ptrdiff_t>(at(kernel + 3 * axes))};
}

}  // namespace

ConvSizes readConvSizes(Call& call, int index) {
  const int32_t* given = readSizes(call, index, 2);
  if (given == nullptr) {
    return {};
  }
  return {static_cast<size_t>(given[0]), axisAt(given, 2, 0), axisAt(given, 2, 1), static_cast<size_t>(given[3]),
          static_cast<size_t>(given[6])};
}

VolumeSizes readVolumeSizes(Call& call, int index) {
  const int32_t* given = readSizes(call, index, 3);
  if (given == nullptr) {
    return {};
  }
  return {axisAt(given, 3, 0),
          {static_cast<size_t>(given[0]), axisAt(given, 3, 1), axisAt(given, 3, 2), static_cast<size_t>(given[4]),
           static_cast<size_t>(given[8])}};
}

OutputRange outputsOf(const Axis& axis, size_t tap) {
  const ptrdiff_t first = axis.first + static_cast<ptrdiff_t>(tap * axis.tapStep);
  // The least number of outputs whose way is at least `distance`.
  const auto outputsFor = [&axis](ptrdiff_t distance) {
    const size_t outputs = distance <= 0 ? 0 : (static_cast<size_t>(distance) + axis.step - 1) / axis.step;
    return outputs < axis.outputs ? outputs : axis.outputs;
  };
  const size_t begin = outputsFor(-first);
  const size_t end = outputsFor(static_cast<ptrdiff_t>(axis.sources) - first);
  return {begin, end < begin ? begin : end};
}

size_t readGroups(Call& call, int index, const ConvSizes& sizes) {
  const size_t groups = call.size(index);
  if (call.failed()) {
    return 1;
  }
  if (groups == 0 || sizes.inChannels % groups != 0 || sizes.outChannels % groups != 0) {
    call.fail("STRATA_BAD_ARGUMENT", "%zu groups do not divide %zu input and %zu output channels", groups,
              sizes.inChannels, sizes.outChannels);
    return 1;
  }
  return groups;
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
