// normalizeGradient(x, gamma, mean, variance, dy, dMean, dVariance, dx, dGamma, dBeta, view, epsilon): the gradients of
// normalize (kernels/normalize.cc) from those of its three results. With σ = √(v + ε), x̂ = (x − μ)/σ, M values behind a
// mean, and sums over the group of γ·dy and γ·dy·(x − μ):
//   dx = γ·dy/σ − (Σ γ·dy)/(σ·M) − (x − μ)·(Σ γ·dy·(x − μ))/(σ³·M) + dμ/M + 2·dv·(x − μ)/M,  dγ = Σ dy·x̂,  dβ = Σ dy
// What the float32 mean is off by is the mean of x − mean, summed along with the rest.
#include "kernel.h"
#include "norm/column-sums.h"

STRATA_BEGIN

namespace {

struct Tensors {
  const float *x, *gamma, *mean, *variance, *dy, *dMean, *dVariance;
  float *dx, *dGamma, *dBeta;
};

/** dx = (γ·dy)·inverse + (x − mean)·slope + shift, and x̂ = (x − mean)·inverse − low. */
struct Line {
  double inverse, slope, shift, low;
};

/** From Σ (x − mean), Σ γ·dy and Σ γ·dy·(x − mean) over the group. */
STRATA_INLINE Line lineOf(const Tensors& t, size_t at, double count, const double* sums, double epsilon) {
  const double inverse = inverseDeviation(t.variance[at], epsilon);
  const double off = sums[0] / count;
  const double aligned = sums[2] - off * sums[1];
  const double slope = (2.0 * t.dVariance[at] - inverse * inverse * inverse * aligned) / count;
  return {inverse, slope, (t.dMean[at] - inverse * sums[1]) / count - slope * off, off * inverse};
}

/** Rows whose share of dγ and dβ is summed in float32 before it goes on in double. */
STRATA_INLINE size_t rowsPerBlock(size_t columns) {
  const size_t fitting = kReduceGrain / (columns + 1) + 1;
  return fitting < 32 ? fitting : 32;
}

/** One row of one group: dx, and its share of dγ and dβ added to the sums of a block. */
STRATA_INLINE void gradientOfRun(const Tensors& t, size_t at, size_t n, size_t column, double epsilon, float* dGamma,
                                 float* dBeta) {
  const float* x = t.x + at * n;
  const float* dy = t.dy + at * n;
  float* dx = t.dx + at * n;
  const float* gamma = t.gamma + column;
  const float mean = t.mean[at];
  double sums[3];
  sumRun<3>(n, sums, [=](auto lanes, size_t i) {
    const Vector centred = lanes.get(x + i) - mean;
    const Vector scaled = lanes.get(dy + i) * lanes.get(gamma + i);
    return Terms<3>{{centred, scaled, scaled * centred}};
  });
  const Line line = lineOf(t, at, static_cast<double>(n), sums, epsilon);
  const float inverse = static_cast<float>(line.inverse);
  const float slope = static_cast<float>(line.slope);
  const float shift = static_cast<float>(line.shift);
  const float low = static_cast<float>(line.low);
  eachVector(n, [=](auto lanes, size_t i) {
    const Vector centred = lanes.get(x + i) - mean;
    const Vector d = lanes.get(dy + i);
    lanes.put(dx + i, d * lanes.get(gamma + i) * inverse + (centred * slope + shift));
    float* toGamma = dGamma + column + i;
    float* toBeta = dBeta + column + i;
    lanes.put(toGamma, lanes.get(toGamma) + d * (centred * inverse - low));
    lanes.put(toBeta, lanes.get(toBeta) + d);
  });
}

/** to[c] = Σ of from[r·stride + c] over r < rows. */
STRATA_INLINE void addRows(Call& call, const double* from, size_t rows, size_t stride, size_t columns, float* to) {
  call.parallelFor(columns, 256, [=](size_t begin, size_t end, int) {
    constexpr size_t strip = 64;
    for (size_t c = begin; c < end; c += strip) {
      const size_t width = end - c < strip ? end - c : strip;
      double total[strip] = {};
      for (size_t r = 0; r < rows; ++r) {
        for (size_t i = 0; i < width; ++i) {
          total[i] += from[r * stride + c + i];
        }
      }
      for (size_t i = 0; i < width; ++i) {
        to[c + i] = static_cast<float>(total[i]);
      }
    }
  });
}

/** One position: each group is a run. Chunks of batches have sums of dγ and dβ of their own, added in order. */
STRATA_INLINE void gradientOfRuns(Call& call, const Tensors& t, const View& view, double epsilon) {
  const size_t columns = view.columns();
  const size_t block = rowsPerBlock(columns);
  const size_t share = (view.batch + 63) / 64;
  const size_t rows = share < block ? block : share;
  const size_t chunks = (view.batch + rows - 1) / rows;
  const size_t slots = static_cast<size_t>(call.threads()) * 2 * columns;
  auto* partial = static_cast<double*>(call.scratch(chunks * 2 * columns * sizeof(double) + slots * sizeof(float)));
  if (call.failed()) {
    return;
  }
  auto* slot0 = reinterpret_cast<float*>(partial + chunks * 2 * columns);
  call.parallelFor(chunks, 1, [=](size_t begin, size_t end, int slot) {
    float* sums = slot0 + static_cast<size_t>(slot) * 2 * columns;
    for (size_t chunk = begin; chunk < end; ++chunk) {
      double* to = partial + chunk * 2 * columns;
      const size_t last = view.batch - chunk * rows < rows ? view.batch : (chunk + 1) * rows;
      __builtin_memset(to, 0, 2 * columns * sizeof(double));
      for (size_t from = chunk * rows; from < last; from += block) {
        __builtin_memset(sums, 0, 2 * columns * sizeof(float));
        for (size_t batch = from; batch < last && batch < from + block; ++batch) {
          for (size_t g = 0; g < view.groups; ++g) {
            gradientOfRun(t, batch * view.groups + g, view.channels, g * view.channels, epsilon, sums, sums + columns);
          }
        }
        for (size_t c = 0; c < 2 * columns; ++c) {
          to[c] += sums[c];
        }
      }
    }
  });
  addRows(call, partial, chunks, 2 * columns, columns, t.dGamma);
  addRows(call, partial + columns, chunks, 2 * columns, columns, t.dBeta);
}

/** Σ (x − mean), Σ dy and Σ dy·(x − mean) of every block of rows: partial[batch, block, 3, column]. */
STRATA_INLINE void blockSums(Call& call, const Tensors& t, const View& view, const Blocks& b, const float* coefficients,
                             double* partial, float* slots) {
  call.parallelFor(view.batch * b.perBatch, blockGrain(b, view), [=](size_t begin, size_t end, int slot) {
    float* own = slots + static_cast<size_t>(slot) * 3 * b.width;
    float* const sums[] = {own, own + b.width, own + 2 * b.width};
    for (size_t piece = begin; piece < end; ++piece) {
      const size_t row = piece % b.perBatch * b.rows;
      const size_t rows = view.positions - row < b.rows ? view.positions - row : b.rows;
      const size_t batch = piece / b.perBatch;
      const size_t from = (batch * view.positions + row) * b.columns;
      const float* mean = coefficients + batch * 4 * b.width;
      sumColumns<3>(rows * b.columns, b.width, sums, [=](auto lanes, size_t i, size_t c) {
        const Vector centred = lanes.get(t.x + from + i) - lanes.get(mean + c);
        const Vector d = lanes.get(t.dy + from + i);
        return Terms<3>{{centred, d, d * centred}};
      });
      for (size_t k = 0; k < 3; ++k) {
        for (size_t c = 0; c < b.columns; ++c) {
          partial[(piece * 3 + k) * b.columns + c] = unfolded(sums[k], c, b);
        }
      }
    }
  });
}

/** mean of every column (folds included), the first of the four coefficients of each batch. */
STRATA_INLINE void spreadMeans(const Tensors& t, const View& view, const Blocks& b, float* coefficients) {
  for (size_t batch = 0; batch < view.batch; ++batch) {
    float* mean = coefficients + batch * 4 * b.width;
    for (size_t g = 0; g < view.groups; ++g) {
      for (size_t k = 0; k < view.channels; ++k) {
        mean[g * view.channels + k] = t.mean[batch * view.groups + g];
      }
    }
    repeatFolds(mean, b);
  }
}

/** The sums of each batch over its blocks, which replace those of its first block. */
STRATA_INLINE void mergeBlocks(Call& call, const View& view, const Blocks& b, double* partial) {
  const size_t n = 3 * b.columns;
  call.parallelFor(view.batch * n, 256, [=](size_t begin, size_t end, int) {
    for (size_t i = begin; i < end; ++i) {
      double* first = partial + i / n * b.perBatch * n + i % n;
      double total = first[0];
      for (size_t block = 1; block < b.perBatch; ++block) {
        total += first[block * n];
      }
      first[0] = total;
    }
  });
}

/** The coefficients of dx for every column of a batch, and its share of dγ and dβ in place of the sums behind them. */
STRATA_INLINE void coefficientsOf(Call& call, const Tensors& t, const View& view, const Blocks& b, double* partial,
                                  float* coefficients, double epsilon) {
  call.parallelFor(view.batch, 4096 / (b.width + 1) + 1, [=](size_t begin, size_t end, int) {
    for (size_t batch = begin; batch < end; ++batch) {
      double* centred = partial + batch * b.perBatch * 3 * b.columns;
      double* dy = centred + b.columns;
      double* both = dy + b.columns;
      float* scale = coefficients + (batch * 4 + 1) * b.width;
      float* slope = scale + b.width;
      float* shift = slope + b.width;
      for (size_t g = 0; g < view.groups; ++g) {
        double sums[3] = {};
        const size_t first = g * view.channels;
        for (size_t c = first; c < first + view.channels; ++c) {
          sums[0] += centred[c];
          sums[1] += t.gamma[c] * dy[c];
          sums[2] += t.gamma[c] * both[c];
        }
        const Line line = lineOf(t, batch * view.groups + g, static_cast<double>(view.count()), sums, epsilon);
        for (size_t c = first; c < first + view.channels; ++c) {
          scale[c] = static_cast<float>(t.gamma[c] * line.inverse);
          slope[c] = static_cast<float>(line.slope);
          shift[c] = static_cast<float>(line.shift);
          both[c] = both[c] * line.inverse - dy[c] * line.low;
        }
      }
      repeatFolds(scale, b);
      repeatFolds(slope, b);
      repeatFolds(shift, b);
    }
  });
}

STRATA_INLINE void gradientOfColumns(Call& call, const Tensors& t, const View& view, double epsilon) {
  const Blocks b = blocksOf(view);
  const size_t sums = view.batch * b.perBatch * 3 * b.columns;
  const size_t slots = static_cast<size_t>(call.threads()) * 3 * b.width;
  auto* partial = static_cast<double*>(
      call.scratch(sums * sizeof(double) + (slots + view.batch * 4 * b.width) * sizeof(float)));
  if (call.failed()) {
    return;
  }
  auto* slot = reinterpret_cast<float*>(partial + sums);
  float* coefficients = slot + slots;
  spreadMeans(t, view, b, coefficients);
  blockSums(call, t, view, b, coefficients, partial, slot);
  mergeBlocks(call, view, b, partial);
  coefficientsOf(call, t, view, b, partial, coefficients, epsilon);
  const size_t stride = b.perBatch * 3 * b.columns;
  addRows(call, partial + b.columns, view.batch, stride, b.columns, t.dBeta);
  addRows(call, partial + 2 * b.columns, view.batch, stride, b.columns, t.dGamma);
  call.parallelFor(view.batch * b.perBatch, blockGrain(b, view), [=](size_t begin, size_t end, int) {
    for (size_t piece = begin; piece < end; ++piece) {
      const size_t row = piece % b.perBatch * b.rows;
      const size_t rows = view.positions - row < b.rows ? view.positions - row : b.rows;
      const size_t batch = piece / b.perBatch;
      const size_t from = (batch * view.positions + row) * b.columns;
      const float* mean = coefficients + batch * 4 * b.width;
      const float* scale = mean + b.width;
      const float* slope = scale + b.width;
      const float* shift = slope + b.width;
      eachColumnVector(rows * b.columns, b.width, [=](auto lanes, size_t i, size_t c) {
        const Vector line = (lanes.get(t.x + from + i) - lanes.get(mean + c)) * lanes.get(slope + c) + lanes.get(shift + c);
        lanes.put(t.dx + from + i, lanes.get(t.dy + from + i) * lanes.get(scale + c) + line);
      });
    }
  });
}

}  // namespace

STRATA_KERNEL(normalizeGradient) {
  const View view = readView(call, 10);
  const double epsilon = call.number(11);
  const size_t n = view.size();
  const size_t columns = view.columns();
  const size_t statistics = view.statistics();
  const Tensors t = {call.floats(0, n),          call.floats(1, columns),    call.floats(2, statistics),
                     call.floats(3, statistics), call.floats(4, n),          call.floats(5, statistics),
                     call.floats(6, statistics), call.floats(7, n),          call.floats(8, columns),
                     call.floats(9, columns)};
  if (call.failed()) {
    return;
  }
  if (n == 0) {
    for (size_t c = 0; c < columns; ++c) {
      t.dGamma[c] = t.dBeta[c] = 0;
    }
  } else if (view.positions == 1) {
    gradientOfRuns(call, t, view, epsilon);
  } else {
    gradientOfColumns(call, t, view, epsilon);
  }
}

STRATA_END
