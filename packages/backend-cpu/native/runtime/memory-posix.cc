#include "runtime/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

namespace strata {

namespace {

constexpr size_t kHugePage = size_t{2} << 20;

/**
 * Blocks beyond this come from the system, and go back to it. What the C library frees it may keep: it learns to keep
 * ever larger blocks. AddressSanitizer watches the C library's blocks only.
 */
bool isMapped(size_t bytes) {
#if defined(__SANITIZE_ADDRESS__)
  return bytes == SIZE_MAX;
#else
  return bytes >= size_t{128} << 10;
#endif
}

/** A first touch costs one fault per 4 KiB page, and addresses of small pages are looked up often: from 2 MiB on pages are huge. */
bool isHuge(size_t bytes) { return bytes >= kHugePage; }

size_t mappedBytes(size_t bytes) { return isHuge(bytes) ? (bytes + kHugePage - 1) / kHugePage * kHugePage : bytes; }

void* map(size_t bytes) {
  const bool huge = isHuge(bytes);
  const size_t wanted = mappedBytes(bytes);
  const size_t extra = huge ? kHugePage : 0;
  void* const mapping = mmap(nullptr, wanted + extra, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED) {
    return nullptr;
  }
  if (!huge) {
    return mapping;
  }
  char* const begin = static_cast<char*>(mapping);
  const size_t ahead = (kHugePage - reinterpret_cast<uintptr_t>(begin) % kHugePage) % kHugePage;
  if (ahead > 0) {
    munmap(begin, ahead);
  }
  munmap(begin + ahead + wanted, extra - ahead);
#if defined(MADV_HUGEPAGE)
  madvise(begin + ahead, wanted, MADV_HUGEPAGE);
#endif
  return begin + ahead;
}

}  // namespace

void* allocateAligned(size_t bytes) {
  if (isMapped(bytes)) {
    return map(bytes);
  }
  void* pointer = nullptr;
  return posix_memalign(&pointer, kAlignment, bytes == 0 ? kAlignment : bytes) == 0 ? pointer : nullptr;
}

void freeAligned(void* pointer, size_t bytes) {
  if (pointer != nullptr && isMapped(bytes)) {
    munmap(pointer, mappedBytes(bytes));
  } else {
    free(pointer);
  }
}

}  // namespace strata
