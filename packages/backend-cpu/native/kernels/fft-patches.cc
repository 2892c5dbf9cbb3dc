#include "conv/fft-convolution.h"
#include "conv/fourier-lanes.h"
#include "kernel.h"

STRATA_BEGIN

namespace {

/** The part of one axis of a patch that lies in the image: [begin, end) of the patch, the first at `source`. */
struct Inside {
  size_t begin;
  size_t end;
  size_t source;
};

Inside insideOf(ptrdiff_t first, size_t extent, size_t sources) {
  const ptrdiff_t before = first < 0 ? -first : 0;
  const ptrdiff_t room = static_cast<ptrdiff_t>(sources) - first;
  const ptrdiff_t end = room < static_cast<ptrdiff_t>(extent) ? room : static_cast<ptrdiff_t>(extent);
  if (end <= before) {
    return {0, 0, 0};
  }
  return {static_cast<size_t>(before), static_cast<size_t>(end), static_cast<size_t>(first + before)};
}

}  // namespace

void checkFourier(Call& call, const ConvSizes& sizes, size_t size) {
  const Axis axes[2] = {sizes.rows, sizes.columns};
  for (const Axis& axis : axes) {
    if (call.failed()) {
      return;
    }
    if (axis.step != 1 || axis.tapStep != 1) {
      call.fail("STRATA_BAD_ARGUMENT", "a convolution by Fourier transforms takes strides and dilations of 1; received %zu, %zu",
                axis.step, axis.tapStep);
    }
    if (size < 8 || size > 1024 || (size & (size - 1)) != 0 || axis.taps > size) {
      call.fail("STRATA_BAD_ARGUMENT",
                "Fourier transforms have a power of two from 8 to 1024 that is not below the taps for a size; received %zu for "
                "%zu taps",
                size, axis.taps);
    }
  }
}

void listHalfRows(const FourierTables& tables, int32_t* rows) {
  for (size_t i = 0; i < tables.size; ++i) {
    if (static_cast<size_t>(tables.mirror[i]) >= i) {
      *rows++ = static_cast<int32_t>(i);
    }
  }
}

void transformPatches(const FourierTables& tables, const TileGrid& grid, const Patches& patches, size_t pair, size_t channel,
                      const Spectra& spectra, size_t to, Vector* buffer) {
  const size_t size = tables.size;
  const size_t linePitch = 2 * size + 2;
  const size_t extent = patches.extent;
  const size_t lanes = patches.channels - channel < kLanes ? patches.channels - channel : kLanes;
  Vector* const line = buffer + size * linePitch;
  for (size_t i = 0; i < extent * linePitch; ++i) {
    buffer[i] = Vector{};
  }
  for (size_t part = 0; part < 2 && 2 * pair + part < grid.tiles(); ++part) {
    const TilePlace place = placeOf(grid, 2 * pair + part);
    const Inside rows = insideOf(static_cast<ptrdiff_t>(place.row) + patches.firstRow, extent, patches.height);
    const Inside columns = insideOf(static_cast<ptrdiff_t>(place.column) + patches.firstColumn, extent, patches.width);
    for (size_t i = rows.begin; i < rows.end; ++i) {
      const size_t row = place.image * patches.height + rows.source + i - rows.begin;
      const float* from = patches.images + (row * patches.width + columns.source) * patches.channels + channel;
      Vector* const into = buffer + i * linePitch + part;
      if (lanes == kLanes) {
        for (size_t j = columns.begin; j < columns.end; ++j, from += patches.channels) {
          into[2 * j] = load(from);
        }
      } else {
        for (size_t j = columns.begin; j < columns.end; ++j, from += patches.channels) {
          into[2 * j] = loadPart(from, lanes);
        }
      }
    }
  }
  for (size_t i = 0; i < extent; ++i) {
    fourierForward(buffer + i * linePitch, tables);
  }
  for (size_t j = 0; j < size; ++j) {
    for (size_t i = 0; i < size; ++i) {
      putComplex(line, i, i < extent ? complexAt(buffer + i * linePitch, j) : Complex{Vector{}, Vector{}});
    }
    fourierForward(line, tables);
    for (size_t i = 0; i < size; ++i) {
      float* const at = spectra.data + (i * size + j) * spectra.pitch + 2 * to * spectra.stride + channel;
      store(at, line[2 * i]);
      store(at + spectra.stride, line[2 * i + 1]);
    }
  }
}

STRATA_END
