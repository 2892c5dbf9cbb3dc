// Copies of parts of a matrix into panels: `width` elements for each step of the depth, in the order in which tiles
// read them. A panel narrower than its width is filled up with zeros.
#pragma once

#include <stddef.h>

namespace strata {
namespace STRATA_ISA {

/** Floats beyond its end that a panel must leave writable. */
constexpr size_t kPanelSlack = 16;

/** panel[k·width + i] = from[i·stride + k] for i < count ≤ width, k < depth. */
void packAcross(const float* from, size_t stride, size_t count, size_t depth, float* panel, size_t width);

/** panel[k·width + i] = from[k·stride + i] for i < count ≤ width, k < depth. */
void packAlong(const float* from, size_t stride, size_t count, size_t depth, float* panel, size_t width);

}  // namespace STRATA_ISA
}  // namespace strata
