// The division of a convolution's outputs into square tiles, for algorithms that compute a tile at a time.
#pragma once

#include "conv/geometry.h"

namespace strata {

/** The tiles of a way over images; the last along an axis may reach beyond the outputs. */
struct TileGrid {
  size_t batch;
  Axis rows;
  Axis columns;
  /** Outputs along the side of a tile. */
  size_t tile;

  STRATA_INLINE size_t down() const { return (rows.outputs + tile - 1) / tile; }
  STRATA_INLINE size_t across() const { return (columns.outputs + tile - 1) / tile; }
  STRATA_INLINE size_t tiles() const { return batch * down() * across(); }
};

/** A tile of a grid: its image and its first output. */
struct TilePlace {
  size_t image;
  size_t row;
  size_t column;
};

STRATA_INLINE TilePlace placeOf(const TileGrid& grid, size_t index) {
  const size_t across = grid.across();
  const size_t down = grid.down();
  return {index / across / down, index / across % down * grid.tile, index % across * grid.tile};
}

}  // namespace strata
