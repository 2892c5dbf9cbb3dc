#include "conv/winograd-transform.h"
#include "conv/winograd.h"
#include "kernel.h"
#include "simd/lanes.h"

STRATA_BEGIN

namespace {

/** All channels of one tile; get(lanes, i, j, c) reads the patch. */
template <size_t kTile, typename Get>
STRATA_INLINE void transformPatch(Get get, size_t channels, float* to, size_t pitch) {
  constexpr size_t kAlpha = Winograd<kTile>::kAlpha;
  const auto transform = [](const auto& d, auto& v) { Winograd<kTile>::input(d, v); };
  size_t c = 0;
  for (; c + kLanes <= channels; c += kLanes) {
    transformTile<kAlpha, kAlpha>(
        transform, [&](size_t i, size_t j) { return get(Whole{}, i, j, c); },
        [&](size_t i, size_t j, Vector value) { store(to + (i * kAlpha + j) * pitch + c, value); });
  }
  if (c < channels) {
    const Part part = {channels - c};
    transformTile<kAlpha, kAlpha>(
        transform, [&](size_t i, size_t j) { return get(part, i, j, c); },
        [&](size_t i, size_t j, Vector value) { store(to + (i * kAlpha + j) * pitch + c, value); });
  }
}

template <size_t kTile>
void transformTiles(const TileGrid& grid, const float* images, size_t channels, size_t first, size_t count, const float* zeros,
                    const TransformedTiles& to) {
  constexpr size_t kAlpha = Winograd<kTile>::kAlpha;
  const size_t pitch = grid.columns.sources * channels;
  const auto isInside = [](ptrdiff_t from, const Axis& axis) {
    return from >= 0 && from + static_cast<ptrdiff_t>(kAlpha) <= static_cast<ptrdiff_t>(axis.sources);
  };
  for (size_t t = 0; t < count; ++t) {
    const TilePlace place = placeOf(grid, first + t);
    const ptrdiff_t row = static_cast<ptrdiff_t>(place.row) + grid.rows.first;
    const ptrdiff_t column = static_cast<ptrdiff_t>(place.column) + grid.columns.first;
    const float* image = images + place.image * grid.rows.sources * pitch;
    float* const tile = to.data + t * to.stride;
    if (isInside(row, grid.rows) && isInside(column, grid.columns)) {
      const float* const patch = image + static_cast<size_t>(row) * pitch + static_cast<size_t>(column) * channels;
      transformPatch<kTile>(
          [=](auto lanes, size_t i, size_t j, size_t c) { return lanes.get(patch + i * pitch + j * channels + c); }, channels,
          tile, to.pitch);
      continue;
    }
    const float* at[kAlpha][kAlpha];
    for (size_t i = 0; i < kAlpha; ++i) {
      const size_t r = static_cast<size_t>(row + static_cast<ptrdiff_t>(i));
      for (size_t j = 0; j < kAlpha; ++j) {
        // What is negative wraps around and is not below the number of sources either.
        const size_t q = static_cast<size_t>(column + static_cast<ptrdiff_t>(j));
        at[i][j] = r < grid.rows.sources && q < grid.columns.sources ? image + r * pitch + q * channels : zeros;
      }
    }
    transformPatch<kTile>([&at](auto lanes, size_t i, size_t j, size_t c) { return lanes.get(at[i][j] + c); }, channels, tile,
                          to.pitch);
  }
}

}  // namespace

void checkWinograd(Call& call, const ConvSizes& sizes, size_t tile) {
  const Axis axes[2] = {sizes.rows, sizes.columns};
  for (const Axis& axis : axes) {
    if (!call.failed() && (axis.taps != 3 || axis.step != 1 || axis.tapStep != 1)) {
      call.fail("STRATA_BAD_ARGUMENT", "Winograd's algorithm takes 3 taps, stride 1 and dilation 1; received %zu, %zu, %zu",
                axis.taps, axis.step, axis.tapStep);
    }
  }
  if (tile != 2 && tile != 4) {
    call.fail("STRATA_BAD_ARGUMENT", "tiles of Winograd's algorithm have a side of 2 or 4; received %zu", tile);
  }
}

void transformInput(const TileGrid& grid, const float* images, size_t channels, size_t first, size_t count, const float* zeros,
                    const TransformedTiles& to) {
  if (grid.tile == 2) {
    transformTiles<2>(grid, images, channels, first, count, zeros, to);
  } else {
    transformTiles<4>(grid, images, channels, first, count, zeros, to);
  }
}

STRATA_END
