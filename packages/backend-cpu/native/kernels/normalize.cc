// normalize(x, gamma, beta, y, mean, variance, view [batch, positions, groups, channels], epsilon):
//   y = γ·(x − μ)/√(v + ε) + β, with mean μ and biased variance v of every group (norm/view.h); gamma and beta [columns],
//   mean and variance [batch·groups]
// Sums are exact enough for means far from zero: squares are taken of differences from a mean of the block, and what that
// mean is off by is known (Chan, Golub, LeVeque, 1983). Memory is read once for the statistics and once for y.
#include "kernel.h"
#include "norm/column-sums.h"

STRATA_BEGIN

namespace {

struct Tensors {
  const float *x, *gamma, *beta;
  float *y, *mean, *variance;
};

/** y = (x − high)·scale + shift: the mean in two parts, so that x − high is exact where it matters. */
struct Affine {
  float high, low;
  double inverse;
};

STRATA_INLINE Affine finish(const Tensors& t, size_t at, double mean, double variance, double epsilon) {
  t.mean[at] = static_cast<float>(mean);
  t.variance[at] = static_cast<float>(variance);
  return {t.mean[at], static_cast<float>(mean - t.mean[at]), inverseDeviation(variance, epsilon)};
}

/** One position: each group is a run. */
STRATA_INLINE void normalizeRuns(Call& call, const Tensors& t, const View& view, double epsilon) {
  const size_t n = view.channels;
  const size_t grain = kReduceGrain / (n + 16) + 1;
  const bool follows = call.takeFollower(n);
  call.parallelFor(view.statistics(), grain, [=, &call](size_t begin, size_t end, int slot) {
    for (size_t r = begin; r < end; ++r) {
      const float* x = t.x + r * n;
      float* y = t.y + r * n;
      const float* gamma = t.gamma + r % view.groups * n;
      const float* beta = t.beta + r % view.groups * n;
      double sum;
      sumRun<1>(n, &sum, [=](auto lanes, size_t i) { return Terms<1>{{lanes.get(x + i)}}; });
      const float pivot = static_cast<float>(sum / static_cast<double>(n));
      double off[2];
      sumRun<2>(n, off, [=](auto lanes, size_t i) {
        const Vector d = lanes.get(x + i) - pivot;
        return Terms<2>{{d, d * d}};
      });
      const double rest = off[0] / static_cast<double>(n);
      const double variance = off[1] / static_cast<double>(n) - rest * rest;
      const Affine a = finish(t, r, pivot + rest, variance < 0 ? 0 : variance, epsilon);
      const float inverse = static_cast<float>(a.inverse);
      const float low = a.low * inverse;
      eachVector(n, [=](auto lanes, size_t i) {
        const Vector xHat = (lanes.get(x + i) - a.high) * inverse - low;
        lanes.put(y + i, xHat * lanes.get(gamma + i) + lanes.get(beta + i));
      });
    }
    if (follows) {
      call.follow(begin * n, end * n, slot);
    }
  });
}

/** Mean and sum of squared differences from it, of the positions of one column. */
struct Moments {
  double *mean, *squares;
};

/** Of every block of rows, for every column: partial[batch, block, column]. */
STRATA_INLINE void blockMoments(Call& call, const Tensors& t, const View& view, const Blocks& b, Moments partial,
                                float* slots) {
  call.parallelFor(view.batch * b.perBatch, blockGrain(b, view), [=](size_t begin, size_t end, int slot) {
    float* pivot = slots + static_cast<size_t>(slot) * 3 * b.width;
    float* const sums[] = {pivot + b.width, pivot + 2 * b.width};
    for (size_t piece = begin; piece < end; ++piece) {
      const size_t row = piece % b.perBatch * b.rows;
      const size_t rows = view.positions - row < b.rows ? view.positions - row : b.rows;
      const float* x = t.x + (piece / b.perBatch * view.positions + row) * b.columns;
      const size_t n = rows * b.columns;
      const double share = 1.0 / static_cast<double>(rows);
      sumColumns<1>(n, b.width, &pivot, [=](auto lanes, size_t i, size_t) { return Terms<1>{{lanes.get(x + i)}}; });
      for (size_t c = 0; c < b.columns; ++c) {
        pivot[c] = static_cast<float>(unfolded(pivot, c, b) * share);
      }
      repeatFolds(pivot, b);
      sumColumns<2>(n, b.width, sums, [=](auto lanes, size_t i, size_t c) {
        const Vector d = lanes.get(x + i) - lanes.get(pivot + c);
        return Terms<2>{{d, d * d}};
      });
      double* mean = partial.mean + piece * b.columns;
      double* squares = partial.squares + piece * b.columns;
      for (size_t c = 0; c < b.columns; ++c) {
        const double off = unfolded(sums[0], c, b);
        mean[c] = pivot[c] + off * share;
        squares[c] = unfolded(sums[1], c, b) - off * off * share;
      }
    }
  });
}

/** Merges the blocks of each batch: the moments of all its positions replace those of its first block. */
STRATA_INLINE void mergeBlocks(Call& call, const View& view, const Blocks& b, Moments partial) {
  const auto rowsOf = [=](size_t block) {
    return static_cast<double>(block + 1 < b.perBatch ? b.rows : view.positions - block * b.rows);
  };
  call.parallelFor(view.batch * b.columns, 256, [=](size_t begin, size_t end, int) {
    for (size_t i = begin; i < end; ++i) {
      const size_t first = i / b.columns * b.perBatch * b.columns + i % b.columns;
      double total = 0;
      for (size_t block = 0; block < b.perBatch; ++block) {
        total += partial.mean[first + block * b.columns] * rowsOf(block);
      }
      const double mean = total / static_cast<double>(view.positions);
      double squares = 0;
      for (size_t block = 0; block < b.perBatch; ++block) {
        const double off = partial.mean[first + block * b.columns] - mean;
        squares += partial.squares[first + block * b.columns] + off * off * rowsOf(block);
      }
      partial.mean[first] = mean;
      partial.squares[first] = squares;
    }
  });
}

/** high, scale and shift of every column (folds included), one after the other for each batch. */
STRATA_INLINE void coefficientsOf(Call& call, const Tensors& t, const View& view, const Blocks& b, Moments partial,
                                  float* coefficients, double epsilon) {
  call.parallelFor(view.batch, 4096 / (b.width + 1) + 1, [=](size_t begin, size_t end, int) {
    for (size_t batch = begin; batch < end; ++batch) {
      float* high = coefficients + batch * 3 * b.width;
      float* scale = high + b.width;
      float* shift = scale + b.width;
      for (size_t g = 0; g < view.groups; ++g) {
        const size_t c = g * view.channels;
        const double* mean = partial.mean + batch * b.perBatch * b.columns + c;
        const double* squares = partial.squares + batch * b.perBatch * b.columns + c;
        double total = 0;
        for (size_t k = 0; k < view.channels; ++k) {
          total += mean[k];
        }
        const double middle = total / static_cast<double>(view.channels);
        double all = 0;
        for (size_t k = 0; k < view.channels; ++k) {
          const double off = mean[k] - middle;
          all += squares[k] + off * off * static_cast<double>(view.positions);
        }
        const double variance = all < 0 ? 0 : all / static_cast<double>(view.count());
        const Affine a = finish(t, batch * view.groups + g, middle, variance, epsilon);
        for (size_t k = 0; k < view.channels; ++k) {
          high[c + k] = a.high;
          scale[c + k] = static_cast<float>(t.gamma[c + k] * a.inverse);
          shift[c + k] = t.beta[c + k] - a.low * scale[c + k];
        }
      }
      repeatFolds(high, b);
      repeatFolds(scale, b);
      repeatFolds(shift, b);
    }
  });
}

STRATA_INLINE void normalizeColumns(Call& call, const Tensors& t, const View& view, double epsilon) {
  const Blocks b = blocksOf(view);
  const size_t moments = view.batch * b.perBatch * b.columns;
  const size_t slots = static_cast<size_t>(call.threads()) * 3 * b.width;
  auto* scratch = static_cast<double*>(
      call.scratch(2 * moments * sizeof(double) + (slots + view.batch * 3 * b.width) * sizeof(float)));
  if (call.failed()) {
    return;
  }
  const Moments partial = {scratch, scratch + moments};
  auto* slot = reinterpret_cast<float*>(scratch + 2 * moments);
  float* coefficients = slot + slots;
  blockMoments(call, t, view, b, partial, slot);
  mergeBlocks(call, view, b, partial);
  coefficientsOf(call, t, view, b, partial, coefficients, epsilon);
  const bool follows = call.takeFollower(b.columns);
  call.parallelFor(view.batch * b.perBatch, blockGrain(b, view), [=, &call](size_t begin, size_t end, int slot) {
    for (size_t piece = begin; piece < end; ++piece) {
      const size_t row = piece % b.perBatch * b.rows;
      const size_t rows = view.positions - row < b.rows ? view.positions - row : b.rows;
      const size_t batch = piece / b.perBatch;
      const size_t from = (batch * view.positions + row) * b.columns;
      const float* high = coefficients + batch * 3 * b.width;
      const float* scale = high + b.width;
      const float* shift = scale + b.width;
      eachColumnVector(rows * b.columns, b.width, [=](auto lanes, size_t i, size_t c) {
        const Vector centred = lanes.get(t.x + from + i) - lanes.get(high + c);
        lanes.put(t.y + from + i, centred * lanes.get(scale + c) + lanes.get(shift + c));
      });
      if (follows) {
        call.follow(from, from + rows * b.columns, slot);
      }
    }
  });
}

}  // namespace

STRATA_KERNEL(normalize) {
  const View view = readView(call, 6);
  const double epsilon = call.number(7);
  const Tensors t = {call.floats(0, view.size()),        call.floats(1, view.columns()),
                     call.floats(2, view.columns()),     call.floats(3, view.size()),
                     call.floats(4, view.statistics()),  call.floats(5, view.statistics())};
  if (call.failed() || view.size() == 0) {
    return;
  }
  if (view.positions == 1) {
    normalizeRuns(call, t, view, epsilon);
  } else {
    normalizeColumns(call, t, view, epsilon);
  }
}

STRATA_END
