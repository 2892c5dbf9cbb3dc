// Discrete Fourier transforms of rows of complex numbers, as many rows at once as a vector has lanes:
//   y[k] = scale·Σ x[j]·e^(−2πi·jk/n)
// The inverse is the same with the real and the imaginary parts exchanged, of x and of y. Tables: src/kernels/fourier-plan.ts.
#include "fourier/rows.h"
#include "kernel.h"

STRATA_BEGIN

/** (re, im, yRe, yIm, rows, n, scale, twiddles, places), n a power of two. */
STRATA_KERNEL(fourier) {
  const size_t rows = call.size(4);
  const size_t n = call.size(5);
  const ComplexRows x = {call.floats(0, rows * n), call.floats(1, rows * n)};
  const ComplexResult y = {call.floats(2, rows * n), call.floats(3, rows * n)};
  const float scale = static_cast<float>(call.number(6));
  const LaneTables tables = readTables(call, 7, n);
  Vector* scratch = static_cast<Vector*>(
      call.scratch(lineVectors(n) * sizeof(Vector) * static_cast<size_t>(call.threads())));
  if (call.failed()) {
    return;
  }
  call.parallelFor((rows + kLanes - 1) / kLanes, fourierGrain(n), [=](size_t begin, size_t end, int slot) {
    Vector* line = scratch + lineVectors(n) * static_cast<size_t>(slot);
    for (size_t row = begin * kLanes; row < end * kLanes && row < rows; row += kLanes) {
      const size_t count = rows - row < kLanes ? rows - row : kLanes;
      enterLanes(x.re + row * n, n, count, n, line, 0);
      enterLanes(x.im + row * n, n, count, n, line, 1);
      fourierForward(line, tables.fourier);
      const auto frequency = [=](size_t k) { return 2 * static_cast<size_t>(tables.places[k]); };
      leaveLanes(y.re + row * n, n, count, n, [=](size_t k) { return line[frequency(k)] * scale; });
      leaveLanes(y.im + row * n, n, count, n, [=](size_t k) { return line[frequency(k) + 1] * scale; });
    }
  });
}

/**
 * (re, im, yRe, yIm, rows, n, scale, m, twiddles, chirp, spectrum), any n, by Bluestein's algorithm: since
 * jk = (j² + k² − (k − j)²)/2, a transform is a convolution with b[j] = e^(iπ·j²/n) between products with its conjugate, the
 * chirp. The convolution is by transforms of m ≥ 2n − 1 values, a power of two; `spectrum` is b's, over m, in the order in which
 * fourierForward leaves frequencies.
 */
STRATA_KERNEL(fourierAny) {
  const size_t rows = call.size(4);
  const size_t n = call.size(5);
  const ComplexRows x = {call.floats(0, rows * n), call.floats(1, rows * n)};
  const ComplexResult y = {call.floats(2, rows * n), call.floats(3, rows * n)};
  const float scale = static_cast<float>(call.number(6));
  const size_t m = call.size(7);
  const FourierTables tables = {m, call.floats(8, 2 * m), nullptr};
  const float* chirp = call.floats(9, 2 * n);
  const float* spectrum = call.floats(10, 2 * m);
  if (!call.failed() && (!isPowerOfTwo(m) || m + 1 < 2 * n)) {
    call.fail("STRATA_BAD_ARGUMENT", "a convolution of %zu values for a transform of %zu", m, n);
  }
  Vector* scratch = static_cast<Vector*>(
      call.scratch(lineVectors(m) * sizeof(Vector) * static_cast<size_t>(call.threads())));
  if (call.failed()) {
    return;
  }
  call.parallelFor((rows + kLanes - 1) / kLanes, fourierGrain(m), [=](size_t begin, size_t end, int slot) {
    Vector* line = scratch + lineVectors(m) * static_cast<size_t>(slot);
    for (size_t row = begin * kLanes; row < end * kLanes && row < rows; row += kLanes) {
      const size_t count = rows - row < kLanes ? rows - row : kLanes;
      enterLanes(x.re + row * n, n, count, n, line, 0);
      enterLanes(x.im + row * n, n, count, n, line, 1);
      for (size_t j = 0; j < n; ++j) {
        putComplex(line, j, rotated<false>(complexAt(line, j), chirp + 2 * j));
      }
      __builtin_memset(static_cast<void*>(line + 2 * n), 0, (lineVectors(m) - 2 * n) * sizeof(Vector));
      fourierForward(line, tables);
      for (size_t k = 0; k < m; ++k) {
        putComplex(line, k, rotated<false>(complexAt(line, k), spectrum + 2 * k));
      }
      fourierInverse(line, tables);
      for (size_t k = 0; k < n; ++k) {
        putComplex(line, k, rotated<false>(complexAt(line, k), chirp + 2 * k));
      }
      leaveLanes(y.re + row * n, n, count, n, [=](size_t k) { return line[2 * k] * scale; });
      leaveLanes(y.im + row * n, n, count, n, [=](size_t k) { return line[2 * k + 1] * scale; });
    }
  });
}

STRATA_END
