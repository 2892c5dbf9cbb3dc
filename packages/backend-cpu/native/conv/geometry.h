// The sizes of a two-dimensional convolution or pooling, and which taps of a filter meet the image where.
#pragma once

#include "runtime/call.h"

namespace strata {

/**
 * One axis of a filter's way over an image: output o meets the sources o·step + first + t·tapStep for taps t in [0, taps),
 * those inside [0, sources).
 */
struct Axis {
  size_t sources;
  size_t outputs;
  size_t taps;
  size_t step;
  size_t tapStep;
  ptrdiff_t first;
};

struct ConvSizes {
  size_t batch;
  Axis rows;
  Axis columns;
  size_t inChannels;
  size_t outChannels;

  size_t inputs() const { return batch * rows.sources * columns.sources * inChannels; }
  size_t outputs() const { return batch * rows.outputs * columns.outputs * outChannels; }
  /** Whether every output is made from the input in its place alone: a product of matrices, a row for each pixel. */
  bool isPointwise() const {
    const auto isOne = [](const Axis& axis) {
      return axis.taps == 1 && axis.step == 1 && axis.first == 0 && axis.outputs == axis.sources;
    };
    return isOne(rows) && isOne(columns);
  }
  size_t pixels() const { return batch * rows.outputs * columns.outputs; }
  size_t filters() const { return rows.taps * columns.taps * inChannels * outChannels; }
};

/**
 * From argument `index`: [batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, kernelHeight, kernelWidth,
 * strideHeight, strideWidth, dilationHeight, dilationWidth, padTop, padLeft]; the padding that follows is implied by the
 * outputs. Fails the call when they make no sense.
 */
ConvSizes readConvSizes(Call& call, int index);

/** The number of groups that argument `index` divides the channels into. Fails the call when it divides them not evenly. */
size_t readGroups(Call& call, int index, const ConvSizes& sizes);

/** Of a three-dimensional convolution: along an axis of depth it is a sum of convolutions of two-dimensional frames. */
struct VolumeSizes {
  Axis depths;
  /** The batch is that of the volumes. */
  ConvSizes frame;

  size_t inputs() const { return frame.inputs() * depths.sources; }
  size_t outputs() const { return frame.outputs() * depths.outputs; }
  size_t filters() const { return frame.filters() * depths.taps; }
};

/**
 * From argument `index`, as readConvSizes but with depths before heights: [batch, inDepth, inHeight, inWidth, inChannels, outDepth,
 * outHeight, outWidth, outChannels, kernelDepth, …, strideDepth, …, dilationDepth, …, padFront, padTop, padLeft].
 */
VolumeSizes readVolumeSizes(Call& call, int index);

/** Outputs [begin, end). */
struct OutputRange {
  size_t begin;
  size_t end;
};

/** The outputs that meet a source through tap `tap`. */
OutputRange outputsOf(const Axis& axis, size_t tap);

/** Consecutive outputs that meet the image with the same taps; both are ranges of a start and a count. */
struct Stretch {
  size_t output;
  size_t outputs;
  size_t tap;
  size_t taps;
};

/** Divides an axis into stretches, in order, and gives their number: at most axis.outputs. */
size_t divideAxis(const Axis& axis, Stretch* stretches);

/**
 * What a gradient with respect to the input makes of an axis: inputs that lie the same distance from a multiple of the
 * stride are read through the same taps. Each such phase is a way over the outputs, without stride, of some taps in reverse
 * order.
 */
struct Phase {
  /** The first input of the phase; the next ones lie a stride further each. */
  size_t input;
  /** Its inputs as outputs of a way over the outputs of `axis`. */
  Axis axis;
  // The filter's taps in the order of the axis: tap, tap − tapStep, …
  size_t tap;
  size_t tapStep;
};

/** The phase that starts at `input`, in [0, axis.step). */
Phase phaseOf(const Axis& axis, size_t input);

}  // namespace strata
