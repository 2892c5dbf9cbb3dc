// Transforms as in fourier.cc of rows too long, or too few, to stay in lanes from beginning to end: n = first·second values are
// a matrix whose columns are transformed, as many at once as a vector has lanes, then turned by e^(−2πi·row·column/n), then its
// rows (Gentleman and Sande 1966, Bailey 1990). `first` and `second` are powers of two, 16 at least.
#include "fourier/rows.h"
#include "kernel.h"

STRATA_BEGIN

namespace {

struct Matrix {
  LaneTables columns;
  LaneTables rows;
  /** 2n floats between the steps, and vectors for each thread. */
  float* between;
  Vector* lines;

  STRATA_INLINE size_t first() const { return columns.fourier.size; }
  STRATA_INLINE size_t second() const { return rows.fourier.size; }
  STRATA_INLINE size_t size() const { return first() * second(); }
  STRATA_INLINE size_t lineVectorsEach() const { return lineVectors(first() > second() ? first() : second()); }
};

/** Arguments (first, second) at `sizes` and (twiddles, places) of both at `tables`. */
STRATA_INLINE Matrix readMatrix(Call& call, int sizes, int tables) {
  const size_t first = call.size(sizes);
  const size_t second = call.size(sizes + 1);
  if (!call.failed() && (first < 16 || second < 16)) {
    call.fail("STRATA_BAD_ARGUMENT", "a transform in two steps of %zu x %zu values", first, second);
  }
  return {readTables(call, tables, first), readTables(call, tables + 2, second), nullptr, nullptr};
}

/** Bytes that a matrix of transforms needs, and where it finds them. */
STRATA_INLINE size_t matrixBytes(const Call& call, const Matrix& matrix) {
  return 2 * matrix.size() * sizeof(float) +
         matrix.lineVectorsEach() * sizeof(Vector) * static_cast<size_t>(call.threads());
}
STRATA_INLINE void placeMatrix(const Call& call, Matrix& matrix, void* scratch) {
  matrix.lines = static_cast<Vector*>(scratch);
  matrix.between =
      reinterpret_cast<float*>(matrix.lines + matrix.lineVectorsEach() * static_cast<size_t>(call.threads()));
}

/** e^(−2πi·column·k/n) for k = 0, 1 … and the columns of a vector: each the one before times that of k = 1, in float64. */
class Turns {
 public:
  STRATA_INLINE Turns(size_t column, size_t n) {
    for (size_t i = 0; i < kLanes; ++i) {
      const double angle = -6.283185307179586476925 * static_cast<double>(column + i) / static_cast<double>(n);
      stepRe_[i] = __builtin_cos(angle);
      stepIm_[i] = __builtin_sin(angle);
      re_[i] = 1;
      im_[i] = 0;
    }
  }

  STRATA_INLINE Complex times(Complex value) const {
    float re[kLanes];
    float im[kLanes];
    for (size_t i = 0; i < kLanes; ++i) {
      re[i] = static_cast<float>(re_[i]);
      im[i] = static_cast<float>(im_[i]);
    }
    const Complex turn = {load(re), load(im)};
    return {value.re * turn.re - value.im * turn.im, value.re * turn.im + value.im * turn.re};
  }

  STRATA_INLINE void next() {
    for (size_t i = 0; i < kLanes; ++i) {
      const double re = re_[i] * stepRe_[i] - im_[i] * stepIm_[i];
      im_[i] = re_[i] * stepIm_[i] + im_[i] * stepRe_[i];
      re_[i] = re;
    }
  }

