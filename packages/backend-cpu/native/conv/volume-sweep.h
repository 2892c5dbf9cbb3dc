// A filter swept over volumes: for every tap along the depth a sweep over frames, added to what the taps before have given.
#pragma once

#include "conv/sweep.h"

namespace strata {
namespace STRATA_ISA {

struct VolumeSweep {
  /** Of one frame: its batch, source, sourceStride, panels, out and accumulate are set for every tap. */
  Sweep frame;
  size_t batch;
  Axis depths;
  const float* source;
  /** Floats from a frame of the source to the next. */
  size_t sourceFrame;
  /** Of tap t along the depth: panels + t · tapFloats. */
  const float* panels;
  size_t tapFloats;
  float* out;
  /** Floats from an output frame to the next, and from a volume to the next. */
  size_t outFrame;
  size_t outVolume;
};

/** Runs the sweep on the pool's threads; scratch as for runSweep of a frame. */
void runVolumeSweep(Call& call, const VolumeSweep& sweep, void* scratch);

}  // namespace STRATA_ISA
}  // namespace strata
