#include "conv/planes.h"

#include "kernel.h"
#include "matmul/tile.h"
#include "runtime/sizes.h"
#include "simd/transpose.h"

STRATA_BEGIN

namespace {

/** The first of `length` positions, a step apart from `source` on, whose source is not less than `limit`. */
size_t positionsBelow(ptrdiff_t source, size_t step, size_t length, ptrdiff_t limit) {
  if (source >= limit) {
    return 0;
  }
  return least(length, (static_cast<size_t>(limit - source) + step - 1) / step);
}

}  // namespace

void turn(const float* from, size_t fromStride, size_t count, size_t depth, float* to, size_t toStride) {
  if (count < kLanes || depth < kLanes) {
    for (size_t i = 0; i < count; i += kLanes) {
      for (size_t d = 0; d < depth; d += kLanes) {
        const size_t rows = least(kLanes, count - i);
        turnPart(from + i * fromStride + d, fromStride, rows, least(kLanes, depth - d), to + d * toStride + i,
                 toStride, rows);
      }
    }
    return;
  }
  // The last squares overlap the ones before.
  for (size_t i = 0; i < count; i += kLanes) {
    const size_t row = least(i, count - kLanes);
    for (size_t d = 0; d < depth; d += kLanes) {
      const size_t column = least(d, depth - kLanes);
      turnSquare(from + row * fromStride + column, fromStride, to + column * toStride + row, toStride);
    }
  }
}

TapWay wayAlong(const Axis& axis, bool gradient, size_t index) {
  if (!gradient) {
    return {axis, 0, 1, 0, 1};
  }
  const Phase phase = phaseOf(axis, index);
  return {phase.axis, static_cast<ptrdiff_t>(phase.tap), -static_cast<ptrdiff_t>(phase.tapStep), index, axis.step};
}

PlaneAxis planeAxis(const Axis& axis, bool gradient, size_t outputs) {
  PlaneAxis plane = {};
  ptrdiff_t last = 0;
  bool any = false;
  for (size_t i = 0; i < waysAlong(axis, gradient); ++i) {
    const Axis way = wayAlong(axis, gradient, i).axis;
    plane.sources = way.sources;
    plane.step = way.step;
    if (way.taps == 0) {
      continue;
    }
    const ptrdiff_t end = way.first + static_cast<ptrdiff_t>((way.taps - 1) * way.tapStep);
    plane.first = any && plane.first < way.first ? plane.first : way.first;
    last = any && last > end ? last : end;
    any = true;
  }
  plane.reach = static_cast<size_t>(last - plane.first);
  plane.length = outputs + plane.reach / plane.step;
  plane.phases = least(plane.step, plane.reach + 1);
  return plane;
}

Planes planesOf(const PlaneAxis& rows, const PlaneAxis& columns) {
  Planes planes = {rows, columns, 0};
  const size_t floats = rows.phases * columns.phases * rows.length * columns.length + kTileColumns;
  // Channels an odd number of cache lines apart do not compete for the same ones.
  planes.channel = roundUp(floats);
  planes.channel += planes.channel / 16 % 2 == 0 ? 16 : 0;
  return planes;
}

void fillPlanes(const Planes& planes, const float* image, size_t pixel, size_t channels, size_t output, float* to) {
  const PlaneAxis& rows = planes.rows;
  const PlaneAxis& columns = planes.columns;
  __builtin_memset(to, 0, channels * planes.channel * sizeof(float));
  for (size_t phase = 0; phase < rows.phases; ++phase) {
    const ptrdiff_t row = rows.first + static_cast<ptrdiff_t>(output * rows.step + phase);
    const size_t rowEnd = positionsBelow(row, rows.step, rows.length, static_cast<ptrdiff_t>(rows.sources));
    for (size_t across = 0; across < columns.phases; ++across) {
      const ptrdiff_t column = columns.first + static_cast<ptrdiff_t>(across);
      const size_t begin = positionsBelow(column, columns.step, columns.length, 0);
      const size_t end =
          positionsBelow(column, columns.step, columns.length, static_cast<ptrdiff_t>(columns.sources));
      if (begin >= end) {
        continue;
      }
      const size_t left = static_cast<size_t>(column + static_cast<ptrdiff_t>(begin * columns.step));
      float* plane = to + (phase * columns.phases + across) * rows.length * planes.pitch();
      for (size_t r = positionsBelow(row, rows.step, rows.length, 0); r < rowEnd; ++r) {
        const size_t above = static_cast<size_t>(row + static_cast<ptrdiff_t>(r * rows.step));
        turn(image + (above * columns.sources + left) * pixel, columns.step * pixel, end - begin, channels,
             plane + r * planes.pitch() + begin, planes.channel);
      }
    }
  }
}

STRATA_END