 private:
  double re_[kLanes], im_[kLanes], stepRe_[kLanes], stepIm_[kLanes];
};

/** One row of matrix.size() values. */
STRATA_INLINE void transformRow(Call& call, const Matrix& matrix, ComplexRows x, ComplexResult y, float scale) {
  const size_t first = matrix.first();
  const size_t second = matrix.second();
  const size_t n = matrix.size();
  float* const re = matrix.between;
  float* const im = matrix.between + n;
  call.parallelFor(second / kLanes, fourierGrain(first), [&](size_t begin, size_t end, int slot) {
    Vector* line = matrix.lines + matrix.lineVectorsEach() * static_cast<size_t>(slot);
    for (size_t column = begin * kLanes; column < end * kLanes; column += kLanes) {
      for (size_t r = 0; r < first; ++r) {
        putComplex(line, r, {load(x.re + r * second + column), load(x.im + r * second + column)});
      }
      fourierForward(line, matrix.columns.fourier);
      Turns turns(column, n);
      for (size_t k = 0; k < first; ++k) {
        const Complex value = turns.times(complexAt(line, static_cast<size_t>(matrix.columns.places[k])));
        store(re + k * second + column, value.re);
        store(im + k * second + column, value.im);
        turns.next();
      }
    }
  });
  call.parallelFor(first / kLanes, fourierGrain(second), [&](size_t begin, size_t end, int slot) {
    Vector* line = matrix.lines + matrix.lineVectorsEach() * static_cast<size_t>(slot);
    for (size_t row = begin * kLanes; row < end * kLanes; row += kLanes) {
      enterLanes(re + row * second, second, kLanes, second, line, 0);
      enterLanes(im + row * second, second, kLanes, second, line, 1);
      fourierForward(line, matrix.rows.fourier);
      for (size_t k = 0; k < second; ++k) {
        const Complex value = complexAt(line, static_cast<size_t>(matrix.rows.places[k]));
        store(y.re + k * first + row, value.re * scale);
        store(y.im + k * first + row, value.im * scale);
      }
    }
  });
}

/** y[k] = x[k]·w[k], w as pairs, for k < n; zero for k from `count` on, where x ends. */
STRATA_INLINE void multiplyPairs(Call& call, ComplexRows x, const float* w, ComplexResult y, size_t count, size_t n,
                                 float scale) {
  call.parallelFor(n, 16384, [=](size_t begin, size_t end, int) {
    size_t k = begin;
    for (; k < end && k < count; ++k) {
      const float re = (x.re[k] * w[2 * k] - x.im[k] * w[2 * k + 1]) * scale;
      y.im[k] = (x.re[k] * w[2 * k + 1] + x.im[k] * w[2 * k]) * scale;
      y.re[k] = re;
    }
    for (; k < end; ++k) {
      y.re[k] = 0;
      y.im[k] = 0;
    }
  });
}

}  // namespace

/** (re, im, yRe, yIm, rows, first, second, scale, tables of `first`, tables of `second`) */
STRATA_KERNEL(fourierLong) {
  const size_t rows = call.size(4);
  Matrix matrix = readMatrix(call, 5, 8);
  const size_t n = matrix.size();
  const ComplexRows x = {call.floats(0, rows * n), call.floats(1, rows * n)};
  const ComplexResult y = {call.floats(2, rows * n), call.floats(3, rows * n)};
  const float scale = static_cast<float>(call.number(7));
  void* scratch = call.scratch(matrixBytes(call, matrix));
  if (call.failed()) {
    return;
  }
  placeMatrix(call, matrix, scratch);
  for (size_t row = 0; row < rows; ++row) {
    const size_t at = row * n;
    transformRow(call, matrix, {x.re + at, x.im + at}, {y.re + at, y.im + at}, scale);
  }
}

/**
 * (re, im, yRe, yIm, rows, n, scale, first, second, tables of both, chirp, spectrum): fourierAny with m = first·second, and a
 * spectrum in the order of frequencies.
 */
STRATA_KERNEL(fourierAnyLong) {
  const size_t rows = call.size(4);
  const size_t n = call.size(5);
  const ComplexRows x = {call.floats(0, rows * n), call.floats(1, rows * n)};
  const ComplexResult y = {call.floats(2, rows * n), call.floats(3, rows * n)};
  const float scale = static_cast<float>(call.number(6));
  Matrix matrix = readMatrix(call, 7, 9);
  const size_t m = matrix.size();
  const float* chirp = call.floats(13, 2 * n);
  const float* spectrum = call.floats(14, 2 * m);
  if (!call.failed() && m + 1 < 2 * n) {
    call.fail("STRATA_BAD_ARGUMENT", "a convolution of %zu values for a transform of %zu", m, n);
  }
  float* scratch = static_cast<float*>(call.scratch(4 * m * sizeof(float) + matrixBytes(call, matrix)));
  if (call.failed()) {
    return;
  }
  const ComplexResult padded = {scratch, scratch + m};
  const ComplexResult product = {scratch + 2 * m, scratch + 3 * m};
  placeMatrix(call, matrix, scratch + 4 * m);
  for (size_t row = 0; row < rows; ++row) {
    const size_t at = row * n;
    multiplyPairs(call, {x.re + at, x.im + at}, chirp, padded, n, m, 1);
    transformRow(call, matrix, {padded.re, padded.im}, product, 1);
    multiplyPairs(call, {product.re, product.im}, spectrum, product, m, m, 1);
    // The inverse: parts exchanged.
    transformRow(call, matrix, {product.im, product.re}, {padded.im, padded.re}, 1);
    multiplyPairs(call, {padded.re, padded.im}, chirp, {y.re + at, y.im + at}, n, n, scale);
  }
}

STRATA_END
