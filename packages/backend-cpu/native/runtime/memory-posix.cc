#include "runtime/memory.h"

#include <stdlib.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace strata {

namespace {
constexpr size_t kHugePage = size_t{2} << 20;
}

void* allocateAligned(size_t bytes) {
  // A first touch costs one fault per 4 KiB page; from a few megabytes on, huge pages repay their alignment.
  const bool huge = bytes >= 2 * kHugePage;
  void* pointer = nullptr;
  if (posix_memalign(&pointer, huge ? kHugePage : kAlignment, bytes == 0 ? kAlignment : bytes) != 0) {
    return nullptr;
  }
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  if (huge) {
    madvise(pointer, bytes, MADV_HUGEPAGE);
  }
#endif
  return pointer;
}

void freeAligned(void* pointer) { free(pointer); }

}  // namespace strata
