// Large pages would need a right that Windows gives to no user unasked.
#include <malloc.h>

#include "runtime/memory.h"

namespace strata {

void* allocateAligned(size_t bytes) { return _aligned_malloc(bytes == 0 ? kAlignment : bytes, kAlignment); }

void freeAligned(void* pointer, size_t) { _aligned_free(pointer); }

}  // namespace strata
