// Aligned storage, for tensors and for the scratch space of kernels.
#pragma once

#include <stddef.h>

namespace strata {

constexpr size_t kAlignment = 64;

/** 64-byte aligned storage, or nullptr where it cannot be had. Large blocks ask for huge pages. */
void* allocateAligned(size_t bytes);
/** Frees what was allocated for so many bytes; nothing where it is nullptr. */
void freeAligned(void* pointer, size_t bytes);

}  // namespace strata
