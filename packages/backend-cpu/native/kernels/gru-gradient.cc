// gruGradient(weight, lengths, trace, dy, dLastHidden, dProjected, dInner, dWeight, dBias, dHidden, sizes): the gradients of gru
// (kernels/gru.cc) from those of y and of the last state. From the last step to the first:
//   dh += dy_t;   dn = dh·(1 − z)·(1 − n²);   dr = dn·a_n·r(1 − r);   dz = dh·(h − n)·z(1 − z);   da = (dr, dz, dn·r)
//   dh ← dh·z + da·W;   dProjected_t = (dr, dz, dn);   dWeight = Σ daᵀ·h;   dBias = Σ da
// dInner [N, T, H] takes the third part of da, which is not that of dProjected.
#include "kernel.h"
#include "matmul/gemm.h"
#include "recurrent/backward.h"
#include "simd/math.h"

STRATA_BEGIN

namespace {

/** to[c] = Σ of from[r·stride + c] over r < rows, for c < columns. */
STRATA_INLINE void sumColumns(Call& call, const float* from, size_t stride, size_t rows, size_t columns, float* to) {
  constexpr size_t strip = 64;
  call.parallelFor(columns, strip, [=](size_t begin, size_t end, int) {
    double total[strip] = {};
    for (size_t r = 0; r < rows; ++r) {
      for (size_t c = begin; c < end; ++c) {
        total[c - begin] += from[r * stride + c];
      }
    }
    for (size_t c = begin; c < end; ++c) {
      to[c] = static_cast<float>(total[c - begin]);
    }
  });
}

}  // namespace

STRATA_KERNEL(gruGradient) {
  const Recurrence r = readRecurrence(call, 10, 1);
  if (call.failed()) {
    return;
  }
  const size_t hidden = r.hidden;
  const size_t states = r.batch * hidden;
  const float* weight = call.floats(0, 3 * hidden * hidden);
  const float* trace = call.floats(2, 5 * states * r.steps);
  const float* dy = call.floats(3, states * r.steps);
  const float* dLastHidden = call.floats(4, states);
  float* dProjected = call.floats(5, 3 * states * r.steps);
  float* dInner = call.floats(6, states * r.steps);
  float* dWeight = call.floats(7, 3 * hidden * hidden);
  float* dBias = call.floats(8, 3 * hidden);
  float* dHidden = call.floats(9, states);
  if (call.failed()) {
    return;
  }
  const size_t panels = roundUp(panelFloats(r, 3));
  const size_t stride = stateStride(3 * hidden);
  const size_t products = static_cast<size_t>(call.threads()) * kBlockRows * kBlockUnits;
  float* scratch = static_cast<float*>(call.scratch((panels + 2 * r.batch * stride + products) * sizeof(float)));
  if (call.failed()) {
    return;
  }
  copyRow(dLastHidden, dHidden, states);
  if (!r.empty()) {
    packUnits(call, r, weight, 3, scratch);
    float* const da[2] = {scratch + panels, scratch + panels + r.batch * stride};
    goBack(call, r, 3, scratch, da, da[1] + r.batch * stride, dHidden, [&](size_t k, const Block& block) {
      const size_t t = r.step(k);
      for (size_t n = block.row; n < block.rowEnd; ++n) {
        const size_t at = n * r.steps + t;
        float* to = da[k % 2] + n * stride + block.unit;
        float* out = dProjected + at * 3 * hidden + block.unit;
        float* inner = dInner + at * hidden + block.unit;
        if (!r.runs(n, t)) {
          clearRows(to, hidden, 3, block.units);
          clearRows(out, hidden, 3, block.units);
          clearRows(inner, hidden, 1, block.units);
          continue;
        }
        const float* note = trace + at * 5 * hidden + block.unit;
        const float* dOut = dy + at * hidden + block.unit;
        float* dh = dHidden + n * hidden + block.unit;
        eachVector(block.units, [=](auto lanes, size_t u) {
          const Vector reset = lanes.get(note + u);
          const Vector update = lanes.get(note + hidden + u);
          const Vector candidate = lanes.get(note + 2 * hidden + u);
          const Vector toY = lanes.get(dh + u) + lanes.get(dOut + u);
          const Vector toN = toY * (1.0f - update) * (1.0f - candidate * candidate);
          const Vector toR = toN * lanes.get(note + 3 * hidden + u) * (reset * (1.0f - reset));
          const Vector toZ = toY * (lanes.get(note + 4 * hidden + u) - candidate) * (update * (1.0f - update));
          const Vector toInner = toN * reset;
          lanes.put(to + u, toR);
          lanes.put(to + hidden + u, toZ);
          lanes.put(to + 2 * hidden + u, toInner);
          lanes.put(out + u, toR);
          lanes.put(out + hidden + u, toZ);
          lanes.put(out + 2 * hidden + u, toN);
          lanes.put(inner + u, toInner);
          lanes.put(dh + u, toY * update);
        });
      }
    });
  }
  if (hidden == 0) {
    return;
  }
  const size_t all = r.batch * r.steps;
  Product product = {2 * hidden, hidden, all,    dProjected, 1,       3 * hidden, trace + 4 * hidden,
                     5 * hidden, 1,      dWeight, hidden,     nullptr, Activation::linear};
  multiply(call, product, 1, 0, 0);
  product.m = hidden;
  product.a = dInner;
  product.aDepth = hidden;
  product.c = dWeight + 2 * hidden * hidden;
  multiply(call, product, 1, 0, 0);
  sumColumns(call, dProjected, 3 * hidden, all, 2 * hidden, dBias);
  sumColumns(call, dInner, hidden, all, hidden, dBias + 2 * hidden);
}

STRATA_END
