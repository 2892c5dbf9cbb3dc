// The patches of images as the rows of a matrix, and the sum of such rows back into images: with a product of matrices between
// them, the plainest form of a convolution.
//   im2col(x, patches, sizes): patches[(n, r, q), (t, u, c)] = x[n, r·stride + t·dilation − padTop, q·stride + …, c], or 0
//   col2im(patches, dx, sizes): dx[n, h, w, c] = Σ of all patches[(n, r, q), (t, u, c)] that im2col would fill from it
// `sizes` as in conv/geometry.h.
#include "conv/geometry.h"
#include "kernel.h"

STRATA_BEGIN

namespace {

/** Values worth handing to another thread. */
constexpr size_t kGrain = 32768;

size_t patchFloats(const ConvSizes& sizes) { return sizes.rows.taps * sizes.columns.taps * sizes.inChannels; }
size_t patches(const ConvSizes& sizes) { return sizes.batch * sizes.rows.outputs * sizes.columns.outputs; }

/** Where output `output` meets the image with tap `tap`; negative or beyond the sources where it does not. */
ptrdiff_t sourceOf(const Axis& axis, size_t output, size_t tap) {
  return static_cast<ptrdiff_t>(output * axis.step + tap * axis.tapStep) + axis.first;
}
bool isInside(const Axis& axis, ptrdiff_t source) { return source >= 0 && source < static_cast<ptrdiff_t>(axis.sources); }

/** The output that meets `source` with tap `tap`, or axis.outputs where there is none. */
size_t outputOf(const Axis& axis, size_t source, size_t tap) {
  const ptrdiff_t distance = static_cast<ptrdiff_t>(source) - axis.first - static_cast<ptrdiff_t>(tap * axis.tapStep);
  const ptrdiff_t step = static_cast<ptrdiff_t>(axis.step);
  const bool isMet = distance >= 0 && distance % step == 0 && distance / step < static_cast<ptrdiff_t>(axis.outputs);
  return isMet ? static_cast<size_t>(distance / step) : axis.outputs;
}

/** to[c] (+)= from[c] for c < n. */
STRATA_INLINE void addTo(float* to, const float* from, size_t n, bool accumulate) {
  size_t c = 0;
  for (; c + kLanes <= n; c += kLanes) {
    store(to + c, accumulate ? load(to + c) + load(from + c) : load(from + c));
  }
  if (c < n) {
    const Vector value = loadPart(from + c, n - c);
    storePart(to + c, accumulate ? loadPart(to + c, n - c) + value : value, n - c);
  }
}

}  // namespace

STRATA_KERNEL(im2col) {
  const ConvSizes sizes = readConvSizes(call, 2);
  const float* x = call.floats(0, sizes.inputs());
  float* matrix = call.floats(1, patches(sizes) * patchFloats(sizes));
  if (call.failed() || patchFloats(sizes) == 0) {
    return;
  }
  const size_t channels = sizes.inChannels;
  const size_t pitch = sizes.columns.sources * channels;
  const size_t rowFloats = sizes.columns.outputs * patchFloats(sizes);
  call.parallelFor(sizes.batch * sizes.rows.outputs, kGrain / (rowFloats + 1) + 1, [&](size_t begin, size_t end, int) {
    for (size_t index = begin; index < end; ++index) {
      const float* image = x + index / sizes.rows.outputs * sizes.rows.sources * pitch;
      float* to = matrix + index * rowFloats;
      for (size_t q = 0; q < sizes.columns.outputs; ++q) {
        for (size_t t = 0; t < sizes.rows.taps; ++t) {
          const ptrdiff_t row = sourceOf(sizes.rows, index % sizes.rows.outputs, t);
          for (size_t u = 0; u < sizes.columns.taps; ++u) {
            const ptrdiff_t column = sourceOf(sizes.columns, q, u);
            if (isInside(sizes.rows, row) && isInside(sizes.columns, column)) {
              const float* from = image + static_cast<size_t>(row) * pitch + static_cast<size_t>(column) * channels;
              __builtin_memcpy(to, from, channels * sizeof(float));
            } else {
              __builtin_memset(to, 0, channels * sizeof(float));
            }
            to += channels;
          }
        }
      }
    }
  });
}

STRATA_KERNEL(col2im) {
  const ConvSizes sizes = readConvSizes(call, 2);
  const float* matrix = call.floats(0, patches(sizes) * patchFloats(sizes));
  float* dx = call.floats(1, sizes.inputs());
  if (call.failed() || sizes.inputs() == 0) {
    return;
  }
  const size_t channels = sizes.inChannels;
  const size_t patch = patchFloats(sizes);
  const size_t rowFloats = sizes.columns.sources * patch;
  call.parallelFor(sizes.batch * sizes.rows.sources, kGrain / (rowFloats + 1) + 1, [&](size_t begin, size_t end, int) {
    for (size_t index = begin; index < end; ++index) {
      const size_t image = index / sizes.rows.sources;
      for (size_t w = 0; w < sizes.columns.sources; ++w) {
        float* to = dx + (index * sizes.columns.sources + w) * channels;
        bool accumulate = false;
        for (size_t t = 0; t < sizes.rows.taps; ++t) {
          const size_t r = outputOf(sizes.rows, index % sizes.rows.sources, t);
          for (size_t u = 0; u < sizes.columns.taps && r < sizes.rows.outputs; ++u) {
            const size_t q = outputOf(sizes.columns, w, u);
            if (q < sizes.columns.outputs) {
              const size_t row = (image * sizes.rows.outputs + r) * sizes.columns.outputs + q;
              addTo(to, matrix + row * patch + (t * sizes.columns.taps + u) * channels, channels, accumulate);
              accumulate = true;
            }
          }
        }
        if (!accumulate) {
          __builtin_memset(to, 0, channels * sizeof(float));
        }
      }
    }
  });
}

STRATA_END
