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
  size_t filters() const { return rows.taps * columns.taps * inChannels * outChannels; }
};

/**
 * From argument `index`: [batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, kernelHeight, kernelWidth,
 * strideHeight, strideWidth, dilationHeight, dilationWidth, padTop, padLeft]; the padding that follows is implied by the
 * outputs. Fails the call when they make no sense.
 */
ConvSizes readConvSizes(Call& call, int index);

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
